// What a publisher said beyond its list stays when the list comes again, and
// what does not stay is told.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
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

std::string Inventory(std::string_view monitoring, std::string_view training) {
  return absl::StrCat(
      "agency_name,id,use_case_name,hi_ongoing_monitoring,"
      "hi_training_established\nAgency,1,Sorting,",
      ToAbsl(monitoring), ",", ToAbsl(training), "\n");
}

class Inventories : public ::testing::Test {
 protected:
  std::shared_ptr<const ImportPlan> Import(std::string_view monitoring,
                                           std::string_view training = "") {
    return ImportAs(house_, "omb-2025", Inventory(monitoring, training));
  }
  Value Now() {
    const auto id = house_.store.FindAlias({"omb-2025", "1"});
    return ContentOf(*house_.store.Get(**id, 0));
  }
  // The publisher's own version, with fields set or (null) taken out.
  void Say(const std::vector<std::pair<std::string_view, Value>>& fields) {
    const auto id = house_.store.FindAlias({"omb-2025", "1"});
    Value content = Now();
    content.Remove("kind");
    content.Remove("reason");
    for (const auto& [name, field] : fields) {
      if (field.is_null()) {
        RemoveField(content, name);
      } else {
        SetField(content, name, field);
      }
    }
    ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                    house_.By(house_.publisher), **id, content)),
                IsOk());
  }

  RegisterHouse house_;
};

bool Tells(const ImportPlan& plan, std::string_view field,
           std::string_view words) {
  const std::vector<Finding>& findings = plan.rows.front().findings;
  return std::any_of(findings.begin(), findings.end(),
                     [field, words](const Finding& finding) {
                       return finding.field == field && finding.repaired &&
                              absl::StrContains(finding.message, ToAbsl(words));
                     });
}

TEST_F(Inventories, LeaveTheProseOfTheirPublisher) {
  Import("");
  Say({{"monitoring", GivenText("en", "Every week by two people.")},
       {"training_required", GivenText("en", "Two days.")}});
  for (const char* const cell : {"", "In-progress"}) {
    Import(cell, *cell == '\0' ? "" : "Training In-progress");
    EXPECT_EQ(TextOf(Now(), "monitoring", "en"), "Every week by two people.");
    EXPECT_EQ(TextOf(Now(), "training_required", "en"), "Two days.");
  }
  EXPECT_EQ(Import("In-progress", "Training In-progress")->counts.unchanged,
            1U);
}

TEST_F(Inventories, KeepWordsInAFieldOfTheirOwn) {
  Import("Now and then", "As needed");
  EXPECT_EQ(TextOf(Now(), "monitoring_note", "en"), "Now and then");
  EXPECT_EQ(TextOf(Now(), "staff_training_note", "en"), "As needed");
  EXPECT_EQ(GivenValue(Now(), "monitoring"), nullptr);
  EXPECT_EQ(Import("Now and then", "As needed")->counts.unchanged, 1U);
  const auto plan = Import("CAIO Waived", "As needed");
  EXPECT_EQ(GivenValue(Now(), "monitoring_note"), nullptr);
  EXPECT_TRUE(Tells(*plan, "hi_ongoing_monitoring", "monitoring_note"));
}

// As imports of earlier releases left it.
TEST_F(Inventories, MoveTheWordsThatStoodInTheProse) {
  Import("Now and then", "As needed");
  Say({{"monitoring", GivenText("en", "Now and then")},
       {"monitoring_note", Value()},
       {"training_required", GivenText("en", "Two days.")},
       {"staff_training_note", Value()}});
  const auto plan = Import("Now and then", "As needed");
  EXPECT_EQ(plan->counts.changed, 1U);
  EXPECT_EQ(TextOf(Now(), "monitoring_note", "en"), "Now and then");
  EXPECT_EQ(GivenValue(Now(), "monitoring"), nullptr);
  // Other words are the publisher's.
  EXPECT_EQ(TextOf(Now(), "training_required", "en"), "Two days.");
  EXPECT_FALSE(Tells(*plan, "hi_ongoing_monitoring", "taken out"));
}

TEST_F(Inventories, SayWhenAGivenFieldGoes) {
  Import("");
  Say({{"goal", GivenText("en", "To help.")}});
  const auto plan = ImportAs(
      house_, "omb-2025",
      "agency_name,id,use_case_name,problem_solved\nAgency,1,Sorting,\n");
  EXPECT_EQ(plan->counts.changed, 1U);
  EXPECT_TRUE(Tells(*plan, "problem_solved", "taken out of goal"));
}

std::string Register(std::string_view english, std::string_view french) {
  return absl::StrCat(
      "ai_register_id,name_ai_system_en,name_ai_system_fr,"
      "government_organization\n1,",
      ToAbsl(english), ",", ToAbsl(french), ",Delft\n");
}

class Languages : public ::testing::Test {
 protected:
  void SetUp() override {
    ImportAs(house_, "ca-register", Register("One", ""));
    const auto id = house_.store.FindAlias({"ca-register", "1"});
    Value content = ContentOf(*house_.store.Get(**id, 0));
    content.Remove("kind");
    content.Remove("reason");
    Value title = Title();
    title.Set("de", *json::ParseStrict(R"({"origin":"human","text":"Eins"})"));
    SetField(content, "title", Given(title));
    ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                    house_.By(house_.publisher), **id, content)),
                IsOk());
  }
  Value Title() {
    const auto id = house_.store.FindAlias({"ca-register", "1"});
    return *ContentOf(*house_.store.Get(**id, 0))
                .FindPointer("/fields/title/value");
  }

  RegisterHouse house_;
};

TEST_F(Languages, OfThePublisherStayBesideANewOneOfTheFile) {
  const auto plan = ImportAs(house_, "ca-register", Register("One", "Un"));
  EXPECT_EQ(plan->counts.changed, 1U);
  EXPECT_NE(Title().Find("de"), nullptr);
  EXPECT_NE(Title().Find("fr"), nullptr);
  EXPECT_NE(Title().Find("en"), nullptr);
}

// A machine's words in a language are no text that others translate.
TEST_F(Languages, OfThePublisherStayWhereTheFileReplacesAMachine) {
  const auto id = house_.store.FindAlias({"ca-register", "1"});
  Value content = ContentOf(*house_.store.Get(**id, 0));
  content.Remove("kind");
  content.Remove("reason");
  Value title = Title();
  title.Set("fr", *json::ParseStrict(R"({"origin":"machine","text":"Eun"})"));
  SetField(content, "title", Given(title));
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), **id, content)),
              IsOk());
  ImportAs(house_, "ca-register", Register("One", "Un"));
  EXPECT_NE(Title().Find("de"), nullptr);
  EXPECT_EQ(*Title().FindPointer("/fr/text"), Value("Un"));
}

// What stands for an erased title is no translation of the next one.
TEST(ErasedTitles, LeaveNothingBesideTheNextOne) {
  RegisterHouse house;
  const std::string file =
      R"([{"lars":"1","name":"Sorteren","organization":"Delft"}])";
  ImportAs(house, "nl-1.0", file);
  const auto id = house.store.FindAlias({"nl-1.0", "1"});
  ASSERT_THAT(house.target.EraseField({.registration = **id,
                                       .number = 0,
                                       .pointer = "/fields/title",
                                       .ground = "GDPR Article 17(1)(d)"},
                                      /*check_only=*/false),
              IsOk());
  house.clock.Advance(absl::Seconds(1));
  const auto plan = ImportAs(house, "nl-1.0", file);
  ASSERT_EQ(plan->counts.changed, 1U);
  const Value now = ContentOf(*house.store.Get(**id, 0));
  const Value* const title = GivenValue(now, "title");
  ASSERT_NE(title, nullptr);
  EXPECT_EQ(title->size(), 1U);
  EXPECT_EQ(TextOf(now, "title", "nl"), "Sorteren");
  EXPECT_FALSE(Tells(*plan, "name", "taken out"));
}

TEST_F(Languages, OfAnotherTextGoAndThatIsSaid) {
  const auto plan = ImportAs(house_, "ca-register", Register("Two", ""));
  EXPECT_EQ(plan->counts.changed, 1U);
  EXPECT_EQ(Title().Find("de"), nullptr);
  EXPECT_TRUE(Tells(*plan, "name_ai_system_en", "said in de"));
}

// The list never said anything that it could be a translation of.
TEST_F(Languages, OfAFieldThatTheFileLeavesEmptyStay) {
  const std::string file =
      "ai_register_id,name_ai_system_en,government_organization,"
      "description_ai_system_en\n1,One,Delft,";
  ImportAs(house_, "ca-register", file + "\n");
  const auto id = house_.store.FindAlias({"ca-register", "1"});
  const auto now = [&] { return ContentOf(*house_.store.Get(**id, 0)); };
  Value content = now();
  content.Remove("kind");
  content.Remove("reason");
  SetField(content, "summary", GivenText("de", "Es hilft."));
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), **id, content)),
              IsOk());
  EXPECT_EQ(ImportAs(house_, "ca-register", file + "\n")->counts.unchanged, 1U);
  ImportAs(house_, "ca-register", file + "It helps.\n");
  EXPECT_EQ(TextOf(now(), "summary", "de"), "Es hilft.");
  EXPECT_EQ(TextOf(now(), "summary", "en"), "It helps.");
  // A translation goes with the text that it is of.
  ImportAs(house_, "ca-register", file + "\n");
  EXPECT_EQ(GivenValue(now(), "summary"), nullptr);
}

}  // namespace
}  // namespace limpid::algoregister
