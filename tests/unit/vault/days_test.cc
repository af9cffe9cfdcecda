// What a permit with days releases, and that the rest is as if there were
// nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/dated_values.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/reader/days_search.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

class DaysTest : public ::testing::Test {
 protected:
  DaysTest() {
    world_.gate.Grant(kIncome);
    world_.gate.change = [this](receipt::Permit& permit) {
      permit.days = days_;
    };
  }

  void Put(std::string_view json, const About& about,
           std::string_view attribute = kIncome) {
    ASSERT_THAT(world_.person.Put(world_.anna, ValueOf(attribute, json, about)),
                IsOk());
  }
  ReadLine Line(const std::string& attribute = kIncome) {
    auto answer = world_.Read({attribute});
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->lines.at(0) : ReadLine();
  }
  // What a person without any value is answered with.
  ReadLine Nothing(const std::string& attribute = kIncome) {
    const HolderId anna = std::exchange(world_.gate.holder, HolderId::Random());
    ReadLine out = Line(attribute);
    world_.gate.holder = anna;
    return out;
  }
  static void ExpectSame(const ReadLine& left, const ReadLine& right) {
    EXPECT_EQ(left.attribute, right.attribute);
    EXPECT_EQ(left.reason, right.reason);
    EXPECT_EQ(left.form, right.form);
    EXPECT_EQ(left.derivation, right.derivation);
    EXPECT_EQ(left.parameters, right.parameters);
    EXPECT_EQ(left.value_json, right.value_json);
    EXPECT_EQ(left.version, right.version);
  }

  // Seals `count` versions of the income at once, version 1 of 2024, the others
  // of 2025; the memory store copies itself at every write.
  void Plant(std::uint64_t count) {
    const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
    const auto key =
        world_.core->keys().FindOrCreate(owner, world_.clock.Now());
    ASSERT_THAT(key, IsOk());
    ASSERT_THAT(
        world_.store->Write([&](VaultTransaction& transaction) -> absl::Status {
          absl::Status status;
          for (std::uint64_t version = 1; version <= count && status.ok();
               ++version) {
            status = transaction.Insert(Sealed(
                **key, version, version == 1 ? OfYear(2024) : OfYear(2025)));
          }
          return status;
        }),
        IsOk());
  }
  AttributeRow Sealed(const PersonKey& key, std::uint64_t version,
                      const About& about) {
    Place place;
    place.owner = world_.core->blinder().OwnerOf(world_.anna.holder);
    place.attribute = kIncome;
    place.name_key =
        world_.core->blinder().NameKeyOf(world_.anna.holder, kIncome);
    place.request_key = crypto::RandomArray<16>();
    place.version = version;
    place.schema_version = 1;
    return world_.core->codec().Seal(
        key, place, {{}, absl::FromUnixMillis(5), Income(1), about});
  }

  VaultWorld world_;
  // Of every permit.
  base::Days days_ = k2024;
};

TEST_F(DaysTest, TheNewestWithinIsReleasedAndNothingElse) {
  Put(Income(1), OfYear(2024));
  Put(Income(2), OfYear(2023));
  Put(Income(3), OfYear(2024));
  Put(Income(4), OfYear(2025));
  Put(Income(5), {});
  const ReadLine line = Line();
  EXPECT_EQ(line.reason, ReadReason::kReleased);
  EXPECT_EQ(line.value_json, Income(3));
  // The number would say how many there are of other days.
  EXPECT_EQ(line.version, 0);
  days_ = {20'230'101, 20'231'231};
  EXPECT_EQ(Line().value_json, Income(2));
  days_ = {20'250'101, 0};
  EXPECT_EQ(Line().value_json, Income(4));
  days_ = {0, 20'241'231};
  EXPECT_EQ(Line().value_json, Income(3));
  // Without days the newest put, as ever, with its number.
  days_ = {};
  EXPECT_EQ(Line().value_json, Income(5));
  EXPECT_EQ(Line().version, 5);
}

TEST_F(DaysTest, OutsideIsAnsweredAsIfThereWereNothing) {
  world_.gate.Grant("health.disability");
  world_.gate.GrantOver(kBirth, 18);
  Put(Income(1), OfYear(2023));
  // Of days on both sides: the vault cannot cut a value.
  Put(Income(2), Of(20'230'701, 20'240'630));
  Put("true", OfYear(2025), "health.disability");
  Put("\"1990-02-28\"", OfYear(1990), kBirth);
  for (const std::string attribute : {kIncome, "health.disability", kBirth}) {
    const ReadLine line = Line(attribute);
    EXPECT_EQ(line.reason, ReadReason::kNoValue) << attribute;
    ExpectSame(line, Nothing(attribute));
  }
  // Also what became of the answer is the same.
  auto outside = world_.Read({kIncome});
  EXPECT_EQ(outside->ClosingAfter(true, true), Closing::kDropped);
}

TEST_F(DaysTest, AValueWhoseDaysNobodySaidStaysIn) {
  // Put in 2024, which is not what it is about.
  world_.clock.SetWall(
      absl::FromCivil(absl::CivilDay(2024, 6, 1), absl::UTCTimeZone()));
  Put(Income(1), {});
  ExpectSame(Line(), Nothing());
  // It hides none that was said.
  Put(Income(2), OfYear(2024));
  Put(Income(3), {});
  EXPECT_EQ(Line().value_json, Income(2));
}

TEST_F(DaysTest, AFactOfNoDayIsReadUnderEveryDays) {
  world_.gate.GrantOver(kBirth, 18);
  Put("\"1990-02-28\"", kNoDay, kBirth);
  for (const base::Days days :
       {k2024, base::Days{20'500'101, 0}, base::Days{0, 10'101}}) {
    days_ = days;
    EXPECT_EQ(Line(kBirth).value_json, "true");
    EXPECT_EQ(Line(kBirth).form, receipt::Form::kDerived);
    EXPECT_EQ(Line(kBirth).version, 0);
  }
}

TEST_F(DaysTest, EveryFormKeepsToThem) {
  Put("true", OfYear(2023), "health.disability");
  Put("false", OfYear(2024), "health.disability");
  Put("true", OfYear(2025), "health.disability");
  for (const receipt::Form form :
       {receipt::Form::kFull, receipt::Form::kPseudonymous}) {
    world_.gate.lines["health.disability"].attribute = "health.disability";
    world_.gate.lines["health.disability"].form = form;
    EXPECT_EQ(Line("health.disability").value_json, "false");
  }
  world_.gate.lines["health.disability"].form = receipt::Form::kAggregate;
  EXPECT_EQ(Line("health.disability").reason, ReadReason::kForm);
  // A derivation sees the value of the days too: born 1990 says 2023, born 2020
  // says 2024.
  world_.gate.GrantOver(kBirth, 18);
  Put("\"1990-02-28\"", OfYear(2023), kBirth);
  Put("\"2020-02-28\"", OfYear(2024), kBirth);
  EXPECT_EQ(Line(kBirth).value_json, "false");
  days_ = {20'230'101, 20'231'231};
  EXPECT_EQ(Line(kBirth).value_json, "true");
}

TEST_F(DaysTest, AnErasedVersionGivesWayToAnOlderOne) {
  Put(Income(1), OfYear(2024));
  Put(Income(2), OfYear(2024));
  Put(Income(3), OfYear(2025));
  EXPECT_EQ(Line().value_json, Income(2));
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kIncome, 2), IsOk());
  EXPECT_EQ(Line().value_json, Income(1));
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kIncome, 1), IsOk());
  ExpectSame(Line(), Nothing());
}

TEST_F(DaysTest, AnothersValuesAreNotSearched) {
  ASSERT_THAT(
      world_.person.Put(world_.bela, ValueOf(kIncome, Income(1), OfYear(2024))),
      IsOk());
  EXPECT_EQ(Line().reason, ReadReason::kNoValue);
}

// Days that the holder of the key wrote on a label, to have a row found.
TEST_F(DaysTest, ARowRedatedInItsLabelAlarms) {
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const auto key = world_.core->keys().FindOrCreate(owner, world_.clock.Now());
  ASSERT_THAT(key, IsOk());
  RepeatingRandom random;
  const RecordCodec codec(ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305,
                          random);
  Place place;
  place.owner = owner;
  place.attribute = kIncome;
  place.name_key =
      world_.core->blinder().NameKeyOf(world_.anna.holder, kIncome);
  place.version = 1;
  place.schema_version = 1;
  const auto seal = [&](const About& about) {
    return codec.Seal(**key, place,
                      {{}, absl::FromUnixMillis(5), Income(1), about});
  };
  AttributeRow row = seal(OfYear(2023));
  row.label = seal(OfYear(2024)).label;
  ASSERT_EQ(world_.core->codec().OpenLabel(**key, row)->about, OfYear(2024));
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  const auto alarm = StatusIs(absl::StatusCode::kDataLoss);
  EXPECT_THAT(world_.Read({kIncome}), alarm);
  EXPECT_EQ(world_.fences.open_count(), 0);
  EXPECT_THAT(world_.person.Get(world_.anna, kIncome, 1), alarm);
}

TEST_F(DaysTest, ARowOfAnotherAttributeAlarmsInTheSearch) {
  Put(Income(1), OfYear(2024));
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  AttributeRow row = **world_.store->Find(
      owner, world_.core->blinder().NameKeyOf(world_.anna.holder, kIncome), 1);
  row.name_key =
      world_.core->blinder().NameKeyOf(world_.anna.holder, "health.disability");
  row.request_key = {};
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  world_.gate.Grant("health.disability");
  EXPECT_THAT(world_.Read({"health.disability"}),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DaysTest, TheDaysOfAPermitAreSigned) {
  Put(Income(1), OfYear(2023));
  world_.gate.damage = [](SignedPermit& permit) {
    auto facts = receipt::Permit::Decode(permit.item).value();
    facts.days = {20'230'101, 20'231'231};
    permit.item = facts.Encode();
  };
  EXPECT_THAT(world_.Read({kIncome}), StatusIs(absl::StatusCode::kDataLoss));
  world_.gate.damage = [](SignedPermit& permit) {
    auto facts = receipt::Permit::Decode(permit.item).value();
    facts.days = {};
    permit.item = facts.Encode();
  };
  EXPECT_THAT(world_.Read({kIncome}), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DaysTest, OneLineIsSearchedWhollyAndManyShareEvenly) {
  static_assert(LookedAtPerLine(1) == PersonVault::kMaxVersions);
  constexpr std::size_t kEach = LookedAtPerLine(receipt::kMaxLines);
  static_assert(kEach == 156);
  std::vector<std::string> asked = {kIncome};
  for (std::size_t i = 1; i < receipt::kMaxLines; ++i) {
    asked.push_back("a.b" + std::to_string(i));
    world_.gate.Grant(asked.back());
  }
  // The fitting one is the last that is looked at.
  Plant(kEach);
  EXPECT_EQ(world_.Read(asked)->lines[0].reason, ReadReason::kReleased);
  // One more before it: the last no longer, unless fewer lines share.
  Put(Income(9), OfYear(2025));
  EXPECT_EQ(world_.Read(asked)->lines[0].reason, ReadReason::kNoValue);
  EXPECT_EQ(Line().reason, ReadReason::kReleased);
  asked.pop_back();
  EXPECT_EQ(world_.Read(asked)->lines[0].reason, ReadReason::kReleased);
}

TEST_F(DaysTest, TheSearchEndsWhereItIsToldAndCrossesPages) {
  constexpr std::uint64_t kVersions = 300;
  Plant(kVersions);
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const auto found = [&](std::size_t look_at) {
    const auto row = NewestWithin(*world_.core, owner, kIncome, k2024, look_at);
    EXPECT_THAT(row, IsOk());
    return row.ok() && row->has_value();
  };
  EXPECT_FALSE(found(0));
  EXPECT_FALSE(found(1));
  EXPECT_FALSE(found(kVersions - 1));
  EXPECT_TRUE(found(kVersions));
  EXPECT_TRUE(found(kVersions + 1));
  EXPECT_TRUE(found(kMaxLookedAt));
  // Erased ones are not among those looked at.
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kIncome, kVersions),
              StatusIs(absl::StatusCode::kOk));
  EXPECT_TRUE(found(kVersions - 1));
}

// It may be of the same days and newer.
TEST_F(DaysTest, ASealedVersionHidesWhatIsOlder) {
  Put(Income(1), OfYear(2024));
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  AttributeRow row = **world_.store->Find(
      owner, world_.core->blinder().NameKeyOf(world_.anna.holder, kIncome), 1);
  row.version = 2;
  row.custody = Custody::kSealed;
  row.request_key = {};
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  ExpectSame(Line(), Nothing());
  NewValue newer = ValueOf(kIncome, Income(3), OfYear(2024));
  newer.replace_sealed = true;
  ASSERT_THAT(world_.person.Put(world_.anna, newer), IsOk());
  EXPECT_EQ(Line().value_json, Income(3));
}

// A row that was stored before values said their days.
TEST(RowsOfBefore, AreReadWithoutDaysAndStayInUnderThem) {
  VaultWorld world(NewMemoryKeyStore(), NewMemoryVaultStore(),
                   crypto::Suite::kAes256Gcm);
  const auto hex = [](std::string_view text) {
    return base::HexDecode(text).value();
  };
  const Owner owner = {4058, HolderId(Counting<16>(0))};
  // key-slots.md and attribute-record.md, "Worked example, version 1".
  SlotRow slot;
  slot.owner = owner;
  slot.generation = 2;
  slot.key_id = Counting<16>(0x30);
  slot.epoch = 5;
  slot.outer = hex(
      "02481b7a3137e8ad2cd99d2268358a8355914d801c41c028c836486d6a7102d190347a5d"
      "172a8eb2a239053794986d4faa3a4b03c2c53e09abcd4fc02f32059c631c0fa010ef28e3"
      "daf2c21de575464bb55c737839d1f171e9af5891cc");
  ASSERT_THAT(world.keys->Insert(slot), IsOk());
  AttributeRow row;
  row.owner = owner;
  row.id = Counting<16>(0x20);
  row.name_key =
      base::ToArray<16>(hex("f5aca2db464f483959354183dee45290")).value();
  row.version = 3;
  row.schema_version = 1;
  row.generation = 2;
  row.put_ms = 1'795'176'000'000;
  row.wrap = hex(
      "02f9a591ec4733a437cfe481add4e090d8e70bd0d259115a61654c58f8a016872ce34146"
      "f852c137561e6cca4bd3dcbb6956140d456d395396e0fbd0bc7082697785401bc442cb65"
      "2748b6bdb32d2867dfe48df0814d0aee81fda48a7e");
  row.label = hex(
      "027aeab1bf15b8c3d6b837de8567e5be9f728faafa6b776e7237e2642c3400b2216f491c"
      "77bd8b554195c4835647e05a96063165ada8eea909c69359eeef5181b8546a1b1ac09bc3"
      "f6184b2c05991e8dabaa12ced4efc8508b9d76970135e5fe2fa4b2839b50470b4544fc97"
      "d40a2dd01b49628aed9ad5bcac20ea5be4");
  row.payload = hex(
      "0100010000007d02cdc72bafca46fcd648117fd7d97b95926317aaa678b6a6a264c92aeb"
      "99805a04c3da560d8d49f74d298ce8e52af9c62c5958d078758cae059d22eba75c942890"
      "18b9f826fbb6925af9dbe2c385c434bb84b5f42055fdd8ba81091315143b8807a0b030f5"
      "627dabf4c7ce98f870d17131ebee7ae6d22851b7655e320b");
  ASSERT_THAT(world.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  world.gate.holder = owner.id;
  world.gate.Grant(kBirth);
  EXPECT_EQ(world.Read({kBirth})->lines[0].value_json, "\"1990-02-28\"");
  world.gate.change = [](receipt::Permit& permit) { permit.days = k2024; };
  EXPECT_EQ(world.Read({kBirth})->lines[0].reason, ReadReason::kNoValue);
  const PersonCaller person = {owner.id, world.anna_key.PublicKey()};
  EXPECT_EQ(world.person.List(person)->front().about, About());
}

}  // namespace
}  // namespace limpid::vault
