// Complete imports, where what a register no longer lists is marked and nothing
// else; and parts of files.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/json/json.h"
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

std::string Row(std::string_view id, std::string_view status = "in_gebruik") {
  return absl::StrCat(R"({"id":")", std::string(id),
                      R"(","organisatie":"Gemeente Delft","title":"T)",
                      std::string(id), R"(","doel":"","status":")",
                      std::string(status),
                      R"(","juridische_basis":"","impactassessment":"Ja",)",
                      R"("geregistreerd":"","toegevoegd":"","url":""})");
}

std::string File(const std::vector<std::string>& rows) {
  std::string out = "{\"algoritmes\": [";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ",\n", rows[i]);
  }
  return out + "]}";
}

template <typename House>
absl::StatusOr<std::shared_ptr<const ImportPlan>> PlanComplete(
    House& house, std::string_view file) {
  ImportRequest request = house.RequestFor(file);
  request.complete = true;
  return house.desk.Plan(house.publisher, request);
}

ImportPlan ImportComplete(RegisterHouse& house, std::string_view file) {
  const auto plan = PlanComplete(house, file);
  EXPECT_THAT(plan, IsOk());
  if (!plan.ok()) return {};
  if ((*plan)->counts.drafts > 0) {
    EXPECT_THAT(
        house.desk.Commit(
            house.publisher, (*plan)->id, house.SignAll(**plan),
            [](const ImportProgress& /*done*/) { return absl::OkStatus(); }),
        IsOk());
  }
  return **plan;
}

Version Newest(RegisterHouse& house, const std::string& id) {
  return *house.store.Get(**house.store.FindAlias({"nl-list", id}), 0);
}

std::string ListingOf(RegisterHouse& house, const std::string& id) {
  return TextOf(ContentOf(Newest(house, id)), "listing", "");
}

TEST(CompleteImport, MarksWhatIsGoneAndTakesItBack) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2"), Row("3")}));
  const ImportPlan plan = ImportComplete(house, File({Row("1"), Row("3")}));
  EXPECT_EQ(plan.counts.removed, 1U);
  EXPECT_EQ(plan.counts.absent, 1U);
  EXPECT_EQ(plan.counts.unchanged, 2U);
  ASSERT_EQ(plan.rows.size(), 3U);
  EXPECT_EQ(plan.rows[2].outcome, ImportOutcome::kRemoved);
  EXPECT_EQ(plan.rows[2].foreign_id, "2");
  EXPECT_EQ(plan.rows[2].line, 0U);
  EXPECT_EQ(ListingOf(house, "2"), "vanished");
  EXPECT_EQ(Newest(house, "2").number, 2U);
  EXPECT_EQ(Newest(house, "2").state, RegistrationState::kActive);
  EXPECT_EQ(Newest(house, "1").number, 1U);
  // Again: nothing.
  EXPECT_EQ(ImportComplete(house, File({Row("1"), Row("3")})).counts.drafts,
            0U);
  // Back, even in a file that is not complete.
  const ImportCounts back = house.Import(File({Row("2")}));
  EXPECT_EQ(back.changed, 1U);
  EXPECT_EQ(ListingOf(house, "2"), "");
  EXPECT_EQ(house.Import(File({Row("1"), Row("2"), Row("3")})).unchanged, 3U);
}

TEST(CompleteImport, WithoutItWhatIsGoneIsOnlyCounted) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  const ImportCounts counts = house.Import(File({Row("1")}));
  EXPECT_EQ(counts.absent, 1U);
  EXPECT_EQ(counts.removed, 0U);
  EXPECT_EQ(counts.drafts, 0U);
}

TEST(CompleteImport, ARejectedRowIsThereAllTheSame) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2"), Row("3")}));
  std::string titleless = Row("2");
  titleless.replace(titleless.find("\"T2\""), 4, "\"\"");
  const ImportPlan plan = ImportComplete(house, File({Row("1"), titleless}));
  EXPECT_EQ(plan.counts.rejected, 1U);
  EXPECT_EQ(plan.counts.removed, 1U);
  EXPECT_EQ(ListingOf(house, "2"), "");
  EXPECT_EQ(ListingOf(house, "3"), "vanished");
}

TEST(CompleteImport, ARowThatMightBeAnyMeansNothingIsMarked) {
  for (const std::string_view broken :
       {"{\"id\": nul}", "null", "{}", R"({"id":"","title":"x"})"}) {
    RegisterHouse house;
    house.Import(File({Row("1"), Row("2")}));
    const ImportPlan plan = ImportComplete(
        house, File({Row("1"), std::string(broken), std::string(broken)}));
    EXPECT_EQ(plan.counts.removed, 0U) << broken;
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_NE(plan.findings.front().message.find("line 2"), std::string::npos);
    EXPECT_EQ(ListingOf(house, "2"), "");
  }
}

TEST(CompleteImport, LeavesAloneWhatIsNotTheImportersOwn) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2"), Row("3")}));
  EXPECT_THAT(house.Publish(*house.target.PrepareRetirement(
                  house.By(house.publisher), Newest(house, "3").registration)),
              IsOk());
  Publisher other = MakePublisher(9);
  const auto key = KeyOf(9);
  ImportRequest request = house.RequestFor("");
  const std::string file = File({Row("4")});
  request.file = file;
  request.key = key.PublicKey();
  request.complete = true;
  const auto plan = house.desk.Plan(other, request);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.added, 1U);
  EXPECT_EQ((*plan)->counts.removed, 0U);
  EXPECT_EQ((*plan)->counts.absent, 3U);
  EXPECT_EQ(ImportComplete(house, file).counts.removed, 2U);
}

TEST(CompleteImport, MarksOnceWhatIsKnownByTwoNames) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  json::Value content = ContentOf(Newest(house, "2"));
  content.Remove("kind");
  content.Remove("reason");
  AddAlias(content, {NaturalScheme(*FindProfile("nl-list")), "another name"});
  ASSERT_THAT(
      house.Publish(*house.target.PrepareUpdate(
          house.By(house.publisher), Newest(house, "2").registration, content)),
      IsOk());
  const ImportPlan plan = ImportComplete(house, File({Row("1")}));
  EXPECT_EQ(plan.counts.absent, 2U);
  EXPECT_EQ(plan.counts.removed, 1U);
  EXPECT_EQ(Newest(house, "2").number, 3U);
}

// An id of the list may be written into any registration.
TEST(CompleteImport, LeavesOtherKindsAlone) {
  RegisterHouse house;
  json::Value content = SystemRequest("Zivver");
  AddAlias(content, {"nl-list", "9"});
  ASSERT_THAT(
      house.Publish(*house.target.PrepareNew(
          house.By(house.publisher), RegistrationKind::kSystem, content)),
      IsOk());
  const ImportPlan plan = ImportComplete(house, File({Row("1")}));
  EXPECT_EQ(plan.counts.absent, 1U);
  EXPECT_EQ(plan.counts.removed, 0U);
  EXPECT_EQ(Newest(house, "9").number, 1U);
  const auto taken = house.Plan(File({Row("9")}));
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ((*taken)->counts.rejected, 1U);
  EXPECT_EQ((*taken)->counts.drafts, 0U);
}

// As many rows as a file may have, all but one of them told to be there.
TEST(CompleteImport, WhatVanishesIsNoRowOfTheFile) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  const auto plan = PlanComplete(
      house, File(std::vector<std::string>(kMaxImportRows, Row("1"))));
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.rejected, kMaxImportRows - 1);
  EXPECT_EQ((*plan)->counts.removed, 1U);
  EXPECT_EQ((*plan)->rows.back().index, kMaxImportRows);
}

// Has, for everybody who lists ids of the national list, so many copies of one
// registration.
class LargeRegister final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<std::vector<OwnedAlias>> ListAliases(
      std::string_view scheme, std::string_view after,
      std::size_t limit) const override {
    std::vector<OwnedAlias> out;
    if (scheme != "nl-list") return out;
    std::size_t next = 0;
    if (absl::SimpleAtoi(std::string(after), &next)) ++next;
    for (; next < copies && out.size() < limit; ++next) {
      RegistrationId id{.kind = RegistrationKind::kDeployment};
      for (std::size_t i = 0; i < sizeof(next); ++i) {
        id.bytes.at(i) = static_cast<std::uint8_t>(next >> (8 * i));
      }
      out.push_back({.id = absl::StrCat(next), .registration = id});
    }
    return out;
  }
  absl::StatusOr<Version> Get(const RegistrationId& registration,
                              std::uint32_t number) const override {
    auto own = MemoryRegistrationStore::Get(registration, number);
    if (own.ok() || !copied) return own;
    Version copy = *copied;
    copy.registration = registration;
    return copy;
  }

  std::size_t copies = 0;
  std::optional<Version> copied;
};

TEST(CompleteImport, WhatVanishesHasABoundOfItsOwn) {
  RegisterHouseOf<LargeRegister> house;
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("nl", "T"));
  content.Remove("kind");
  const auto one = house.Publish(*house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kDeployment, content));
  ASSERT_THAT(one, IsOk());
  house.store.copied = *one;
  const std::string file = File({Row("1")});
  house.store.copies = kMaxVanishedRows + 1;
  EXPECT_THAT(PlanComplete(house, file),
              StatusSays(absl::StatusCode::kResourceExhausted,
                         "lacks more than 20000 registrations"));
  house.store.copies = kMaxVanishedRows;
  const auto plan = PlanComplete(house, file);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.removed, kMaxVanishedRows);
}

TEST(CompleteImport, AFileWithoutRowsOrAPartOfOneIsRefused) {
  RegisterHouse house;
  house.Import(File({Row("1")}));
  EXPECT_THAT(PlanComplete(house, File({})), StatusSays(kBad, "no row"));
  const std::string file = File({Row("2")});
  ImportRequest request = house.RequestFor(file);
  request.complete = true;
  request.first_row_line = 5;
  EXPECT_THAT(house.desk.Plan(house.publisher, request),
              StatusSays(kBad, "part"));
}

TEST(CompleteImport, AnExportLeavesOutWhatThatRegisterNoLongerLists) {
  RegisterHouse house;
  house.Import(File({Row("1"), Row("2")}));
  ImportComplete(house, File({Row("1")}));
  std::vector<ExportItem> items;
  OrganisationNames names;
  for (const Head& head : house.All({})) {
    names[head.registration] = head.title;
    if (head.registration.kind == RegistrationKind::kOrganisation) continue;
    items.push_back(
        {.registration = head.registration,
         .content = ContentOf(*house.store.Get(head.registration, 0))});
  }
  const Export written = ExportItems(*FindProfile("nl-list"), items, names);
  ASSERT_EQ(written.dropped.size(), 1U);
  EXPECT_EQ(written.dropped.front().pointer, "");
  EXPECT_EQ(ImportComplete(house, written.file).counts.drafts, 0U);
}

TEST(WholeAndPart, ABareListAndARowAloneAreTakenToo) {
  RegisterHouse house;
  EXPECT_EQ(house.Import("[" + Row("1") + "," + Row("2") + "]").added, 2U);
  const auto alone = house.Plan("\n\n" + Row("3"));
  ASSERT_THAT(alone, IsOk());
  EXPECT_EQ((*alone)->counts.added, 1U);
  EXPECT_EQ((*alone)->rows.front().line, 3U);
}

TEST(WholeAndPart, LinesOfAPartAreThoseOfTheWholeFile) {
  RegisterHouse house;
  const std::string part = File({Row("1"), "{}", "\xff"});
  ImportRequest request = house.RequestFor(part);
  request.first_row_line = 1'001;
  const auto plan = house.desk.Plan(house.publisher, request);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->rows[0].line, 1'001U);
  EXPECT_EQ((*plan)->rows[1].line, 1'002U);
  EXPECT_NE((*plan)->rows[2].findings.front().message.find("line 1003 "),
            std::string::npos);
}

// What somebody added in another language stays as long as the text does.
TEST(WholeAndPart, TranslationsStayWhileTheTextIsTheSame) {
  RegisterHouse house;
  house.Import(File({Row("1")}));
  json::Value content = ContentOf(Newest(house, "1"));
  content.Remove("kind");
  content.Remove("reason");
  json::Value title = *content.FindPointer("/fields/title/value");
  title.Set("en", *json::ParseStrict(R"({"origin":"machine","text":"One"})"));
  SetField(content, "title", Given(title));
  EXPECT_THAT(
      house.Publish(*house.target.PrepareUpdate(
          house.By(house.publisher), Newest(house, "1").registration, content)),
      IsOk());
  EXPECT_EQ(house.Import(File({Row("1")})).unchanged, 1U);
  std::string renamed = Row("1");
  renamed.replace(renamed.find("\"T1\""), 4, "\"U1\"");
  house.Import(File({renamed}));
  EXPECT_EQ(ContentOf(Newest(house, "1")).FindPointer("/fields/title/value/en"),
            nullptr);
}

TEST(WholeAndPart, WhatItsPublisherSaidOfAFieldStays) {
  RegisterHouse house;
  house.Import(File({Row("1")}));
  json::Value content = ContentOf(Newest(house, "1"));
  content.Remove("kind");
  content.Remove("reason");
  SetField(content, "goal",
           *json::ParseStrict(R"({"state":"in_progress","due":"2027-01-31"})"));
  SetField(content, "status",
           *json::ParseStrict(
               R"({"state":"withheld","ground":"security","authority":"court",)"
               R"("review":"2027-01-31","audience":["auditor"]})"));
  content.Set(
      "restricted",
      *json::ParseStrict(R"({"status":{"state":"given","value":"in_use"}})"));
  ASSERT_THAT(
      house.Publish(*house.target.PrepareUpdate(
          house.By(house.publisher), Newest(house, "1").registration, content)),
      IsOk());
  // An empty cell unsays nothing, and what is restricted is not opened.
  EXPECT_EQ(house.Import(File({Row("1")})).unchanged, 1U);
  std::string renamed = Row("1");
  renamed.replace(renamed.find("\"T1\""), 4, "\"U1\"");
  EXPECT_EQ(house.Import(File({renamed})).changed, 1U);
  const json::Value now = WholeContentOf(Newest(house, "1"));
  EXPECT_EQ(*now.FindPointer("/fields/goal/state"), json::Value("in_progress"));
  EXPECT_EQ(*now.FindPointer("/restricted/status/value"),
            json::Value("in_use"));
}

// What twelve daily steps of the national list add up to.
struct Folded {
  std::set<std::string> added;
  std::set<std::string> removed;
  // Per id, then per field of the list.
  std::map<std::string, std::set<std::string>> changed;
};

std::vector<std::string> Texts(const json::Value& list) {
  std::vector<std::string> out;
  for (const json::Value& one : list.elements()) out.push_back(one.string());
  return out;
}

Folded FoldDeltas(const std::string& lines) {
  Folded out;
  using Edit = std::pair<json::Value, json::Value>;
  std::map<std::string, std::map<std::string, Edit>> edits;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const auto step = json::ParseStrict(line);
    EXPECT_THAT(step, IsOk());
    for (const std::string& id : Texts(*step->Find("added"))) {
      if (out.removed.erase(id) == 0) out.added.insert(id);
    }
    for (const std::string& id : Texts(*step->Find("removed"))) {
      if (out.added.erase(id) == 0) out.removed.insert(id);
    }
    for (const json::Member& row : step->Find("changed")->members()) {
      for (const json::Member& field : row.value.members()) {
        const json::Value& to = *field.value.Find("to");
        const auto [at, is_new] = edits[row.key].try_emplace(
            field.key, *field.value.Find("from"), to);
        if (!is_new) at->second.second = to;
      }
    }
  }
  for (const auto& [id, fields] : edits) {
    if (out.added.contains(id) || out.removed.contains(id)) continue;
    for (const auto& [field, edit] : fields) {
      if (edit.first != edit.second) out.changed[id].insert(field);
    }
  }
  return out;
}

// Columns of the list whose field differs between versions 1 and 2.
std::set<std::string> ChangedColumns(RegisterHouse& house,
                                     const RegistrationId& registration) {
  const json::Value before = ContentOf(*house.store.Get(registration, 1));
  const json::Value after = ContentOf(*house.store.Get(registration, 2));
  std::set<std::string> out;
  for (const Column& column : FindProfile("nl-list")->columns) {
    if (column.field.empty()) continue;
    const std::string pointer = "/fields/" + std::string(column.field);
    if (*before.FindPointer(pointer) != *after.FindPointer(pointer)) {
      out.emplace(column.foreign);
    }
  }
  return out;
}

TEST(CompleteImport, ThreeWeeksOfTheNationalListAreTheirDailySteps) {
  LIMPID_SHARED_OR_SKIP(june,
                        "data/algoregister/nl/algoritmes-2026-06-09.json");
  LIMPID_SHARED_OR_SKIP(july,
                        "data/algoregister/nl/algoritmes-2026-06-30.json");
  LIMPID_SHARED_OR_SKIP(steps, "data/algoregister/nl/deltas-first-12.jsonl");
  const Folded folded = FoldDeltas(testing::ReadFile(steps));
  RegisterHouse house;
  house.Import(testing::ReadFile(june));
  const std::string file = testing::ReadFile(july);
  const ImportPlan plan = ImportComplete(house, file);
  Folded found;
  for (const PlannedRow& row : plan.rows) {
    if (row.outcome == ImportOutcome::kNew) found.added.insert(row.foreign_id);
    if (row.outcome == ImportOutcome::kRemoved) {
      found.removed.insert(row.foreign_id);
      EXPECT_EQ(ListingOf(house, row.foreign_id), "vanished");
    }
    if (row.outcome == ImportOutcome::kChanged) {
      found.changed[row.foreign_id] = ChangedColumns(house, row.registration);
    }
    EXPECT_NE(row.outcome, ImportOutcome::kRejected);
  }
  EXPECT_EQ(found.added, folded.added);
  EXPECT_EQ(found.removed, folded.removed);
  EXPECT_EQ(found.changed, folded.changed);
  EXPECT_EQ(folded.added.size(), 31U);
  EXPECT_EQ(folded.removed.size(), 1U);
  const std::size_t before = house.log.entries.size();
  EXPECT_EQ(ImportComplete(house, file).counts.drafts, 0U);
  EXPECT_EQ(house.log.entries.size(), before);
}

}  // namespace
}  // namespace limpid::algoregister
