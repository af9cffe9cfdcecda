// What an auditor sees of somebody who is being erased, and was.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/tick.h"
#include "consent/audit/audit.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/account_erasure_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;

class ErasureAndAudit : public testing::AccountErasureWorld {
 protected:
  std::vector<AuditEntry> List() {
    // The clock begins with a day.
    const auto listing = AuditBook(consent()).List(
        {1}, {testing::kStart, testing::kStart + absl::Hours(24)});
    EXPECT_THAT(listing, IsOk());
    return listing.ok() ? (*listing)->entries : std::vector<AuditEntry>();
  }
  // As many listed entries as the tick has, and the rest proven padding.
  void ExpectComplete() {
    std::map<std::uint64_t, std::uint64_t> named;
    for (const AuditEntry& one : List()) {
      ASSERT_TRUE(one.tick);
      ++named[*one.tick];
    }
    const std::vector<base::Bytes> leaves = world_.log().entries();
    const auto page = AuditBook(consent()).Ticks(0, /*limit=*/100);
    ASSERT_THAT(page, IsOk());
    ASSERT_EQ(page->next_below, 0U);
    for (const receipt::Tick& tick : page->ticks) {
      EXPECT_EQ(named[tick.first_index], tick.entry_count) << tick.first_index;
      EXPECT_THAT(
          receipt::CheckTick(tick, std::span(leaves).subspan(tick.first_index,
                                                             tick.leaf_count)),
          IsOk());
    }
  }
};

TEST_F(ErasureAndAudit, EveryLeafIsStillAccountedFor) {
  (void)Ended(ann_, 3);
  (void)Ended(bob_);
  ASSERT_THAT(consent().TickLog(), IsOk());
  (void)Ended(ann_);
  ASSERT_THAT(consent().TickLog(), IsOk());
  world_.clock().Advance(absl::Hours(25));
  const auto before = List();
  ExpectComplete();
  ASSERT_THAT(Erase(ann_), IsOk());
  ExpectGone(ann_);
  ExpectComplete();
  const auto after = List();
  ASSERT_EQ(after.size(), before.size());
  std::size_t erased = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    // In the same order: the listing goes on over its pages.
    EXPECT_EQ(after[i].tick, before[i].tick);
    EXPECT_EQ(after[i].time, before[i].time);
    if (after[i].content != AuditContent::kErased) continue;
    ++erased;
    EXPECT_EQ(after[i].service, nullptr);
    EXPECT_EQ(after[i].pseudonym, (base::ByteArray<16>{}));
    EXPECT_TRUE(after[i].entry.purpose.empty());
    EXPECT_TRUE(after[i].entry.lines.empty());
  }
  EXPECT_EQ(erased, RowsOf(ann_.id).size());
}

// She is nobody to everybody else already; her leaves are still there.
TEST_F(ErasureAndAudit, EveryLeafIsAccountedForInTheMiddleToo) {
  (void)Ended(ann_, 3);
  ASSERT_THAT(consent().TickLog(), IsOk());
  world_.clock().Advance(absl::Hours(25));
  const std::size_t before = List().size();
  stores_.memory().FailCommitsAfter(1, absl::UnavailableError("disk"));
  const auto begun = Erase(ann_);
  ASSERT_THAT(begun, IsOk());
  ASSERT_FALSE(begun->finished);
  ExpectOut(ann_);
  EXPECT_EQ(List().size(), before);
  ExpectComplete();
  stores_.memory().FailCommits(absl::OkStatus());
}

}  // namespace
}  // namespace limpid::consent
