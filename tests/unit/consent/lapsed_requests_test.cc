// Codes that nobody binds do not fill the store.

#include "consent/request/lapsed_requests.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "consent/consent_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

class LapsedRequestsTest : public ::testing::Test {
 protected:
  // Lapses a week from now.
  std::string Code(std::uint16_t number) {
    NewRequest request;
    request.agreement = world_.agreement()->id;
    request.version = world_.agreement()->version;
    request.request_id = {1, static_cast<std::uint8_t>(number >> 8U),
                          static_cast<std::uint8_t>(number)};
    return world_.consent()
        .CreateRequest(world_.service()->id, request)
        .value()
        .code;
  }
  absl::StatusOr<RequestStatus> StatusOf(const std::string& code) {
    return world_.consent().GetRequestStatus(world_.service()->id, code);
  }
  std::size_t Rows() {
    return stores_.ledger().ListPublic(PublicKind::kRequest)->size();
  }
  void Walk(LapsedRequests& lapsed) {
    for (;;) {
      const auto more = lapsed.Step();
      ASSERT_THAT(more, IsOk());
      if (!*more) return;
    }
  }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(LapsedRequestsTest, GoAMonthAfterTheyLapsed) {
  LapsedRequests lapsed(world_.consent().state());
  const std::string code = Code(1);
  const std::string bound = Code(2);
  ASSERT_THAT(world_.consent().BindRequest(ann_.id, bound), IsOk());
  const std::size_t rows = Rows();
  world_.clock().Advance(absl::Hours(7 * 24) + kLapsedRequestKept -
                         absl::Minutes(1));
  Walk(lapsed);
  EXPECT_EQ(Rows(), rows);
  EXPECT_EQ(StatusOf(code)->state, RecordState::kLapsed);

  const std::string young = Code(3);
  // It rests for an hour, whatever lapses meanwhile.
  world_.clock().Advance(absl::Minutes(2));
  Walk(lapsed);
  EXPECT_EQ(Rows(), rows + 1);
  world_.clock().Advance(absl::Hours(1));
  Walk(lapsed);
  EXPECT_EQ(Rows(), rows);
  EXPECT_THAT(StatusOf(code), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(StatusOf(bound), IsOk());
  EXPECT_EQ(StatusOf(young)->state, RecordState::kDraft);
  // Its request id makes a request again.
  EXPECT_EQ(Code(1), code);
  EXPECT_EQ(StatusOf(code)->state, RecordState::kDraft);
}

TEST_F(LapsedRequestsTest, AreLookedAtPageByPage) {
  constexpr std::uint16_t kMany = 600;
  LapsedRequests lapsed(world_.consent().state());
  const std::size_t before = Rows();
  for (std::uint16_t i = 0; i < kMany; ++i) (void)Code(i);
  world_.clock().Advance(absl::Hours(7 * 24) + kLapsedRequestKept);
  ASSERT_THAT(lapsed.Step(), IsOk());
  EXPECT_GT(Rows(), before);
  EXPECT_LT(Rows(), before + kMany);
  Walk(lapsed);
  EXPECT_EQ(Rows(), before);
}

TEST_F(LapsedRequestsTest, ADamagedOneKeepsNoOther) {
  LapsedRequests lapsed(world_.consent().state());
  (void)Code(1);
  (void)Code(2);
  const std::size_t rows = Rows();
  PublicRow damaged = stores_.ledger().ListPublic(PublicKind::kRequest)->at(0);
  damaged.payload = {1, 2, 3};
  LedgerCommit commit;
  commit.head = *stores_.ledger().Head();
  commit.public_puts = {damaged};
  ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  world_.clock().Advance(absl::Hours(7 * 24) + kLapsedRequestKept);
  Walk(lapsed);
  EXPECT_EQ(Rows(), rows - 1);
  EXPECT_TRUE(stores_.ledger()
                  .GetPublic(PublicKind::kRequest, damaged.id)
                  ->has_value());
}

}  // namespace
}  // namespace limpid::consent
