#include "algoregister/registration/content.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

Value Deployment() {
  Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("nl", "Anonimiseren"));
  content.Set("reason", "first");
  return content;
}

absl::Status CheckField(std::string_view name, std::string_view field) {
  Value content = Deployment();
  SetField(content, name, *json::ParseStrict(field));
  return ValidateContent(content);
}

TEST(RegistrationContent, TakesEveryStateOfAField) {
  for (const std::string_view field :
       {R"({"state":"missing"})", R"({"state":"given","value":"in_use"})",
        R"({"state":"not_applicable","reason":"no decisions"})",
        R"({"state":"in_progress","due":"2027-01"})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one field
        R"({"state":"withheld","ground":"Woo 5.1","authority":"the mayor",)"
        R"("review":"2027-01-31"})"}) {
    EXPECT_THAT(CheckField("status", field), IsOk()) << field;
  }
}

TEST(RegistrationContent, RefusesStatesThatAreNotWhole) {
  for (const std::string_view field :
       {R"({})", R"({"state":"empty"})", R"({"state":"given"})",
        R"({"state":"missing","value":"in_use"})",
        R"({"state":"not_applicable"})", R"({"state":"in_progress"})",
        R"({"state":"in_progress","due":"soon"})",
        R"({"state":"withheld","ground":"Woo 5.1","review":"2027-01-31"})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one field
        R"({"state":"withheld","ground":"","authority":"x",)"
        R"("review":"2027-01-31"})",
        R"("in_use")", "null"}) {
    EXPECT_THAT(CheckField("status", field), StatusIs(kBad)) << field;
  }
}

struct FieldCase {
  std::string_view name;
  std::string_view good;
  std::string_view bad;
};

TEST(RegistrationContent, ChecksTheValuesOfEveryType) {
  const std::string organisation =
      RegistrationId::Random(RegistrationKind::kOrganisation).Text();
  const std::string system =
      RegistrationId::Random(RegistrationKind::kSystem).Text();
  const auto given = [](std::string_view value) {
    return R"({"state":"given","value":)" + std::string(value) + "}";
  };
  for (const FieldCase& c : {
           FieldCase{"status", R"("in_use")", R"("in use")"},
           FieldCase{"registered_on", R"("2024-02-29")", R"("2023-02-29")"},
           FieldCase{"registered_on", R"("2024")", R"("2024-13")"},
           FieldCase{"registered_on", R"("2024-02")", R"("2024-2")"},
           FieldCase{"source_url", R"("https://example.org/a?b")",
                     R"("ftp://example.org")"},
           FieldCase{"source_url", R"("http://example.org/ä")",
                     R"("https://example.org/a b")"},
           FieldCase{"goal", R"({"nl":{"origin":"human","text":"x"}})",
                     R"("x")"},
           FieldCase{"goal", R"({"pt-BR":{"origin":"machine","text":"x"}})",
                     R"({"Dutch":{"origin":"human","text":"x"}})"},
           FieldCase{"goal", R"({"fry":{"origin":"human","text":"x"}})",
                     R"({"nl":{"origin":"robot","text":"x"}})"},
           FieldCase{"goal", R"({"nl":{"origin":"human","text":"a\nb"}})",
                     R"({"nl":{"origin":"human","text":" a"}})"},
           FieldCase{"goal", R"({"nl":{"origin":"human","text":"x"}})",
                     R"({"nl":{"origin":"human","text":"a\u0000"}})"},
           FieldCase{"goal", R"({"nl":{"origin":"human","text":"x"}})", "{}"},
       }) {
    EXPECT_THAT(CheckField(c.name, given(c.good)), IsOk()) << c.good;
    EXPECT_THAT(CheckField(c.name, given(c.bad)), StatusIs(kBad)) << c.bad;
  }
  EXPECT_THAT(CheckField("system", given("\"" + system + "\"")), IsOk());
  EXPECT_THAT(CheckField("system", given("\"" + organisation + "\"")),
              StatusSays(kBad, "/fields/system/value: "));
}

TEST(RegistrationContent, NamesThePointerOfTheFault) {
  EXPECT_THAT(CheckField("nonsense", R"({"state":"missing"})"),
              StatusSays(kBad, "/fields/nonsense: "));
  EXPECT_THAT(CheckField("a/b", R"({"state":"missing"})"),
              StatusSays(kBad, "/fields/a~1b: "));
  EXPECT_THAT(CheckField("title", R"({"state":"missing"})"),
              StatusSays(kBad, "/fields/title: must be given"));
}

TEST(RegistrationContent, NeedsItsFourPartsAndNoMore) {
  EXPECT_THAT(ValidateContent(Deployment()), IsOk());
  for (const char* const part : {"aliases", "fields", "kind", "reason"}) {
    Value content = Deployment();
    content.Remove(part);
    EXPECT_THAT(ValidateContent(content), StatusIs(kBad)) << part;
  }
  Value content = Deployment();
  content.Set("more", 1);
  EXPECT_THAT(ValidateContent(content), StatusSays(kBad, "/more"));
  content = Deployment();
  content.Set("reason", std::string(kMaxReasonBytes, 'x'));
  EXPECT_THAT(ValidateContent(content), IsOk());
  content.Set("reason", std::string(kMaxReasonBytes + 1, 'x'));
  EXPECT_THAT(ValidateContent(content), StatusSays(kBad, "/reason"));
  content = Deployment();
  content.Set("kind", "thing");
  EXPECT_THAT(ValidateContent(content), StatusSays(kBad, "/kind"));
  content = Deployment();
  SetField(content, "title", json::Value());
  EXPECT_THAT(ValidateContent(content), StatusIs(kBad));
}

TEST(RegistrationContent, AliasesAreSortedEachOnce) {
  Value content = Deployment();
  AddAlias(content, {"nl-list", "2"});
  AddAlias(content, {"nl-list", "1"});
  AddAlias(content, {"city", "9"});
  EXPECT_THAT(ValidateContent(content), IsOk());
  EXPECT_EQ(AliasesOf(content).front().scheme, "city");
  AddAlias(content, {"nl-list", "1"});
  EXPECT_THAT(ValidateContent(content), StatusSays(kBad, "/aliases/2"));
  content = Deployment();
  AddAlias(content, {"NL list", "1"});
  EXPECT_THAT(ValidateContent(content), StatusSays(kBad, "/aliases/0/scheme"));
}

TEST(RegistrationContent, CutsTitlesBetweenCharacters) {
  Value content = Deployment();
  std::string title;
  for (int i = 0; i < 150; ++i) title += "é";
  SetField(content, "title", GivenText("nl", title));
  EXPECT_EQ(TitleOf(content), title.substr(0, kMaxTitleBytes));
  SetField(content, "title", GivenText("nl", "x" + title));
  EXPECT_EQ(TitleOf(content).size(), kMaxTitleBytes - 1);
}

TEST(RegistrationId, CarriesItsKind) {
  for (const RegistrationKind kind : receipt::kRegistrationKinds) {
    const RegistrationId id = RegistrationId::Random(kind);
    EXPECT_EQ(*RegistrationId::Parse(id.Text()), id);
  }
  EXPECT_THAT(RegistrationId::Parse("snp_aaaaaaaaaaaaaaaaaaaaaaaaae"),
              StatusIs(kBad));
}

// What a field of the row would hold to name `id`; null when it cannot.
json::Value NamingValue(const FieldSpec& spec, const std::string& id) {
  const auto list = [](json::Value element) {
    json::Value out = json::Value::Array();
    out.Append(std::move(element));
    return out;
  };
  if (spec.type == FieldType::kReference) return json::Value(id);
  if (spec.type == FieldType::kReferences) return list(json::Value(id));
  if (spec.type == FieldType::kDatasetUses) {
    return list(json::Value::Object({{"dataset", json::Value(id)}}));
  }
  for (const MemberSpec& member : spec.members) {
    if (member.type != FieldType::kReference) continue;
    return list(
        json::Value::Object({{std::string(member.name), json::Value(id)}}));
  }
  return {};
}

TEST(References, AreFoundInEveryFieldThatCanHoldOne) {
  const auto id = RegistrationId::Random(RegistrationKind::kDataset);
  std::set<FieldType> seen;
  for (const RegistrationKind kind : receipt::kRegistrationKinds) {
    for (const FieldSpec& spec : FieldsOf(kind)) {
      json::Value value = NamingValue(spec, id.Text());
      const std::size_t expected = value.is_null() ? 0 : 1;
      if (expected == 1) seen.insert(spec.type);
      json::Value content = NewContent(kind);
      SetField(content, spec.name, Given(std::move(value)));
      EXPECT_EQ(ReferencesOf(content).size(), expected) << spec.name;
    }
  }
  EXPECT_TRUE(seen.contains(FieldType::kReference));
  EXPECT_TRUE(seen.contains(FieldType::kDatasetUses));
}

}  // namespace
}  // namespace limpid::algoregister
