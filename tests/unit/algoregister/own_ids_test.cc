// Exports of this register that come back to it: what an id names, what other
// words name, and what of earlier versions stays.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"
#include "tests/unit/algoregister/fixture.h"
#include "tests/unit/algoregister/import_as.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;

std::string ExportAs(RegisterHouse& house, std::string_view profile) {
  const Profile& shape = *FindProfile(profile);
  std::vector<ExportItem> items;
  OrganisationNames names;
  for (const Head& head : house.All({})) {
    names[head.registration] = head.title;
    if (head.registration.kind != shape.kind) continue;
    const Version newest = *house.store.Get(head.registration, 0);
    items.push_back({.registration = head.registration,
                     .content = ContentOf(newest),
                     .drafted = newest.draft_time,
                     .publisher = newest.publisher});
  }
  return ExportItems(shape, items, names).file;
}

// A registration that no import made.
Version ByHand(RegisterHouse& house, RegistrationKind kind,
               std::string_view title) {
  Value content = NewContent(kind);
  SetField(content, "title", GivenText("en", title));
  SetField(content, "description", GivenText("en", "What it is."));
  content.Remove("kind");
  const auto draft =
      house.target.PrepareNew(house.By(house.publisher), kind, content);
  EXPECT_THAT(draft, IsOk());
  const auto version = house.Publish(*draft);
  EXPECT_THAT(version, IsOk());
  return *version;
}

class OwnIds : public ::testing::TestWithParam<std::string_view> {};

TEST_P(OwnIds, NameTheRegistrationTheyWereMadeOf) {
  const RegistrationKind kind = FindProfile(GetParam())->kind;
  RegisterHouse house;
  const Version first = ByHand(house, kind, "One");
  ByHand(house, kind, "Two");
  const std::string file = ExportAs(house, GetParam());
  const auto plan = ImportAs(house, GetParam(), file);
  EXPECT_EQ(plan->counts.unchanged, 2U) << file;
  EXPECT_EQ(plan->counts.drafts, 0U);
  // What is written differently is another version of the same.
  std::string renamed = file;
  renamed.replace(renamed.find("\"One\""), 5, "\"Uno\"");
  const auto changed = ImportAs(house, GetParam(), renamed);
  EXPECT_EQ(changed->counts.changed, 1U);
  EXPECT_EQ(changed->counts.added, 0U);
  EXPECT_EQ(house.store.GetHead(first.registration)->title, "Uno");
  EXPECT_EQ(house.All({.kind = kind}).size(), 2U);
  // In another register they name nothing, and its titles name the rows.
  RegisterHouse other;
  EXPECT_EQ(ImportAs(other, GetParam(), file)->counts.added, 2U);
  EXPECT_EQ(ImportAs(other, GetParam(), file)->counts.unchanged, 2U);
  // There they are known by their titles, and an export of theirs names them by
  // their ids: none is absent.
  const auto own = ImportAs(other, GetParam(), ExportAs(other, GetParam()));
  EXPECT_EQ(own->counts.unchanged, 2U);
  EXPECT_EQ(own->counts.absent, 0U);
}

TEST_P(OwnIds, OfAnotherPublisherOrInTwoRowsAreRejected) {
  const RegistrationKind kind = FindProfile(GetParam())->kind;
  RegisterHouse house;
  ByHand(house, kind, "One");
  const std::string file = ExportAs(house, GetParam());
  const auto twice = ImportAs(house, GetParam(), "[" + file + "," + file + "]");
  EXPECT_EQ(twice->counts.unchanged, 1U);
  EXPECT_EQ(twice->counts.rejected, 1U);
  const Publisher other = MakePublisher(9);
  ImportRequest request = house.RequestFor(file);
  request.profile = GetParam();
  request.key = KeyOf(9).PublicKey();
  const auto plan = house.desk.Plan(other, request);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.rejected, 1U);
}

INSTANTIATE_TEST_SUITE_P(MintedIds, OwnIds,
                         ::testing::Values("spdx", "spdx-dataset", "mldcat-ap",
                                           "mldcat-ap-dataset", "ngsi-ld"));

// When another register made it and by whom there is in the document, and not
// this register's to say otherwise.
TEST(MadeElsewhere, KeepsWhenAndByWhom) {
  for (const std::string_view profile : {"spdx", "spdx-dataset"}) {
    const RegistrationKind kind = FindProfile(profile)->kind;
    RegisterHouse house;
    ByHand(house, kind, "One");
    const std::string file = ExportAs(house, profile);
    RegisterHouse other;
    other.clock.Advance(absl::Hours(1));
    EXPECT_EQ(ImportAs(other, profile, file)->counts.added, 1U);
    const std::string again = ExportAs(other, profile);
    const Value before = *json::ParseStrict(file);
    const Value after = *json::ParseStrict(again);
    for (const std::string_view place :
         {"/@graph/[type=CreationInfo]/created",
          "/@graph/[type=CreationInfo]/createdBy",
          "/@graph/[type=Agent]/spdxId"}) {
      ASSERT_NE(FindPlace(before, place), nullptr) << place;
      ASSERT_NE(FindPlace(after, place), nullptr) << place;
      EXPECT_EQ(*FindPlace(after, place), *FindPlace(before, place)) << place;
    }
    EXPECT_EQ(ImportAs(other, profile, file)->counts.unchanged, 1U);
    EXPECT_EQ(ImportAs(other, profile, again)->counts.unchanged, 1U);
    // Where it comes from it is no news.
    EXPECT_EQ(ImportAs(house, profile, file)->counts.unchanged, 1U);
    house.clock.Advance(absl::Hours(1));
    std::string renamed = file;
    renamed.replace(renamed.find("\"One\""), 5, "\"Uno\"");
    EXPECT_EQ(ImportAs(house, profile, renamed)->counts.changed, 1U);
    const Value newer = *json::ParseStrict(ExportAs(house, profile));
    constexpr std::string_view kCreated = "/@graph/[type=CreationInfo]/created";
    EXPECT_NE(*FindPlace(newer, kCreated), *FindPlace(before, kCreated));
  }
}

std::string TemplateRow(std::string_view lars, std::string_view name) {
  return absl::StrCat(R"({"lars":)", std::string(lars), R"(,"name":")",
                      std::string(name), R"(","organization":"Delft"})");
}

// A row whose id cannot be read might be any that is known by its id, whatever
// else can be read of it.
TEST(UnreadableIds, MeanThatNothingVanishes) {
  RegisterHouse house;
  const std::string second = TemplateRow(R"("L2")", "Two");
  ImportAs(house, "nl-1.0",
           "[" + TemplateRow(R"("L1")", "One") + "," + second + "]");
  const auto plan =
      ImportAs(house, "nl-1.0",
               "[" + TemplateRow("{\"x\":1}", "One") + "," + second + "]",
               /*complete=*/true);
  EXPECT_EQ(plan->counts.rejected, 1U);
  EXPECT_EQ(plan->counts.removed, 0U);
  EXPECT_EQ(plan->counts.absent, 1U);
  ASSERT_EQ(plan->findings.size(), 1U);
  EXPECT_NE(plan->findings.front().message.find("line 1 "), std::string::npos);
}

std::string CanadianFile(std::string_view french) {
  return absl::StrCat(
      "ai_register_id,name_ai_system_en,name_ai_system_fr,"
      "government_organization\n1,One,",
      std::string(french), ",Delft\n");
}

Value TitleOf(RegisterHouse& house) {
  const auto known = house.store.FindAlias({"ca-register", "1"});
  return *ContentOf(*house.store.Get(**known, 0))
              .FindPointer("/fields/title/value");
}

TEST(EarlierTexts, GoWithTheLanguageThatTheFileTookOut) {
  RegisterHouse house;
  ImportAs(house, "ca-register", CanadianFile("Un"));
  EXPECT_NE(TitleOf(house).Find("fr"), nullptr);
  const auto plan = ImportAs(house, "ca-register", CanadianFile(""));
  EXPECT_EQ(plan->counts.changed, 1U);
  EXPECT_EQ(TitleOf(house).Find("fr"), nullptr);
  EXPECT_NE(TitleOf(house).Find("en"), nullptr);
}

// What the file says of one text says nothing of another that it has no column
// for in that language.
TEST(EarlierTexts, OfOtherFieldsStay) {
  RegisterHouse house;
  const std::string file =
      "ai_register_id,name_ai_system_en,government_organization,"
      "description_ai_system_en,developed_by_fr\n1,One,Delft,,Fournisseur\n";
  ImportAs(house, "ca-register", file);
  const auto known = house.store.FindAlias({"ca-register", "1"});
  Value content = ContentOf(*house.store.Get(**known, 0));
  content.Remove("kind");
  content.Remove("reason");
  Value maker = *content.FindPointer("/fields/sourcing_text/value");
  maker.Set("en", *json::ParseStrict(R"({"origin":"human","text":"Vendor"})"));
  SetField(content, "sourcing_text", Given(maker));
  ASSERT_THAT(house.Publish(*house.target.PrepareUpdate(
                  house.By(house.publisher), **known, content)),
              IsOk());
  EXPECT_EQ(ImportAs(house, "ca-register", file)->counts.unchanged, 1U);
}

// What it is known by instead is nobody's id.
TEST(CompleteFiles, MarkARowThatHadNoId) {
  RegisterHouse house;
  const std::string header =
      "ai_register_id,name_ai_system_en,government_organization\n1,One,Delft\n";
  ImportAs(house, "ca-register", header + ",Two,Delft\n");
  const auto plan = ImportAs(house, "ca-register", header, /*complete=*/true);
  ASSERT_EQ(plan->counts.removed, 1U);
  EXPECT_EQ(plan->rows.back().outcome, ImportOutcome::kRemoved);
  EXPECT_EQ(plan->rows.back().foreign_id, "");
}

// A code in the file takes the words beside it away, but not what its publisher
// promised to say.
TEST(EarlierFields, ThatWereAnnouncedStayBesideACode) {
  RegisterHouse house;
  const std::string file =
      "ai_register_id,name_ai_system_en,government_organization,"
      "developed_by_en\n1,One,Delft,Vendor\n";
  ImportAs(house, "ca-register", file);
  const auto known = house.store.FindAlias({"ca-register", "1"});
  Value content = ContentOf(*house.store.Get(**known, 0));
  content.Remove("kind");
  content.Remove("reason");
  SetField(content, "sourcing_note",
           *json::ParseStrict(R"({"state":"in_progress","due":"2027-01-31"})"));
  ASSERT_THAT(house.Publish(*house.target.PrepareUpdate(
                  house.By(house.publisher), **known, content)),
              IsOk());
  EXPECT_EQ(ImportAs(house, "ca-register", file)->counts.unchanged, 1U);
}

TEST(EarlierTexts, OfAMachineStayWhereTheFileSaysNothing) {
  RegisterHouse house;
  ImportAs(house, "ca-register", CanadianFile(""));
  const auto known = house.store.FindAlias({"ca-register", "1"});
  Value content = ContentOf(*house.store.Get(**known, 0));
  content.Remove("kind");
  content.Remove("reason");
  Value title = TitleOf(house);
  title.Set("fr", *json::ParseStrict(R"({"origin":"machine","text":"Un"})"));
  SetField(content, "title", Given(title));
  ASSERT_THAT(house.Publish(*house.target.PrepareUpdate(
                  house.By(house.publisher), **known, content)),
              IsOk());
  EXPECT_EQ(ImportAs(house, "ca-register", CanadianFile(""))->counts.unchanged,
            1U);
}

// A document that says less than before is not the one before.
TEST(EarlierDocuments, DoNotKeepWhatTheFileTookOut) {
  RegisterHouse house;
  const std::string card =
      R"({"name":"n","url":"https://example.org/n","x":1,"y":2})";
  ImportAs(house, "croissant", card);
  const std::string less =
      R"({"name":"n","url":"https://example.org/n","x":1})";
  EXPECT_EQ(ImportAs(house, "croissant", less)->counts.changed, 1U);
  const std::string file = ExportAs(house, "croissant");
  EXPECT_NE(file.find("\"x\""), std::string::npos);
  EXPECT_EQ(file.find("\"y\""), std::string::npos);
}

}  // namespace
}  // namespace limpid::algoregister
