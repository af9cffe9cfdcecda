// Every type of column, in every layout: read, written and read again.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/content.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

constexpr auto kStatus = std::to_array<CodePair>({
    {"a) In use", "in_use"},
    {"b) In development", "in_development"},
    {"Unknown", ""},
});
constexpr auto kSupplier = std::to_array<MemberColumn>({
    {.foreign = "name", .member = "name"},
});
constexpr auto kColumns = std::to_array<Column>({
    {.foreign = "id", .field = "", .type = ColumnType::kForeignId},
    {.foreign = "name",
     .field = "title",
     .type = ColumnType::kText,
     .required = true},
    {.foreign = "body",
     .field = "organisation",
     .type = ColumnType::kOrganisationName},
    {.foreign = "what", .field = "goal", .type = ColumnType::kRichText},
    {.foreign = "state",
     .field = "status",
     .type = ColumnType::kCode,
     .codes = kStatus},
    {.foreign = "since", .field = "registered_on", .type = ColumnType::kDate},
    {.foreign = "link", .field = "source_url", .type = ColumnType::kUrl},
    {.foreign = "law",
     .field = "legal_basis",
     .type = ColumnType::kText,
     .optional = true},
});
constexpr Profile Shape(Layout layout) {
  return {.name = "test-shape",
          .organisation_scheme = "test-shape:organisation",
          .layout = layout,
          .list_member = "rows",
          .language = "en",
          .kind = RegistrationKind::kDeployment,
          .columns = kColumns,
          .ids_may_be_blank = true};
}
constexpr Profile kJson = Shape(Layout::kJsonList);
constexpr Profile kCsv = Shape(Layout::kCsv);

struct Taken {
  std::vector<RowReading> rows;
  std::vector<std::size_t> lines;
  std::vector<std::string> faults;
  std::vector<Finding> findings;
};

Taken Take(const Profile& profile, std::string_view text) {
  Taken out;
  const auto findings =
      ForEachRow(profile, {.text = text, .max_bytes = std::size_t{1} << 20U},
                 [&](const FileRow& row) {
                   out.lines.push_back(row.line);
                   if (row.value.ok()) {
                     out.rows.push_back(ReadRow(profile, *row.value));
                   } else {
                     out.faults.emplace_back(row.value.status().message());
                   }
                   return absl::OkStatus();
                 });
  EXPECT_THAT(findings, IsOk());
  if (findings.ok()) out.findings = *findings;
  return out;
}

absl::Status Fault(const Profile& profile, std::string_view text) {
  return ForEachRow(profile, {.text = text, .max_bytes = std::size_t{1} << 20U},
                    [](const FileRow& /*row*/) { return absl::OkStatus(); })
      .status();
}

// What a CSV row with one cell of `column` says in `field`, and its remark.
std::pair<std::string, std::string> Cell(std::string_view column,
                                         std::string_view field,
                                         const std::string& text) {
  const Value row =
      Value::Object({{"name", Value("T")}, {std::string(column), Value(text)}});
  const RowReading reading = ReadRow(kCsv, row);
  EXPECT_FALSE(IsRejected(reading));
  const Value* const found = reading.fields.Find(field);
  const Value* const value = found == nullptr ? nullptr : found->Find("value");
  std::string remark;
  for (const Finding& finding : reading.findings) {
    if (finding.field == column) remark += finding.message;
  }
  return {value == nullptr ? "" : json::Canonical(*value), remark};
}

TEST(RowTypes, DatesOfEverySpelling) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"2026", "2026"},
      {"2026-04", "2026-04"},
      {"2026-04-07", "2026-04-07"},
      {"07-04-2026", "2026-04-07"},
      {"7/4/2026", "2026-04-07"},
      {"7.4.2026", "2026-04-07"},
      {"2026/4/7", "2026-04-07"},
      {"4/2026", "2026-04"},
      {"2026-04-07T12:30:00Z", "2026-04-07"},
      {"2026-04-07 00:00:00", "2026-04-07"},
      {"31-02-2026", ""},
      {"soon", ""},
      {"2026-13", ""},
      {"1-2-3-4", ""},
      {"--", ""},
  };
  for (const auto& [text, date] : cases) {
    const auto [value, remark] = Cell("since", "registered_on", text);
    EXPECT_EQ(value, date.empty() ? "" : "\"" + date + "\"") << text;
    EXPECT_EQ(remark.empty(), text == date) << text << remark;
  }
  std::string how;
  EXPECT_EQ(IsoDate("1/15/2025", /*month_first=*/true, how), "2025-01-15");
  EXPECT_EQ(IsoDate("15-1-2025", /*month_first=*/true, how), "2025-01-15");
}

TEST(RowTypes, AddressesAreRepairedOrLeftOut) {
  EXPECT_EQ(Cell("link", "source_url", "www.example.org/a?b").first,
            R"("https://www.example.org/a?b")");
  EXPECT_EQ(Cell("link", "source_url", "HTTPS://example.org").first,
            R"("https://example.org")");
  for (const char* const text :
       {"see the site", "n.v.t.", "javascript:alert(1)", "e.g", "a..b.org",
        "https://a b.org", "mailto:x@example.org"}) {
    const auto [value, remark] = Cell("link", "source_url", text);
    EXPECT_EQ(value, "") << text;
    EXPECT_NE(remark.find("left out"), std::string::npos) << text;
  }
}

TEST(RowTypes, CodesAreFoundHoweverTheyAreSpelled) {
  for (const char* const text :
       {"a) In use", "In use", "in_use", "IN-USE", "(a) in use", "A) InUse"}) {
    EXPECT_EQ(Cell("state", "status", text).first, R"("in_use")") << text;
  }
  EXPECT_EQ(Cell("state", "status", "unknown").first, "");
  EXPECT_NE(Cell("state", "status", "c) Else").second.find("unknown code"),
            std::string::npos);
}

TEST(RowTypes, HtmlIsCleanedAndPlainTextStaysPlain) {
  EXPECT_EQ(Cell("what", "goal", "<p onclick=x>a</p><script>b</script>").first,
            R"({"en":{"format":"html","origin":"human","text":"<p>a</p>"}})");
  EXPECT_EQ(Cell("what", "goal", "a &lt; b").first,
            R"({"en":{"origin":"human","text":"a < b"}})");
  EXPECT_EQ(Cell("what", "goal", "<script>b</script>").first, "");
}

TEST(RowTypes, ListsInEveryNotation) {
  const auto read = [](const Value& value) {
    const CellReading out =
        ReadCell({.type = ColumnType::kPlains, .flat = true}, value);
    return out.value ? json::Canonical(*out.value) : std::string();
  };
  EXPECT_EQ(read(Value("['a', \"b's\", None, 'c\\'d']")),
            R"(["a","b's","c'd"])");
  EXPECT_EQ(read(Value(R"(["a;b","c"])")), R"(["a;b","c"])");
  EXPECT_EQ(read(Value("a; b;;a")), R"(["a","b"])");
  EXPECT_EQ(read(Value("[not a list")), R"(["[not a list"])");
  EXPECT_EQ(read(*json::ParseStrict(R"(["x", 1, null])")), R"(["x","1"])");
  EXPECT_TRUE(IsEmptyCell(Value("[]")));
  constexpr auto kCodes = std::to_array<CodePair>(
      {{"Text, image", "ti"}, {"Text", "t"}, {"Sound", "s"}});
  const CellReading codes =
      ReadCell({.type = ColumnType::kCodes, .codes = kCodes, .separator = ","},
               Value("Sound, Text, image,odd"));
  EXPECT_EQ(json::Canonical(*codes.value), R"(["s","ti"])");
  EXPECT_EQ(codes.odd, std::vector<std::string>{"odd"});
}

TEST(RowTypes, JoinedTextsReadBack) {
  const std::vector<std::vector<std::string>> lists = {
      {},      {"a"},     {"a", "b"}, {"a;b", "c"},
      {"[x]"}, {"", "b"}, {"a", ""},  {" x", "y"}};
  for (const auto& list : lists) {
    for (const std::string_view separator : {";", ""}) {
      const std::string text = JoinTexts(list, separator);
      bool is_python = false;
      const auto parsed = ParseTextList(text, is_python);
      const auto back = parsed ? *parsed : *SplitAt(text, separator);
      if (!list.empty()) {
        EXPECT_EQ(back, list) << text;
      }
      EXPECT_FALSE(is_python);
    }
  }
}

// Where a cell can begin for a reader that takes lines apart at semicolons,
// whatever quotes stand there.
bool StartsAFormula(const std::string& safe) {
  for (std::size_t at = 0; at < safe.size(); ++at) {
    const bool begins = at == 0 || std::string_view(";\t\r\n").find(
                                       safe[at - 1]) != std::string_view::npos;
    if (!begins) continue;
    const std::size_t first = at == 0 ? 0 : safe.find_first_not_of(" \"", at);
    if (first == std::string::npos) return false;
    if (std::string_view("=+-@\t\r").find(safe[first]) !=
        std::string_view::npos) {
      return true;
    }
  }
  return false;
}

TEST(RowTypes, FormulasAreWrittenHarmlessAndReadBack) {
  for (const std::string text :
       {"=1+1",      "+31",      "-x",      "@cmd",
        "'=x",       "''+x",     "\tx",     "plain",
        "'quote'",   "",         "'",       "a;=b",
        "a; =b",     "a;'=b",    "a;;-1;'", "a\n@b\r\n- c",
        "a;\"=b\"",  ";",        "; ",      "a;\t=b",
        "a;b=c;'d'", "=a;=b;'=c"}) {
    const std::string safe = Neutralise(text);
    EXPECT_EQ(WithoutApostrophes(safe), text);
    EXPECT_FALSE(StartsAFormula(safe)) << safe;
  }
  EXPECT_EQ(Neutralise("a; =b; c"), "a; '=b; c");
  EXPECT_EQ(Neutralise("a-b, c=d"), "a-b, c=d");
  const auto [value, remark] = Cell("law", "legal_basis", "'=SUM(A1)");
  EXPECT_EQ(value, R"json({"en":{"origin":"human","text":"=SUM(A1)"}})json");
  EXPECT_NE(remark.find("apostrophe"), std::string::npos);
}

// The apostrophes of a cell are taken away once, and the texts inside it are
// as they are.
TEST(RowTypes, ApostrophesInsideAListStay) {
  const auto read = [](ColumnType type, const std::string& text) {
    const Column column = {.foreign = "suppliers",
                           .field = "suppliers",
                           .type = type,
                           .members = kSupplier,
                           .member = "name"};
    const Profile shape = {.name = "test-shape",
                           .organisation_scheme = "test-shape:organisation",
                           .layout = Layout::kCsv,
                           .language = "en",
                           .kind = RegistrationKind::kDeployment,
                           .columns = {&column, 1},
                           .ids_may_be_blank = true};
    const RowReading reading =
        ReadRow(shape, Value::Object({{"suppliers", Value(text)}}));
    const Value* const value = reading.fields.FindPointer("/suppliers/value");
    return value == nullptr ? std::string() : json::Canonical(*value);
  };
  const std::string list = R"([{"name":"'=a"},{"name":"b"}])";
  EXPECT_EQ(read(ColumnType::kRecordMember, Neutralise("'=a; b")), list);
  EXPECT_EQ(read(ColumnType::kRecords, Neutralise("'=a; b")), list);
  EXPECT_EQ(read(ColumnType::kRecords, list), list);
  EXPECT_EQ(read(ColumnType::kRecords, Neutralise(list)), list);
}

// In a file that has lists, one that is written as a text is odd.
TEST(RowTypes, AListWrittenAsATextIsRemarkedOnWhereListsAre) {
  const Column column = {.foreign = "suppliers",
                         .field = "suppliers",
                         .type = ColumnType::kRecordMember,
                         .members = kSupplier,
                         .member = "name"};
  for (const Layout layout : {Layout::kJsonList, Layout::kCsv}) {
    const Profile shape = {.name = "test-shape",
                           .organisation_scheme = "test-shape:organisation",
                           .layout = layout,
                           .language = "en",
                           .kind = RegistrationKind::kDeployment,
                           .columns = {&column, 1},
                           .ids_may_be_blank = true};
    const RowReading reading =
        ReadRow(shape, Value::Object({{"suppliers", Value(R"(["a","b"])")}}));
    EXPECT_EQ(reading.findings.size(), layout == Layout::kCsv ? 0U : 1U);
    EXPECT_EQ(json::Canonical(*reading.fields.FindPointer("/suppliers/value")),
              R"([{"name":"a"},{"name":"b"}])");
  }
}

// Kept as they stood in the file, each once, and not said to be repaired.
TEST(RowTypes, WordsInsteadOfAValueAreNotRepaired) {
  const auto note = [](const Column& column, std::string_view field,
                       const std::string& text) {
    const Profile shape = {.name = "test-shape",
                           .organisation_scheme = "test-shape:organisation",
                           .layout = Layout::kCsv,
                           .language = "en",
                           .kind = RegistrationKind::kDeployment,
                           .columns = {&column, 1},
                           .ids_may_be_blank = true};
    const RowReading reading = ReadRow(
        shape, Value::Object({{std::string(column.foreign), Value(text)}}));
    EXPECT_EQ(reading.findings.size(), 1U) << text;
    const Value* const value =
        reading.fields.FindPointer("/" + std::string(field) + "/value");
    return value == nullptr ? std::string() : json::Canonical(*value);
  };
  const Column link = {.foreign = "link",
                       .field = "code_url",
                       .type = ColumnType::kUrl,
                       .otherwise = "code_note"};
  EXPECT_EQ(note(link, "code_note", "www.example.org/a b"),
            R"("www.example.org/a b")");
  EXPECT_EQ(note(link, "code_note", "HTTPS://a b"), R"("HTTPS://a b")");
  const Column date = {.foreign = "since",
                       .field = "begin_date",
                       .type = ColumnType::kDate,
                       .otherwise = "begin_date_note"};
  EXPECT_EQ(note(date, "begin_date_note", "31-02-2026"), R"("31-02-2026")");
  const Column themes = {.foreign = "themes",
                         .field = "themes",
                         .type = ColumnType::kCodes,
                         .codes = kStatus,
                         .otherwise = "theme_note"};
  EXPECT_EQ(note(themes, "theme_note", "other; odd; other"),
            R"(["other","odd"])");
}

TEST(FlatFiles, ColumnsInAnyOrderWithAByteOrderMark) {
  const Taken taken =
      Take(kCsv,
           "\xef\xbb\xbfState,ID,extra,name,name\r\nin use,7,x,\"A\nB\",y\r\n");
  ASSERT_EQ(taken.rows.size(), 1U);
  EXPECT_EQ(taken.lines.front(), 2U);
  EXPECT_EQ(taken.rows.front().foreign_id, "7");
  EXPECT_EQ(TextOf(Value::Object({{"fields", taken.rows.front().fields}}),
                   "title", "en"),
            "A\nB");
  std::vector<std::string> said;
  for (const Finding& finding : taken.findings) said.push_back(finding.field);
  EXPECT_EQ(said, (std::vector<std::string>{"", "state", "id", "name", "extra",
                                            "body", "what", "since", "link"}));
  // Said once, not in each row.
  EXPECT_EQ(taken.rows.front().findings.size(), 1U);
}

TEST(FlatFiles, BrokenRecordsAreNamedAndStopNothing) {
  const Taken taken =
      Take(kCsv, "id,name\n1,a\n2\n3,c,d\n\n\"4\"x,d\n5,\xff\n6,f\n");
  EXPECT_EQ(taken.lines, (std::vector<std::size_t>{2, 3, 4, 6, 7, 8}));
  EXPECT_EQ(taken.rows.size(), 2U);
  ASSERT_EQ(taken.faults.size(), 4U);
  EXPECT_EQ(taken.faults[0], "has 1 cells where the header has 2");
  EXPECT_NE(taken.faults[3].find("UTF-8"), std::string::npos);
}

TEST(FlatFiles, AFileThatIsNoneIsOneError) {
  EXPECT_THAT(Fault(kCsv, ""), StatusSays(kBad, "line 1"));
  EXPECT_THAT(Fault(kCsv, "\r\n\r\n"), StatusSays(kBad, "empty"));
  EXPECT_THAT(Fault(kCsv, "id,what\n1,2\n"),
              StatusSays(kBad, "line 1: there is no column \"name\""));
  EXPECT_THAT(Fault(kCsv, "id,na\xffme\n"), StatusSays(kBad, "UTF-8"));
  EXPECT_THAT(Fault(kCsv, "id,name\n1,\"x"), StatusSays(kBad, "line 2"));
  EXPECT_THAT(Fault(kCsv, std::string(2'000, ',')),
              StatusSays(kBad, "columns"));
  EXPECT_THAT(Fault(kCsv, std::string("\xff\xfei\0d\0", 6)),
              StatusSays(kBad, "UTF-16"));
  EXPECT_THAT(Fault(kCsv, std::string(100'000, '\0')),
              StatusSays(kBad, "name"));
}

TEST(FlatFiles, SemicolonsAreTakenWhereTheHeaderHasNoComma) {
  const Taken taken = Take(kCsv, "id;name\n1;a,b\n");
  ASSERT_EQ(taken.rows.size(), 1U);
  EXPECT_EQ(taken.rows.front().foreign_id, "1");
}

// A content of the profile, exported and read again, says the same.
void ExpectRoundTrip(const Profile& profile, const Value& fields) {
  Value content = NewContent(RegistrationKind::kDeployment);
  AddAlias(content, {"test-shape", "=7"});
  for (const json::Member& field : fields.members()) {
    SetField(content, field.key, field.value);
  }
  content.Set("reason", "because");
  ASSERT_THAT(ValidateContent(content), IsOk());
  const ExportItem item{
      .registration = RegistrationId::Random(RegistrationKind::kDeployment),
      .content = content};
  const Export written = ExportItems(profile, {&item, 1}, {});
  EXPECT_TRUE(written.dropped.empty());
  const Taken taken = Take(profile, written.file);
  ASSERT_EQ(taken.rows.size(), 1U) << written.file;
  EXPECT_FALSE(IsRejected(taken.rows.front()));
  EXPECT_EQ(taken.rows.front().foreign_id, "=7");
  EXPECT_EQ(json::Canonical(taken.rows.front().fields),
            json::Canonical(fields));
}

Value TrickyFields() {
  Value fields = Value::Object();
  fields.Set("title", GivenText("en", "=HYPERLINK(\"x\"), \"a\"\nb"));
  fields.Set("goal", Given(*json::ParseStrict(
                         R"({"en":{"format":"html","origin":"human",)"
                         R"("text":"<p>a &amp; b</p><ul><li>c</li></ul>"}})")));
  fields.Set("status", Given(Value("in_use")));
  fields.Set("registered_on", Given(Value("2026-04")));
  fields.Set("source_url", Given(Value("https://example.org/?a=b,c")));
  fields.Set("legal_basis", GivenText("en", "'-1 <script>"));
  fields.Set("organisation", Missing());
  return fields;
}

TEST(RoundTrip, TrickyTextsComeBackInEveryLayout) {
  for (const Profile* const profile : {&kJson, &kCsv}) {
    ExpectRoundTrip(*profile, TrickyFields());
    Value fields = TrickyFields();
    fields.Set("goal", GivenText("en", "a < b & <p>c</p>"));
    fields.Set("status", Missing());
    fields.Remove("legal_basis");
    ExpectRoundTrip(*profile, fields);
  }
}

TEST(RoundTrip, NothingOfAFormulaStartsACell) {
  Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "=cmd|' /C calc'!A0"));
  const ExportItem item{
      .registration = RegistrationId::Random(RegistrationKind::kDeployment),
      .content = content};
  const Export written = ExportItems(kCsv, {&item, 1}, {});
  EXPECT_EQ(written.file.find(",=cmd"), std::string::npos);
  EXPECT_NE(written.file.find(",'=cmd"), std::string::npos);
}

TEST(Export, LayoutThatAPlainColumnCannotCarryIsTold) {
  Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title",
           Given(*json::ParseStrict(
               R"({"en":{"format":"html","origin":"human",)"
               R"("text":"<p>a</p>"},"nl":{"origin":"human","text":"b"}})")));
  SetField(
      content, "system",
      *json::ParseStrict(
          R"({"state":"withheld","authority":"A","ground":"g","review":"2027"})"));
  SetField(content, "status",
           *json::ParseStrict(R"({"state":"in_progress","due":"2027"})"));
  const ExportItem item{
      .registration = RegistrationId::Random(RegistrationKind::kDeployment),
      .content = content};
  const Export written = ExportItems(kJson, {&item, 1}, {});
  std::vector<std::string> pointers;
  for (const Dropped& dropped : written.dropped) {
    pointers.push_back(dropped.pointer);
  }
  EXPECT_EQ(pointers, (std::vector<std::string>{
                          "/fields/title/value/en/format", "/fields/status",
                          "/fields/system", "/fields/title/value/nl"}));
}

TEST(NaturalKeys, ComeFromOrganisationAndTitle) {
  const RowReading one =
      ReadRow(kJson, *json::ParseStrict(R"({"name":"T","body":"B"})"));
  EXPECT_FALSE(IsRejected(one));
  EXPECT_EQ(one.foreign_id, "");
  // printf 'B\0T' | sha256sum
  EXPECT_EQ(one.natural_id,
            "14941ac15587ecd2272d8b8ac733548abd4c9ff1992d29691a7ae83d0894cc86");
}

}  // namespace
}  // namespace limpid::algoregister
