#include <string>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/erasure/hold_desk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBirth[] = "person.birth_date";

class HoldDeskTest : public ::testing::Test {
 protected:
  HoldDeskTest() {
    world_.Put(world_.anna, kBirth, "\"1990-02-28\"");
    world_.Put(world_.anna, kBirth, "\"1990-02-27\"");
    world_.Put(world_.bela, kBirth, "\"1980-01-01\"");
  }

  VaultWorld world_;
  const Hold hold_{HoldGround::kLegalClaims, "court file 12/26"};
};

TEST_F(HoldDeskTest, NothingIsErasedWhileItStandsAndTheLawIsNamed) {
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
  const auto placed = world_.holds.Place(world_.anna.holder, hold_);
  ASSERT_THAT(placed, IsOk());
  for (const absl::Status& refused :
       {world_.desk.EraseVersion(world_.anna, kBirth, 2).status(),
        world_.desk.EraseAttribute(world_.anna, kBirth).status(),
        world_.ErasePerson(world_.anna)}) {
    ASSERT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
    const std::string message(base::ToStd(refused.message()));
    EXPECT_THAT(message, HasSubstr("GDPR Art. 17(3)(e)"));
    // It may end in a log: the file stays between the two.
    EXPECT_THAT(message, Not(HasSubstr("12/26")));
  }
  EXPECT_THAT(world_.person.Get(world_.anna, kBirth, 2), IsOk());
  EXPECT_TRUE(world_.keys->Unfinished(std::nullopt)->empty());
  // What was erased before is still answered, and others are not held.
  EXPECT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
  EXPECT_THAT(world_.desk.EraseVersion(world_.bela, kBirth, 1), IsOk());

  ASSERT_THAT(world_.holds.Lift(placed->id), IsOk());
  EXPECT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 2), IsOk());
}

TEST_F(HoldDeskTest, ThePersonSeesItAlsoAfterItWasLifted) {
  const auto placed = world_.holds.Place(world_.anna.holder, hold_);
  ASSERT_THAT(placed, IsOk());
  world_.clock.Advance(absl::Hours(1));
  ASSERT_THAT(world_.holds.Place(world_.anna.holder,
                                 {HoldGround::kRestriction, "contested"}),
              IsOk());
  ASSERT_THAT(world_.holds.Lift(placed->id), IsOk());
  const auto list = world_.holds.List(world_.anna.holder);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ(list->front().hold, hold_);
  EXPECT_EQ(list->front().lifted, world_.clock.Now());
  EXPECT_EQ(list->back().hold.reason, "contested");
  EXPECT_FALSE(list->back().lifted.has_value());
  EXPECT_TRUE(world_.holds.List(world_.bela.holder)->empty());
  // One that still stands holds.
  EXPECT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(HoldDeskTest, RefusesWhatNobodyCouldJustifyOrMeans) {
  EXPECT_THAT(
      world_.holds.Place(world_.anna.holder, {HoldGround::kLegalClaims, ""}),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(world_.holds.Place(world_.anna.holder, {HoldGround::kLegalClaims,
                                                      std::string(501, 'x')}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(world_.holds.Place(HolderId::Random(), hold_),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(world_.ErasePerson(world_.anna), IsOk());
  EXPECT_THAT(world_.holds.Place(world_.anna.holder, hold_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// Finishing it would delete the hold, whose act said that it stands.
TEST_F(HoldDeskTest, WhoIsBeingErasedIsNotHeldAnyMore) {
  world_.tombstones.fail = true;
  ASSERT_THAT(world_.ErasePerson(world_.anna),
              StatusIs(absl::StatusCode::kUnavailable));
  const std::uint64_t acts = world_.store->Head()->counter;
  const auto refused = world_.holds.Place(world_.anna.holder, hold_);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(base::ToStd(refused.status().message())),
              HasSubstr("being finished"));
  EXPECT_EQ(world_.store->Head()->counter, acts);
  EXPECT_TRUE(world_.holds.List(world_.anna.holder)->empty());
  // What is decided of one version leaves the rest to be held.
  ASSERT_THAT(world_.desk.EraseVersion(world_.bela, kBirth, 1),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(world_.holds.Place(world_.bela.holder, hold_), IsOk());
  world_.tombstones.fail = false;
  EXPECT_THAT(world_.ErasePerson(world_.anna), IsOk());
}

TEST_F(HoldDeskTest, LiftsOnce) {
  EXPECT_THAT(world_.holds.Lift(Counting<16>(1)),
              StatusIs(absl::StatusCode::kNotFound));
  const auto placed = world_.holds.Place(world_.anna.holder, hold_);
  ASSERT_THAT(world_.holds.Lift(placed->id), IsOk());
  EXPECT_THAT(world_.holds.Lift(placed->id),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(HoldDeskTest, EachChangeIsInTheLog) {
  const std::uint64_t before = world_.store->Head()->counter;
  const auto placed = world_.holds.Place(world_.anna.holder, hold_);
  ASSERT_THAT(world_.holds.Lift(placed->id), IsOk());
  EXPECT_EQ(world_.store->Head()->counter, before + 2);
  EXPECT_EQ(world_.store->ActsFrom(before + 1, 1)->front().kind,
            ActKind::kAdmin);
}

}  // namespace
}  // namespace limpid::vault
