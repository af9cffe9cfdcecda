#include "vault/attribute/person_vault.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

NewValue Birth(std::string_view json) {
  NewValue value;
  value.attribute = "person.birth_date";
  value.value_json = json;
  value.request_id = crypto::RandomArray<16>();
  return value;
}

TEST(PersonVault, VersionsAreHistoryAndNeverOverwritten) {
  VaultWorld world;
  EXPECT_EQ(world.Put(world.anna, "person.birth_date", "\"1990-02-28\""), 1);
  EXPECT_EQ(world.Put(world.anna, "person.birth_date", "\"1990-02-27\""), 2);
  const auto newest = world.person.Get(world.anna, "person.birth_date", 0);
  ASSERT_THAT(newest, IsOk());
  EXPECT_EQ(newest->value.value_json, "\"1990-02-27\"");
  EXPECT_EQ(newest->info.version, 2);
  EXPECT_EQ(
      world.person.Get(world.anna, "person.birth_date", 1)->value.value_json,
      "\"1990-02-28\"");
  const auto history =
      world.person.History(world.anna, "person.birth_date", 0, 10);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->size(), 2);
  EXPECT_EQ(history->front().version, 2);
  const auto older =
      world.person.History(world.anna, "person.birth_date", 2, 10);
  ASSERT_EQ(older->size(), 1);
  EXPECT_EQ(older->front().version, 1);
}

TEST(PersonVault, StoresTheCanonicalForm) {
  VaultWorld world;
  world.Put(world.anna, "person.name",
            "{ \"given\" : \"\\u0041nna\", \"family\": \"B\" }");
  EXPECT_EQ(world.person.Get(world.anna, "person.name", 0)->value.value_json,
            R"({"family":"B","given":"Anna"})");
}

TEST(PersonVault, OtherPersonsAttributesAreNotFound) {
  VaultWorld world;
  world.Put(world.anna, "person.birth_date", "\"1990-02-28\"");
  EXPECT_THAT(world.person.Get(world.bela, "person.birth_date", 0),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(world.desk.EraseVersion(world.bela, "person.birth_date", 1),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(
      world.person.Prove(world.bela, "person.birth_date", 1, ActKind::kPut),
      StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(world.person.List(world.bela)->empty());
}

TEST(PersonVault, ListsNewestVersionsByAttribute) {
  VaultWorld world;
  world.Put(world.anna, "person.name", R"({"family":"B"})");
  world.Put(world.anna, "health.disability", "true");
  world.Put(world.anna, "health.disability", "false");
  const auto list = world.person.List(world.anna);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ((*list)[0].attribute, "health.disability");
  EXPECT_EQ((*list)[0].version, 2);
  EXPECT_EQ((*list)[1].attribute, "person.name");
}

TEST(PersonVault, RefusesWhatBreaksTheSchemaAndNamesThePointer) {
  VaultWorld world;
  NewValue value = Birth("");
  value.attribute = "income.annual";
  value.value_json = R"({"amount":1,"currency":"eur","year":2025})";
  const auto refused = world.person.Put(world.anna, value);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string message(base::ToStd(refused.status().message()));
  EXPECT_THAT(message, HasSubstr("value_json/currency"));
  EXPECT_THAT(message, Not(HasSubstr("eur")));
}

TEST(PersonVault, RefusesWhatIsNoStrictJson) {
  VaultWorld world;
  for (const std::string& bad :
       {std::string(), std::string("{"),
        std::string("\"1990-02-28\" "
                    "\"1990-02-28\""),
        std::string(R"({"family":"a","family":"b"})"),
        "\"" + std::string(kMaxValueBytes, '1') + "\""}) {
    EXPECT_THAT(world.person.Put(world.anna, Birth(bad)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  NewValue unknown = Birth("1");
  unknown.attribute = "person.star_sign";
  EXPECT_THAT(world.person.Put(world.anna, unknown),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(world.person.List(world.anna)->empty());
}

TEST(PersonVault, ARepeatedRequestIsAnsweredAlikeAndStoresNothing) {
  VaultWorld world;
  const NewValue value = Birth("\"1990-02-28\"");
  const auto first = world.person.Put(world.anna, value);
  ASSERT_THAT(first, IsOk());
  world.clock.Advance(absl::Seconds(5));
  const auto again = world.person.Put(world.anna, value);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->version, first->version);
  EXPECT_EQ(again->commitment, first->commitment);
  EXPECT_EQ(again->time, first->time);
  NewValue other = value;
  other.value_json = "\"1990-02-27\"";
  EXPECT_THAT(world.person.Put(world.anna, other),
              StatusIs(absl::StatusCode::kAlreadyExists));
  other = value;
  other.attribute = "person.language";
  other.value_json = "\"nl\"";
  EXPECT_THAT(world.person.Put(world.anna, other),
              StatusIs(absl::StatusCode::kAlreadyExists));
  // The same id by another person is hers.
  EXPECT_THAT(world.person.Put(world.bela, value), IsOk());
}

TEST(PersonVault, ErasingEmptiesOneVersionForEver) {
  VaultWorld world;
  world.Put(world.anna, "person.birth_date", "\"1990-02-28\"");
  world.Put(world.anna, "person.birth_date", "\"1990-02-27\"");
  const auto erased =
      world.desk.EraseVersion(world.anna, "person.birth_date", 2);
  ASSERT_THAT(erased, IsOk());
  EXPECT_THAT(world.person.Get(world.anna, "person.birth_date", 2),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(world.person.Get(world.anna, "person.birth_date", 0)->info.version,
            1);
  const Owner owner = world.core->blinder().OwnerOf(world.anna.holder);
  const NameKey name =
      world.core->blinder().NameKeyOf(world.anna.holder, "person.birth_date");
  const auto row = world.store->Find(owner, name, 2);
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_TRUE((*row)->wrap.empty());
  EXPECT_TRUE((*row)->payload.empty());
  world.clock.Advance(absl::Seconds(9));
  const auto again =
      world.desk.EraseVersion(world.anna, "person.birth_date", 2);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->commitment, erased->commitment);
  EXPECT_EQ(again->time, erased->time);
  const auto history =
      world.person.History(world.anna, "person.birth_date", 0, 10);
  ASSERT_EQ(history->size(), 2);
  EXPECT_EQ(history->front().erase_time, erased->time);
  // Numbers are not given out twice.
  EXPECT_EQ(world.Put(world.anna, "person.birth_date", "\"1990-02-26\""), 3);
}

TEST(PersonVault, ProvenanceIsASignatureInsideTheValue) {
  VaultWorld world;
  NewValue value = Birth("\"1990-02-28\"");
  const auto signature = world.anna_key.Sign(ProvenanceStatement(
      ExampleIdentity().source, "person.birth_date", "\"1990-02-28\"", {}));
  value.author_signature = base::ToBytes(signature);
  ASSERT_THAT(world.person.Put(world.anna, value), IsOk());
  const auto own = world.person.Get(world.anna, "person.birth_date", 0);
  EXPECT_EQ(own->value.provenance.kind, ProvenanceKind::kPersonSigned);
  EXPECT_EQ(own->value.provenance.signature, value.author_signature);
  EXPECT_EQ(own->value.provenance.key_thumbprint.size(), 32);

  value.request_id = crypto::RandomArray<16>();
  value.value_json = "\"1990-02-27\"";
  EXPECT_THAT(world.person.Put(world.anna, value),
              StatusIs(absl::StatusCode::kInvalidArgument));
  value.value_json = "\"1990-02-28\"";
  EXPECT_THAT(world.person.Put(world.bela, value),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PersonVault, ARowThatSaysItIsAnotherAttributeIsNotListed) {
  VaultWorld world;
  world.Put(world.anna, "health.disability", "true");
  // What somebody with the database key could do: file a row under another
  // blinded name.
  const Owner owner = world.core->blinder().OwnerOf(world.anna.holder);
  AttributeRow row = **world.store->Find(
      owner,
      world.core->blinder().NameKeyOf(world.anna.holder, "health.disability"),
      1);
  row.name_key =
      world.core->blinder().NameKeyOf(world.anna.holder, "person.language");
  row.request_key = {};
  ASSERT_THAT(world.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  EXPECT_THAT(world.person.Get(world.anna, "person.language", 0),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(world.person.List(world.anna),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(PersonVault, ActsAreCommittedWithTheRowAndProvenAfterTheTick) {
  VaultWorld world;
  const std::uint64_t before = world.store->Head()->counter;
  const auto done = world.person.Put(world.anna, Birth("\"1990-02-28\""));
  ASSERT_THAT(done, IsOk());
  // A key act and the put.
  EXPECT_EQ(world.store->Head()->counter, before + 2);
  const auto early =
      world.person.Prove(world.anna, "person.birth_date", 1, ActKind::kPut);
  ASSERT_THAT(early, IsOk());
  EXPECT_FALSE(early->leaf.has_value());
  EXPECT_EQ(*world.publisher.Pending(), true);
  EXPECT_EQ(*world.publisher.Tick(), before + 2);
  EXPECT_EQ(*world.publisher.Tick(), 0);
  EXPECT_EQ(*world.publisher.Pending(), false);

  const auto proof =
      world.person.Prove(world.anna, "person.birth_date", 1, ActKind::kPut);
  ASSERT_THAT(proof, IsOk());
  ASSERT_TRUE(proof->leaf.has_value());
  EXPECT_EQ(proof->leaf->index, before + 1);
  EXPECT_EQ(proof->commitment, done->commitment);
  const auto disclosure = Disclosure::Decode(proof->disclosure);
  ASSERT_THAT(disclosure, IsOk());
  const base::Digest32 commitment =
      CommitAct(disclosure->opening, disclosure->encoded_act);
  base::Bytes leaf = {0x03};
  leaf.insert(leaf.end(), commitment.begin(), commitment.end());
  EXPECT_EQ(world.log.leaves.at(proof->leaf->index), leaf);
  const auto act = Act::Decode(disclosure->encoded_act);
  ASSERT_THAT(act, IsOk());
  EXPECT_EQ(act->kind, ActKind::kPut);
  EXPECT_EQ(act->attribute, "person.birth_date");
  EXPECT_EQ(act->holder, world.anna.holder);
  EXPECT_EQ(act->counter, proof->leaf->index + 1);
}

TEST(ActPublisher, HeadsChainOverAllActs) {
  VaultWorld world;
  world.Put(world.anna, "health.disability", "true");
  const auto acts = world.store->ActsFrom(1, 1000);
  ASSERT_THAT(acts, IsOk());
  base::Digest32 head{};
  for (const ActRow& row : *acts) {
    head = NextHead(head, row.commitment);
    EXPECT_EQ(row.head, head);
  }
  EXPECT_EQ(world.store->Head()->head, head);
}

TEST(ActPublisher, AFailedAppendIsRepeatedWithoutGapsOrDoubles) {
  VaultWorld world;
  world.log.fail = true;
  EXPECT_FALSE(world.publisher.Tick().ok());
  world.log.fail = false;
  const std::uint64_t count = world.store->Head()->counter;
  EXPECT_EQ(*world.publisher.Tick(), count);
  EXPECT_EQ(world.log.leaves.size(), count);
}

TEST(ActPublisher, RefusesAStoreOlderThanItsLogOrOfAnother) {
  VaultWorld world;
  ASSERT_THAT(world.publisher.Tick(), IsOk());
  EXPECT_THAT(world.publisher.CheckStore(), IsOk());
  base::Bytes extra = world.log.leaves.back();
  world.log.leaves.push_back(extra);
  EXPECT_THAT(world.publisher.CheckStore(),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(world.publisher.Tick(), StatusIs(absl::StatusCode::kDataLoss));
  world.log.leaves.pop_back();
  world.log.leaves.back().back() ^= 1;
  EXPECT_THAT(world.publisher.CheckStore(),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::vault
