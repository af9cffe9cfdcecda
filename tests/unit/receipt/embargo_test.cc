// Commitments to what is under embargo: they look alike, open date by date, and
// whatever is added, changed or left out shows.

#include "common/receipt/embargo.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/embargo_check.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/receipt/damage.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

const absl::Time kTime = absl::FromUnixMillis(1'767'225'600'000);
const absl::Duration kDay = absl::Hours(24);

base::ByteArray<32> OpeningOf(std::uint32_t layer) {
  base::ByteArray<32> out{};
  out.fill(static_cast<std::uint8_t>(3 + layer));
  return out;
}

std::vector<EmbargoItem> Items(int count) {
  std::vector<EmbargoItem> out;
  for (int i = 0; i < count; ++i) {
    EmbargoItem item;
    item.until = kTime + absl::Seconds(i);
    item.commitment.fill(static_cast<std::uint8_t>(2 + i));
    out.push_back(item);
  }
  return out;
}

TEST(Embargo, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(base::HexEncode(CommitEmbargo(Items(1), OpeningOf)),
            "46cda33ee13b3399c42a85f6bf4046ae66876c4678d8484af4e0d111b830468d");
  EXPECT_EQ(base::HexEncode(CommitEmbargo({}, OpeningOf)),
            "3ae437b6adcc35d4cfb51b22905d83d4979b9aa90d5ccbd02de357d226e52afd");
  const auto steps = OpenEmbargo(Items(1), OpeningOf, 1, /*to_end=*/true);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(base::HexEncode(steps[0].message),
            "010000019b76daa800"
            "0202020202020202020202020202020202020202020202020202020202020202"
            "522a53924dc7563547c221f2bebeb83ac5f0389f78e6a73907f01cef1d37e635");
  EXPECT_EQ(base::HexEncode(steps[1].message), "00");
  base::ByteArray<16> log{};
  log.fill(1);
  EXPECT_EQ(base::HexEncode(EmbargoTerms(log, 30, kTime)),
            "6ea5274e7da872cd19a9435061ae4babc17d417102bf28587ef8e0899423d9e8");
}

TEST(Embargo, OpensDateByDateAndSaysNothingOfTheRest) {
  const std::vector<EmbargoItem> items = Items(4);
  const base::Digest32 embargo = CommitEmbargo(items, OpeningOf);
  for (std::size_t count = 0; count <= items.size(); ++count) {
    const auto steps = OpenEmbargo(items, OpeningOf, count, /*to_end=*/false);
    // As long as when there are no others.
    const std::vector<EmbargoItem> alone(
        items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count));
    const auto others = OpenEmbargo(alone, OpeningOf, count, /*to_end=*/false);
    ASSERT_EQ(steps.size(), others.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_EQ(steps[i].message.size(), others[i].message.size());
    }
    const auto opened = VerifyEmbargo(embargo, steps);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->items, alone);
    EXPECT_FALSE(opened->complete);
  }
  const auto whole =
      VerifyEmbargo(embargo, OpenEmbargo(items, OpeningOf, 4, true));
  ASSERT_THAT(whole, IsOk());
  EXPECT_TRUE(whole->complete);
  EXPECT_EQ(whole->items, items);
}

TEST(Embargo, NoOtherStepsOpenIt) {
  const std::vector<EmbargoItem> items = Items(2);
  const base::Digest32 embargo = CommitEmbargo(items, OpeningOf);
  const auto steps = OpenEmbargo(items, OpeningOf, 2, true);
  const auto refused = StatusIs(absl::StatusCode::kDataLoss);
  // An end in place of an item, an item left out, one twice, one more.
  EXPECT_THAT(VerifyEmbargo(embargo, OpenEmbargo({}, OpeningOf, 0, true)),
              refused);
  EXPECT_THAT(VerifyEmbargo(embargo, std::vector{steps[1], steps[2]}), refused);
  EXPECT_THAT(VerifyEmbargo(embargo, std::vector{steps[0], steps[0]}), refused);
  EXPECT_THAT(VerifyEmbargo(embargo, std::vector{steps[0], steps[2]}), refused);
  EXPECT_THAT(VerifyEmbargo(
                  embargo, std::vector{steps[0], steps[1], steps[2], steps[2]}),
              refused);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ExpectEveryFlipRefused(steps[i].message, [&](base::ByteView damaged) {
      auto other = steps;
      other[i].message = base::ToBytes(damaged);
      return VerifyEmbargo(embargo, other).ok();
    });
    auto other = steps;
    other[i].opening[31] ^= 1U;
    EXPECT_THAT(VerifyEmbargo(embargo, other), refused);
  }
}

TEST(Embargo, ItemsOutOfOrderAreRefused) {
  std::vector<EmbargoItem> items = Items(2);
  std::swap(items[0], items[1]);
  EXPECT_THAT(VerifyEmbargo(CommitEmbargo(items, OpeningOf),
                            OpenEmbargo(items, OpeningOf, 2, true)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Embargo, TermsBindChainDaysAndDate) {
  base::ByteArray<16> log{};
  const base::Digest32 terms = EmbargoTerms(log, 30, kTime);
  EXPECT_NE(terms, EmbargoTerms(log, 31, kTime));
  EXPECT_NE(terms, EmbargoTerms(log, 30, kTime + absl::Milliseconds(1)));
  log[0] = 1;
  EXPECT_NE(terms, EmbargoTerms(log, 30, kTime));
}

// A log of three visible entries an hour apart. Before the second, two reads
// came under embargo for 30 days and one for 10.
class EmbargoJudgement : public ::testing::Test {
 protected:
  EmbargoJudgement() {
    Hide(30, absl::Minutes(10));
    Hide(10, absl::Minutes(20));
    Hide(30, absl::Minutes(30));
    std::vector<EmbargoItem> items;
    for (const ToldEntry& one : told_) {
      items.push_back({one.until, CommitAccessEntry(one.opening, one.entry)});
    }
    // By date: the one of 10 days is first.
    std::swap(items[0], items[1]);
    items_ = items;
    Show({});
    Show(items_);
    Show({});
  }

  void Hide(std::uint16_t days, absl::Duration after) {
    ToldEntry told;
    told.log.fill(static_cast<std::uint8_t>(days));
    told.days = days;
    told.agreed_days = 30;
    told.agreed_basis = LegalBasis::kPublicTask;
    AccessEntry entry;
    entry.basis = LegalBasis::kPublicTask;
    entry.time = kTime + after;
    told.until = EmbargoUntil(entry.time, days);
    const auto last =
        std::find_if(told_.rbegin(), told_.rend(),
                     [days](const ToldEntry& one) { return one.days == days; });
    entry.sequence = 1;
    if (last != told_.rend()) {
      entry.sequence = AccessEntry::Decode(last->entry)->sequence + 1;
      entry.previous = CommitAccessEntry(last->opening, last->entry);
    }
    entry.embargo = EmbargoTerms(told.log, days, told.until);
    told.opening.fill(static_cast<std::uint8_t>(50 + told_.size()));
    told.entry = entry.Encode();
    told_.push_back(std::move(told));
  }
  void Show(const std::vector<EmbargoItem>& items) {
    AccessEntry entry;
    entry.kind = AccessKind::kGranted;
    entry.sequence = visible_.size() + 1;
    entry.time = kTime + absl::Hours(static_cast<int>(visible_.size()));
    if (!visible_.empty()) entry.previous = visible_.back().commitment;
    entry.embargo = CommitEmbargo(items, OpeningOf);
    ShownEntry shown;
    shown.sequence = entry.sequence;
    shown.entry = entry.Encode();
    shown.opening.fill(9);
    shown.commitment = CommitAccessEntry(shown.opening, shown.entry);
    shown.steps = OpenEmbargo(items, OpeningOf, items.size(), true);
    visible_.push_back(std::move(shown));
  }
  EmbargoFindings Judge(absl::Duration later = 400 * kDay) {
    return CheckEmbargo(visible_, told_, kTime + later);
  }
  // Expects one alarm or more.
  void ExpectAlarm() { EXPECT_FALSE(Judge().alarms.empty()); }
  // Changes what a told entry says of itself.
  void Rewrite(std::size_t which,
               const std::function<void(AccessEntry&)>& edit) {
    AccessEntry entry = AccessEntry::Decode(told_[which].entry).value();
    edit(entry);
    told_[which].entry = entry.Encode();
  }

  std::vector<ToldEntry> told_;
  std::vector<EmbargoItem> items_;
  std::vector<ShownEntry> visible_;
};

TEST_F(EmbargoJudgement, TheTruthHasNoAlarm) {
  const EmbargoFindings found = Judge();
  EXPECT_TRUE(found.alarms.empty()) << found.alarms.front();
  EXPECT_EQ(found.proven_count, 3U);
  EXPECT_EQ(found.complete_count, 3U);
  EXPECT_EQ(found.closed_count, 0U);
}

TEST_F(EmbargoJudgement, WhatIsNotDueNeedNotOpen) {
  visible_[0].steps.clear();
  visible_[2].steps.clear();
  // The one of 10 days alone.
  visible_[1].steps.resize(1);
  told_ = {told_[1]};
  const EmbargoFindings found = Judge(11 * kDay);
  EXPECT_TRUE(found.alarms.empty()) << found.alarms.front();
  EXPECT_EQ(found.proven_count, 1U);
  EXPECT_EQ(found.closed_count, 3U);
}

TEST_F(EmbargoJudgement, NothingStaysClosedBeyondAYear) {
  visible_[2].steps.clear();
  const absl::Duration last = absl::Hours(2) + kMaxEmbargoDays * kDay;
  EXPECT_TRUE(Judge(last + kEmbargoGrace).alarms.empty());
  EXPECT_EQ(Judge(last + kEmbargoGrace + absl::Milliseconds(1)).alarms.size(),
            1U);
}

TEST_F(EmbargoJudgement, AnAccessLeftOutShows) {
  told_.pop_back();
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AFirstAccessLeftOutShows) {
  told_.erase(told_.begin());
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AnAccessPutInShows) {
  Hide(30, absl::Minutes(40));
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AChangedAccessShows) {
  Rewrite(1, [](AccessEntry& entry) { entry.purpose = "another"; });
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AnotherDateShows) {
  told_[1].until += absl::Milliseconds(1);
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, OtherDaysShow) {
  told_[1].days = 11;
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, ALaterDateUnderTheSameCommitmentShows) {
  // The operator writes an entry whose terms say a later date than the log.
  told_[1].until += kDay;
  told_[1].days = 11;
  Rewrite(1, [&](AccessEntry& entry) {
    entry.embargo = EmbargoTerms(told_[1].log, 11, told_[1].until);
  });
  items_[0].commitment = CommitAccessEntry(told_[1].opening, told_[1].entry);
  visible_.clear();
  Show({});
  Show(items_);
  Show({});
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AnAccessCommittedToInAnotherPlaceShows) {
  visible_.clear();
  Show({});
  Show({});
  Show(items_);
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AnAccessCommittedToTwiceShows) {
  visible_.clear();
  Show({});
  Show(items_);
  Show(items_);
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, AVisibleEntryThatIsNotTheLogsShows) {
  visible_[1].commitment[0] ^= 1U;
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, WhatItsAgreementDoesNotSayShows) {
  told_[0].agreed_days = 29;
  EXPECT_EQ(Judge().alarms.size(), 1U);
  told_[0].agreed_days = 30;
  EXPECT_TRUE(Judge().alarms.empty());
  // A read under a consent, hidden as if a law said so.
  told_[0].agreed_basis = LegalBasis::kConsent;
  EXPECT_EQ(Judge().alarms.size(), 1U);
}

TEST_F(EmbargoJudgement, AnErasedEntryTakesItsProofAndNoMore) {
  visible_[1].entry.clear();
  visible_[1].steps.clear();
  const EmbargoFindings found = Judge();
  EXPECT_TRUE(found.alarms.empty()) << found.alarms.front();
  EXPECT_EQ(found.erased_count, 1U);
  EXPECT_EQ(found.unproven_count, 3U);
  EXPECT_EQ(found.proven_count, 0U);
  // One that cannot have been in it stays an alarm.
  Hide(20, absl::Hours(3));
  ExpectAlarm();
}

TEST_F(EmbargoJudgement, WhatIsToldMeanwhileIsNoAlarm) {
  Hide(20, absl::Minutes(130));
  told_.back().late = true;
  const EmbargoFindings found = Judge();
  EXPECT_TRUE(found.alarms.empty());
  EXPECT_EQ(found.unproven_count, 1U);
}

}  // namespace
}  // namespace limpid::receipt
