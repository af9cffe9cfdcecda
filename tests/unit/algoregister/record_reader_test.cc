// Records of a list or of columns: what one must have, what is kept of the
// rest, and that whatever is not read is named.

#include "algoregister/profile/record_reader.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/field_table.h"
#include "common/json/json.h"
#include "gtest/gtest.h"

namespace limpid::algoregister {
namespace {

using json::Value;

constexpr std::size_t kRestBytes = 20;
constexpr auto kMembers = std::to_array<MemberSpec>({
    {.name = "title",
     .label = "Title",
     .type = FieldType::kPlain,
     .max_bytes = 20,
     .required = true},
    {.name = "url",
     .label = "Address",
     .type = FieldType::kUrl,
     .max_bytes = 100},
    {.name = "rest",
     .label = "Rest",
     .type = FieldType::kPlain,
     .max_bytes = kRestBytes},
});
constexpr FieldSpec kField = {.name = "links",
                              .label = "Links",
                              .chapter = Chapter::kContext,
                              .type = FieldType::kRecords,
                              .members = kMembers};

CellReading Read(std::span<const MemberColumn> members,
                 std::string_view records) {
  const Column column = {.foreign = "links",
                         .field = "links",
                         .type = ColumnType::kRecords,
                         .members = members};
  return ReadRecords({.type = ColumnType::kRecords}, column, kField,
                     json::ParseStrict(records).value());
}

std::string ValueOf(const CellReading& reading) {
  return reading.value ? json::Canonical(*reading.value) : "";
}

using Texts = std::vector<std::string>;

// A place is not taken by a member that its first step only begins with.
TEST(Records, WhatNoColumnReadsIsNamed) {
  constexpr auto kColumns = std::to_array<MemberColumn>({
      {.foreign = "/license/id", .member = "title"},
      {.foreign = "/page", .member = "url", .type = ColumnType::kUrl},
  });
  const CellReading reading =
      Read(kColumns, R"([{"license":{"id":"MIT"},"lic":"1","":"2","pages":"3",)"
                     R"("page":"https://example.org/1","/page":"4"}])");
  EXPECT_EQ(ValueOf(reading),
            R"([{"title":"MIT","url":"https://example.org/1"}])");
  const std::string why = ": not part of the profile; left out";
  EXPECT_EQ(reading.repairs,
            (Texts{why, "/page" + why, "lic" + why, "pages" + why}));
}

TEST(Records, OneWithoutWhatItMustHaveIsLeftOutAlone) {
  constexpr auto kColumns = std::to_array<MemberColumn>({
      {.foreign = "t", .member = "title"},
      {.foreign = "u", .member = "url", .type = ColumnType::kUrl},
  });
  const CellReading some =
      Read(kColumns, R"([{"u":"https://example.org/1"},{"t":"A"}])");
  EXPECT_EQ(ValueOf(some), R"([{"title":"A"}])");
  EXPECT_EQ(some.repairs, (Texts{"a record without title left out"}));
  EXPECT_EQ(some.fault, "");
  const CellReading none = Read(kColumns, R"([{"u":"https://example.org/1"}])");
  EXPECT_FALSE(none.value);
  EXPECT_EQ(none.fault, "no record could be read");
}

TEST(Records, TheRestIsKeptUpToItsBound) {
  constexpr auto kColumns = std::to_array<MemberColumn>({
      {.foreign = "t", .member = "title"},
      {.foreign = "", .member = "rest"},
  });
  const auto read = [&kColumns](std::size_t bytes) {
    const std::string text(bytes - std::string_view(R"({"x":""})").size(), 'a');
    return Read(kColumns, absl::StrCat(R"([{"t":"A","x":")", text, R"("}])"));
  };
  const CellReading most = read(kRestBytes);
  ASSERT_TRUE(most.value);
  EXPECT_NE(most.value->elements().front().Find("rest"), nullptr);
  EXPECT_TRUE(most.repairs.empty());
  const CellReading large = read(kRestBytes + 1);
  EXPECT_EQ(ValueOf(large), R"([{"title":"A"}])");
  EXPECT_EQ(large.repairs, (Texts{"x: too large to keep; left out"}));
}

struct Members {
  CellReading reading;
  std::vector<MemberRemarks> remarks;
};

Members ReadTitlesAndUrls(const Value& titles, const Value& urls) {
  static constexpr Column kTitle = {.foreign = "t",
                                    .field = "links",
                                    .type = ColumnType::kRecordMember,
                                    .member = "title"};
  static constexpr Column kUrl = {.foreign = "u",
                                  .field = "links",
                                  .type = ColumnType::kRecordMember,
                                  .member = "url"};
  Members out;
  out.reading = ReadMembers(kField,
                            {{.column = &kTitle, .type = {}, .value = &titles},
                             {.column = &kUrl, .type = {}, .value = &urls}},
                            out.remarks);
  return out;
}

TEST(RecordColumns, AnEmptyPlaceIsNoRecordAndOneWithoutTitleIsNamed) {
  const Value none = json::ParseStrict(R"([""])").value();
  const Members gap =
      ReadTitlesAndUrls(json::ParseStrict(R"(["A","","C"])").value(), none);
  EXPECT_EQ(ValueOf(gap.reading), R"([{"title":"A"},{"title":"C"}])");
  EXPECT_EQ(gap.reading.fault, "");
  const Members lacking = ReadTitlesAndUrls(
      json::ParseStrict(R"(["A"])").value(),
      json::ParseStrict(R"(["","https://example.org/2"])").value());
  EXPECT_EQ(ValueOf(lacking.reading), R"([{"title":"A"}])");
  EXPECT_EQ(lacking.reading.fault, "a record without title left out");
}

TEST(RecordColumns, ListsEndAtTheMostThatAFieldHas) {
  const Value none = json::ParseStrict(R"([""])").value();
  Value titles = Value::Array();
  for (std::size_t i = 0; i < kMaxListTexts; ++i) {
    titles.Append(absl::StrCat("n", i));
  }
  const Members most = ReadTitlesAndUrls(titles, none);
  ASSERT_TRUE(most.reading.value);
  EXPECT_EQ(most.reading.value->size(), kMaxListTexts);
  EXPECT_EQ(most.remarks.front().reading.fault, "");
  titles.Append("one more");
  const Members more = ReadTitlesAndUrls(titles, none);
  EXPECT_FALSE(more.reading.value);
  EXPECT_EQ(more.remarks.front().reading.fault, kTooManyTexts);
}

}  // namespace
}  // namespace limpid::algoregister
