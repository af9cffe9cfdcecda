// Rows that say which language they are in, as the delivery interface of the
// Dutch register answers them.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"
#include "tests/unit/algoregister/fixture.h"
#include "tests/unit/algoregister/import_as.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;
using testing::IsOk;

// An object of the interface; the standard knows one word for `lang`.
std::string Object(std::string_view lars, std::string_view language,
                   std::string_view name, std::string_view goal,
                   std::string_view status = "In gebruik") {
  return absl::StrCat(
      R"({"lars":")", ToAbsl(lars), R"(","language":")", ToAbsl(language),
      R"(","lang":"nld","state":"PUBLISHED","organization":"Delft","name":")",
      ToAbsl(name), R"(","goal":")", ToAbsl(goal), R"(","status":")",
      ToAbsl(status), R"("})");
}

class Answers : public ::testing::Test {
 protected:
  std::shared_ptr<const ImportPlan> Import(std::string_view rows) {
    return ImportAs(house_, "nl-1.0", absl::StrCat("[", ToAbsl(rows), "]"));
  }
  Value Now(std::string_view lars = "1") {
    const auto id = house_.store.FindAlias({"nl-1.0", std::string(lars)});
    EXPECT_TRUE(id->has_value());
    return ContentOf(*house_.store.Get(**id, 0));
  }
  // What it says in exactly that language, or nothing.
  std::string In(std::string_view field, std::string_view language) {
    const Value now = Now();
    const Value* const texts = GivenValue(now, field);
    const Value* const text =
        texts == nullptr ? nullptr : texts->Find(language);
    return text == nullptr ? std::string() : text->Find("text")->string();
  }

  RegisterHouse house_;
};

bool Tells(const PlannedRow& row, std::string_view field,
           std::string_view words) {
  return std::any_of(row.findings.begin(), row.findings.end(),
                     [field, words](const Finding& finding) {
                       return finding.field == field &&
                              absl::StrContains(finding.message, ToAbsl(words));
                     });
}

TEST_F(Answers, AreFiledUnderTheirLanguage) {
  const auto plan = Import(Object("1", "ENG", "Sorting", "To help."));
  EXPECT_EQ(plan->counts.added, 1U);
  EXPECT_EQ(In("title", "en"), "Sorting");
  EXPECT_EQ(In("title", "nl"), "");
  EXPECT_EQ(*GivenValue(Now(), "list_state"), Value("published"));
  for (const Finding& finding : plan->rows.front().findings) {
    EXPECT_NE(finding.field, "language");
    EXPECT_NE(finding.field, "lang");
  }
}

TEST_F(Answers, OfOneIdInTwoLanguagesAreOneRegistration) {
  const std::string dutch = Object("1", "NLD", "Sorteren", "Om te helpen.");
  const std::string english = Object("1", "ENG", "Sorting", "To help.");
  for (const std::string& file :
       {dutch + "," + english, english + "," + dutch}) {
    RegisterHouse house;
    const auto plan = ImportAs(house, "nl-1.0", "[" + file + "]");
    EXPECT_EQ(plan->counts.added, 1U);
    EXPECT_EQ(plan->counts.rejected, 0U);
    EXPECT_TRUE(Tells(plan->rows.back(), "", "another language"));
    EXPECT_EQ(plan->rows.front().registration, plan->rows.back().registration);
    const auto id = house.store.FindAlias({"nl-1.0", "1"});
    const Value now = ContentOf(*house.store.Get(**id, 0));
    EXPECT_EQ(TextOf(now, "title", "nl"), "Sorteren");
    EXPECT_EQ(TextOf(now, "title", "en"), "Sorting");
    EXPECT_EQ(TextOf(now, "goal", "nl"), "Om te helpen.");
    EXPECT_EQ(TextOf(now, "goal", "en"), "To help.");
    const auto again =
        ImportAs(house, "nl-1.0", "[" + english + "," + dutch + "]");
    EXPECT_EQ(again->counts.unchanged, 2U);
    EXPECT_EQ(again->counts.drafts, 0U);
  }
}

TEST_F(Answers, InFilesOfTheirOwnLeaveTheOthersText) {
  Import(Object("1", "NLD", "Sorteren", "Om te helpen."));
  Import(Object("1", "ENG", "Sorting", "To help."));
  EXPECT_EQ(In("title", "nl"), "Sorteren");
  EXPECT_EQ(In("title", "en"), "Sorting");
  // Another English text, and none, are no other Dutch one.
  Import(Object("1", "ENG", "Sorting mail", ""));
  EXPECT_EQ(In("title", "nl"), "Sorteren");
  EXPECT_EQ(In("title", "en"), "Sorting mail");
  EXPECT_EQ(In("goal", "nl"), "Om te helpen.");
  EXPECT_EQ(In("goal", "en"), "");
  // The Dutch text is what the English one is a translation of.
  const auto plan = Import(Object("1", "NLD", "Post sorteren", ""));
  EXPECT_EQ(In("title", "nl"), "Post sorteren");
  EXPECT_EQ(In("title", "en"), "");
  EXPECT_TRUE(Tells(plan->rows.front(), "name", "said in en"));
}

TEST_F(Answers, ThatSayOtherwiseInAnotherLanguageAreRemarkedOn) {
  const auto plan =
      Import(Object("1", "ENG", "Sorting", "To help.", "Buiten gebruik") + "," +
             Object("1", "NLD", "Sorteren", "Om te helpen.", "In gebruik"));
  EXPECT_EQ(plan->counts.added, 1U);
  EXPECT_EQ(*GivenValue(Now(), "status"), Value("in_use"));
  EXPECT_TRUE(Tells(plan->rows.front(), "status", "says otherwise"));
}

TEST_F(Answers, TwiceInOneLanguageAreTwoRegistrations) {
  const auto plan = Import(Object("1", "NLD", "Sorteren", "Om te helpen.") +
                           "," + Object("1", "NLD", "Kaarten", "Om te zien."));
  EXPECT_EQ(plan->counts.added, 2U);
  EXPECT_EQ(In("title", "nl"), "Sorteren");
}

TEST_F(Answers, ArchivedByTheirRegisterSaySo) {
  std::string row = Object("1", "NLD", "Sorteren", "Om te helpen.");
  const std::string published = "PUBLISHED";
  row.replace(row.find(published), published.size(), "ARCHIVED");
  Import(row);
  EXPECT_EQ(*GivenValue(Now(), "list_state"), Value("archived"));
}

TEST_F(Answers, OfALanguageNobodyKnowsSaySo) {
  const auto plan = Import(Object("1", "QQQ", "Sorteren", "Om te helpen."));
  EXPECT_EQ(plan->counts.added, 1U);
  EXPECT_TRUE(Tells(plan->rows.front(), "language", "not a language"));
  EXPECT_EQ(In("title", "nl"), "Sorteren");
}

TEST_F(Answers, ComeBackInTheirLanguage) {
  Import(Object("1", "ENG", "Sorting", "To help.") + "," +
         Object("2", "NLD", "Kaarten", "Om te zien."));
  const Profile& profile = *FindProfile("nl-1.0");
  std::vector<ExportItem> items;
  OrganisationNames names;
  for (const Head& head : house_.All({})) {
    names[head.registration] = head.title;
    if (head.registration.kind != profile.kind) continue;
    items.push_back(
        {.registration = head.registration,
         .content = ContentOf(*house_.store.Get(head.registration, 0))});
  }
  const Export written = ExportItems(profile, items, names);
  EXPECT_TRUE(written.dropped.empty());
  EXPECT_TRUE(absl::StrContains(written.file, R"("language": "ENG")"))
      << written.file;
  EXPECT_FALSE(absl::StrContains(written.file, R"("language": "NLD")"));
  EXPECT_EQ(ImportAs(house_, "nl-1.0", written.file)->counts.unchanged, 2U);
  RegisterHouse other;
  EXPECT_EQ(ImportAs(other, "nl-1.0", written.file)->counts.added, 2U);
}

// The codes of the cities' standard are words of its language.
TEST(RowLanguages, OfAnotherProfileAreRejected) {
  const auto read = [](std::string_view profile, std::string_view language) {
    return ReadRow(
        *FindProfile(profile),
        Value::Object({{"name", Value("Sorting")}, {"lang", Value(language)}}));
  };
  EXPECT_FALSE(IsRejected(read("ats-0.3.1", "en")));
  EXPECT_TRUE(IsRejected(read("ats-0.3.1", "nl")));
  EXPECT_TRUE(IsRejected(read("ats-0.3.1", "Nederlands")));
  EXPECT_TRUE(IsRejected(read("ats-0.3.1-nl", "en")));
  const RowReading finnish = read("ats-0.3.1", "fi");
  EXPECT_FALSE(IsRejected(finnish));
  EXPECT_NE(finnish.fields.FindPointer("/title/value/fi"), nullptr);
  const RowReading dutch = read("ats-0.3.1-nl", "NLD");
  EXPECT_NE(dutch.fields.FindPointer("/title/value/nl"), nullptr);
}

}  // namespace
}  // namespace limpid::algoregister
