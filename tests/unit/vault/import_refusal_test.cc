// What an import refuses, line by line, and why.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/portability_case.h"
#include "vault/custody/slot_body.h"
#include "vault/portability/bundle_line.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;

TEST_F(PortabilityTest, ARefusedVersionTakesTheLaterOnesWithIt) {
  FillOld();
  std::vector<std::string> lines = old_.Export();
  new_.Put("household.size", "9");
  const auto count = new_.Import(lines);
  EXPECT_THAT(count.refused,
              ElementsAre(ImportRefusal::kOtherValue, ImportRefusal::kGap,
                          ImportRefusal::kGap));
  EXPECT_EQ(count.created, 6U);
  EXPECT_EQ(new_.person.Get(new_.caller, "household.size", 0)
                .value()
                .value.value_json,
            "9");
}

TEST_F(PortabilityTest, AVersionFollowsOnlyTheOneItWasBroughtWith) {
  FillOld();
  std::vector<std::string> lines = old_.Export();
  const std::string first = Find(lines, "household.size", 1);
  const std::string second = Find(lines, "household.size", 2);
  EXPECT_EQ(Try(second, DigestOf(first)).refusal, ImportRefusal::kGap);
  EXPECT_EQ(Try(first, DigestOf(second)).refusal, ImportRefusal::kGap);
  EXPECT_EQ(Try(first).outcome, ImportOutcome::kCreated);
  EXPECT_EQ(Try(second).refusal, ImportRefusal::kGap);
  EXPECT_EQ(Try(second, DigestOf(second)).refusal, ImportRefusal::kGap);
  EXPECT_EQ(Try(second, DigestOf(first)).outcome, ImportOutcome::kCreated);
}

TEST_F(PortabilityTest, WhatTheCatalogueDoesNotHaveIsRefused) {
  old_.Put("person.name", R"({"family":"Jansen","given":"Anna"})");
  std::vector<std::string> lines = old_.Export();
  const std::string& line = Find(lines, "person.name", 1);
  EXPECT_EQ(Refusal(absl::StrReplaceAll(line, {{"person.name", "person.nom"}})),
            ImportRefusal::kUnknownAttribute);
  EXPECT_EQ(Refusal(absl::StrReplaceAll(
                line, {{"\"schema_version\":1", "\"schema_version\":2"}})),
            ImportRefusal::kOtherSchema);
  Definition changed =
      new_.core->catalogue().Find("person.name", 1).value()->definition;
  changed.title = "Another title";
  ASSERT_THAT(new_.core->catalogue().Create(changed, new_.clock.Now()), IsOk());
  // A newer one beside it is no obstacle.
  EXPECT_EQ(Try(line).outcome, ImportOutcome::kCreated);
}

// The longest that a configuration takes.
TEST_F(PortabilityTest, AnOperatorMayHaveALongName) {
  const std::string name(253, 'n');
  PortVault from(name, 0x70, anna_);
  const client::SealedKey key = client::MakeSealedKey(from.home());
  from.AddSlot(key, 1);
  from.PutSealed(key, "person.email", R"("anna@example.org")");
  from.Put("household.size", "2");
  const std::vector<std::string> lines = from.Export();
  EXPECT_THAT(new_.Import(lines).refused, ElementsAre());
  EXPECT_EQ(new_.Export(), lines);
  EXPECT_EQ(new_.OpenSealed("person.email", 1), R"("anna@example.org")");
  EXPECT_EQ(Refusal(absl::StrReplaceAll(lines.front(), {{name, name + "n"}})),
            ImportRefusal::kMalformed);
}

// Equal name and number say nothing: each operator numbers its own schemas.
TEST_F(PortabilityTest, AnotherSchemaUnderTheSameNumberIsRefused) {
  const auto define = [](PortVault& vault, std::string_view schema) {
    Definition own =
        vault.core->catalogue().Find("household.size", 1).value()->definition;
    own.id = "household.pets";
    own.schema = json::ParseStrict(schema).value();
    ASSERT_THAT(vault.core->catalogue().Create(own, vault.clock.Now()), IsOk());
  };
  define(old_, R"({"type":"integer","maximum":9})");
  define(new_, R"({"type":"integer","maximum":8})");
  old_.Put("household.pets", "2");
  old_.AddSlot(key_, 1);
  old_.PutSealed(key_, "household.pets", "3");
  std::vector<std::string> lines = old_.Export();
  EXPECT_THAT(
      new_.Import(lines).refused,
      ElementsAre(ImportRefusal::kOtherSchema, ImportRefusal::kOtherSchema));
}

TEST_F(PortabilityTest, AValueThatBreaksItsSchemaIsRefused) {
  old_.Put("household.size", "2");
  std::vector<std::string> lines = old_.Export();
  const std::string& line = Find(lines, "household.size", 1);
  EXPECT_EQ(
      Refusal(absl::StrReplaceAll(line, {{"\"value\":2", "\"value\":\"x\""}})),
      ImportRefusal::kBreaksSchema);
}

TEST_F(PortabilityTest, WhatIsSignedForAnotherIsRefused) {
  old_.Put("household.size", "2", kYear, /*sign=*/true);
  std::vector<std::string> lines = old_.Export();
  const std::string& line = Find(lines, "household.size", 1);
  EXPECT_EQ(
      Refusal(absl::StrReplaceAll(line, {{"\"value\":2", "\"value\":3"}})),
      ImportRefusal::kSignature);
  EXPECT_EQ(Refusal(absl::StrReplaceAll(line, {{"2024-12-31", "2025-12-31"}})),
            ImportRefusal::kSignature);
  const std::string there = SourceId(Counting<16>(0x10)).Text();
  const std::string elsewhere = SourceId(Counting<16>(0x11)).Text();
  EXPECT_EQ(Refusal(absl::StrReplaceAll(line, {{there, elsewhere}})),
            ImportRefusal::kSignature);
  const AnnaKeys other;
  PortVault of_bela("new.example", 0x40, other);
  EXPECT_THAT(of_bela.Import(lines).refused,
              ElementsAre(ImportRefusal::kSignature));
}

TEST_F(PortabilityTest, TimesThatAreNotOverAreRefused) {
  old_.clock.Advance(absl::Minutes(6));
  old_.Put("household.size", "2");
  std::vector<std::string> lines = old_.Export();
  const std::string& line = Find(lines, "household.size", 1);
  EXPECT_EQ(Refusal(line), ImportRefusal::kFuture);
  new_.clock.Advance(absl::Minutes(1));
  EXPECT_EQ(Try(line).outcome, ImportOutcome::kCreated);
}

TEST_F(PortabilityTest, SealedValuesNeedTheirSlot) {
  FillOld();
  std::vector<std::string> lines = old_.Export();
  const std::string first = Find(lines, "person.email", 1);
  EXPECT_EQ(Refusal(first), ImportRefusal::kNoSlot);
  const std::string slot = lines.front();
  // Signed for another holder than the origin says.
  EXPECT_EQ(Refusal(absl::StrReplaceAll(slot, {{old_.caller.holder.Text(),
                                                HolderId::Random().Text()}})),
            ImportRefusal::kSignature);
  EXPECT_EQ(Try(slot).outcome, ImportOutcome::kCreated);
  EXPECT_EQ(Try(slot).outcome, ImportOutcome::kUnchanged);
  EXPECT_EQ(Try(first).outcome, ImportOutcome::kCreated);
}

// Everybody's first key has the number 1. One that is under another key than
// the one that has slots here would never open.
TEST_F(PortabilityTest, WhatIsSealedUnderAnotherKeyIsRefused) {
  FillOld();
  const client::SealedKey own = client::MakeSealedKey(new_.home());
  ASSERT_EQ(own.generation, key_.generation);
  new_.AddSlot(own, 9);
  const std::vector<std::string> lines = old_.Export();
  const auto other =
      ::testing::AnyOf(ImportRefusal::kOtherKey, ImportRefusal::kGap);
  const auto count = new_.Import(lines);
  EXPECT_THAT(count.refused,
              ElementsAre(ImportRefusal::kOtherKey, ImportRefusal::kOtherKey,
                          ImportRefusal::kGap, ImportRefusal::kGap));
  EXPECT_EQ(count.created, 5U);
  // Nor in lines that do not say so.
  std::vector<std::string> older;
  for (const std::string& line : lines) older.push_back(WithoutKey(line));
  const auto again = new_.Import(older);
  EXPECT_EQ(again.created, 0U);
  EXPECT_THAT(again.refused, Each(other));
  EXPECT_THAT(new_.person.History(new_.caller, "person.email", 0, 10),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PortabilityTest, ABundleOfBeforeIsRead) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  std::vector<std::string> older;
  for (const std::string& line : lines) older.push_back(WithoutKey(line));
  ASSERT_NE(older, lines);
  const auto count = new_.Import(older);
  EXPECT_THAT(count.refused, ElementsAre());
  EXPECT_EQ(count.created, 9U);
  EXPECT_EQ(new_.OpenSealed("person.email", 1), R"("anna@example.org")");
  // It is the same state, whichever bundle brought it.
  EXPECT_EQ(new_.Export(), lines);
  EXPECT_EQ(new_.Import(older).unchanged, 9U);
  EXPECT_EQ(new_.Import(lines).unchanged, 9U);
  EXPECT_EQ(old_.Import(older).unchanged, 9U);
  // Begun with the one, ended with the other.
  PortVault third("third.example", 0x70, anna_);
  const auto first =
      std::find_if(older.begin(), older.end(), [](const std::string& line) {
        return line.find(R"("sealed":{)") != std::string::npos;
      });
  older.erase(first + 1, older.end());
  ASSERT_THAT(third.Import(older).refused, ElementsAre());
  const auto rest = third.Import(lines);
  EXPECT_THAT(rest.refused, ElementsAre());
  EXPECT_EQ(third.Export(), lines);
}

// Sealed where the key did not come from: it may be of another key.
TEST_F(PortabilityTest, AVersionWithoutKeyNeedsASlotOfItsPlace) {
  FillOld();
  new_.Import(old_.Export());
  new_.PutSealed(key_, "person.phone", R"("+31201234567")");
  PortVault third("third.example", 0x70, anna_);
  std::vector<std::string> older;
  for (const std::string& line : new_.Export()) {
    older.push_back(WithoutKey(line));
  }
  EXPECT_THAT(third.Import(older).refused,
              ElementsAre(ImportRefusal::kOtherKey));
  // A device that she let in there.
  new_.AddSlot(key_, 2);
  older.clear();
  for (const std::string& line : new_.Export()) {
    older.push_back(WithoutKey(line));
  }
  EXPECT_THAT(third.Import(older).refused, ElementsAre());
  EXPECT_EQ(third.OpenSealed("person.phone", 1), R"("+31201234567")");
}

// Erasures and rotations know a row by its id, which a bundle brings.
TEST_F(PortabilityTest, ASealedVersionUnderTheIdOfAnotherIsRefused) {
  FillOld();
  std::vector<std::string> lines = old_.Export();
  const std::string first = Find(lines, "person.email", 1);
  const std::string second = Find(lines, "person.email", 2);
  const std::string third = Find(lines, "person.email", 3);
  const auto id = [](const std::string& line) {
    const auto item = ParseBundleLine(line).value();
    return base::Base64UrlEncode(std::get<CarriedVersion>(item).sealed->id);
  };
  ASSERT_EQ(Try(lines.front()).outcome, ImportOutcome::kCreated);
  ASSERT_EQ(Try(first).outcome, ImportOutcome::kCreated);
  ASSERT_EQ(Try(second, DigestOf(first)).outcome, ImportOutcome::kCreated);
  const ImportResult refused = Try(
      absl::StrReplaceAll(third, {{id(third), id(first)}}), DigestOf(second));
  EXPECT_EQ(refused.outcome, ImportOutcome::kRefused);
  EXPECT_EQ(refused.refusal, ImportRefusal::kOtherValue);
  EXPECT_EQ(Try(third, DigestOf(second)).outcome, ImportOutcome::kCreated);
}

// The values' store was put back from before it was brought, the keys' was not.
TEST_F(PortabilityTest, ASlotThatIsThereIsInTheLogToo) {
  old_.AddSlot(key_, 1);
  const std::string slot = old_.Export().front();
  ASSERT_EQ(Try(slot).outcome, ImportOutcome::kCreated);
  const auto older = NewMemoryVaultStore();
  const auto core = VaultCore::Open({new_.core->identity(),
                                     crypto::Suite::kXChaCha20Poly1305, 16},
                                    {new_.keks, *new_.keys, *older, new_.clock})
                        .value();
  SlotDesk slots(*core);
  Importer importer(*core, slots);
  const std::vector<ImportLine> lines = {{slot, {}}};
  const auto answer = importer.Import(new_.caller, Counting<32>(9), lines);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->results.front().outcome, ImportOutcome::kUnchanged);
  const ActKey act = {core->blinder().OwnerOf(new_.caller.holder),
                      slots.List(new_.caller)->front().name.id, 1,
                      ActKind::kSlotAdd};
  EXPECT_TRUE(older->FindAct(act)->has_value());
}

// Nobody signs it: somebody who can write to her age key may have made it, and
// it would be her key there for ever.
TEST_F(PortabilityTest, APassphraseSlotComesBesideADevicesAlone) {
  old_.AddSlot(key_, 1);
  Slot slot;
  slot.name = {SlotKind::kPassphrase, Counting<16>(1), key_.generation};
  slot.key_id = key_.id;
  base::ByteWriter body("limpid/vault/slot/passphrase/1");
  slot.body = body.Raw(Counting<16>(1))
                  .U32(3)
                  .U32(kMinPassphraseKib)
                  .Lp(crypto::SealSecret(crypto::Suite::kXChaCha20Poly1305,
                                         CountingKey(1), {}, Counting<16>(1),
                                         CountingKey(2)))
                  .Take();
  ASSERT_THAT(old_.slots.Add(old_.caller, slot), IsOk());
  const std::vector<std::string> lines = old_.Export();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(Refusal(lines[1]), ImportRefusal::kSignature);
  EXPECT_TRUE(new_.slots.List(new_.caller)->empty());
  const auto count = new_.Import(lines);
  EXPECT_EQ(count.created, 2U);
  EXPECT_EQ(new_.Export(), lines);
  EXPECT_EQ(new_.Import(lines).unchanged, 2U);
  // One of another key, whatever it says.
  PortVault third("third.example", 0x70, anna_);
  const client::SealedKey own = client::MakeSealedKey(third.home());
  third.AddSlot(own, 9);
  EXPECT_THAT(third.Import(lines).refused,
              ElementsAre(ImportRefusal::kOtherKey, ImportRefusal::kSignature));
}

TEST_F(PortabilityTest, SlotsOfAnotherKeyAreRefused) {
  FillOld();
  new_.AddSlot(client::MakeSealedKey(new_.home()), 9);
  EXPECT_EQ(Refusal(old_.Export().front()), ImportRefusal::kOtherKey);
}

TEST_F(PortabilityTest, LimitsOfThePersonHold) {
  for (int i = 0; i < 4; ++i) old_.Put("household.size", "2");
  PortVault small("new.example", 0x40, anna_, {.versions = 3});
  const auto count = small.Import(old_.Export());
  EXPECT_EQ(count.created, 3U);
  EXPECT_THAT(count.refused, ElementsAre(ImportRefusal::kLimit));
  std::vector<ImportLine> many(Importer::kMaxBatchLines + 1);
  EXPECT_THAT(small.importer.Import(small.caller, {}, many),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(PortabilityTest, OnlyTheOneSpellingIsTaken) {
  FillOld();
  std::vector<std::string> lines = old_.Export();
  const std::string line = Find(lines, "household.size", 1);
  const std::string put = base::TimeText(
      std::get<CarriedVersion>(ParseBundleLine(line).value()).put_time);
  for (const std::string& odd :
       {line + " ", " " + line, line.substr(0, line.size() - 1),
        absl::StrReplaceAll(line, {{"\"value\":2", "\"value\":2.0"}}),
        absl::StrReplaceAll(line, {{"\"line\"", "\"extra\":1,\"line\""}}),
        absl::StrReplaceAll(line, {{"assisted", "sealed"}}),
        absl::StrReplaceAll(line, {{"Z\"", "+00:00\""}}),
        absl::StrReplaceAll(line, {{put, "infinite-future"}}),
        absl::StrReplaceAll(line, {{"old.example", "old.\xff"}}),
        std::string("{}"), std::string(), std::string("[]"),
        std::string(R"({"line":"head"})")}) {
    EXPECT_EQ(Refusal(odd), ImportRefusal::kMalformed) << odd;
  }
}

// Each line with each bit flipped is refused or is another line that says so:
// never taken for the one it was.
TEST_F(PortabilityTest, NoFlippedBitIsTakenForTheLine) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  new_.Import(lines);
  std::vector<std::string> all = lines;
  const std::string line = Find(all, "household.size", 1);
  for (std::size_t bit = 0; bit < line.size() * 8; ++bit) {
    std::string changed = line;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(Try(changed).outcome, ImportOutcome::kRefused) << bit;
  }
  EXPECT_EQ(new_.Export(), lines);
}

}  // namespace
}  // namespace limpid::vault
