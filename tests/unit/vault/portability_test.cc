#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/portability_client.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/portability_fixture.h"
#include "vault/custody/slot_body.h"
#include "vault/portability/bundle_line.h"
#include "vault/portability/move_desk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr About kYear = {AboutKind::kDays, {20240101, 20241231}};
constexpr About kNoDay = {AboutKind::kNoDay, {}};

// A line of a sealed version as earlier versions wrote it; any other as it is.
std::string WithoutKey(std::string line) {
  constexpr std::string_view kMember = R"("key_id":")";
  const std::size_t sealed = line.find(R"("sealed":{)");
  if (sealed == std::string::npos) return line;
  const std::size_t from = line.find(kMember, sealed);
  EXPECT_NE(from, std::string::npos);
  const std::size_t to = line.find("\",", from + kMember.size()) + 2;
  return line.erase(from, to - from);
}

class PortabilityTest : public ::testing::Test {
 protected:
  // Of everything something.
  void FillOld() {
    old_.Put("person.name", R"({"family":"Jansen","given":"Anna"})");
    old_.Put("person.birth_date", R"("1990-04-01")", kNoDay, /*sign=*/true);
    old_.Put("household.size", "2", kYear, /*sign=*/true);
    old_.clock.Advance(absl::Milliseconds(1234));
    old_.Put("household.size", "3", kYear);
    old_.Put("household.size", "4");
    old_.Erase("household.size", 2);
    old_.AddSlot(key_, 1);
    old_.PutSealed(key_, "person.email", R"("anna@example.org")");
    old_.PutSealed(key_, "person.email", R"("a@example.org")");
    old_.PutSealed(key_, "person.email", R"("b@example.org")");
    old_.Erase("person.email", 2);
  }
  // The line of one version.
  static base::Digest32 DigestOf(std::string_view line) {
    return crypto::Sha256(base::AsBytes(line));
  }
  static std::string& Find(std::vector<std::string>& lines,
                           std::string_view attribute, std::uint64_t version) {
    const auto found =
        std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
          const auto item = ParseBundleLine(line);
          const auto* const one =
              item.ok() ? std::get_if<CarriedVersion>(&*item) : nullptr;
          return one != nullptr && one->attribute == attribute &&
                 one->version == version;
        });
    return *found;
  }
  // What the new vault says to one line alone.
  ImportResult Try(const std::string& line,
                   const base::Digest32& previous = {}) {
    return new_.ImportBatch({{line, previous}}).results.front();
  }
  ImportRefusal Refusal(const std::string& line) {
    const ImportResult result = Try(line);
    EXPECT_EQ(result.outcome, ImportOutcome::kRefused);
    return result.refusal;
  }

  AnnaKeys anna_;
  PortVault old_{"old.example", 0x10, anna_};
  PortVault new_{"new.example", 0x40, anna_};
  client::SealedKey key_ = client::MakeSealedKey(old_.home());
};

// docs/formats/export-bundle.md
TEST(BundleLine, HasTheBytesOfThePage) {
  const auto at = [](int millis) {
    return absl::FromCivil(absl::CivilSecond(2026, 11, 20, 12),
                           absl::UTCTimeZone()) +
           absl::Milliseconds(millis);
  };
  Definition definition;
  definition.schema =
      json::ParseStrict(R"({"type":"integer","minimum":1,"maximum":50})")
          .value();
  CarriedVersion version;
  version.attribute = "household.size";
  version.version = 1;
  version.schema_version = 1;
  version.schema = SchemaDigest(definition);
  version.put_time = at(0);
  version.erase_time = at(500);
  // clang-format off
  EXPECT_EQ(VersionLine(version), R"({"attribute":"household.size","custody":"assisted","erased":"2026-11-20T12:00:00.500Z","line":"version","put":"2026-11-20T12:00:00.000Z","schema":"k1TVo6PUmqZVl84APMcKnz6o7ThvkTIJPXh0rl0NzkQ","schema_version":1,"version":1})");
  version.version = 2;
  version.put_time = at(250);
  version.erase_time.reset();
  version.about = kYear;
  version.value_json = "3";
  version.origin.vault = {"limpid.example", SourceId(Counting<16>(0xa0))};
  EXPECT_EQ(VersionLine(version), R"({"about":{"from":"2024-01-01","to":"2024-12-31"},"attribute":"household.size","custody":"assisted","line":"version","origin":{"operator":"limpid.example","source":"src_ucq2fi5euwtkpkfjvkv2zlnov4"},"put":"2026-11-20T12:00:00.250Z","schema":"k1TVo6PUmqZVl84APMcKnz6o7ThvkTIJPXh0rl0NzkQ","schema_version":1,"value":3,"version":2})");
  // clang-format on
}

TEST(BundleLine, ASealedVersionNamesItsKey) {
  CarriedVersion version;
  version.attribute = "person.email";
  version.version = 1;
  version.schema_version = 1;
  version.schema = Counting<32>(0xd0);
  version.custody = Custody::kSealed;
  version.put_time =
      absl::FromCivil(absl::CivilSecond(2026, 11, 20, 12), absl::UTCTimeZone());
  version.origin = {{"limpid.example", SourceId(Counting<16>(0xa0))},
                    HolderId(Counting<16>(0x50))};
  version.sealed =
      SealedParts{Counting<16>(0x20), 1, {1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  version.key_id = Counting<16>(0x30);
  // clang-format off
  std::string line = R"({"attribute":"person.email","custody":"sealed","line":"version","origin":{"holder":"hld_kbiveu2ukvlfowczljnvyxk6l4","operator":"limpid.example","source":"src_ucq2fi5euwtkpkfjvkv2zlnov4"},"put":"2026-11-20T12:00:00.000Z","schema":"0NHS09TV1tfY2drb3N3e3-Dh4uPk5ebn6Onq6-zt7u8","schema_version":1,"sealed":{"dek_id":"ICEiIyQlJicoKSorLC0uLw","generation":1,"key_id":"MDEyMzQ1Njc4OTo7PD0-Pw","label":"AQID","payload":"BwgJ","wrap":"BAUG"},"version":1})";
  // clang-format on
  EXPECT_EQ(VersionLine(version), line);
  const auto item = ParseBundleLine(line);
  ASSERT_THAT(item, IsOk());
  EXPECT_EQ(std::get<CarriedVersion>(*item).key_id, version.key_id);
  // As earlier versions wrote it.
  line = WithoutKey(line);
  version.key_id.reset();
  EXPECT_EQ(VersionLine(version), line);
  const auto older = ParseBundleLine(line);
  ASSERT_THAT(older, IsOk());
  EXPECT_EQ(std::get<CarriedVersion>(*older).key_id, std::nullopt);
}

TEST_F(PortabilityTest, WhatComesOutOfTheNewVaultIsByteEqual) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  const auto count = new_.Import(lines);
  EXPECT_THAT(count.refused, ElementsAre());
  EXPECT_EQ(count.created, 9U);
  EXPECT_EQ(new_.Export(), lines);
}

TEST_F(PortabilityTest, APersonReadsItWithoutUs) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr(
                         R"("value":{"family":"Jansen","given":"Anna"})")));
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr(R"("title":)")));
  // What she sealed is not among them.
  EXPECT_THAT(lines, Each(::testing::Not(HasSubstr("example.org"))));
}

TEST_F(PortabilityTest, TheSameAgainChangesNothing) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  new_.Import(lines);
  const std::uint64_t acts = new_.store->Head().value().counter;
  const auto again = new_.Import(lines);
  EXPECT_EQ(again.created, 0U);
  EXPECT_EQ(again.unchanged, 9U);
  EXPECT_THAT(again.refused, ElementsAre());
  EXPECT_EQ(new_.store->Head().value().counter, acts);
  // Nor at the vault it came from.
  EXPECT_EQ(old_.Import(lines).unchanged, 9U);
}

TEST_F(PortabilityTest, WhatWasSealedOpensWithTheDeviceAtTheNewVault) {
  FillOld();
  new_.Import(old_.Export());
  EXPECT_EQ(new_.OpenSealed("person.email", 1), R"("anna@example.org")");
  EXPECT_EQ(new_.OpenSealed("person.email", 3), R"("b@example.org")");
  EXPECT_EQ(new_.OpenSealed("person.email", 2), "");
  // And she goes on there with the same key, as of there.
  new_.PutSealed(key_, "person.email", R"("c@example.org")");
  EXPECT_EQ(new_.OpenSealed("person.email", 4), R"("c@example.org")");
}

TEST_F(PortabilityTest, ThroughASecondMoveEachKeepsItsOrigin) {
  FillOld();
  new_.Import(old_.Export());
  new_.Put("person.name", R"({"family":"Smit","given":"Anna"})", {}, true);
  new_.PutSealed(key_, "person.email", R"("c@example.org")");
  const std::vector<std::string> lines = new_.Export();
  PortVault third("third.example", 0x70, anna_);
  EXPECT_THAT(third.Import(lines).refused, ElementsAre());
  EXPECT_EQ(third.Export(), lines);
  EXPECT_EQ(third.OpenSealed("person.email", 1), R"("anna@example.org")");
  EXPECT_EQ(third.OpenSealed("person.email", 4), R"("c@example.org")");
}

TEST_F(PortabilityTest, ErasingAtTheNewVaultWorksAsEver) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  new_.Import(lines);
  new_.Erase("household.size", 1);
  new_.Erase("person.email", 1);
  // The rotation took everything along.
  EXPECT_EQ(new_.person.Get(new_.caller, "household.size", 3)
                .value()
                .value.value_json,
            "4");
  EXPECT_EQ(new_.OpenSealed("person.email", 3), R"("b@example.org")");
  // One that came erased is erased, without a certificate.
  const auto again = new_.desk.EraseVersion(new_.caller, "household.size", 2);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->certificate.empty());
  // What she erased here does not come back.
  const auto count = new_.Import(lines);
  EXPECT_EQ(count.created, 0U);
  EXPECT_THAT(count.refused, ElementsAre(ImportRefusal::kOtherValue,
                                         ImportRefusal::kOtherValue));
  EXPECT_THAT(new_.person.Get(new_.caller, "household.size", 1),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PortabilityTest, EveryVersionHasAnActInTheNewLog) {
  FillOld();
  new_.Import(old_.Export());
  EXPECT_THAT(
      new_.person.Prove(new_.caller, "household.size", 1, ActKind::kPut),
      IsOk());
  EXPECT_THAT(
      new_.person.Prove(new_.caller, "household.size", 2, ActKind::kErase),
      IsOk());
  EXPECT_THAT(new_.person.Prove(new_.caller, "person.email", 3, ActKind::kPut),
              IsOk());
  // Key, slot, nine versions of which two erased with an act more, the batch.
  const auto acts = new_.store->ActsFrom(1, 100).value();
  EXPECT_EQ(std::count_if(
                acts.begin(), acts.end(),
                [](const ActRow& row) { return row.kind == ActKind::kImport; }),
            1);
  const auto exports = [](const PortVault& vault) {
    const auto rows = vault.store->ActsFrom(1, 100).value();
    return std::count_if(rows.begin(), rows.end(), [](const ActRow& row) {
      return row.kind == ActKind::kExport;
    });
  };
  EXPECT_EQ(exports(old_), 1);
}

TEST_F(PortabilityTest, AnExportIsOfOneState) {
  for (int i = 0; i < 300; ++i) old_.Put("household.size", "2");
  const auto first = old_.exporter.Page(old_.caller, {});
  ASSERT_THAT(first, IsOk());
  ASSERT_FALSE(first->next.empty());
  EXPECT_EQ(first->lines.size(), Exporter::kPageLines);
  EXPECT_THAT(old_.exporter.Page(old_.caller, first->next), IsOk());
  old_.Erase("household.size", 300);
  EXPECT_THAT(old_.exporter.Page(old_.caller, first->next),
              StatusIs(absl::StatusCode::kAborted));
  const auto second = old_.exporter.Page(old_.caller, {});
  ASSERT_THAT(second, IsOk());
  old_.Put("person.name", R"({"family":"Jansen","given":"Anna"})");
  EXPECT_THAT(old_.exporter.Page(old_.caller, second->next),
              StatusIs(absl::StatusCode::kAborted));
  base::Bytes forged = second->next;
  forged.pop_back();
  EXPECT_THAT(old_.exporter.Page(old_.caller, forged),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// What services may have of her changes while she exports: no value does. And
// no copy hides that one did.
TEST_F(PortabilityTest, CopiesForServicesAreNoPartOfTheState) {
  for (int i = 0; i < 300; ++i) old_.Put("household.size", "2");
  const Owner owner = old_.core->blinder().OwnerOf(old_.caller.holder);
  CopyRow copy;
  copy.owner = owner;
  copy.outer.assign(50, 7);
  const auto first = old_.exporter.Page(old_.caller, {});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(old_.copies->Put(copy, 9), IsOk());
  EXPECT_THAT(old_.exporter.Page(old_.caller, first->next), IsOk());

  // As many bytes come as go.
  const std::uint64_t before = old_.store->UsageOf(owner)->bytes;
  old_.Erase("household.size", 300);
  copy.outer.resize(copy.outer.size() + before -
                    old_.store->UsageOf(owner)->bytes);
  ASSERT_THAT(old_.copies->Put(copy, 9), IsOk());
  ASSERT_EQ(old_.store->UsageOf(owner)->bytes, before);
  EXPECT_THAT(old_.exporter.Page(old_.caller, first->next),
              StatusIs(absl::StatusCode::kAborted));
}

// Whoever has a token of hers, and her account, gives away nothing that the log
// does not tell her of.
TEST_F(PortabilityTest, ATokenIsGoodForAnHourOfItsAct) {
  for (int i = 0; i < 300; ++i) old_.Put("household.size", "2");
  const auto first = old_.exporter.Page(old_.caller, {});
  ASSERT_THAT(first, IsOk());
  const auto refused = [&](const base::Bytes& token) {
    EXPECT_THAT(old_.exporter.Page(old_.caller, token),
                StatusIs(absl::StatusCode::kAborted));
  };
  // The time is the first number behind the label.
  base::Bytes other = first->next;
  const std::size_t last_of_time = 1 + other.front() + 7;
  other[last_of_time] ^= 1;
  refused(other);
  old_.clock.Advance(Exporter::kMaxDuration);
  EXPECT_THAT(old_.exporter.Page(old_.caller, first->next), IsOk());
  old_.clock.Advance(absl::Milliseconds(1));
  refused(first->next);
  // Nor when somebody sets the clock back.
  old_.clock.Advance(-2 * Exporter::kMaxDuration - absl::Milliseconds(2));
  refused(first->next);
  // An act of Anna's is none of Bela's.
  old_.clock.Advance(Exporter::kMaxDuration);
  const PersonCaller bela{HolderId::Random(),
                          crypto::Ed25519PrivateKey::Generate().PublicKey()};
  EXPECT_THAT(old_.exporter.Page(bela, first->next),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(old_.exporter.Page(old_.caller, first->next), IsOk());
}

// The device writes the statement from its page, and shares no code with us.
TEST_F(PortabilityTest, ADeviceSignsWhatTheVaultVerifies) {
  const client::PersonKey key = client::PersonKey::Generate();
  const PersonCaller caller{HolderId::Random(), key.key().PublicKey()};
  MoveDesk moves(*old_.core);
  const auto declare = [&](const std::optional<client::MoveAway>& to) {
    const Whereabouts there = moves.Get(caller).value();
    client::Whereabouts now;
    now.last_number = there.last_number;
    if (there.to) now.to = client::MoveAway{there.to->name, {}};
    const auto made =
        client::SignMoveAway(key, SourceId(Counting<16>(0x10)).Text(), to, now,
                             old_.clock.Now())
            .value();
    MoveDeclaration declaration;
    if (made.to) {
      declaration.to = NewOperator{made.to->name, made.to->evidence_key.bytes};
    }
    declaration.number = made.number;
    declaration.time = made.time;
    declaration.signature = base::ToBytes(made.signature);
    return moves.Declare(caller, declaration).status();
  };
  const client::MoveAway there{"new.example", {Counting<32>(0x40)}};
  EXPECT_THAT(declare(there), IsOk());
  EXPECT_THAT(declare(there), IsOk());
  EXPECT_THAT(declare(std::nullopt), IsOk());
  EXPECT_THAT(declare(there), IsOk());
  EXPECT_EQ(moves.Get(caller)->last_number, 2U);
}

TEST_F(PortabilityTest, NobodyElseIsExported) {
  FillOld();
  const PersonCaller bela{HolderId::Random(),
                          crypto::Ed25519PrivateKey::Generate().PublicKey()};
  const auto page = old_.exporter.Page(bela, {});
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->lines, ElementsAre());
}

TEST_F(PortabilityTest, WhoWasErasedNeitherExportsNorImports) {
  FillOld();
  const std::vector<std::string> lines = old_.Export();
  const absl::Time now = old_.clock.Now();
  ASSERT_THAT(old_.desk.ErasePerson(
                  old_.caller,
                  {now, base::ToBytes(anna_.account.Sign(PersonErasureStatement(
                            old_.core->identity().source, now)))}),
              IsOk());
  EXPECT_THAT(old_.exporter.Page(old_.caller, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  std::string name = lines.back();
  const std::vector<ImportLine> one = {{name, {}}};
  EXPECT_FALSE(old_.importer.Import(old_.caller, {}, one).ok());
}

TEST_F(PortabilityTest, WhoIsHeldExports) {
  FillOld();
  const std::vector<std::string> before = old_.Export();
  Hold hold;
  hold.ground = HoldGround::kLegalClaims;
  hold.reason = "a case";
  ASSERT_THAT(old_.holds.Place(old_.caller.holder, hold), IsOk());
  EXPECT_EQ(old_.Export(), before);
  // What is brought to the new vault is not held there.
  new_.Import(before);
  EXPECT_EQ(new_.Export(), before);
}

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
