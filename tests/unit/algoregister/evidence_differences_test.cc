// What of a registration is not its bundle's, or cannot be read at all.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/registration/content.h"
#include "algoregister/upload/evidence_desk.h"
#include "algoregister/version/sealed_draft.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence_desk.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

using EvidenceDifferences = EvidenceDeskTest;

// Counts and claims that nobody can read must not pass as the bundle's.
TEST_F(EvidenceDifferences, WhatCannotBeReadAgreesWithNoBundle) {
  const auto uploaded = desk_.Upload(house_.publisher, BundleText("0.2"));
  ASSERT_THAT(uploaded, IsOk());
  const std::string digest =
      absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"");
  for (const auto& [from, to] :
       {std::pair("\"n\":40", "\"n\":41"), std::pair("\"m\"", "\"f\""),
        std::pair("\"fp\":8", "\"fp\":8.5")}) {
    std::string groups(kGroups);
    groups.replace(groups.find(from), std::string_view(from).size(), to);
    const json::Value content =
        Content({{"groups", groups}, {"bundle", digest}});
    const auto found = desk_.RecomputeContent(content);
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->source, EvidenceSource::kBundle);
    EXPECT_TRUE(found->counts_differ) << to;
    EXPECT_TRUE(found->unreadable) << to;
    EXPECT_EQ(found->remark.find("the registration's counts cannot be read: "
                                 "/fields/groups/value/"),
              0U)
        << found->remark;
    EXPECT_THAT(
        house_.target.PrepareNew(house_.By(house_.publisher),
                                 RegistrationKind::kEvaluation, content),
        testing::StatusSays(absl::StatusCode::kInvalidArgument,
                            "/fields/groups/value/"));
  }
  const auto claimed = desk_.RecomputeContent(
      Content({{"bundle", digest},
               {"claims",
                R"([{"metric":"dp_difference","value":0.9,"decimals":16}])"}}));
  ASSERT_THAT(claimed, IsOk());
  // The bundle's own claim, which is right, does not take its place.
  ASSERT_EQ(claimed->claims.size(), 1U);
  EXPECT_EQ(claimed->claims[0].claim.value, 0.9);
  EXPECT_EQ(claimed->claims[0].mark, evidence::Mark::kNotCheckable);
  EXPECT_TRUE(claimed->unreadable);
  // Nor without a bundle, beside counts that can be read.
  const auto alone = desk_.RecomputeContent(
      Content({{"groups", std::string(kGroups)},
               {"claims",
                R"([{"metric":"dp_difference","value":0.9,"decimals":16}])"}}));
  ASSERT_THAT(alone, IsOk());
  EXPECT_EQ(alone->source, EvidenceSource::kCounts);
  EXPECT_TRUE(alone->unreadable);
  EXPECT_FALSE(
      desk_.RecomputeContent(Content({{"groups", std::string(kGroups)}}))
          ->unreadable);
  EXPECT_EQ(claimed->remark.find("claims of the registration cannot be read: "
                                 "/fields/claims/value/0/decimals"),
            0U)
      << claimed->remark;
}

// Claims are judged with the bundle's settings; what readers see is the
// registration's.
TEST_F(EvidenceDifferences, SettingsThatAreNotTheBundlesAreSaid) {
  json::Value file = json::ParseStrict(BundleText("0.2")).value();
  json::Value manifest = *file.Find("manifest");
  manifest.Set("reference", json::ParseStrict(R"({"sex":"m"})").value());
  file.Set("manifest", manifest);
  json::Value sealed = file;
  sealed.Remove("table");
  sealed.Set(
      "sealed",
      json::Value::Object({{"bytes", json::Value(1'000)},
                           {"sha256", json::Value(evidence::DigestText({}))}}));
  struct Case {
    std::string_view field;
    std::string_view same;
    std::string_view other;
  };
  for (const json::Value& bundle : {file, sealed}) {
    const auto uploaded =
        desk_.Upload(house_.publisher, json::Canonical(bundle));
    ASSERT_THAT(uploaded, IsOk());
    const auto ask = [&](std::string_view field, std::string_view value) {
      return desk_
          .RecomputeContent(Content(
              {{field, std::string(value)},
               {"bundle",
                absl::StrCat("\"", evidence::DigestText(uploaded->digest),
                             "\"")}}))
          .value();
    };
    for (const Case& one :
         {Case{"favourable", R"("positive")", R"("negative")"},
          Case{"reference_groups", R"([{"attribute":"sex","group":"m"}])",
               R"([{"attribute":"sex","group":"f"}])"},
          Case{"reference_groups", "[]",
               R"([{"attribute":"age","group":"m"}])"},
          Case{"confidence_level", "0.95", "0.9"},
          Case{"confidence_level", "0.95", "95"},
          Case{"small_group_size", "4", "5"},
          Case{"parity_tau", "0.8", "0.8004"}}) {
      const Recomputation same = ask(one.field, one.same);
      EXPECT_FALSE(same.settings_differ) << one.field << same.remark;
      const Recomputation other = ask(one.field, one.other);
      EXPECT_TRUE(other.settings_differ) << one.field;
      EXPECT_NE(other.remark.find(
                    absl::StrCat("other in the registration than in its "
                                 "bundle: ",
                                 std::string(one.field))),
                std::string::npos)
          << other.remark;
    }
  }
}

// What was published before such counts were refused is read and retired.
TEST_F(EvidenceDifferences, WhatWasPublishedWithoutMeaningIsReadAndRetired) {
  std::string groups(kGroups);
  groups.replace(groups.find("\"n\":40"), 6, "\"n\":41");
  json::Value content = NewContent(RegistrationKind::kEvaluation);
  SetField(content, "title", GivenText("en", "Test of the router"));
  SetField(content, "groups", Given(json::ParseStrict(groups).value()));
  content.Set("reason", "first");
  const auto id = RegistrationId::Random(RegistrationKind::kEvaluation);
  const auto draft = MakeDraft(id, nullptr, RegistrationState::kActive, content,
                               {.key = house_.publisher.signing_keys.front(),
                                .role = AuthorRole::kPublisher,
                                .now = house_.clock.Now()},
                               crypto::SystemRandom());
  ASSERT_THAT(draft, IsOk());
  EXPECT_THAT(house_.Publish(draft->draft()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const auto sealed = house_.Seal(draft->draft());
  ASSERT_THAT(sealed, IsOk());
  const std::vector<NewVersion> versions = {NewVersion(*sealed)};
  ASSERT_THAT(house_.store.Add(versions), IsOk());
  const std::vector<LogPlace> places = {
      {.registration = id, .number = 1, .leaf_index = 0}};
  ASSERT_THAT(house_.store.MarkLogged(places), IsOk());
  const auto found = desk_.Recompute(id, 0);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kNone);
  const auto retiring =
      house_.target.PrepareRetirement(house_.By(house_.publisher), id);
  ASSERT_THAT(retiring, IsOk());
  EXPECT_THAT(house_.Publish(*retiring), IsOk());
}

}  // namespace
}  // namespace limpid::algoregister
