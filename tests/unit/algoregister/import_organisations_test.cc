// Of which organisation the rows of an import are, whatever other publishers
// call theirs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/text.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kNotYours = absl::StatusCode::kPermissionDenied;
constexpr std::string_view kDelft = "Gemeente Delft";
constexpr std::string_view kByList = "nl-list:organisation";

std::string ListOf(const std::vector<std::string>& ids) {
  std::string out = "{\"algoritmes\": [";
  for (const std::string& id : ids) {
    absl::StrAppend(&out, out.back() == '[' ? "" : ",", R"({"id":")", id,
                    R"(","title":"Zivver","organisatie":"Gemeente Delft"})");
  }
  return out + "]}";
}

// Of publication standard 1.0, which has another scheme of organisations.
std::string StandardOf(std::string_view name) {
  return absl::StrCat(R"([{"name":")", base::ToAbsl(name),
                      R"(","organization":"Gemeente Delft"}])");
}

class ImportOrganisations : public ::testing::Test {
 protected:
  ImportOrganisations() { other_.importer = false; }

  ImportCounts Import(std::string_view profile, std::string_view file) {
    ImportRequest request = house_.RequestFor(file);
    request.profile = profile;
    const auto plan = house_.desk.Plan(house_.publisher, request);
    EXPECT_THAT(plan, IsOk());
    if (!plan.ok()) return {};
    if ((*plan)->counts.drafts == 0) return (*plan)->counts;
    EXPECT_THAT(house_.desk.Commit(house_.publisher, (*plan)->id,
                                   house_.SignAll(**plan),
                                   [](const ImportProgress& progress) {
                                     EXPECT_EQ(progress.failed, 0U);
                                     return absl::OkStatus();
                                   }),
                IsOk());
    return (*plan)->counts;
  }
  static json::Value OrganisationContent(const std::vector<Alias>& aliases) {
    json::Value content = NewContent(RegistrationKind::kOrganisation);
    SetField(content, "name", Given(json::Value(kDelft)));
    for (const Alias& alias : aliases) AddAlias(content, alias);
    content.Set("reason", "because");
    return content;
  }
  // A first version under an id of the publisher's own choice.
  absl::StatusOr<Version> PublishAs(const Publisher& who, std::uint8_t key,
                                    std::uint8_t id,
                                    const json::Value& content) {
    RegistrationId chosen{.kind = KindOf(content), .bytes = {}};
    chosen.bytes.back() = id;
    const auto draft =
        MakeDraft(chosen, nullptr, RegistrationState::kActive, content,
                  {.key = KeyOf(key).PublicKey(), .now = house_.clock.Now()},
                  crypto::SystemRandom());
    if (!draft.ok()) return draft.status();
    return house_.target.Publish(who, Sign(draft->draft(), KeyOf(key)));
  }
  absl::StatusOr<Version> PublishAsOther(std::uint8_t id,
                                         const std::vector<Alias>& aliases) {
    return PublishAs(other_, 9, id, OrganisationContent(aliases));
  }
  // Of the deployment with this id in the list.
  RegistrationId OrganisationOfRow(const std::string& id) {
    const auto found = house_.store.FindAlias({"nl-list", id});
    EXPECT_TRUE(found.ok() && found->has_value());
    return *OrganisationOf(ContentOf(*house_.store.Get(**found, 0)));
  }
  std::vector<Alias> AliasesOfNewest(const RegistrationId& id) {
    return AliasesOf(ContentOf(*house_.store.Get(id, 0)));
  }

  RegisterHouse house_;
  Publisher other_ = MakePublisher(9);
};

TEST_F(ImportOrganisations, AreNotMovedByOthersOfTheSameName) {
  EXPECT_EQ(Import("nl-list", ListOf({"1", "2"})).organisations, 1U);
  const RegistrationId own = OrganisationOfRow("1");
  const ImportCounts standard = Import("nl-1.0", StandardOf("Parking"));
  EXPECT_EQ(standard.added, 1U);
  EXPECT_EQ(standard.organisations, 0U);
  // Found by its title, and known by this profile's name for it from now on.
  EXPECT_EQ(standard.drafts, 2U);
  const std::vector<Alias> names = {{"nl-1.0:organisation", "Gemeente Delft"},
                                    {"nl-list:organisation", "Gemeente Delft"}};
  EXPECT_EQ(AliasesOfNewest(own), names);

  const auto theirs = PublishAsOther(1, {});
  ASSERT_THAT(theirs, IsOk());
  ASSERT_LT(theirs->registration, own);
  EXPECT_EQ(Import("nl-list", ListOf({"1", "2"})).unchanged, 2U);
  EXPECT_EQ(Import("nl-1.0", StandardOf("Parking")).unchanged, 1U);
  EXPECT_EQ(Import("nl-list", ListOf({"1", "2", "3"})).added, 1U);
  EXPECT_EQ(OrganisationOfRow("3"), own);
}

// Of several, without any alias: the importer's own, then the first.
TEST_F(ImportOrganisations, AreTheImportersOwnOrTheFirstOfTheName) {
  const auto body = PublishAsOther(9, {});
  ASSERT_THAT(body, IsOk());
  ASSERT_THAT(PublishAsOther(1, {}), IsOk());
  EXPECT_EQ(Import("nl-list", ListOf({"1"})).organisations, 0U);
  EXPECT_EQ(OrganisationOfRow("1"), body->registration);
  // Another body's is not the importer's to name.
  EXPECT_TRUE(AliasesOfNewest(body->registration).empty());
  const auto own = PublishAs(house_.publisher, 7, 8, OrganisationContent({}));
  ASSERT_THAT(own, IsOk());
  const ImportCounts again = Import("nl-list", ListOf({"1", "2"}));
  EXPECT_EQ(again.unchanged, 1U);
  EXPECT_EQ(again.added, 1U);
  EXPECT_EQ(OrganisationOfRow("1"), body->registration);
  EXPECT_EQ(OrganisationOfRow("2"), own->registration);
}

TEST_F(ImportOrganisations, StayUnderAnotherTitleAsLongAsAnAliasSaysSo) {
  Import("nl-list", ListOf({"1"}));
  const RegistrationId own = OrganisationOfRow("1");
  json::Value renamed = ContentOf(*house_.store.Get(own, 0));
  renamed.Remove("kind");
  renamed.Remove("reason");
  SetField(renamed, "name", Given(json::Value("Delft")));
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), own, renamed)),
              IsOk());
  ASSERT_THAT(PublishAsOther(1, {}), IsOk());
  EXPECT_EQ(Import("nl-list", ListOf({"1"})).unchanged, 1U);
  Import("nl-list", ListOf({"1", "2"}));
  EXPECT_EQ(OrganisationOfRow("2"), own);
}

TEST_F(ImportOrganisations, AreNeverOfAnotherKind) {
  json::Value system = SystemRequest("Zivver");
  AddAlias(system, {std::string(kByList), std::string(kDelft)});
  ASSERT_THAT(
      house_.Publish(*house_.target.PrepareNew(
          house_.By(house_.publisher), RegistrationKind::kSystem, system)),
      IsOk());
  EXPECT_EQ(Import("nl-list", ListOf({"1"})).organisations, 1U);
  EXPECT_TRUE(AliasesOfNewest(OrganisationOfRow("1")).empty());
  EXPECT_EQ(Import("nl-list", ListOf({"1"})).unchanged, 1U);
}

TEST_F(ImportOrganisations, NamesOfProfilesAreForThoseWhoMayImport) {
  const std::vector<Alias> names = {{"nl-list", "1"},
                                    {std::string(kByList), std::string(kDelft)},
                                    {"nl-list:natural", std::string(64, 'a')}};
  for (std::uint8_t i = 0; i < names.size(); ++i) {
    EXPECT_THAT(PublishAsOther(i, {names[i]}),
                StatusSays(kNotYours, "/aliases/0/scheme"))
        << names[i].scheme;
    json::Value content = OrganisationContent({names[i]});
    content.Remove("kind");
    content.Remove("reason");
    const Author author = {.publisher = other_,
                           .key = KeyOf(9).PublicKey(),
                           .role = AuthorRole::kPublisher,
                           .reason = "because"};
    EXPECT_THAT(house_.target.PrepareNew(
                    author, RegistrationKind::kOrganisation, content),
                StatusIs(kNotYours));
  }
  json::Value others = SystemRequest("Router");
  others.Set("kind", "system");
  others.Set("reason", "because");
  AddAlias(others, {"city", "1"});
  AddAlias(others, {"nl-lists", "1"});
  EXPECT_THAT(PublishAs(other_, 9, 8, others), IsOk());
  EXPECT_EQ(Import("nl-list", ListOf({"1"})).added, 1U);
  // What a registration has it keeps, in its next version and its last.
  const RegistrationId own = OrganisationOfRow("1");
  house_.publisher.importer = false;
  json::Value content = ContentOf(*house_.store.Get(own, 0));
  content.Remove("kind");
  content.Remove("reason");
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), own, content)),
              IsOk());
  ASSERT_THAT(house_.Publish(*house_.target.PrepareRetirement(
                  house_.By(house_.publisher), own)),
              IsOk());
}

}  // namespace
}  // namespace limpid::algoregister
