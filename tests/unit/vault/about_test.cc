// Which days a value is about: what fits what, and what its person says and
// sees of it.

#include "vault/attribute/about.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/dated_values.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST(About, FitsWhenAllItsDaysAreWithin) {
  EXPECT_TRUE(OfYear(2024).Fits(k2024));
  EXPECT_TRUE(Of(20'240'229, 20'240'229).Fits(k2024));
  EXPECT_TRUE(Of(20'240'101, 20'240'101).Fits(k2024));
  EXPECT_TRUE(Of(20'241'231, 20'241'231).Fits(k2024));
  EXPECT_FALSE(Of(20'231'231, 20'240'101).Fits(k2024));
  EXPECT_FALSE(Of(20'241'231, 20'250'101).Fits(k2024));
  EXPECT_FALSE(OfYear(2023).Fits(k2024));
  EXPECT_FALSE(About().Fits(k2024));
  EXPECT_TRUE(kNoDay.Fits(k2024));
  EXPECT_TRUE(OfYear(2031).Fits({20'240'101, 0}));
  EXPECT_FALSE(OfYear(2031).Fits({0, 20'241'231}));
  // Without a limit everything fits, said or not.
  for (const About& about : {About(), kNoDay, OfYear(2024)}) {
    EXPECT_TRUE(about.Fits({}));
  }
}

TEST(About, IsTwoDaysInOrderOrNone) {
  EXPECT_THAT(CheckAbout({}), IsOk());
  EXPECT_THAT(CheckAbout(kNoDay), IsOk());
  EXPECT_THAT(CheckAbout(OfYear(2024)), IsOk());
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(CheckAbout(Of(20'240'101, 0)), bad);
  EXPECT_THAT(CheckAbout(Of(0, 20'240'101)), bad);
  EXPECT_THAT(CheckAbout(Of(0, 0)), bad);
  EXPECT_THAT(CheckAbout(Of(20'240'102, 20'240'101)), bad);
  EXPECT_THAT(CheckAbout(Of(20'240'230, 20'240'301)), bad);
  EXPECT_THAT(CheckAbout({AboutKind::kNoDay, k2024}), bad);
  EXPECT_THAT(CheckAbout({AboutKind::kUnsaid, k2024}), bad);
  EXPECT_THAT(CheckAbout({static_cast<AboutKind>(3), {}}), bad);
}

// --- What the person says and sees ---

TEST(PersonDays, StandInListHistoryAndValueAlsoOnceErased) {
  VaultWorld world;
  ASSERT_THAT(
      world.person.Put(world.anna, ValueOf(kIncome, Income(1), OfYear(2023))),
      IsOk());
  ASSERT_THAT(world.person.Put(world.anna, ValueOf(kIncome, Income(2), {})),
              IsOk());
  ASSERT_THAT(
      world.person.Put(world.anna, ValueOf(kBirth, "\"1990-02-28\"", kNoDay)),
      IsOk());
  const auto list = world.person.List(world.anna);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ((*list)[0].about, About());
  EXPECT_EQ((*list)[1].about, kNoDay);
  ASSERT_THAT(world.desk.EraseVersion(world.anna, kIncome, 1), IsOk());
  const auto history = world.person.History(world.anna, kIncome, 0, 10);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->size(), 2);
  EXPECT_EQ((*history)[0].about, About());
  EXPECT_EQ((*history)[1].about, OfYear(2023));
  EXPECT_TRUE((*history)[1].erase_time.has_value());
  const auto own = world.person.Get(world.anna, kBirth, 0);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->info.about, kNoDay);
  EXPECT_EQ(own->value.about, kNoDay);
}

TEST(PersonDays, AreRefusedWhenTheyAreNone) {
  VaultWorld world;
  for (const About& bad :
       {Of(20'240'101, 0), Of(20'240'230, 20'240'301),
        Of(20'240'102, 20'240'101), About{AboutKind::kUnsaid, k2024}}) {
    EXPECT_THAT(world.person.Put(world.anna, ValueOf(kIncome, Income(1), bad)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_TRUE(world.person.List(world.anna)->empty());
}

TEST(PersonDays, ARepeatedRequestHasTheSameDays) {
  VaultWorld world;
  NewValue value = ValueOf(kIncome, Income(1), OfYear(2024));
  const auto first = world.person.Put(world.anna, value);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(world.person.Put(world.anna, value)->version, first->version);
  for (const About& other : {About(), OfYear(2023), kNoDay}) {
    value.about = other;
    EXPECT_THAT(world.person.Put(world.anna, value),
                StatusIs(absl::StatusCode::kAlreadyExists));
  }
}

TEST(PersonDays, AreCoveredByTheAuthorsSignature) {
  VaultWorld world;
  NewValue value = ValueOf(kBirth, "\"1990-02-28\"", OfYear(2024));
  const auto sign = [&](const About& about) {
    value.author_signature =
        base::ToBytes(world.anna_key.Sign(ProvenanceStatement(
            ExampleIdentity().source, kBirth, value.value_json, about)));
    return world.person.Put(world.anna, value);
  };
  for (const About& other : {About(), OfYear(2023), kNoDay}) {
    EXPECT_THAT(sign(other), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(sign(OfYear(2024)), IsOk());
}

TEST(PersonDays, ChangeWhatTheVaultsLogCommitsTo) {
  VaultWorld world;
  const Owner owner = world.core->blinder().OwnerOf(world.anna.holder);
  RepeatingRandom random;
  const RecordCodec codec(ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305,
                          random);
  const auto key = world.core->keys().FindOrCreate(owner, world.clock.Now());
  Place place;
  place.owner = owner;
  place.attribute = kIncome;
  place.version = 1;
  const StoredValue one = {{}, absl::FromUnixMillis(1), "1", OfYear(2024)};
  const StoredValue two = {{}, absl::FromUnixMillis(1), "1", OfYear(2023)};
  EXPECT_NE(codec.Seal(**key, place, one).payload,
            codec.Seal(**key, place, two).payload);
}

}  // namespace
}  // namespace limpid::vault
