// Servers whose lists do not end.

#include "clients/cpp/paging.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/audit_client.h"
#include "clients/cpp/delegation_client.h"
#include "clients/cpp/log_client.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/register_client.h"
#include "clients/cpp/vault_client.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kLoss = absl::StatusCode::kDataLoss;

TEST(PageWalk, EndsWithTheTokenOrWithoutItems) {
  PageWalk unfiltered(EmptyPage::kEnds);
  EXPECT_EQ(unfiltered.More("a", 1).value(), true);
  EXPECT_EQ(unfiltered.More("b", 0).value(), false);
  PageWalk filtered(EmptyPage::kMayBeFollowed);
  EXPECT_EQ(filtered.More("a", 0).value(), true);
  EXPECT_EQ(filtered.More("", 0).value(), false);
}

TEST(PageWalk, LeadsSomewhere) {
  PageWalk again(EmptyPage::kMayBeFollowed);
  EXPECT_EQ(again.More("a", 1).value(), true);
  EXPECT_THAT(again.More("a", 1), StatusIs(kLoss));
  PageWalk empty(EmptyPage::kMayBeFollowed);
  absl::Status last;
  int pages = 0;
  for (; last.ok() && pages < 20'000; ++pages) {
    last = empty.More(std::to_string(pages), 0).status();
  }
  EXPECT_THAT(last, StatusIs(kLoss));
  EXPECT_EQ(pages, 10'000);
}

TEST(PageWalk, HasAnUpperBound) {
  PageWalk walk(EmptyPage::kEnds, 10);
  EXPECT_EQ(walk.More("a", 5).value(), true);
  EXPECT_EQ(walk.More("b", 5).value(), true);
  EXPECT_THAT(walk.More("c", 1), StatusIs(kLoss));
}

// Answers every call with an empty page and a token: the same, or ever another.
class EndlessServer final : public UnaryConnection {
 public:
  explicit EndlessServer(bool counts) : counts_(counts) {}
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    constexpr int kEnough = 20'000;
    if (++calls == kEnough) return absl::InternalError("asked for ever");
    auto& page = dynamic_cast<google::protobuf::Message&>(response);
    page.GetReflection()->SetString(
        &page, page.GetDescriptor()->FindFieldByName("next_page_token"),
        counts_ ? std::to_string(calls) : "more");
    return absl::OkStatus();
  }
  int calls = 0;

 private:
  const bool counts_;
};

// With the list of a client, and whether an empty page ends it.
struct List {
  std::string name;
  bool ends = false;
  std::function<absl::Status(Connection&)> read;
};

class EndlessLists : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<List> All() const {
    return {
        {"definitions", true,
         [](Connection& c) { return VaultClient(c).Definitions().status(); }},
        {"attributes", true,
         [](Connection& c) { return VaultClient(c).List().status(); }},
        {"versions of an attribute", true,
         [](Connection& c) { return VaultClient(c).History("a").status(); }},
        {"versions of a registration", true,
         [](Connection& c) { return RegisterClient(c).History("r").status(); }},
        {"ticks", true,
         [](Connection& c) { return AuditClient(c).ListTicks().status(); }},
        {"audit entries", false,
         [](Connection& c) {
           return AuditClient(c)
               .ListEntries(absl::UnixEpoch(), absl::UnixEpoch())
               .status();
         }},
        {"accesses", false,
         [this](Connection& c) {
           return LogClient(c, trust_).List({}, 10).status();
         }},
        {"requests", false,
         [this](Connection& c) {
           return PersonClient(c, key_, trust_, clock_).ListRequests().status();
         }},
        {"records", false,
         [this](Connection& c) {
           return PersonClient(c, key_, trust_, clock_).ListRecords().status();
         }},
        {"delegations", false,
         [this](Connection& c) {
           return DelegationClient(c, key_, trust_, clock_).List().status();
         }},
        {"mandates", false,
         [this](Connection& c) {
           return DelegationClient(c, key_, trust_, clock_)
               .ListMandates()
               .status();
         }},
    };
  }

  testing::FakeClock clock_;
  PersonKey key_ = PersonKey::Generate();
  Trust trust_;
};

TEST_F(EndlessLists, OfEmptyPagesEndWhereNoFilterApplies) {
  for (const List& list : All()) {
    for (const bool counts : {false, true}) {
      EndlessServer server(counts);
      const absl::Status read = list.read(server);
      if (list.ends) {
        EXPECT_THAT(read, IsOk()) << list.name;
        EXPECT_EQ(server.calls, 1) << list.name;
        continue;
      }
      EXPECT_THAT(read, StatusIs(kLoss)) << list.name;
      EXPECT_EQ(server.calls, counts ? 10'000 : 2) << list.name;
    }
  }
}

}  // namespace
}  // namespace limpid::client
