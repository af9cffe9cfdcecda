// Files of other registers through the import desk and back: what is taken,
// what is said about it, and that an export read again says the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/content.h"
#include "common/base/bytes.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

using SharedPlan = std::shared_ptr<const ImportPlan>;

absl::StatusOr<SharedPlan> PlanAs(RegisterHouse& house,
                                  std::string_view profile,
                                  std::string_view file) {
  ImportRequest request = house.RequestFor(file);
  request.profile = profile;
  return house.desk.Plan(house.publisher, request);
}

// Plans and publishes; nullptr where the file as a whole is broken.
SharedPlan ImportAs(RegisterHouse& house, std::string_view profile,
                    std::string_view file) {
  const auto plan = PlanAs(house, profile, file);
  EXPECT_THAT(plan, IsOk());
  if (!plan.ok()) return nullptr;
  if ((*plan)->counts.drafts == 0) return *plan;
  EXPECT_THAT(
      house.desk.Commit(house.publisher, (*plan)->id, house.SignAll(**plan),
                        [](const ImportProgress& progress) {
                          EXPECT_EQ(progress.failed, 0U);
                          return absl::OkStatus();
                        }),
      IsOk());
  return *plan;
}

OrganisationNames NamesIn(RegisterHouse& house) {
  OrganisationNames names;
  for (const Head& head :
       house.All({.kind = RegistrationKind::kOrganisation})) {
    names[head.registration] = head.title;
  }
  return names;
}

Export ExportAs(RegisterHouse& house, std::string_view profile) {
  const Profile& shape = *FindProfile(profile);
  std::vector<ExportItem> items;
  for (const Head& head : house.All({.kind = shape.kind})) {
    items.push_back(
        {.registration = head.registration,
         .content = ContentOf(*house.store.Get(head.registration, 0))});
  }
  return ExportItems(shape, items, NamesIn(house));
}

// Canonical content hash per first alias, with the organisation by its name.
std::map<std::string, std::string> HashesOf(RegisterHouse& house,
                                            RegistrationKind kind) {
  const OrganisationNames names = NamesIn(house);
  std::map<std::string, std::string> out;
  for (const Head& head : house.All({.kind = kind})) {
    json::Value content = ContentOf(*house.store.Get(head.registration, 0));
    for (const std::string_view field : {"organisation", "provider"}) {
      if (GivenValue(content, field) == nullptr) continue;
      SetField(content, field,
               Given(json::Value(names.at(*OrganisationOf(content)))));
    }
    const std::string key = AliasesOf(content).front().id;
    EXPECT_FALSE(out.contains(key)) << key;
    out[key] = base::HexEncode(receipt::ContentHash(content));
  }
  return out;
}

// Every rejected row says why, and no row is taken and rejected at once.
void ExpectExplained(const ImportPlan& plan) {
  for (const PlannedRow& row : plan.rows) {
    bool why = false;
    for (const Finding& finding : row.findings) {
      EXPECT_FALSE(finding.message.empty());
      why = why || !finding.repaired;
    }
    EXPECT_EQ(why, row.outcome == ImportOutcome::kRejected)
        << "line " << row.line;
  }
}

struct Expected {
  std::string_view profile;
  // Of tests/data/algoregister, or of the outside material.
  std::string_view file;
  std::uint64_t added;
  std::uint64_t repaired;
  std::uint64_t rejected;
  std::uint64_t organisations;
};

void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.profile << " " << expected.file;
}

// Imports, exports, imports again here and in an empty register.
void ExpectRoundTrip(const Expected& expected, std::string_view file) {
  RegisterHouse house;
  const SharedPlan plan = ImportAs(house, expected.profile, file);
  ASSERT_NE(plan, nullptr);
  ExpectExplained(*plan);
  const ImportCounts& counts = plan->counts;
  EXPECT_EQ(counts.added, expected.added);
  EXPECT_EQ(counts.repaired, expected.repaired);
  EXPECT_EQ(counts.rejected, expected.rejected);
  EXPECT_EQ(counts.organisations, expected.organisations);
  const Export written = ExportAs(house, expected.profile);
  for (const Dropped& dropped : written.dropped) {
    ADD_FAILURE() << dropped.pointer << ": " << dropped.reason;
  }
  const SharedPlan again = ImportAs(house, expected.profile, written.file);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->counts.unchanged, expected.added);
  EXPECT_EQ(again->counts.rejected, 0U);
  EXPECT_EQ(again->counts.drafts, 0U);
  RegisterHouse other;
  const SharedPlan copied = ImportAs(other, expected.profile, written.file);
  ASSERT_NE(copied, nullptr);
  EXPECT_EQ(copied->counts.added, expected.added);
  const RegistrationKind kind = FindProfile(expected.profile)->kind;
  EXPECT_EQ(HashesOf(other, kind), HashesOf(house, kind));
}

class ProfileFixture : public ::testing::TestWithParam<Expected> {};

TEST_P(ProfileFixture, IsTakenAndComesBackUnchanged) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const std::filesystem::path path =
      std::filesystem::path(root) / "tests/data/algoregister" / GetParam().file;
  ExpectRoundTrip(GetParam(), testing::ReadFile(path));
}

INSTANTIATE_TEST_SUITE_P(
    Synthetic, ProfileFixture,
    ::testing::Values(Expected{"annex-viii-a", "annex-viii-a.json", 2, 1, 0, 1},
                      Expected{"annex-viii-b", "annex-viii-b.json", 1, 0, 0, 1},
                      Expected{"annex-viii-c", "annex-viii-c.json", 1, 0, 0, 1},
                      Expected{"ars-0.1a14", "ars-0.1a14.json", 2, 2, 0, 0},
                      Expected{"ats-0.3.1", "ats-0.3.1.json", 2, 1, 0, 2},
                      Expected{"ats-0.3.1-nl", "ats-0.3.1-nl.json", 1, 1, 0, 1},
                      Expected{"ca-register", "ca-register.csv", 3, 2, 0, 2},
                      Expected{"cl-cplt", "cl-cplt.csv", 2, 2, 0, 1},
                      Expected{"nyc-ll35", "nyc-ll35.csv", 3, 3, 0, 2},
                      Expected{"nyc-ll35-2024", "nyc-ll35-2024.csv", 2, 2, 0,
                               1},
                      Expected{"omb-2024", "omb-2024.csv", 3, 3, 0, 2},
                      Expected{"uk-1.1", "uk-1.1.json", 2, 2, 0, 2}));

class ProfileOfRealFile : public ::testing::TestWithParam<Expected> {};

TEST_P(ProfileOfRealFile, IsTakenAndComesBackUnchanged) {
  LIMPID_SHARED_OR_SKIP(
      path, absl::StrCat("data/algoregister/", std::string(GetParam().file)));
  ExpectRoundTrip(GetParam(), testing::ReadFile(path));
}

INSTANTIATE_TEST_SUITE_P(
    Published, ProfileOfRealFile,
    ::testing::Values(
        Expected{"nl-0.1", "nl/algoritmes-2022-full-90.json", 90, 90, 0, 10},
        Expected{"uk-list", "uk/atrs_records.json", 136, 136, 0, 73},
        Expected{"omb-2025", "us/omb-2025-individual.csv", 3605, 1868, 6, 41}));

// What a registration of a plan says.
json::Value ContentOfRow(RegisterHouse& house, const ImportPlan& plan,
                         std::size_t row) {
  return ContentOf(*house.store.Get(plan.rows.at(row).registration, 0));
}

std::string FixtureText(std::string_view name) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) return {};
  return testing::ReadFile(std::filesystem::path(root) /
                           "tests/data/algoregister" / name);
}

std::string FieldIn(const json::Value& content, std::string_view name) {
  const json::Value* const value = GivenValue(content, name);
  return value == nullptr ? std::string() : json::Canonical(*value);
}

TEST(ProfileRows, WordsAreKeptWhereACodeOrAnAddressBelongs) {
  RegisterHouse house;
  const std::string file = FixtureText("ats-0.3.1.json");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const SharedPlan plan = ImportAs(house, "ats-0.3.1", file);
  ASSERT_NE(plan, nullptr);
  const json::Value second = ContentOfRow(house, *plan, 1);
  EXPECT_EQ(FieldIn(second, "documentation_url"), "");
  EXPECT_EQ(TextOf(second, "documentation_note", ""),
            "On request at the counter");
  EXPECT_EQ(TextOf(second, "algorithm_assessment_note", ""), "see the DPIA");
  EXPECT_EQ(TextOf(second, "status", ""), "pilot");
  EXPECT_EQ(TextOf(second, "review_due", ""), "2024-06-01");
  EXPECT_EQ(FieldIn(second, "themes"), R"(["traffic"])");
  const json::Value first = ContentOfRow(house, *plan, 0);
  EXPECT_EQ(FieldIn(first, "themes"), R"(["environment"])");
  EXPECT_EQ(TextOf(first, "technique", ""), "hybrid");
  EXPECT_EQ(TextOf(first, "methods", "en"),
            "A solver minimises the length of the tour.");
}

TEST(ProfileRows, EnglishAndFrenchBecomeOneText) {
  RegisterHouse house;
  const std::string file = FixtureText("ca-register.csv");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const SharedPlan plan = ImportAs(house, "ca-register", file);
  ASSERT_NE(plan, nullptr);
  const json::Value first = ContentOfRow(house, *plan, 0);
  EXPECT_EQ(TextOf(first, "title", "en"), "Document classifier");
  EXPECT_EQ(TextOf(first, "title", "fr"), "Classificateur de documents");
  EXPECT_EQ(GivenValue(first, "summary")->size(), 2U);
  EXPECT_EQ(TextOf(first, "status", ""), "in_use");
  EXPECT_EQ(TextOf(first, "status_text", "fr"), "En production");
  const json::Value second = ContentOfRow(house, *plan, 1);
  EXPECT_EQ(GivenValue(second, "summary")->size(), 1U);
  EXPECT_EQ(TextOf(second, "sourcing_note", ""), "Universities");
  EXPECT_EQ(TextOf(ContentOfRow(house, *plan, 2), "sourcing", ""),
            "open_source");
}

TEST(ProfileRows, QuestionsThatComeAgainAreToldApart) {
  RegisterHouse house;
  const std::string file = FixtureText("omb-2024.csv");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const SharedPlan plan = ImportAs(house, "omb-2024", file);
  ASSERT_NE(plan, nullptr);
  const json::Value first = ContentOfRow(house, *plan, 0);
  EXPECT_EQ(FieldIn(first, "readiness").find("A shared cluster"),
            FieldIn(first, "readiness").find("computing_other\":\"") + 18);
  EXPECT_EQ(TextOf(first, "notice_other", ""), "On the letter");
  EXPECT_EQ(TextOf(first, "consultation_other", ""), "A panel of claimants");
  EXPECT_EQ(FieldIn(first, "protected_attributes"), R"(["age","income"])");
  EXPECT_EQ(TextOf(first, "begin_date", ""), "2023-10-01");
  EXPECT_EQ(TextOf(first, "outputs", "en"), "A rank – with a reason.");
  EXPECT_EQ(TextOf(ContentOfRow(house, *plan, 1), "status_note", ""), "Paused");
}

// As the second edition of the file spells them, line ends and points included.
TEST(ProfileRows, AnswersOfTheFormOf2024AreCodes) {
  RegisterHouse house;
  const std::string file = FixtureText("omb-2024.csv");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const SharedPlan plan = ImportAs(house, "omb-2024", file);
  ASSERT_NE(plan, nullptr);
  const json::Value third = ContentOfRow(house, *plan, 2);
  EXPECT_EQ(FieldIn(third, "themes"), R"(["administration"])");
  EXPECT_EQ(TextOf(third, "status", ""), "in_use");
  EXPECT_EQ(TextOf(third, "impact_kind", ""), "rights");
  EXPECT_EQ(TextOf(third, "impact_assessment", ""), "in_progress");
  EXPECT_EQ(TextOf(third, "testing_state", ""), "benchmarks");
  EXPECT_EQ(TextOf(third, "independent_review", ""), "office");
  EXPECT_EQ(TextOf(third, "monitoring_state", ""), "manual");
  EXPECT_EQ(FieldIn(third, "consultation"), R"(["customer_feedback"])");
  EXPECT_EQ(TextOf(third, "appeal_state", ""), "not_established");
  EXPECT_EQ(TextOf(third, "no_appeal_reason", ""), "Too many cases.");
}

TEST(ProfileRows, NewYorksFormSince2024IsRead) {
  RegisterHouse house;
  const std::string file = FixtureText("nyc-ll35-2024.csv");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const SharedPlan plan = ImportAs(house, "nyc-ll35-2024", file);
  ASSERT_NE(plan, nullptr);
  const json::Value first = ContentOfRow(house, *plan, 0);
  EXPECT_EQ(TextOf(first, "begin_date", ""), "2021-07");
  EXPECT_EQ(TextOf(first, "personal_data", ""), "yes");
  EXPECT_EQ(TextOf(first, "computation_kind", ""), "Scoring");
  EXPECT_EQ(TextOf(first, "goal", "en"), "Chooses what is inspected first.");
  EXPECT_EQ(GivenValue(first, "suppliers")->size(), 2U);
  const json::Value old = ContentOfRow(house, *plan, 1);
  EXPECT_EQ(TextOf(old, "begin_date_note", ""), "before 2015");
  EXPECT_EQ(TextOf(old, "has_supplier", ""), "yes");
}

TEST(ProfileRows, RepeatedAttributesBecomeRecords) {
  RegisterHouse house;
  const std::string file = FixtureText("uk-1.1.json");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const SharedPlan plan = ImportAs(house, "uk-1.1", file);
  ASSERT_NE(plan, nullptr);
  const json::Value first = ContentOfRow(house, *plan, 0);
  EXPECT_EQ(GivenValue(first, "suppliers")->size(), 2U);
  const json::Value& sources = *GivenValue(first, "data_sources");
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(*sources.elements()[1].Find("note"),
            json::Value("on the web site"));
  EXPECT_EQ(GivenValue(first, "impact_assessments")->size(), 2U);
}

// 27 files of vendors: no organisation, language in capitals, which is nothing
// to remark on, members of an older standard, links that are none. All are
// taken, and every repair is told.
TEST(NlTemplates, AreTakenWithEveryRepairTold) {
  LIMPID_SHARED_OR_SKIP(folder, "data/algoregister/nl/templates-1.0");
  RegisterHouse house;
  std::uint64_t added = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const SharedPlan plan =
        ImportAs(house, "nl-1.0", testing::ReadFile(entry.path()));
    ASSERT_NE(plan, nullptr);
    ExpectExplained(*plan);
    EXPECT_EQ(plan->counts.rejected, 0U) << entry.path().filename();
    EXPECT_EQ(plan->counts.repaired, plan->counts.added);
    for (const PlannedRow& row : plan->rows) {
      bool language = false;
      for (const Finding& finding : row.findings) {
        language = language || finding.field == "lang";
      }
      EXPECT_FALSE(language) << "line " << row.line;
    }
    added += plan->counts.added;
  }
  EXPECT_EQ(added, 27U);
  EXPECT_TRUE(house.All({.kind = RegistrationKind::kOrganisation}).empty());
  const Export written = ExportAs(house, "nl-1.0");
  EXPECT_TRUE(written.dropped.empty());
  RegisterHouse other;
  const SharedPlan copied = ImportAs(other, "nl-1.0", written.file);
  ASSERT_NE(copied, nullptr);
  EXPECT_EQ(copied->counts.added, 27U);
  EXPECT_EQ(HashesOf(other, RegistrationKind::kDeployment),
            HashesOf(house, RegistrationKind::kDeployment));
}

// A row whose list has `count` elements, as it comes in: how many the field
// keeps, and what is said of it.
std::pair<std::size_t, std::string> ListOf(std::size_t count) {
  json::Value names = json::Value::Array();
  for (std::size_t i = 0; i < count; ++i) names.Append(absl::StrCat("b", i));
  json::Value rows = json::Value::Array();
  rows.Append(json::Value::Object(
      {{"url", json::Value("https://example.org/1")},
       {"publishing_body", json::Value("Ministry of Tests")},
       {"tool_name", json::Value("Adviser")},
       {"title", json::Value("The adviser")},
       {"published", json::Value("2026")},
       {"description", json::Value("Advises.")},
       {"listed_organisations", std::move(names)}}));
  RegisterHouse house;
  const SharedPlan plan = ImportAs(
      house, "uk-list",
      json::Canonical(json::Value::Object({{"records", std::move(rows)}})));
  if (plan == nullptr || plan->counts.added != 1) return {0, "no row"};
  std::string said;
  for (const Finding& finding : plan->rows.front().findings) {
    absl::StrAppend(&said, finding.field, ": ", finding.message, "\n");
  }
  const auto heads = house.All({.kind = RegistrationKind::kDeployment});
  const json::Value content =
      ContentOf(*house.store.Get(heads.front().registration, 0));
  const json::Value* const kept = GivenValue(content, "listed_organisations");
  return {kept == nullptr ? 0 : kept->size(), said};
}

// Reading and keeping have one limit: nothing is read that its field refuses.
TEST(ListsOfRows, AreKeptToTheLimitOfTheirFieldAndNamedBeyondIt) {
  const auto [most, nothing] = ListOf(kMaxListTexts);
  EXPECT_EQ(most, kMaxListTexts);
  EXPECT_EQ(nothing, "");
  const auto [none, said] = ListOf(kMaxListTexts + 1);
  EXPECT_EQ(none, 0U);
  EXPECT_NE(said.find(absl::StrCat("listed_organisations: a list of more than ",
                                   kMaxListTexts, " elements; left out")),
            std::string::npos)
      << said;
}

// Everything that a profile cannot say is in the list of what an export drops.
TEST(ProfileLosses, AreNamedOneByOne) {
  RegisterHouse house;
  const std::string file = FixtureText("ats-0.3.1.json");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  ASSERT_NE(ImportAs(house, "ats-0.3.1", file), nullptr);
  const Profile& shape = *FindProfile("annex-viii-c");
  std::size_t checked = 0;
  for (const Head& head : house.All({.kind = RegistrationKind::kDeployment})) {
    json::Value content = ContentOf(*house.store.Get(head.registration, 0));
    AddAlias(content, {"annex-viii-c", head.title});
    const ExportItem item{.registration = head.registration,
                          .content = content};
    const Export written = ExportItems(shape, {&item, 1}, NamesIn(house));
    for (const json::Member& field : content.Find("fields")->members()) {
      if (GivenValue(content, field.key) == nullptr) continue;
      bool covered = false;
      for (const Column& column : shape.columns) {
        covered = covered || column.field == field.key;
      }
      bool told = false;
      for (const Dropped& dropped : written.dropped) {
        told = told || dropped.pointer == "/fields/" + field.key;
      }
      EXPECT_NE(covered, told) << field.key;
      ++checked;
    }
  }
  EXPECT_GT(checked, 60U);
}

}  // namespace
}  // namespace limpid::algoregister
