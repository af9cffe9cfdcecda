// Lists of deletion duties: pages, and what they cost however long the history
// is.

#include <algorithm>
#include <optional>
#include <vector>

#include "consent/consent_state.h"
#include "consent/duty/duty_rows.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/duty_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;

TEST_F(DeletionDuty, ServicesReadThemPageByPage) {
  for (std::uint8_t i = 0; i < 5; ++i) (void)Withdrawn(ann_);
  std::vector<DutyId> seen;
  std::uint64_t after = 0;
  do {
    const DutyPage page =
        Desk()
            .ListServiceDuties(world_.service()->id, false, after, /*limit=*/2)
            .value();
    EXPECT_LE(page.duties.size(), 2U);
    for (const DutyView& view : page.duties) seen.push_back(view.duty.id);
    after = page.next_after;
  } while (after != 0);
  EXPECT_EQ(seen.size(), 5U);
}

// A page ends behind it, and the next one does not count it again.
TEST_F(DamagedDuty, IsCountedOnceOverThePages) {
  const Duty first = Withdrawn(ann_);
  const Duty damaged = Withdrawn(ann_);
  const Duty last = Withdrawn(ann_);
  Damage(ann_, damaged.id);
  std::size_t unreadable = 0;
  std::size_t shown = 0;
  std::uint64_t after = 0;
  do {
    const DutyPage page =
        Desk()
            .ListServiceDuties(world_.service()->id, false, after, /*limit=*/1)
            .value();
    shown += page.duties.size();
    unreadable += page.unreadable;
    after = page.next_after;
  } while (after != 0);
  EXPECT_EQ(shown, 2U);
  EXPECT_EQ(unreadable, 1U);
}

TEST_F(DeletionDuty, APageLooksAtSoManyAndNoMore) {
  for (std::size_t i = 0; i < kMostDutiesLookedAt; ++i) {
    ASSERT_THAT(Acknowledge(Withdrawn(ann_).id), IsOk());
  }
  const Duty waiting = Withdrawn(bob_);
  const DutyPage first = OfService();
  EXPECT_TRUE(first.duties.empty());
  ASSERT_NE(first.next_after, 0U);
  const auto second = Desk().ListServiceDuties(world_.service()->id, false,
                                               first.next_after, kMany);
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->duties.size(), 1U);
  EXPECT_EQ(second->duties[0].duty.id, waiting.id);
  EXPECT_EQ(second->next_after, 0U);
}

// What one listing came upon no other does: a page costs what it answers.
TEST_F(DeletionDuty, AnsweredOnesLeaveTheIndexOfThoseThatWait) {
  std::vector<DutyId> made;
  for (int i = 0; i < 5; ++i) made.push_back(Withdrawn(ann_).id);
  const Consent::State& state = world_.consent().state();
  const RowId index = DutyIndexOf(state.blinder, world_.service()->id);
  const auto rows = [&](const RowId& of) {
    // Behind everything that waits.
    state.sequencer->RunDue();
    return stores_.ledger().Events(of, 0, kMany)->size();
  };
  for (const std::size_t i : {0U, 1U, 3U}) {
    ASSERT_THAT(Acknowledge(made[i]), IsOk());
  }
  EXPECT_EQ(rows(index), 5U);
  EXPECT_EQ(OfService().duties.size(), 2U);
  EXPECT_EQ(rows(index), 2U);
  EXPECT_EQ(rows(AnsweredIndexOf(state.blinder, world_.service()->id)), 3U);
  EXPECT_EQ(OfService().duties.size(), 2U);

  // The whole list is the same as before, over pages too.
  std::vector<DutyId> seen;
  std::uint64_t after = 0;
  do {
    const DutyPage page =
        Desk()
            .ListServiceDuties(world_.service()->id, true, after, /*limit=*/2)
            .value();
    for (const DutyView& view : page.duties) seen.push_back(view.duty.id);
    after = page.next_after;
  } while (after != 0);
  EXPECT_EQ(seen, made);
}

TEST_F(DamagedDuty, PersonsReadThemPageByPage) {
  std::vector<DutyId> made;
  for (int i = 0; i < 5; ++i) made.push_back(Withdrawn(ann_).id);
  (void)Withdrawn(bob_);
  Damage(ann_, made[2]);
  std::vector<DutyId> seen;
  std::size_t unreadable = 0;
  std::size_t pages = 0;
  std::optional<DutyCursor> after;
  do {
    const auto page = Desk().ListDuties(ann_.id, std::nullopt, after, 2);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->duties.size(), 2U);
    for (const DutyView& view : page->duties) seen.push_back(view.duty.id);
    unreadable += page->unreadable;
    after = page->next;
    ++pages;
  } while (after);
  EXPECT_EQ(pages, 3U);
  EXPECT_EQ(unreadable, 1U);
  made.erase(made.begin() + 2);
  std::sort(made.begin(), made.end());
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, made);
}

TEST_F(DeletionDuty, APersonsPageEndsWithItsRecord) {
  const RecordView record = world_.Granted(ann_);
  for (int day = 0; day < 3; ++day) {
    ASSERT_TRUE(testing::Released(world_.Read(record.revision.record)));
    world_.clock().Advance(absl::Hours(24));
  }
  for (int i = 0; i < 8; ++i) (void)Withdrawn(ann_);
  const auto first =
      Desk().ListDuties(ann_.id, record.revision.record, std::nullopt, 2);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->duties.size(), 2U);
  ASSERT_TRUE(first->next);
  const auto last =
      Desk().ListDuties(ann_.id, record.revision.record, first->next, 2);
  ASSERT_THAT(last, IsOk());
  ASSERT_EQ(last->duties.size(), 1U);
  EXPECT_EQ(last->duties[0].duty.record, record.revision.record);
  EXPECT_FALSE(last->next);
}

}  // namespace
}  // namespace limpid::consent
