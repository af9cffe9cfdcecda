// What the numbers behind a dataset's snapshots may tell, and that they tell
// nobody who came or went. docs/formats/consent-facts.md

#include "consent/training/consent_facts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::IdOf;

const absl::CivilMonth kMay(2027, 5);
const absl::CivilMonth kJune(2027, 6);
const DatasetId kData = IdOf<DatasetId>(9);

SnapshotId Snap(std::uint8_t number) { return IdOf<SnapshotId>(number); }

ExactCount Count(std::uint8_t snapshot, std::uint64_t persons,
                 std::uint64_t withdrawn = 0) {
  return {kData, Snap(snapshot), persons, withdrawn, /*committed=*/true};
}

ConsentFacts First(const std::vector<ExactCount>& exact) {
  return NextFacts(std::nullopt, kMay, exact);
}

const SnapshotFacts& Of(const ConsentFacts& facts, std::uint8_t snapshot) {
  for (const SnapshotFacts& one : facts.snapshots) {
    if (one.snapshot == Snap(snapshot).bytes()) return one;
  }
  ADD_FAILURE() << "no facts of the snapshot " << int{snapshot};
  static const SnapshotFacts none;
  return none;
}

void ExpectFigures(const ConsentFacts& facts, std::uint8_t snapshot,
                   std::uint8_t of, std::uint64_t persons,
                   std::optional<std::uint64_t> withdrawn) {
  const SnapshotFacts& one = Of(facts, snapshot);
  EXPECT_EQ(one.figures_of, Snap(of).bytes()) << int{snapshot};
  EXPECT_EQ(one.persons, persons) << int{snapshot};
  EXPECT_EQ(one.withdrawn, withdrawn) << int{snapshot};
}

// --- Rule by rule ---

TEST(ConsentFactsRules, TheExampleOfThePage) {
  const ConsentFacts may =
      First({Count(1, 128, 31), Count(2, 133, 8), Count(3, 155, 9),
             Count(4, 17, 9), Count(5, 214, 58)});
  ExpectFigures(may, 1, 1, 120, 30);
  ExpectFigures(may, 2, 1, 120, 30);
  ExpectFigures(may, 3, 3, 150, std::nullopt);
  ExpectFigures(may, 4, 4, 10, std::nullopt);
  ExpectFigures(may, 5, 5, 210, 50);
  const ConsentFacts june =
      NextFacts(may, kJune,
                {Count(1, 128, 32), Count(2, 145, 8), Count(3, 155, 10),
                 Count(4, 17, 9), Count(5, 214, 58)});
  EXPECT_EQ(june.month, kJune);
  ExpectFigures(june, 1, 1, 120, 30);
  ExpectFigures(june, 2, 2, 140, std::nullopt);
  ExpectFigures(june, 3, 2, 140, std::nullopt);
  ExpectFigures(june, 4, 4, 10, std::nullopt);
  ExpectFigures(june, 5, 5, 210, 50);
}

TEST(ConsentFactsRules, RoundsDownAndHoldsTheRemainderOver) {
  std::optional<ConsentFacts> facts;
  absl::CivilMonth month = kMay;
  // Seven a month: no remainder is lost on the way.
  for (std::uint64_t persons = 7; persons <= 140; persons += 7) {
    facts = NextFacts(facts, month, {Count(1, persons)});
    EXPECT_EQ(Of(*facts, 1).persons, persons / 10 * 10) << persons;
    ++month;
  }
}

TEST(ConsentFactsRules, WithdrawnIsHiddenWhereFewCanBeLeft) {
  ExpectFigures(First({Count(1, 39, 20)}), 1, 1, 30, std::nullopt);
  // 30 and 20 would look like ten; it is one.
  ExpectFigures(First({Count(1, 30, 29)}), 1, 1, 30, std::nullopt);
  ExpectFigures(First({Count(1, 40, 20)}), 1, 1, 40, 20);
  ExpectFigures(First({Count(1, 20, 0)}), 1, 1, 20, 0);
  // Everybody: it would be said of each of them.
  ExpectFigures(First({Count(1, 30, 30)}), 1, 1, 30, std::nullopt);
  ExpectFigures(First({Count(1, 9, 9)}), 1, 1, 0, std::nullopt);
}

// The larger is the smaller and 29 more, who have all withdrawn.
TEST(ConsentFactsRules, NewcomersOfWhomFewAreLeftHideTheLarger) {
  const ConsentFacts facts = First({Count(1, 100, 9), Count(2, 129, 38)});
  ExpectFigures(facts, 1, 1, 100, 0);
  ExpectFigures(facts, 2, 2, 120, std::nullopt);
}

TEST(ConsentFactsRules, OfADifferenceManyWithdrewAndManyAreLeft) {
  const auto beside = [](std::uint64_t persons, std::uint64_t withdrawn) {
    const ConsentFacts facts =
        First({Count(1, 100, 20), Count(2, persons, withdrawn)});
    ExpectFigures(facts, 1, 1, 100, 20);
    return Of(facts, 2).withdrawn;
  };
  EXPECT_EQ(beside(150, 40), 40U);
  // Could be 11 who withdrew, and one.
  EXPECT_EQ(beside(149, 40), std::nullopt);
  EXPECT_EQ(beside(160, 39), std::nullopt);
  EXPECT_EQ(beside(300, 19), std::nullopt);
  // One between the two that is hidden hides no other.
  const ConsentFacts three =
      First({Count(1, 100, 20), Count(2, 130, 45), Count(3, 180, 50)});
  ExpectFigures(three, 2, 2, 130, std::nullopt);
  ExpectFigures(three, 3, 3, 180, 50);
  ExactCount other = Count(2, 129, 38);
  other.dataset = IdOf<DatasetId>(8);
  ExpectFigures(First({Count(1, 100, 9), other}), 2, 2, 120, 30);
}

TEST(ConsentFactsRules, WhatWasShownIsCompared) {
  const ConsentFacts may = First({Count(2, 129, 38)});
  ExpectFigures(may, 2, 2, 120, 30);
  // May's figure is known: June shows no part of it, although it is smaller.
  const ConsentFacts june =
      NextFacts(may, kJune, {Count(1, 100, 9), Count(2, 129, 38)});
  ExpectFigures(june, 1, 1, 100, std::nullopt);
  ExpectFigures(june, 2, 2, 120, 30);
  // Nor when May's has nothing in its place.
  const ConsentFacts gone =
      NextFacts(may, kJune, {Count(1, 100, 9), Count(2, 129, 125)});
  ExpectFigures(gone, 1, 1, 100, std::nullopt);
  ExpectFigures(gone, 2, 2, 120, std::nullopt);
}

TEST(ConsentFactsRules, OneOfAGroupHidesForAll) {
  const ConsentFacts facts = First({Count(1, 50, 10), Count(2, 55, 48)});
  ExpectFigures(facts, 1, 1, 50, std::nullopt);
  ExpectFigures(facts, 2, 1, 50, std::nullopt);
}

TEST(ConsentFactsRules, EarlierIsWhatAnEarlierMonthHad) {
  const ConsentFacts may = First({Count(5, 100)});
  const ConsentFacts june =
      NextFacts(may, kJune, {Count(1, 115), Count(5, 101)});
  ExpectFigures(june, 1, 5, 100, 0);
  ASSERT_EQ(june.snapshots.size(), 2U);
  EXPECT_EQ(june.snapshots[0].snapshot, Snap(5).bytes());
}

TEST(ConsentFactsRules, OtherDatasetsAreNoNeighbours) {
  ExactCount other = Count(2, 41);
  other.dataset = IdOf<DatasetId>(8);
  const ConsentFacts facts = First({Count(1, 32), other});
  ExpectFigures(facts, 1, 1, 30, 0);
  ExpectFigures(facts, 2, 2, 40, 0);
}

TEST(ConsentFactsRules, ASnapshotAppearsWithTenOrWithItsCommitment) {
  ExactCount few = Count(1, 9);
  few.committed = false;
  EXPECT_TRUE(First({few}).snapshots.empty());
  few.committed = true;
  ExpectFigures(First({few}), 1, 1, 0, std::nullopt);
  few.committed = false;
  few.persons = 10;
  const ConsentFacts listed = First({few});
  ExpectFigures(listed, 1, 1, 10, std::nullopt);
  // It stays, also when nobody is left.
  ExpectFigures(NextFacts(listed, kJune, {}), 1, 1, 0, std::nullopt);
}

TEST(ConsentFactsRules, AMonthIsOneOfUtcAndOnlyALaterOneIsATurn) {
  absl::Time end;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2027-05-31T23:59:59.999Z",
                              &end, nullptr));
  EXPECT_EQ(FactsMonth(end), kMay);
  EXPECT_EQ(FactsMonth(end + absl::Milliseconds(1)), kJune);
  const ConsentFacts june = NextFacts(std::nullopt, kJune, {Count(1, 50)});
  EXPECT_TRUE(IsFactsTurn(std::nullopt, kMay));
  EXPECT_FALSE(IsFactsTurn(june, kMay));
  EXPECT_FALSE(IsFactsTurn(june, kJune));
  EXPECT_TRUE(IsFactsTurn(june, kJune + 1));
  EXPECT_EQ(NextFacts(june, kMay, {Count(1, 90)}), june);
}

// --- The stored form ---

TEST(ConsentFactsForm, IsReadAsItWasWritten) {
  const ConsentFacts facts =
      First({Count(1, 128, 31), Count(2, 133, 8), Count(4, 17, 9)});
  const auto read = ConsentFacts::Decode(facts.Encode());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, facts);
  ConsentFacts none;
  none.month = kMay;
  EXPECT_EQ(*ConsentFacts::Decode(none.Encode()), none);
}

TEST(ConsentFactsForm, RefusesWhatThePageSaysMustFail) {
  const auto refused = [](const ConsentFacts& facts) {
    return absl::IsDataLoss(ConsentFacts::Decode(facts.Encode()).status());
  };
  const ConsentFacts good = First({Count(1, 128, 31), Count(2, 155, 8)});
  ASSERT_FALSE(refused(good));
  base::Bytes bytes = good.Encode();
  bytes.push_back(0);
  EXPECT_FALSE(ConsentFacts::Decode(bytes).ok());
  bytes.resize(bytes.size() - 2);
  EXPECT_FALSE(ConsentFacts::Decode(bytes).ok());
  ConsentFacts bad = good;
  bad.snapshots[0].persons = 121;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.snapshots[0].withdrawn = 31;
  EXPECT_TRUE(refused(bad));
  bad.snapshots[0].withdrawn = 130;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.snapshots[1].snapshot = Snap(1).bytes();
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.snapshots[0].figures_of = Snap(2).bytes();
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.month = absl::CivilMonth(11970, 1);
  EXPECT_TRUE(refused(bad));
  // A figure that is not shown has no number.
  bytes = First({Count(4, 17, 9)}).Encode();
  bytes.back() = 10;
  EXPECT_FALSE(ConsentFacts::Decode(bytes).ok());
}

// --- What nobody may learn, over random histories ---

// Snapshots of two datasets that persons come to, withdraw from, come back to,
// and are erased from.
class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    // Near to each other, so that there are groups.
    const std::uint64_t base = Below(60);
    const std::size_t count = 1 + Below(7);
    for (std::size_t i = 0; i < count; ++i) {
      ExactCount one =
          Count(static_cast<std::uint8_t>(i + 1), base + Below(45));
      if (Below(4) == 0) one.dataset = IdOf<DatasetId>(8);
      one.withdrawn = Below(3) == 0 ? one.persons - Below(one.persons + 1) / 4
                                    : Below(one.persons + 1);
      one.committed = Below(3) != 0;
      all_.push_back(one);
    }
  }

  // One person does one thing.
  void Step() {
    ExactCount& one = all_[Below(all_.size())];
    switch (Below(4)) {
      case 0:
        ++one.persons;
        break;
      case 1:
        if (one.withdrawn < one.persons) ++one.withdrawn;
        break;
      case 2:
        if (one.withdrawn > 0) --one.withdrawn;
        break;
      default:
        if (one.persons > one.withdrawn) --one.persons;
        break;
    }
  }
  std::uint64_t Below(std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_);
  }
  [[nodiscard]] const std::vector<ExactCount>& exact() const { return all_; }

 private:
  std::mt19937_64 random_;
  std::vector<ExactCount> all_;
};

constexpr std::uint64_t kHistories = 2'000;

// (a)
TEST(ConsentFactsPrivacy, AskingAgainWithinAMonthTellsNothing) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    History history(seed);
    ConsentFacts facts = First(history.exact());
    for (absl::CivilMonth month = kMay; month < kMay + 6; ++month) {
      facts = NextFacts(facts, month, history.exact());
      const base::Bytes published = facts.Encode();
      const std::uint64_t steps = history.Below(60);
      for (std::uint64_t i = 0; i < steps; ++i) {
        history.Step();
        facts = NextFacts(facts, month, history.exact());
        ASSERT_EQ(facts.Encode(), published) << seed;
      }
    }
  }
}

// (b) Whoever moves no count over a multiple of ten moves nothing.
TEST(ConsentFactsPrivacy, OnePersonIsSeenOnlyWhenSheIsTheTenth) {
  const auto tens = [](const std::vector<ExactCount>& exact) {
    std::vector<std::uint64_t> out;
    for (const ExactCount& one : exact) {
      out.push_back(one.persons / 10);
      out.push_back(one.withdrawn / 10);
    }
    return out;
  };
  std::size_t unseen = 0;
  std::size_t seen = 0;
  for (std::uint64_t seed = 0; seed < kHistories; ++seed) {
    History history(seed);
    const ConsentFacts may = First(history.exact());
    for (int i = 0; i < 30; ++i) {
      const auto before = history.exact();
      const ConsentFacts without = NextFacts(may, kJune, before);
      history.Step();
      const ConsentFacts with = NextFacts(may, kJune, history.exact());
      if (tens(before) == tens(history.exact())) {
        ASSERT_EQ(with.Encode(), without.Encode()) << seed;
        ++unseen;
      } else if (with != without) {
        ++seen;
      }
    }
  }
  EXPECT_GT(unseen, kHistories);
  // It is not that nothing is ever seen.
  EXPECT_GT(seen, kHistories / 10);
}

TEST(ConsentFactsPrivacy, FiguresMoveByTens) {
  for (std::uint64_t seed = 0; seed < kHistories; ++seed) {
    History history(seed);
    const ConsentFacts may = First(history.exact());
    for (int i = 0; i < 40; ++i) history.Step();
    const ConsentFacts june = NextFacts(may, kJune, history.exact());
    ASSERT_GE(june.snapshots.size(), may.snapshots.size());
    for (const SnapshotFacts& one : june.snapshots) {
      ASSERT_EQ(one.persons % 10, 0U);
      ASSERT_EQ(one.withdrawn.value_or(0) % 10, 0U);
    }
  }
}

// (c)
TEST(ConsentFactsPrivacy, SnapshotsThatDifferByFewerThanTenAreNotToldApart) {
  std::size_t alike = 0;
  for (std::uint64_t seed = 0; seed < kHistories; ++seed) {
    History history(seed);
    ConsentFacts facts = First(history.exact());
    for (int i = 0; i < 25; ++i) history.Step();
    facts = NextFacts(facts, kJune, history.exact());
    std::map<base::ByteArray<16>, ExactCount> exact;
    for (const ExactCount& one : history.exact())
      exact[one.snapshot.bytes()] = one;
    for (const SnapshotFacts& left : facts.snapshots) {
      for (const SnapshotFacts& right : facts.snapshots) {
        if (left.dataset != right.dataset) continue;
        const std::uint64_t more = exact[left.snapshot].persons;
        const std::uint64_t less = exact[right.snapshot].persons;
        if (more >= less && more - less < 10) {
          ASSERT_EQ(left.persons, right.persons) << seed;
          ASSERT_EQ(left.withdrawn, right.withdrawn) << seed;
          ASSERT_EQ(left.figures_of, right.figures_of) << seed;
          ++alike;
        }
        // Where a difference can be taken, it is of many.
        if (left.persons > right.persons) {
          ASSERT_GE(left.persons - right.persons, 20U) << seed;
        }
      }
    }
  }
  EXPECT_GT(alike, kHistories);
}

TEST(ConsentFactsPrivacy, AChainHasTheFiguresOfItsEarliest) {
  // Each nine more than the one before: the ends are 63 apart.
  std::vector<ExactCount> chain;
  for (std::uint8_t i = 0; i < 8; ++i) {
    chain.push_back(Count(static_cast<std::uint8_t>(i + 1), 40U + 9U * i, 10));
  }
  const ConsentFacts facts = First(chain);
  for (std::uint8_t i = 1; i <= 8; ++i) ExpectFigures(facts, i, 1, 40, 10);
  // Without one in the middle it is two chains.
  chain.erase(chain.begin() + 3);
  const ConsentFacts parted = First(chain);
  ExpectFigures(parted, 3, 1, 40, 10);
  ExpectFigures(parted, 5, 5, 70, std::nullopt);
  ExpectFigures(parted, 8, 5, 70, std::nullopt);
  // One that comes later closes the gap.
  chain.push_back(Count(9, 69, 10));
  const ConsentFacts closed = NextFacts(parted, kJune, chain);
  ExpectFigures(closed, 9, 1, 40, 10);
  ExpectFigures(closed, 8, 1, 40, 10);
}

// (d)
TEST(ConsentFactsPrivacy, WhatIsLeftIsNeverFew) {
  std::size_t hidden = 0;
  std::size_t shown = 0;
  for (std::uint64_t seed = 0; seed < kHistories; ++seed) {
    History history(seed);
    std::optional<ConsentFacts> facts;
    for (absl::CivilMonth month = kMay; month < kMay + 4; ++month) {
      facts = NextFacts(facts, month, history.exact());
      for (const ExactCount& exact : history.exact()) {
        for (const SnapshotFacts& one : facts->snapshots) {
          if (one.snapshot != exact.snapshot.bytes()) continue;
          if (exact.persons - exact.withdrawn < 10) {
            ASSERT_FALSE(one.withdrawn.has_value()) << seed;
            ++hidden;
          }
          if (one.withdrawn) {
            ASSERT_GE(one.persons - *one.withdrawn, 20U) << seed;
            ++shown;
          }
        }
      }
      for (int i = 0; i < 15; ++i) history.Step();
    }
  }
  EXPECT_GT(hidden, kHistories);
  EXPECT_GT(shown, kHistories / 10);
}

// Who came to a dataset between one snapshot and the next: each snapshot is
// what all before it have and more.
std::vector<ExactCount> Nested(History& random) {
  std::vector<ExactCount> out;
  ExactCount sum = Count(0, 0);
  const std::uint64_t count = 2 + random.Below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t more = random.Below(random.Below(2) == 0 ? 60 : 400);
    sum.persons += more;
    const std::uint64_t kind = random.Below(4);
    sum.withdrawn += kind == 0   ? more
                     : kind == 1 ? more - std::min<std::uint64_t>(more, 9)
                     : kind == 2 ? random.Below(12) % (more + 1)
                                 : random.Below(more + 1);
    sum.snapshot = Snap(static_cast<std::uint8_t>(i + 1));
    out.push_back(sum);
  }
  return out;
}

// (e) An attacker knows that the snapshots are nested, and has the bounds of
// every figure: neither who withdrew of the newcomers nor who is left of them
// is few, so no bound that is true can say that it is.
TEST(ConsentFactsPrivacy, ADifferenceOfNestedSnapshotsIsNeverOfFew) {
  std::size_t differences = 0;
  std::size_t hidden = 0;
  for (std::uint64_t seed = 0; seed < 5 * kHistories; ++seed) {
    History random(seed);
    const std::vector<ExactCount> all = Nested(random);
    const ConsentFacts facts = First(all);
    for (std::size_t large = 1; large < all.size(); ++large) {
      const SnapshotFacts& whole =
          Of(facts, static_cast<std::uint8_t>(large + 1));
      if (!whole.withdrawn) ++hidden;
      if (!whole.withdrawn || whole.figures_of != whole.snapshot) continue;
      for (std::size_t small = 0; small < large; ++small) {
        const SnapshotFacts& part =
            Of(facts, static_cast<std::uint8_t>(small + 1));
        if (!part.withdrawn || part.figures_of != part.snapshot) continue;
        const std::uint64_t came = all[large].persons - all[small].persons;
        const std::uint64_t withdrew =
            all[large].withdrawn - all[small].withdrawn;
        ASSERT_GE(withdrew, 10U) << seed;
        ASSERT_GE(came - withdrew, 10U) << seed;
        // What she computes: the least of each.
        const std::uint64_t more = *whole.withdrawn - *part.withdrawn;
        ASSERT_GE(more, 10U + 9) << seed;
        ASSERT_GE(whole.persons - part.persons - more, 10U + 18) << seed;
        ++differences;
      }
    }
  }
  EXPECT_GT(differences, kHistories);
  EXPECT_GT(hidden, kHistories);
}

}  // namespace
}  // namespace limpid::consent
