#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/portability_client.h"
#include "common/base/bytes.h"
#include "common/json/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/portability_case.h"
#include "vault/portability/bundle_line.h"
#include "vault/portability/move_desk.h"
#include "vault/suites/suite_rotation.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

// An administrator who seals everybody's values anew, and a rotation of her
// key, take hours and seconds; what she exports meanwhile is what it was.
TEST_F(PortabilityTest, WhatIsSealedOrWrappedAnewLeavesAnExportWhereItIs) {
  for (int i = 0; i < 300; ++i) old_.Put("household.size", "2");
  old_.Erase("household.size", 7);
  const Owner owner = old_.core->blinder().OwnerOf(old_.caller.holder);
  const auto first = old_.exporter.Page(old_.caller, {});
  ASSERT_THAT(first, IsOk());
  const std::uint64_t before = old_.store->UsageOf(owner)->bytes;

  const auto core =
      VaultCore::Open({old_.core->identity(), crypto::Suite::kAes256Gcm, 16},
                      {old_.keks, *old_.keys, *old_.store, old_.clock});
  ASSERT_THAT(core, IsOk());
  const auto eraser =
      Eraser::Open(**core, old_.tombstones, *old_.copies, {30, 7, 14, 30});
  ASSERT_THAT(eraser, IsOk());
  SuiteRotation rotation(**core, **eraser, [](const crypto::KeyId&) {});
  const auto pass = rotation.Run(0, [] { return false; });
  ASSERT_THAT(pass, IsOk());
  ASSERT_EQ(pass->resealed, 299);
  ASSERT_NE(old_.store->UsageOf(owner)->bytes, before);
  {
    const PersonLock::Held lock = old_.eraser->LockOf(owner).Take();
    ASSERT_THAT(old_.eraser->Rotate(owner), IsOk());
  }

  const auto second = old_.exporter.Page(old_.caller, first->next);
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(second->next.empty());
  std::vector<std::string> lines = first->lines;
  lines.insert(lines.end(), second->lines.begin(), second->lines.end());
  EXPECT_EQ(old_.Export(), lines);
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

}  // namespace
}  // namespace limpid::vault
