// Natural keys of imports go with the texts that they are made of.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/natural_key.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/version/version.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"
#include "tests/unit/algoregister/import_as.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;
using testing::IsOk;

// A row of the Dutch standard without an id of its own.
std::string Description(std::string_view name) {
  return absl::StrCat(R"([{"name":")", ToAbsl(name),
                      R"(","organization":"Delft","goal":"To help."}])");
}

constexpr std::string_view kGround = "GDPR Article 17(1)(d)";

absl::StatusOr<ErasureOutcome> Erase(RegisterHouse& house,
                                     const RegistrationId& id,
                                     std::uint32_t number,
                                     std::string_view pointer) {
  return house.target.EraseField({.registration = id,
                                  .number = number,
                                  .pointer = std::string(pointer),
                                  .ground = std::string(kGround)},
                                 /*check_only=*/false);
}

class ErasedKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    plan_ = ImportAs(house_, "nl-1.0", Description("Card of A. Person"));
    ASSERT_EQ(plan_->counts.added, 1U);
    id_ = plan_->rows.front().registration;
    key_ = plan_->rows.front().natural_key;
    ASSERT_FALSE(key_.empty());
    // A version that says more.
    Value content = ContentOf(*house_.store.Get(id_, 0));
    content.Remove("kind");
    content.Remove("reason");
    SetField(content, "contact", Given(Value("desk@delft.example")));
    ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                    house_.By(house_.publisher), id_, content)),
                IsOk());
  }
  // Versions that disclose the digest.
  std::vector<std::uint32_t> Disclosing() {
    std::vector<std::uint32_t> out;
    const auto versions = house_.store.History(id_, 0, 100);
    for (const Version& version : versions.value()) {
      for (const FieldDisclosure& field : version.fields) {
        const bool here = absl::StrContains(json::Canonical(field.value), key_);
        if (here) out.push_back(version.number);
      }
    }
    return out;
  }

  RegisterHouse house_;
  std::shared_ptr<const ImportPlan> plan_;
  RegistrationId id_;
  std::string key_;
};

TEST_F(ErasedKeys, GoWithTheTitleThatTheyConfirm) {
  ASSERT_EQ(Disclosing(), (std::vector<std::uint32_t>{1, 2}));
  const auto planned =
      house_.target.EraseField({.registration = id_,
                                .number = 0,
                                .pointer = "/fields/title",
                                .ground = std::string(kGround)},
                               /*check_only=*/true);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(planned->erasures.size(), 4U);
  EXPECT_EQ(Disclosing().size(), 2U);
  const auto erased = Erase(house_, id_, 0, "/fields/title");
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(Disclosing().empty());
  ASSERT_EQ(erased->erasures.size(), 4U);
  EXPECT_EQ(erased->erasures.front().pointer, "/aliases");
  EXPECT_EQ(erased->erasures.back().pointer, "/fields/title");
  EXPECT_EQ(*house_.store.FindAlias({"nl-1.0:natural", key_}), std::nullopt);
  // A repeated call answers the same, at the first time.
  house_.clock.Advance(absl::Hours(1));
  const auto again = Erase(house_, id_, 0, "/fields/title");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->erasures, erased->erasures);
  EXPECT_TRUE(again->repeated.empty());
}

TEST_F(ErasedKeys, OfVersionsThatWereNotMeantAreNamed) {
  const auto erased = Erase(house_, id_, 2, "/fields/title");
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->erasures.size(), 2U);
  EXPECT_EQ(erased->repeated,
            (std::vector<RepeatedAt>{{1, "/aliases"}, {1, "/fields/title"}}));
  EXPECT_EQ(Disclosing(), (std::vector<std::uint32_t>{1}));
  ASSERT_THAT(Erase(house_, id_, 1, "/fields/title"), IsOk());
  EXPECT_TRUE(Disclosing().empty());
}

TEST_F(ErasedKeys, StayBesideAFieldThatIsNotInThem) {
  ASSERT_THAT(Erase(house_, id_, 0, "/fields/goal"), IsOk());
  EXPECT_EQ(Disclosing().size(), 2U);
  // An organisation is in them, though only its id is erased.
  const auto erased = Erase(house_, id_, 0, "/fields/organisation");
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(Disclosing().empty());
}

// As erasures of earlier releases left it.
TEST_F(ErasedKeys, OfATitleThatIsGoneAlreadyGoWithARepeatedCall) {
  std::vector<FieldErasure> titles;
  for (const std::uint32_t number : {1U, 2U}) {
    titles.push_back({.registration = id_,
                      .number = number,
                      .pointer = "/fields/title",
                      .time = house_.clock.Now(),
                      .ground = std::string(kGround)});
  }
  ASSERT_THAT(house_.store.EraseFields(titles), IsOk());
  ASSERT_EQ(Disclosing().size(), 2U);
  ASSERT_THAT(Erase(house_, id_, 0, "/fields/title"), IsOk());
  EXPECT_TRUE(Disclosing().empty());
}

// Imports name an organisation by an alias that is its name, here one too short
// to be found as a text that is said again.
TEST_F(ErasedKeys, TheNameOfAnOrganisationGoesWithItsAlias) {
  const Alias alias = {"nl-1.0:organisation", "Delft"};
  const auto organisation = house_.store.FindAlias(alias);
  ASSERT_THAT(organisation, IsOk());
  ASSERT_TRUE(organisation->has_value());
  const auto erased = Erase(house_, **organisation, 0, "/fields/name");
  ASSERT_THAT(erased, IsOk());
  ASSERT_EQ(erased->erasures.size(), 2U);
  EXPECT_EQ(erased->erasures.front().pointer, "/aliases");
  EXPECT_EQ(*house_.store.FindAlias(alias), std::nullopt);
  const auto left = house_.store.History(**organisation, 0, 100);
  for (const Version& version : left.value()) {
    for (const FieldDisclosure& field : version.fields) {
      EXPECT_FALSE(absl::StrContains(json::Canonical(field.value), "Delft"));
    }
  }
  // A list that goes on saying it is of a new organisation, once.
  ImportAs(house_, "nl-1.0", Description("Card of A. Person"));
  EXPECT_EQ(ImportAs(house_, "nl-1.0", Description("Card of A. Person"))
                ->counts.drafts,
            0U);
  EXPECT_NE(*house_.store.FindAlias(alias), *organisation);
}

TEST(NaturalKeys, AreMadeOfTheFieldsThatTheProfileNames) {
  constexpr auto kUse = RegistrationKind::kDeployment;
  EXPECT_TRUE(IsNaturalKeyOf("omb-2025:natural", kUse, "title"));
  EXPECT_TRUE(IsNaturalKeyOf("omb-2025:natural", kUse, "department"));
  EXPECT_TRUE(IsNaturalKeyOf("omb-2025:natural", kUse, "organisation"));
  EXPECT_FALSE(IsNaturalKeyOf("omb-2025:natural", kUse, "goal"));
  EXPECT_FALSE(IsNaturalKeyOf("omb-2025", kUse, "title"));
  EXPECT_TRUE(IsNaturalKeyOf("nl-1.0:natural", kUse, "template_id"));
  EXPECT_FALSE(IsNaturalKeyOf("uk-1.1:natural", kUse, "department"));
  EXPECT_TRUE(IsNaturalKeyOf("city:natural", kUse, "title"));
  EXPECT_FALSE(IsNaturalKeyOf("city:natural", kUse, "department"));
}

}  // namespace
}  // namespace limpid::algoregister
