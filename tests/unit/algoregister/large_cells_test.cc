// Cells and documents that are made to cost: each of these took minutes, or a
// gigabyte, where work grew with the square of the input.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/record_reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/rich_text.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/unit/algoregister/documents.h"

namespace limpid::algoregister {
namespace {

using json::Value;

constexpr std::size_t kSevenMib = std::size_t{7} << 20U;

constexpr auto kSuppliers = std::to_array<MemberColumn>({
    {.foreign = "name", .member = "name"},
});
constexpr auto kColumns = std::to_array<Column>({
    {.foreign = "name", .field = "title", .type = ColumnType::kText},
    {.foreign = "supplier",
     .field = "suppliers",
     .type = ColumnType::kRecordMember,
     .member = "name"},
    {.foreign = "suppliers",
     .field = "suppliers",
     .type = ColumnType::kRecords,
     .members = kSuppliers},
});
constexpr Profile kCsv = {.name = "test-large",
                          .organisation_scheme = "test-large:organisation",
                          .layout = Layout::kCsv,
                          .language = "en",
                          .kind = RegistrationKind::kDeployment,
                          .columns = kColumns,
                          .ids_may_be_blank = true};

std::vector<std::string> FindingsOf(const Value& row) {
  std::vector<std::string> out;
  for (const Finding& finding : ReadRow(kCsv, row).findings) {
    out.push_back(finding.field + ": " + finding.message);
  }
  return out;
}

Value RowWith(std::string_view column, Value value) {
  return Value::Object(
      {{"name", Value("T")}, {std::string(column), std::move(value)}});
}

TEST(LargeCells, ListsEndAtTheMostThatAFieldHas) {
  std::string text(kMaxListTexts - 1, ';');
  EXPECT_EQ(SplitAt(text, ";")->size(), kMaxListTexts);
  text.push_back(';');
  EXPECT_FALSE(SplitAt(text, ";"));
  EXPECT_EQ(SplitAt(text, "")->size(), 1U);
  ListNotation notation = ListNotation::kSeparated;
  std::string list = "[1";
  for (std::size_t i = 1; i < kMaxListTexts; ++i) list += ",1";
  EXPECT_EQ(ListOfText(list + "]", ";", notation)->size(), kMaxListTexts);
  EXPECT_EQ(notation, ListNotation::kJson);
  EXPECT_FALSE(ListOfText(list + ",1]", ";", notation));
}

// The field and what is wrong are named, and the row is taken.
TEST(LargeCells, OfSeparatorsAreLeftOutAndNamed) {
  for (const std::string_view column : {"supplier", "suppliers"}) {
    const auto findings =
        FindingsOf(RowWith(column, Value(std::string(kSevenMib, ';'))));
    ASSERT_EQ(findings.size(), 1U) << column;
    EXPECT_TRUE(findings.front().starts_with(absl::StrCat(
        std::string(column), ": a list of more than 500 elements; left out")))
        << findings.front();
  }
  const CellReading plains = ReadCell({.type = ColumnType::kPlains},
                                      Value(std::string(kSevenMib, ';')));
  EXPECT_EQ(plains.fault, kTooManyTexts);
  EXPECT_FALSE(plains.value);
}

// However the list is written.
TEST(LargeCells, OfElementsAreLeftOutAndNamed) {
  Value texts = Value::Array();
  Value records = Value::Array();
  for (std::size_t i = 0; i <= kMaxListTexts; ++i) {
    texts.Append(absl::StrCat("n", i));
    records.Append(Value::Object({{"name", Value(absl::StrCat("n", i))}}));
  }
  const std::vector<std::pair<std::string_view, Value>> cells = {
      {"supplier", texts},
      {"supplier", Value(json::Canonical(texts))},
      {"suppliers", records},
      {"suppliers", Value(json::Canonical(records))},
  };
  for (const auto& [column, cell] : cells) {
    const auto findings = FindingsOf(RowWith(column, cell));
    ASSERT_EQ(findings.size(), 1U) << column;
    EXPECT_TRUE(findings.front().starts_with(
        absl::StrCat(std::string(column), ": ", std::string(kTooManyTexts))))
        << findings.front();
  }
  for (const ColumnType type : {ColumnType::kPlains, ColumnType::kCodes}) {
    const CellReading reading = ReadCell({.type = type}, texts);
    EXPECT_EQ(reading.fault, kTooManyTexts);
    EXPECT_FALSE(reading.value);
  }
}

// Hundreds of times the same remark is one.
TEST(LargeCells, RemarksOnRecordsAreSaidOnce) {
  Value records = Value::Array();
  for (std::size_t i = 0; i < kMaxListTexts; ++i) {
    records.Append(Value::Object({{"name", Value(" ")}, {"x", Value(1)}}));
  }
  const CellReading reading = ReadRecords(
      {.type = ColumnType::kRecords}, kColumns[2],
      *FindField(RegistrationKind::kDeployment, "suppliers"), records);
  EXPECT_EQ(reading.repairs.size(), 2U);
}

// Five hundred records with a hundred other members each: some are named, the
// rest counted.
TEST(LargeCells, RemarksOnRecordsAreBounded) {
  Value records = Value::Array();
  for (std::size_t i = 0; i < kMaxListTexts; ++i) {
    Value record = Value::Object({{"name", Value(absl::StrCat("n", i))}});
    for (std::size_t j = 0; j < 100; ++j) {
      record.Set(absl::StrCat("other ", i, " ", j), 1);
    }
    records.Append(std::move(record));
  }
  const auto findings =
      FindingsOf(RowWith("suppliers", Value(json::Canonical(records))));
  // Those and their count.
  ASSERT_EQ(findings.size(), kMaxUnknownNamed + 1);
  EXPECT_EQ(findings[0],
            "suppliers: other 0 0: not part of the profile; left out");
  EXPECT_EQ(findings[kMaxUnknownNamed],
            "suppliers: 49984 more members: not part of the profile; left "
            "out");
}

TEST(LargeCells, OfUnknownCodesAreReadQuickly) {
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) {
    names.push_back(absl::StrCat("A code with a name of its own, ", i));
  }
  std::vector<CodePair> codes;
  for (const std::string& name : names) codes.push_back({name, "x"});
  const CellType type = {
      .type = ColumnType::kCodes, .codes = codes, .separator = ","};
  std::string cell;
  for (std::size_t i = 1; i < kMaxListTexts; ++i) cell += "A code,";
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(ReadCell(type, Value(cell)).odd.size(), kMaxListTexts - 1);
  }
  EXPECT_EQ(FindCode(codes, "a CODE-with a name of its own,_17"), &codes[17]);
  EXPECT_EQ(FindCode(codes, "A code with a name of its own, 17x"), nullptr);
  EXPECT_EQ(FindCode(codes, "A code with a name of its own,"), nullptr);
  EXPECT_EQ(FindCode(codes, std::string(kSevenMib, '-')), nullptr);
}

TEST(LargeCells, OfHtmlAreNotCleaned) {
  const CellType type = {.type = ColumnType::kRichText, .language = "en"};
  const std::string most(std::size_t{256} << 10U, 'a');
  EXPECT_TRUE(ReadCell(type, Value(most)).value);
  const CellReading large = ReadCell(type, Value(most + "a"));
  EXPECT_EQ(large.fault, "too long");
  EXPECT_FALSE(large.value);
}

TEST(LargeCells, OfTagsWithoutAnEndAreReadOnce) {
  std::string html;
  while (html.size() < 2 * kSevenMib) html += "<a";
  EXPECT_EQ(PlainTextOf(html), html);
}

TEST(LargeDocuments, AreLookedThroughOncePerPlace) {
  Value graph = Value::Array();
  for (int i = 0; i < 400'000; ++i) graph.Append(Value::Object());
  graph.Append(Parse(R"({"type":"ai_AIPackage","name":"n","seed":7})"));
  const Value document = Value::Object({{"@graph", graph}});
  const std::vector<TakenPlace> taken = {
      {.place = "/@graph/[type=ai_AIPackage]/name"},
      {.place = "/@graph/[type=Tool]/name"},
      {.place = "/@graph/399999"}};
  const Value rest = RestOf(document, taken);
  const Value& left = *rest.Find("@graph");
  ASSERT_EQ(left.size(), graph.size());
  EXPECT_EQ(json::Canonical(left.elements().back()),
            R"({"seed":7,"type":"ai_AIPackage"})");
}

}  // namespace
}  // namespace limpid::algoregister
