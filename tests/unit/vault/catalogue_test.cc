#include "vault/attribute/catalogue.h"

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/vocab/taxonomy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/attribute/starter_catalogue.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::StartsWith;

Definition Shoes() {
  Definition out;
  out.id = "clothing.shoe_size";
  out.schema =
      json::ParseStrict(R"({"type":"integer","minimum":15,"maximum":60})")
          .value();
  out.title = "Shoe size";
  out.category_iri = "https://w3id.org/dpv/pd#PhysicalCharacteristic";
  return out;
}

absl::Status Fits(const Catalogue& catalogue, std::string_view id,
                  std::string_view json) {
  return catalogue.Find(id, 0).value()->schema.Validate(
      json::ParseStrict(json).value());
}

TEST(AttributeId, BoundariesBothSides) {
  for (const char* good : {"a.b", "person.birth_date", "a1.b2.c3.d4.e5.f6"}) {
    EXPECT_TRUE(IsAttributeId(good)) << good;
  }
  const std::string longest =
      "a." + std::string(Definition::kMaxIdBytes - 2, 'b');
  EXPECT_TRUE(IsAttributeId(longest));
  for (const std::string& bad :
       {std::string(), std::string("a"), std::string("a."), std::string(".a"),
        std::string("a..b"), std::string("A.b"), std::string("a.1b"),
        std::string("a.b-c"), std::string("a.b "), std::string("a.b.c.d.e.f.g"),
        longest + "b"}) {
    EXPECT_FALSE(IsAttributeId(bad)) << bad;
  }
}

TEST(StarterCatalogue, IsSortedWellFormedAndInTheVocabulary) {
  const vocab::PersonalData vocabulary;
  std::string before;
  for (const Definition& definition : StarterCatalogue()) {
    EXPECT_LT(before, definition.id);
    before = definition.id;
    EXPECT_THAT(definition.Check(), IsOk()) << definition.id;
    EXPECT_TRUE(vocabulary.Contains(definition.category_iri)) << definition.id;
    if (definition.id.starts_with("health.")) {
      EXPECT_EQ(definition.sensitivity, Sensitivity::kSpecial);
    }
  }
}

TEST(StarterCatalogue, SchemasAcceptAndRefuse) {
  const VaultWorld world;
  const Catalogue& catalogue = world.core->catalogue();
  EXPECT_THAT(Fits(catalogue, "person.birth_date", "\"2000-02-29\""), IsOk());
  EXPECT_FALSE(Fits(catalogue, "person.birth_date", "\"29.2.2000\"").ok());
  EXPECT_FALSE(Fits(catalogue, "person.birth_date", "20000229").ok());
  EXPECT_THAT(Fits(catalogue, "income.annual",
                   R"({"amount":52000.5,"currency":"EUR","year":2025})"),
              IsOk());
  EXPECT_THAT(Fits(catalogue, "person.phone", "\"+31612345678\""), IsOk());
  EXPECT_FALSE(Fits(catalogue, "person.phone", "\"0612345678\"").ok());
  EXPECT_THAT(Fits(catalogue, "person.email", "\"a@example.org\""), IsOk());
  EXPECT_FALSE(Fits(catalogue, "health.blood_type", "\"C\"").ok());
}

TEST(StarterCatalogue, RefusedValuesNameThePointer) {
  const VaultWorld world;
  const absl::Status status =
      Fits(world.core->catalogue(), "health.allergy",
           R"([{"substance":"nuts"},{"substance":"milk","severity":"bad"}])");
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(std::string(base::ToStd(status.message())),
              StartsWith("/1/severity"));
}

TEST(Catalogue, AddsVersionsWithoutGapsAndKeepsOldOnes) {
  VaultWorld world;
  Catalogue& catalogue = world.core->catalogue();
  const auto one = catalogue.Create(Shoes(), world.clock.Now());
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ((*one)->definition.schema_version, 1);
  const auto same = catalogue.Create(Shoes(), world.clock.Now());
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ((*same)->definition.schema_version, 1);
  Definition wider = Shoes();
  wider.schema = json::ParseStrict(R"({"type":"number"})").value();
  const auto two = catalogue.Create(wider, world.clock.Now());
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ((*two)->definition.schema_version, 2);
  EXPECT_EQ((*catalogue.Find("clothing.shoe_size", 0))->definition,
            (*two)->definition);
  EXPECT_EQ((*catalogue.Find("clothing.shoe_size", 1))->definition,
            (*one)->definition);
  EXPECT_THAT(catalogue.Find("clothing.shoe_size", 3),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(Catalogue, IsTheSameAfterLoadingAgainAndEachChangeIsAnAct) {
  VaultWorld world;
  const std::uint64_t starter = world.store->Head()->counter;
  EXPECT_EQ(starter, StarterCatalogue().size());
  ASSERT_THAT(world.core->catalogue().Create(Shoes(), world.clock.Now()),
              IsOk());
  EXPECT_EQ(world.store->Head()->counter, starter + 1);
  const auto again =
      Catalogue::Load(*world.store, world.core->acts(), world.clock.Now());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(world.store->Head()->counter, starter + 1);
  EXPECT_EQ((*(*again)->Find("clothing.shoe_size", 0))->definition.schema,
            Shoes().schema);
}

// Stored by a version that took it.
TEST(Catalogue, OneThatIsRefusedNowCostsItsAttributeOnly) {
  VaultWorld world;
  Definition circle = Shoes();
  circle.schema_version = 1;
  circle.schema = json::ParseStrict(R"({"allOf":[{"$ref":"#"}]})").value();
  ASSERT_THAT(world.store->Write([&](VaultTransaction& transaction) {
    return transaction.InsertDefinition(
        {circle.id, circle.schema_version, circle.ToJson()});
  }),
              IsOk());
  const auto loaded =
      Catalogue::Load(*world.store, world.core->acts(), world.clock.Now());
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(Fits(**loaded, circle.id, "42"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Fits(**loaded, "person.phone", "\"+31612345678\""), IsOk());
  // A new version is the way out.
  ASSERT_THAT((*loaded)->Create(Shoes(), world.clock.Now()), IsOk());
  EXPECT_THAT(Fits(**loaded, circle.id, "42"), IsOk());
}

TEST(Catalogue, RefusesWhatItCannotHold) {
  VaultWorld world;
  const auto refused = [&](void (*change)(Definition&)) {
    Definition definition = Shoes();
    change(definition);
    return world.core->catalogue()
        .Create(definition, world.clock.Now())
        .status();
  };
  using D = Definition;
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused([](D& d) { d.id = "shoes"; }), bad);
  EXPECT_THAT(refused([](D& d) { d.title = ""; }), bad);
  EXPECT_THAT(refused([](D& d) { d.category_iri = "pd:Size"; }), bad);
  EXPECT_THAT(refused([](D& d) { d.derivations = {"under_n/1"}; }), bad);
  EXPECT_THAT(refused([](D& d) { d.schema = json::Value(true); }), bad);
  EXPECT_THAT(refused([](D& d) {
                d.schema = json::ParseStrict(R"({"readOnly":true})").value();
              }),
              bad);
}

TEST(Catalogue, ProtectionMayOnlyRise) {
  VaultWorld world;
  Catalogue& catalogue = world.core->catalogue();
  Definition guarded = Shoes();
  guarded.sensitivity = Sensitivity::kSpecial;
  guarded.direct_identifier = true;
  ASSERT_THAT(catalogue.Create(guarded, world.clock.Now()), IsOk());
  Definition lower = guarded;
  lower.sensitivity = Sensitivity::kOrdinary;
  EXPECT_THAT(catalogue.Create(lower, world.clock.Now()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  lower = guarded;
  lower.direct_identifier = false;
  EXPECT_THAT(catalogue.Create(lower, world.clock.Now()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ((*catalogue.Find(guarded.id, 0))->definition.schema_version, 1);
}

TEST(Catalogue, ListsByIdInPages) {
  const VaultWorld world;
  const auto all = world.core->catalogue().List("", 1000);
  EXPECT_EQ(all.size(), StarterCatalogue().size());
  const auto first = world.core->catalogue().List("", 2);
  ASSERT_EQ(first.size(), 2);
  const auto next =
      world.core->catalogue().List(first.back()->definition.id, 1);
  ASSERT_EQ(next.size(), 1);
  EXPECT_EQ(next.front(), all[2]);
}

TEST(Definition, RefusesStoredTextThatIsNotItsOwn) {
  Definition definition = Shoes();
  definition.schema_version = 3;
  const std::string text = definition.ToJson();
  ASSERT_THAT(Definition::FromJson(text), IsOk());
  EXPECT_EQ(*Definition::FromJson(text), definition);
  EXPECT_THAT(Definition::FromJson("{}"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Definition::FromJson(text.substr(1)),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::vault
