// What an export of a row leaves out, and that it says so.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;

// {pointer, reason} of each thing that an export leaves out.
std::vector<std::pair<std::string, std::string>> Told(const Export& written) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Dropped& dropped : written.dropped) {
    out.emplace_back(dropped.pointer, dropped.reason);
  }
  return out;
}

// Of a register of deployments in English; `columns` must outlive it.
Profile Shape(Layout layout, const std::vector<Column>& columns) {
  return {.name = "test-shape",
          .organisation_scheme = "test-shape:organisation",
          .layout = layout,
          .language = "en",
          .kind = RegistrationKind::kDeployment,
          .columns = columns,
          .ids_may_be_blank = true};
}

// One place takes a value or words; what is not in the file is named.
TEST(Export, WordsBesideAValueAreTold) {
  constexpr auto kStage = std::to_array<CodePair>({{"In use", "in_use"}});
  const std::vector<Column> columns = {
      {.foreign = "name", .field = "title", .type = ColumnType::kText},
      {.foreign = "site",
       .field = "website",
       .type = ColumnType::kUrl,
       .otherwise = "website_note"},
      {.foreign = "code",
       .field = "code_url",
       .type = ColumnType::kUrl,
       .otherwise = "code_note"},
      {.foreign = "state",
       .field = "status",
       .type = ColumnType::kCode,
       .codes = kStage,
       .otherwise = "status_note"}};
  Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "T"));
  SetField(content, "website", Given(Value("https://example.org")));
  SetField(content, "website_note", Given(Value("and the town hall")));
  SetField(content, "code_note", Given(Value("on request")));
  // The words go where the code cannot.
  SetField(content, "status", Given(Value("in_development")));
  SetField(content, "status_note", Given(Value("nearly done")));
  const ExportItem item{
      .registration = RegistrationId::Random(RegistrationKind::kDeployment),
      .content = content};
  for (const Layout layout : {Layout::kJsonList, Layout::kCsv}) {
    const Profile shape = Shape(layout, columns);
    const Export written = ExportItems(shape, {&item, 1}, {});
    EXPECT_EQ(Told(written),
              (std::vector<std::pair<std::string, std::string>>{
                  {"/fields/status", "the code cannot be expressed"},
                  {"/fields/website_note", "not beside website"}}));
    EXPECT_EQ(written.file.find("town hall"), std::string::npos);
    EXPECT_NE(written.file.find("on request"), std::string::npos);
    EXPECT_NE(written.file.find("nearly done"), std::string::npos);
  }
}

TEST(Export, WordsBesideAMemberOfARecordAreTold) {
  constexpr auto kBasis = std::to_array<MemberColumn>({
      {.foreign = "title", .member = "title"},
      {.foreign = "link",
       .member = "url",
       .type = ColumnType::kUrl,
       .otherwise = "note"},
  });
  const std::vector<Column> columns = {
      {.foreign = "name", .field = "title", .type = ColumnType::kText},
      {.foreign = "law",
       .field = "legal_bases",
       .type = ColumnType::kRecords,
       .members = kBasis}};
  const Profile shape = {.name = "test-shape",
                         .organisation_scheme = "test-shape:organisation",
                         .language = "en",
                         .kind = RegistrationKind::kDeployment,
                         .columns = columns,
                         .ids_may_be_blank = true};
  Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "T"));
  SetField(content, "legal_bases",
           Given(*json::ParseStrict(
               R"([{"note":"in the safe","title":"A"},)"
               R"({"note":"article 2","title":"B","url":"https://b.nl"}])")));
  content.Set("reason", "because");
  ASSERT_THAT(ValidateContent(content), IsOk());
  const ExportItem item{
      .registration = RegistrationId::Random(RegistrationKind::kDeployment),
      .content = content};
  const Export written = ExportItems(shape, {&item, 1}, {});
  EXPECT_EQ(Told(written),
            (std::vector<std::pair<std::string, std::string>>{
                {"/fields/legal_bases/value/1/note", "not beside url"}}));
  EXPECT_NE(written.file.find("in the safe"), std::string::npos);
  EXPECT_EQ(written.file.find("article 2"), std::string::npos);
}

// Whether `pointer` or something below it was told.
bool IsTold(const Export& written, const std::string& pointer) {
  for (const Dropped& dropped : written.dropped) {
    if (dropped.pointer.starts_with(pointer)) return true;
  }
  return false;
}

// The fields of the last row of the file.
Value ReadBack(const Profile& shape, const Export& written) {
  Value out = Value::Object();
  EXPECT_THAT(
      ForEachRow(shape,
                 {.text = written.file, .max_bytes = std::size_t{1} << 20U},
                 [&](const FileRow& row) {
                   if (row.value.ok()) out = ReadRow(shape, *row.value).fields;
                   return absl::OkStatus();
                 }),
      IsOk());
  return out;
}

// A code with the separator in it is put together again; words are not.
TEST(RoundTrip, WordsWithTheSeparatorInThemStayTogether) {
  constexpr auto kThemes =
      std::to_array<CodePair>({{"Schools; learning", "education"}});
  const std::vector<Column> columns = {{.foreign = "themes",
                                        .field = "themes",
                                        .type = ColumnType::kCodes,
                                        .codes = kThemes,
                                        .otherwise = "theme_note"}};
  const Profile shape = {.name = "test-shape",
                         .organisation_scheme = "test-shape:organisation",
                         .layout = Layout::kCsv,
                         .language = "en",
                         .kind = RegistrationKind::kDeployment,
                         .columns = columns,
                         .ids_may_be_blank = true};
  const Value words = Given(Value(std::vector<Value>{Value("a; b")}));
  const Value code = Given(Value(std::vector<Value>{Value("education")}));
  const std::vector<Value> contents = {
      Value::Object({{"theme_note", words}, {"themes", Missing()}}),
      Value::Object({{"theme_note", words}, {"themes", code}}),
      Value::Object({{"themes", code}})};
  for (const Value& fields : contents) {
    Value content = NewContent(RegistrationKind::kDeployment);
    for (const json::Member& field : fields.members()) {
      SetField(content, field.key, field.value);
    }
    const ExportItem item{
        .registration = RegistrationId::Random(RegistrationKind::kDeployment),
        .content = content};
    const Export written = ExportItems(shape, {&item, 1}, {});
    EXPECT_TRUE(written.dropped.empty()) << written.file;
    EXPECT_EQ(json::Canonical(ReadBack(shape, written)),
              json::Canonical(fields))
        << written.file;
  }
}

// Whatever valid text stands in whichever kind of field: it comes back, or the
// export has said that it does not.
TEST(RoundTrip, ATextComesBackOrIsTold) {
  constexpr auto kName = std::to_array<MemberColumn>({
      {.foreign = "name", .member = "name"},
  });
  const std::vector<Column> columns = {
      {.foreign = "a", .field = "goal", .type = ColumnType::kText},
      {.foreign = "b", .field = "contact", .type = ColumnType::kPlain},
      {.foreign = "c",
       .field = "listed_organisations",
       .type = ColumnType::kPlains},
      {.foreign = "d",
       .field = "suppliers",
       .type = ColumnType::kRecords,
       .members = kName}};
  for (const Layout layout : {Layout::kJsonList, Layout::kCsv}) {
    const Profile shape = Shape(layout, columns);
    for (const std::string text :
         {"a", "a;b", "a\nb", "a\n", "\ta", "\r\na\t", "\n", "[]", "[a]", "[",
          "null", "{}", "=a", "'a", "\t=a"}) {
      Value content = NewContent(RegistrationKind::kDeployment);
      content.Set("reason", "because");
      SetField(content, "title", GivenText("en", "T"));
      SetField(content, "goal", GivenText("en", text));
      SetField(content, "contact", Given(Value(text)));
      SetField(content, "listed_organisations",
               Given(Value(std::vector<Value>{Value(text)})));
      SetField(content, "suppliers",
               Given(Value(std::vector<Value>{
                   Value::Object({{"name", Value(text)}})})));
      ASSERT_THAT(ValidateContent(content), IsOk());
      const ExportItem item{
          .registration = RegistrationId::Random(RegistrationKind::kDeployment),
          .content = content};
      const Export written = ExportItems(shape, {&item, 1}, {});
      const Value back = ReadBack(shape, written);
      for (const Column& column : columns) {
        const Value* const field = back.Find(column.field);
        const bool same =
            field != nullptr &&
            json::Canonical(*field) ==
                json::Canonical(*content.Find("fields")->Find(column.field));
        EXPECT_NE(same, IsTold(written, "/fields/" + std::string(column.field)))
            << column.field << json::Canonical(Value(text)) << written.file;
      }
    }
  }
}

// A row that no import takes is none: the registration is named instead.
TEST(Export, WhatARegisterRequiresIsThereOrTheRowIsNot) {
  const RegistrationId body =
      RegistrationId::Random(RegistrationKind::kOrganisation);
  const OrganisationNames names = {{body, "Department of Tests"}};
  Value dutch = NewContent(RegistrationKind::kDeployment);
  SetField(dutch, "title", GivenText("nl", "Adviseur"));
  SetField(dutch, "organisation", Given(Value(body.Text())));
  SetField(dutch, "status", Given(Value("in_use")));
  Value alone = NewContent(RegistrationKind::kDeployment);
  SetField(alone, "title", GivenText("en", "Adviser"));
  Value whole = dutch;
  SetField(whole, "title", GivenText("en", "Adviser"));
  struct Case {
    std::string_view profile;
    const Value* content;
    std::string_view reason;
  };
  const std::vector<Case> cases = {
      {"uk-1.1", &dutch, "has no name in the language of that register"},
      {"uk-1.1", &alone, ""},
      {"omb-2025", &alone, "has no agency_name, which that register requires"},
      {"omb-2025", &dutch,
       "has no use_case_name in the language of that register"},
      {"omb-2025", &whole, ""},
  };
  for (const Case& one : cases) {
    const Profile& profile = *FindProfile(one.profile);
    ExportItem item{
        .registration = RegistrationId::Random(RegistrationKind::kDeployment),
        .content = *one.content};
    AddAlias(item.content, {std::string(one.profile), "7"});
    const Export written = ExportItems(profile, {&item, 1}, names);
    if (one.reason.empty()) {
      EXPECT_NE(written.file.find("Advis"), std::string::npos) << one.profile;
      continue;
    }
    EXPECT_EQ(Told(written), (std::vector<std::pair<std::string, std::string>>{
                                 {"", std::string(one.reason)}}));
    EXPECT_EQ(written.file.find("Advis"), std::string::npos) << one.profile;
  }
}

}  // namespace
}  // namespace limpid::algoregister
