// The person's log: filters, paging under a cap, and signed heads.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/receipt/log_head.h"
#include "consent/consent_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::ChainLink;
using testing::IdOf;
using testing::World;

class PersonLog : public ::testing::Test {
 protected:
  AccessPage Page(const AccessFilter& filter, std::uint64_t below = 0,
                  std::size_t limit = 1'000) {
    auto page = world_.consent().ListAccesses(ann_.id, filter, below, limit);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? *std::move(page) : AccessPage{};
  }
  receipt::LogHead HeadOf(const AccessPage& page) {
    const auto head =
        receipt::VerifyHead(page.signed_head, world_.consent().evidence_key());
    EXPECT_THAT(head, IsOk());
    return head.value_or(receipt::LogHead{});
  }
  static std::vector<ChainLink> LinksOf(const AccessPage& page) {
    std::vector<ChainLink> out;
    for (const AccessView& view : page.entries) {
      ChainLink link{view.entry.sequence, view.entry.previous, {}};
      std::copy(view.leaf.begin() + 1, view.leaf.end(),
                link.commitment.begin());
      out.push_back(link);
    }
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(11);
};

TEST_F(PersonLog, AHeadIsContinuedByTheNext) {
  const receipt::LogHead empty = HeadOf(Page({}));
  EXPECT_EQ(empty.sequence, 0U);
  const RecordId record = world_.Granted(ann_).revision.record;
  const AccessPage first = Page({});
  const receipt::LogHead kept = HeadOf(first);
  EXPECT_EQ(kept.sequence, 2U);
  EXPECT_EQ(kept.log, empty.log);
  EXPECT_THAT(receipt::CheckChain(&empty, LinksOf(first), kept), IsOk());
  for (int i = 0; i < 3; ++i) (void)world_.Read(record);
  const AccessPage later = Page({}, 0, 3);
  EXPECT_THAT(receipt::CheckChain(&kept, LinksOf(later), HeadOf(later)),
              IsOk());
  // Another person's log has another name.
  const testing::Citizen bob = world_.NewCitizen(12);
  const auto others = world_.consent().ListAccesses(bob.id, {}, 0, 10);
  EXPECT_NE(HeadOf(*others).log, kept.log);
}

TEST_F(PersonLog, FiltersHoldTogether) {
  const RecordId record = world_.Granted(ann_).revision.record;
  (void)world_.Read(record);
  world_.clock().Advance(absl::Hours(1));
  AuthoriseRequest narrower = World::ReadRequestFor(record);
  narrower.read.purpose = testing::kHomeCare;
  (void)world_.Ask(narrower);

  EXPECT_EQ(Page({}).entries.size(), 4U);
  EXPECT_EQ(Page({.service = world_.service()->id}).entries.size(), 4U);
  EXPECT_EQ(Page({.service = IdOf<ServiceId>(0x55)}).entries.size(), 0U);
  EXPECT_EQ(Page({.purpose = std::string(testing::kCare)}).entries.size(), 4U);
  EXPECT_EQ(Page({.purpose = std::string(testing::kHomeCare)}).entries.size(),
            1U);
  const absl::Time hour = testing::kStart + absl::Minutes(30);
  EXPECT_EQ(Page({.from = hour}).entries.size(), 1U);
  EXPECT_EQ(Page({.until = hour}).entries.size(), 3U);
  EXPECT_EQ(Page({.record = record, .from = hour}).entries.size(), 1U);
  EXPECT_EQ(Page({.record = IdOf<RecordId>(0x66)}).entries.size(), 0U);
}

TEST_F(PersonLog, BadFiltersNameTheirField) {
  const auto list = [&](const AccessFilter& filter) {
    return world_.consent().ListAccesses(ann_.id, filter, 0, 10).status();
  };
  EXPECT_THAT(list({.purpose = "https://example.org/p#Nothing"}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(
      std::string(
          list({.from = testing::kStart, .until = testing::kStart}).message()),
      "until_time: must be after from_time");
}

// A filter that finds nothing reads a bounded number of rows per call, and the
// token leads to the end.
TEST_F(PersonLog, APageThatFindsNothingEndsAndGoesOn) {
  const RecordId record = world_.Granted(ann_).revision.record;
  for (int i = 0; i < 3'000; ++i) (void)world_.Read(record);
  const AccessFilter nothing = {.record = IdOf<RecordId>(0x66)};
  const AccessPage first = Page(nothing);
  EXPECT_TRUE(first.entries.empty());
  EXPECT_GT(first.next_below, 0U);
  std::size_t calls = 1;
  std::uint64_t below = first.next_below;
  while (below != 0) {
    below = Page(nothing, below).next_below;
    ++calls;
  }
  EXPECT_EQ(calls, 2U);
}

// Where in the log an entry is costs a sort of its whole tick; a page shows
// only whether it is there.
TEST_F(PersonLog, APageSortsNoTick) {
  constexpr std::uint64_t kReads = 200;
  constexpr std::uint64_t kLargestTick = 65'536;
  const RecordId record = world_.Granted(ann_).revision.record;
  for (std::uint64_t i = 0; i < kReads; ++i) (void)world_.Read(record);
  PlanRow plan;
  plan.count = stores_.ledger().Head()->position;
  plan.padded = kLargestTick;
  plan.done = true;
  const Consent::State& state = world_.consent().state();
  ASSERT_THAT(stores_.ledger().PutPlan(state.sequencer->epoch(), plan), IsOk());
  const AccessPage page = Page({}, 0, kReads);
  ASSERT_EQ(page.entries.size(), kReads);
  for (const AccessView& access : page.entries) {
    EXPECT_EQ(access.stage, ReceiptStage::kLogged);
  }
  EXPECT_EQ(state.tick_places.computed(), 0U);
}

TEST_F(PersonLog, ReceiptsOfOneTickSortItOnce) {
  const RecordId record = world_.Granted(ann_).revision.record;
  for (int i = 0; i < 4; ++i) (void)world_.Read(record);
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  for (const AccessView& access : Page({}).entries) {
    if (access.entry.kind != receipt::AccessKind::kReleaseDecided) continue;
    const auto receipt = world_.consent().GetAccessReceipt(
        ann_.id, AccessId(access.entry.access));
    ASSERT_THAT(receipt, IsOk());
    EXPECT_EQ(receipt->stage, ReceiptStage::kLogged);
  }
  EXPECT_EQ(world_.consent().state().tick_places.computed(), 1U);
}

}  // namespace
}  // namespace limpid::consent
