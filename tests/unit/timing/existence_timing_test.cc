// How long a refused question takes says nothing about whether there is such a
// person. On stores in memory, without a network: what a disk adds is the same
// commit for all (tests/unit/consent/equal_cost_test.cc).

#include <cstddef>

#include "gtest/gtest.h"
#include "tests/testing/dudect.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::CompareTimes;
using limpid::testing::TimingVerdict;

constexpr std::size_t kMeasurements = 20'000;
// Of the medians. A network's jitter is a hundred times as much.
constexpr double kMostRelative = 0.1;

class ExistenceTiming : public ::testing::Test {
 protected:
  // Both were asked before, in this minute.
  TimingVerdict Compare(const RecordId& first, const RecordId& second) {
    const AuthoriseRequest asked[] = {testing::World::ReadRequestFor(first),
                                      testing::World::ReadRequestFor(second)};
    for (const AuthoriseRequest& one : asked) {
      EXPECT_FALSE(testing::Released(world_.Ask(one)));
    }
    return CompareTimes(kMeasurements, [&](bool of_second) {
      EXPECT_FALSE(testing::Released(world_.Ask(asked[of_second ? 1 : 0])));
    });
  }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(ExistenceTiming, UnknownAndUngrantedAreRefusedAsFast) {
  const RecordId ungranted = world_.Request(ann_).revision.record;
  const TimingVerdict verdict = Compare(RecordId::Random(), ungranted);
  EXPECT_NEAR(verdict.first_ns / verdict.second_ns, 1, kMostRelative)
      << "t " << verdict.t;
  RecordProperty("t", std::to_string(verdict.t));
}

TEST_F(ExistenceTiming, TwoUnknownOnesAreTheYardstick) {
  const TimingVerdict verdict = Compare(RecordId::Random(), RecordId::Random());
  EXPECT_NEAR(verdict.first_ns / verdict.second_ns, 1, kMostRelative)
      << "t " << verdict.t;
}

}  // namespace
}  // namespace limpid::consent
