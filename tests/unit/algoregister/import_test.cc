#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/content.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

std::string Row(std::string_view id, std::string_view extra = "") {
  return absl::StrCat(
      R"({"doel":"To help.","geregistreerd":"2026-04-07","id":")",
      std::string(id),
      R"(","impactassessment":"Onbekend","juridische_basis":"",)",
      R"("organisatie":"Gemeente Delft","status":"in_gebruik",)",
      R"("title":"Zivver","toegevoegd":"2026-05-13",)",
      R"("url":"https://example.org/1")", std::string(extra), "}");
}

std::string File(const std::vector<std::string>& rows) {
  std::string out = "{\"algoritmes\": [\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ",\n", rows[i]);
  }
  return out + "\n], \"count\": 2}";
}

std::string Replaced(std::string text, std::string_view from,
                     std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(NlListImport, ARowBecomesAnOrganisationAndADeployment) {
  RegisterHouse house;
  const ImportCounts counts = house.Import(File({Row("1"), Row("2")}));
  EXPECT_EQ(counts.added, 2U);
  EXPECT_EQ(counts.organisations, 1U);
  EXPECT_EQ(counts.drafts, 3U);
  EXPECT_EQ(*house.store.Count({}), 3U);
  const auto deployment = house.store.FindAlias({"nl-list", "2"});
  ASSERT_TRUE(deployment->has_value());
  const auto version = house.store.Get(**deployment, 0);
  ASSERT_THAT(version, IsOk());
  EXPECT_EQ(version->author_role, AuthorRole::kImporter);
  const json::Value content = ContentOf(*version);
  EXPECT_EQ(json::Canonical(*content.FindPointer("/fields/system")),
            R"({"state":"missing"})");
  EXPECT_EQ(json::Canonical(*content.FindPointer("/fields/legal_basis")),
            R"({"state":"missing"})");
  EXPECT_EQ(json::Canonical(*content.FindPointer("/fields/impact_assessment")),
            R"({"state":"missing"})");
  EXPECT_EQ(TextOf(content, "goal", "nl"), "To help.");
  EXPECT_EQ(TextOf(content, "status", ""), "in_use");
  const auto organisation = OrganisationOf(content);
  ASSERT_TRUE(organisation.has_value());
  EXPECT_EQ(house.store.GetHead(*organisation)->title, "Gemeente Delft");
}

// A file of a few hundred kilobytes must not be half a gigabyte of remarks.
TEST(NlListImport, ARowWithNothingInItIsOneRemark) {
  RegisterHouse house;
  const auto plan = house.Plan(File({"{}", Row("1")}));
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ((*plan)->rows.front().findings.size(), 1U);
  EXPECT_EQ((*plan)->rows.front().findings.front().message,
            "has nothing in it");
  EXPECT_EQ((*plan)->counts.rejected, 1U);
  EXPECT_EQ((*plan)->counts.added, 1U);
}

std::string Unknown(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    absl::StrAppend(&out, R"(,"more)", i, R"(":1)");
  }
  return out;
}

TEST(NlListImport, NamesSomeUnknownMembersAndCountsTheRest) {
  RegisterHouse house;
  const auto plan = house.Plan(File({Row("1", Unknown(kMaxUnknownNamed)),
                                     Row("2", Unknown(kMaxUnknownNamed + 2))}));
  ASSERT_THAT(plan, IsOk());
  const auto& named = (*plan)->rows.front().findings;
  EXPECT_EQ(named.size(), kMaxUnknownNamed);
  const auto& counted = (*plan)->rows.back().findings;
  ASSERT_EQ(counted.size(), kMaxUnknownNamed + 1);
  EXPECT_EQ(counted.back().message,
            "2 more: not part of the profile; left out");
  EXPECT_TRUE(counted.back().repaired);
  EXPECT_EQ((*plan)->counts.added, 2U);
}

TEST(NlListImport, RowsAndRemarksHaveALimit) {
  RegisterHouse house;
  std::vector<std::string> rows(kMaxImportRows, "{}");
  EXPECT_THAT(house.Plan(File(rows)), IsOk());
  rows.emplace_back("{}");
  EXPECT_THAT(house.Plan(File(rows)),
              StatusSays(absl::StatusCode::kResourceExhausted, "20000 rows"));
  // Seventeen remarks each, and those on the columns.
  rows.assign(kMaxImportRows,
              "{" + Unknown(kMaxUnknownNamed + 1).substr(1) + "}");
  EXPECT_THAT(house.Plan(File(rows)),
              StatusSays(absl::StatusCode::kResourceExhausted, "remarks"));
}

TEST(NlListImport, TheSameFileAgainChangesNothing) {
  RegisterHouse house;
  const std::string file = File({Row("1"), Row("2")});
  house.Import(file);
  const ImportCounts again = house.Import(file);
  EXPECT_EQ(again.unchanged, 2U);
  EXPECT_EQ(again.drafts, 0U);
  EXPECT_EQ(house.log.entries.size(), 3U);
}

TEST(NlListImport, AChangedRowIsTheNextVersion) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  const ImportCounts counts = house.Import(
      File({Row("1"), Replaced(Row("2"), "in_gebruik", "buiten_gebruik")}));
  EXPECT_EQ(counts.unchanged, 1U);
  EXPECT_EQ(counts.changed, 1U);
  EXPECT_EQ(counts.drafts, 1U);
  const auto id = *house.store.FindAlias({"nl-list", "2"});
  EXPECT_EQ(house.store.Get(*id, 0)->number, 2U);
}

TEST(NlListImport, AnUpdateKeepsWhatTheListDoesNotSay) {
  RegisterHouse house;
  house.Import(File({Row("1")}));
  const Version system = house.NewSystem("Zivver");
  const auto id = *house.store.FindAlias({"nl-list", "1"});
  json::Value content = ContentOf(*house.store.Get(*id, 0));
  content.Remove("kind");
  content.Remove("reason");
  SetField(content, "system", Given(json::Value(system.registration.Text())));
  EXPECT_THAT(house.Publish(*house.target.PrepareUpdate(
                  house.By(house.publisher), *id, content)),
              IsOk());
  EXPECT_EQ(house.Import(File({Row("1")})).unchanged, 1U);
  house.Import(File({Replaced(Row("1"), "To help", "To serve")}));
  const json::Value now = ContentOf(*house.store.Get(*id, 0));
  EXPECT_EQ(TextOf(now, "goal", "nl"), "To serve.");
  EXPECT_EQ(TextOf(now, "system", ""), system.registration.Text());
}

TEST(NlListImport, CountsWhatTheFileNoLongerHas) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  EXPECT_EQ(house.Import(File({Row("1"), Row("3")})).absent, 1U);
  EXPECT_EQ(*house.store.Count({.kind = RegistrationKind::kDeployment}), 3U);
}

struct BrokenRow {
  std::string text;
  std::string_view field;
};

TEST(NlListImport, BrokenRowsAreNamedByLineAndFieldAndStopNothing) {
  const std::vector<BrokenRow> broken = {
      {Replaced(Row("9"), R"("id":"9")", R"("id":"")"), "id"},
      {Replaced(Row("9"), R"("title":"Zivver")", R"("title":"  ")"), "title"},
      {Replaced(Row("9"), R"("title":"Zivver",)", ""), "title"},
      {Replaced(Row("9"), "Gemeente Delft", ""), "organisatie"},
      {Replaced(Row("9"), R"("Gemeente Delft")", R"(["Gemeente"])"),
       "organisatie"},
      {Replaced(Row("9"), "Gemeente Delft", std::string(201, 'x')),
       "organisatie"},
      {Replaced(Row("9"), "Zivver", std::string(401, 'x')), "title"},
      {Row("9", R"(,"id":"10")"), ""},
      {Replaced(Row("9"), "To help.", "\xff"), ""},
      {"null", ""},
  };
  for (const BrokenRow& one : broken) {
    RegisterHouse house;
    const auto plan =
        house.Plan(File({Row("1"), one.text, Row("3"), Row("1")}));
    ASSERT_THAT(plan, IsOk()) << one.text;
    const PlannedRow& row = (*plan)->rows[1];
    EXPECT_EQ(row.outcome, ImportOutcome::kRejected) << one.text;
    EXPECT_EQ(row.line, 3U);
    EXPECT_TRUE(row.drafts.empty());
    ASSERT_FALSE(row.findings.empty());
    EXPECT_EQ(row.findings.back().field, one.field) << one.text;
    EXPECT_FALSE(row.findings.back().repaired);
    EXPECT_EQ((*plan)->rows[2].outcome, ImportOutcome::kNew);
    // The id of line 2 again.
    EXPECT_EQ((*plan)->rows[3].outcome, ImportOutcome::kRejected);
    EXPECT_NE((*plan)->rows[3].findings.back().message.find("line 2"),
              std::string::npos);
    EXPECT_EQ((*plan)->counts.rejected, 2U);
    EXPECT_EQ((*plan)->counts.added, 2U);
  }
}

// docs/adr/2026-11-30-an-odd-value-costs-its-field.md
TEST(NlListImport, AnOddValueCostsItsFieldAndNotItsRow) {
  struct Odd {
    std::string text;
    std::string_view column;
    std::string_view field;
  };
  const std::vector<Odd> odd = {
      {Replaced(Row("9"), "in_gebruik", "misschien"), "status", "status"},
      {Replaced(Row("9"), "2026-04-07", "2026-02-30"), "geregistreerd",
       "registered_on"},
      {Replaced(Row("9"), "https://example.org/1", "see the site"), "url",
       "source_url"},
      {Replaced(Row("9"), R"("To help.")", R"({"a":1})"), "doel", "goal"},
      {Replaced(Row("9"), "To help.", "a\\u0000b"), "doel", "goal"},
      {Replaced(Row("9"), "To help.", std::string(20'001, 'x')), "doel",
       "goal"},
  };
  for (const Odd& one : odd) {
    RegisterHouse house;
    const auto plan = house.Plan(File({one.text}));
    ASSERT_THAT(plan, IsOk());
    const PlannedRow& row = (*plan)->rows.front();
    EXPECT_EQ(row.outcome, ImportOutcome::kNew) << one.column;
    ASSERT_EQ(row.findings.size(), 1U) << one.column;
    EXPECT_EQ(row.findings.front().field, one.column);
    EXPECT_TRUE(row.findings.front().repaired);
    EXPECT_NE(row.findings.front().message.find("recorded as missing"),
              std::string::npos);
    EXPECT_EQ((*plan)->counts.repaired, 1U);
    EXPECT_EQ(house.Import(File({one.text})).added, 1U);
    const auto id = house.store.FindAlias({"nl-list", "9"});
    const json::Value content = ContentOf(*house.store.Get(**id, 0));
    EXPECT_EQ(*content.FindPointer("/fields/" + std::string(one.field)),
              Missing());
  }
}

TEST(NlListImport, AnOrganisationOfARejectedRowIsNotRegistered) {
  RegisterHouse house;
  const std::string bad =
      Replaced(Replaced(Row("1"), "Gemeente Delft", "Gemeente Nergens"),
               R"("Zivver")", R"("")");
  const ImportCounts counts = house.Import(File({bad, Row("2")}));
  EXPECT_EQ(counts.organisations, 1U);
  EXPECT_TRUE(house.All({.title_prefix = "Gemeente Nergens"}).empty());
}

TEST(NlListImport, HarmlessOddnessIsRepairedAndSaid) {
  RegisterHouse house;
  const std::string odd =
      Replaced(Replaced(Replaced(Replaced(Row("5", R"(,"extra":1)"),
                                          R"("id":"5")", R"("id":5)"),
                                 "in_gebruik", "In Gebruik"),
                        "2026-04-07", "07-04-2026"),
               R"("juridische_basis":"",)", "");
  const std::string file =
      "\xef\xbb\xbf" + File({odd, Replaced(Row("6"), "Zivver", " Zivver\\n")});
  const auto plan = house.Plan(file);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ((*plan)->findings.size(), 1U);
  EXPECT_EQ((*plan)->counts.added, 2U);
  EXPECT_EQ((*plan)->counts.repaired, 2U);
  std::vector<std::string> fields;
  for (const Finding& finding : (*plan)->rows[0].findings) {
    EXPECT_TRUE(finding.repaired);
    fields.push_back(finding.field);
  }
  EXPECT_EQ(fields,
            (std::vector<std::string>{"id", "status", "juridische_basis",
                                      "geregistreerd", "extra"}));
  EXPECT_EQ(house.Import(file).added, 2U);
  EXPECT_EQ(house.Import(File({Row("5"), Row("6")})).unchanged, 2U);
}

TEST(NlListImport, ABrokenFileIsOneErrorWithItsLine) {
  RegisterHouse house;
  EXPECT_THAT(house.Plan("{\"algoritmes\": [\n{},\n{]}"),
              StatusSays(kBad, "line 3 column 2"));
  for (const std::string_view text :
       {"", " ", "[", "[{}", "{", "null", "{\"other\": []}", "nonsense",
        "{\"algoritmes\": [{}", "{\"algoritmes\": {}}"}) {
    EXPECT_THAT(house.Plan(text), StatusIs(kBad)) << text;
  }
  // Deeper than any document, and garbage of a size.
  EXPECT_THAT(house.Plan(std::string(1'000'000, '[')), StatusIs(kBad));
  EXPECT_THAT(house.Plan(std::string(1'000'000, '\0')), StatusIs(kBad));
  EXPECT_THAT(house.Plan(std::string(kMaxImportBytes + 1, ' ')),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(house.log.entries.empty());
}

TEST(NlListImport, NeedsOneValidSignaturePerDraft) {
  RegisterHouse house;
  const auto plan = house.Plan(File({Row("1"), Row("2")}));
  ASSERT_THAT(plan, IsOk());
  const auto ignore = [](const ImportProgress& /*progress*/) {
    return absl::OkStatus();
  };
  auto signatures = house.SignAll(**plan);
  auto bad = signatures;
  bad.pop_back();
  EXPECT_THAT(house.desk.Commit(house.publisher, (*plan)->id, bad, ignore),
              StatusIs(kBad));
  bad = signatures;
  bad.push_back(bad.front());
  EXPECT_THAT(house.desk.Commit(house.publisher, (*plan)->id, bad, ignore),
              StatusIs(kBad));
  bad = signatures;
  std::swap(bad.front(), bad.back());
  EXPECT_THAT(house.desk.Commit(house.publisher, (*plan)->id, bad, ignore),
              StatusSays(kBad, "signatures[0]"));
  EXPECT_TRUE(house.log.entries.empty());
  EXPECT_THAT(
      house.desk.Commit(MakePublisher(9), (*plan)->id, signatures, ignore),
      StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(
      house.desk.Commit(house.publisher, (*plan)->id, signatures, ignore),
      IsOk());
  EXPECT_THAT(
      house.desk.Commit(house.publisher, (*plan)->id, signatures, ignore),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST(NlListImport, APlanWaitsTenMinutes) {
  RegisterHouse house;
  const auto plan = house.Plan(File({Row("1")}));
  const auto signatures = house.SignAll(**plan);
  house.clock.Advance(kPlanLife);
  EXPECT_THAT(house.desk.Commit(house.publisher, (*plan)->id, signatures,
                                [](const ImportProgress& /*progress*/) {
                                  return absl::OkStatus();
                                }),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(NlListImport, RowsThatChangedSinceThePlanAreGivenUpAlone) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  const auto plan =
      house.Plan(File({Replaced(Row("1"), "To help", "To serve"),
                       Replaced(Row("2"), "To help", "To serve")}));
  ASSERT_THAT(plan, IsOk());
  const auto id = *house.store.FindAlias({"nl-list", "1"});
  EXPECT_THAT(house.Publish(*house.target.PrepareRetirement(
                  house.By(house.publisher), *id)),
              IsOk());
  ImportProgress last;
  EXPECT_THAT(
      house.desk.Commit(house.publisher, (*plan)->id, house.SignAll(**plan),
                        [&last](const ImportProgress& progress) {
                          last = progress;
                          return absl::OkStatus();
                        }),
      IsOk());
  EXPECT_EQ(last.committed, 1U);
  ASSERT_EQ(last.failures.size(), 1U);
  EXPECT_EQ(last.failures.front().index, 0U);
}

TEST(NlListImport, OnlyImportersMayAndOnlyWithTheirKey) {
  RegisterHouse house;
  const std::string file = File({Row("1")});
  Publisher plain = house.publisher;
  plain.importer = false;
  EXPECT_THAT(house.desk.Plan(plain, house.RequestFor(file)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ImportRequest request = house.RequestFor(file);
  request.key = KeyOf(9).PublicKey();
  EXPECT_THAT(house.desk.Plan(house.publisher, request), StatusIs(kBad));
  request = house.RequestFor(file);
  request.profile = "nl-list-2";
  EXPECT_THAT(house.desk.Plan(house.publisher, request), StatusIs(kBad));
}

Export ExportAll(RegisterHouse& house) {
  std::vector<ExportItem> items;
  OrganisationNames names;
  for (const Head& head : house.All({})) {
    items.push_back(
        {.registration = head.registration,
         .content = ContentOf(*house.store.Get(head.registration, 0))});
    names[head.registration] = head.title;
  }
  return ExportItems(*FindProfile("nl-list"), items, names);
}

// Canonical content hash per foreign id, with the organisation by its name.
std::map<std::string, std::string> HashesOf(RegisterHouse& house) {
  std::map<std::string, std::string> out;
  for (const Head& head : house.All({.kind = RegistrationKind::kDeployment})) {
    json::Value content = ContentOf(*house.store.Get(head.registration, 0));
    SetField(
        content, "organisation",
        Given(json::Value(house.store.GetHead(*head.organisation)->title)));
    out[AliasesOf(content).front().id] =
        base::HexEncode(receipt::ContentHash(content));
  }
  return out;
}

TEST(NlListExport, SaysWhatItDropped) {
  RegisterHouse house;
  house.Import(File({Row("1")}));
  house.NewSystem("Zivver");
  const Export result = ExportAll(house);
  ASSERT_EQ(result.dropped.size(), 2U);
  EXPECT_EQ(result.dropped[0].reason, "no such kind there");
  EXPECT_NE(result.file.find("\"id\": \"1\""), std::string::npos);
}

// What the demo imports where the national list is absent.
TEST(NlListImport, TheDemoSamplesAreTakenWithoutARemark) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const std::filesystem::path demo =
      std::filesystem::path(root) / "clients/cli/demo";
  RegisterHouse house;
  const ImportCounts first =
      house.Import(testing::ReadFile(demo / "register-sample.json"));
  EXPECT_EQ(first.added, 5U);
  EXPECT_EQ(first.organisations, 3U);
  EXPECT_EQ(first.repaired + first.rejected, 0U);
  const ImportCounts later =
      house.Import(testing::ReadFile(demo / "register-sample-later.json"));
  EXPECT_GE(later.changed, 1U);
  EXPECT_EQ(later.repaired + later.rejected, 0U);
}

TEST(NlListRealData, EveryRowOfTheNationalListIsTaken) {
  LIMPID_SHARED_OR_SKIP(june,
                        "data/algoregister/nl/algoritmes-2026-06-09.json");
  LIMPID_SHARED_OR_SKIP(july,
                        "data/algoregister/nl/algoritmes-2026-06-30.json");
  RegisterHouse house;
  const std::string file = testing::ReadFile(june);
  const ImportCounts counts = house.Import(file);
  EXPECT_EQ(counts.added, 1'460U);
  EXPECT_EQ(counts.rejected, 0U);
  EXPECT_EQ(counts.organisations, 327U);
  EXPECT_EQ(house.log.entries.size(), 1'787U);
  EXPECT_EQ(house.log.append_count, 3) << "512 rows at a time";
  EXPECT_EQ(house.Import(file).unchanged, 1'460U);
  const ImportCounts later = house.Import(testing::ReadFile(july));
  EXPECT_EQ(later.added + later.changed + later.unchanged, 1'490U);
  EXPECT_EQ(later.added, 31U);
  EXPECT_EQ(later.absent, 1U);
  EXPECT_EQ(later.changed, 24U);
}

TEST(NlListRealData, ReadingAnExportBackGivesEqualHashes) {
  LIMPID_SHARED_OR_SKIP(path,
                        "data/algoregister/nl/algoritmes-2026-06-09.json");
  RegisterHouse house;
  house.Import(testing::ReadFile(path));
  const Export result = ExportAll(house);
  EXPECT_EQ(result.dropped.size(), 327U);  // The organisations' own entries.
  EXPECT_EQ(house.Import(result.file).unchanged, 1'460U);
  RegisterHouse other;
  EXPECT_EQ(other.Import(result.file).added, 1'460U);
  EXPECT_EQ(HashesOf(other), HashesOf(house));
}

TEST(NlListRealData, EveryVersionOfTheImportVerifies) {
  LIMPID_SHARED_OR_SKIP(path,
                        "data/algoregister/nl/algoritmes-2026-06-09.json");
  RegisterHouse house;
  house.Import(testing::ReadFile(path));
  for (const Head& head : house.All({})) {
    const auto version = house.store.Get(head.registration, 0);
    const auto leaf = receipt::VerifyRegistrationLeaf(version->leaf);
    ASSERT_THAT(leaf, IsOk());
    EXPECT_EQ(*receipt::CheckDisclosures(*leaf, version->fields), 0U);
    EXPECT_EQ(house.log.entries[*version->leaf_index], version->leaf);
  }
}

}  // namespace
}  // namespace limpid::algoregister
