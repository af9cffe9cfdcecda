// Dates, encodings and headers as real files have them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/windows_1252.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

std::string Iso(std::string_view text, bool month_first = false) {
  std::string how;
  return IsoDate(text, month_first, how);
}

TEST(IsoDates, TheTimeOfDayIsCut) {
  EXPECT_EQ(Iso("2024-10-01 00:00:00"), "2024-10-01");
  EXPECT_EQ(Iso("2025-06-26T07:39:09Z"), "2025-06-26");
  EXPECT_EQ(Iso("01/15/2026 12:00:00 AM", true), "2026-01-15");
  EXPECT_EQ(Iso("1/5/2025 0:00", true), "2025-01-05");
}

TEST(IsoDates, SlashesAreMonthFirstOnlyWhereTheProfileSaysSo) {
  EXPECT_EQ(Iso("1/5/2025", true), "2025-01-05");
  EXPECT_EQ(Iso("1/5/2025"), "2025-05-01");
  EXPECT_EQ(Iso("01/2024", true), "2024-01");
  EXPECT_EQ(Iso("07-04-2026", true), "2026-04-07");
}

TEST(IsoDates, MonthsHaveNames) {
  EXPECT_EQ(Iso("Jul-25"), "2025-07");
  EXPECT_EQ(Iso("Sept-2024"), "2024-09");
  EXPECT_EQ(Iso("October 2021"), "2021-10");
  EXPECT_EQ(Iso("15-Dec-24"), "2024-12-15");
  EXPECT_EQ(Iso("Ju-25"), "Ju-25");
  EXPECT_EQ(Iso("Jul-125"), "Jul-125");
}

// Nobody can tell whether a register means 1998 or 2098.
TEST(IsoDates, TwoDigitsAreAYearOnlyNearToday) {
  EXPECT_EQ(Iso("Jul-25"), "2025-07");
  EXPECT_EQ(Iso("Jan-00"), "2000-01");
  EXPECT_EQ(Iso("Jan-35"), "2035-01");
  for (const std::string_view text :
       {"Jan-36", "Jul-98", "Jan-98", "15-Dec-99"}) {
    EXPECT_EQ(Iso(text), text);
  }
  EXPECT_EQ(Iso("Jul-1998"), "1998-07");
  EXPECT_EQ(Iso("Dec-98-1"), "Dec-98-1");
}

// Day numbers that spreadsheets show for 26 October 2021 and 1 January 1970;
// the second is outside of what is taken for one.
TEST(IsoDates, SpreadsheetsCountDays) {
  EXPECT_EQ(Iso("44495"), "2021-10-26");
  EXPECT_EQ(Iso("25569"), "1970-01-01");
  EXPECT_EQ(Iso("19999"), "19999");
  EXPECT_EQ(Iso("60000"), "2064-04-08");
  EXPECT_EQ(Iso("60001"), "60001");
  EXPECT_EQ(Iso("2024"), "2024");
}

TEST(IsoDates, WordsStayWords) {
  for (const std::string_view text :
       {"before 2015", "Q3 2024", "5 de enero de 2020", "TBD", "2024-13-45-1",
        "T 1:00"}) {
    EXPECT_EQ(Iso(text), text);
  }
}

// Bytes and code points of the WHATWG index windows-1252.
TEST(Windows1252, EveryByteIsACharacter) {
  EXPECT_EQ(FromWindows1252("A\x80\x92\x96\xe9\xff"), "A€’–éÿ");
  EXPECT_EQ(FromWindows1252("\x81\x9f"), "\xc2\x81Ÿ");
  EXPECT_EQ(FromWindows1252(""), "");
}

using Rows = std::vector<json::Value>;

absl::StatusOr<std::vector<Finding>> Read(const Profile& profile,
                                          std::string_view text, Rows& rows) {
  return ForEachRow(profile, {.text = text, .max_bytes = text.size()},
                    [&rows](const FileRow& row) {
                      if (row.value.ok()) rows.push_back(*row.value);
                      return absl::OkStatus();
                    });
}

std::string Cell(const Rows& rows, std::string_view column) {
  const json::Value* const cell =
      rows.empty() ? nullptr : rows.front().Find(column);
  return cell == nullptr ? "nothing" : cell->string();
}

TEST(Headers, OneThatComesAgainHasANumber) {
  const Profile& profile = *FindProfile("omb-2024");
  Rows rows;
  const std::string again = "\"If Other, please explain.\"";
  const auto findings = Read(profile,
                             "Use Case Name,Agency," + again + "," + again +
                                 "," + again + "\nA,B,first,second,third\n",
                             rows);
  ASSERT_THAT(findings, IsOk());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(Cell(rows, "If Other, please explain."), "first");
  EXPECT_EQ(Cell(rows, "If Other, please explain.#2"), "second");
  EXPECT_EQ(Cell(rows, "If Other, please explain.#3"), "third");
}

TEST(Headers, AreWrittenWithoutTheNumber) {
  Exporter exporter(*FindProfile("omb-2024"));
  const std::string header = exporter.Begin();
  EXPECT_EQ(header.find('#'), std::string::npos);
  std::size_t count = 0;
  const std::string_view again = "If Other, please explain.";
  for (std::size_t at = header.find(again); at != std::string::npos;
       at = header.find(again, at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 9U);
}

// Another profile's header that comes again is still a mistake.
TEST(Headers, OneThatTheProfileHasOnceCountsOnce) {
  Rows rows;
  const auto findings =
      Read(*FindProfile("nyc-ll35"),
           "agency,tool_name,year,year\nA,B,2022,2023\n", rows);
  ASSERT_THAT(findings, IsOk());
  EXPECT_EQ(Cell(rows, "year"), "2022");
  bool told = false;
  for (const Finding& finding : *findings)
    told = told || finding.field == "year";
  EXPECT_TRUE(told);
}

TEST(Encodings, OldOnesAreReadOnlyWhereTheProfileSaysSo) {
  Rows rows;
  const auto old = Read(*FindProfile("omb-2024"),
                        "Use Case Name,Agency\nA \x96 B,C\n", rows);
  ASSERT_THAT(old, IsOk());
  EXPECT_EQ(Cell(rows, "Use Case Name"), "A – B");
  EXPECT_EQ(old->front().message, "read as Windows-1252, for it is no UTF-8");
  rows.clear();
  ASSERT_THAT(
      Read(*FindProfile("nyc-ll35"), "agency,tool_name\nA,B \x96 C\n", rows),
      IsOk());
  EXPECT_TRUE(rows.empty());
}

// Each of its texts is short enough, all of them are not.
TEST(OddFiles, ARowThatBecomesTooLargeIsRejectedAlone) {
  json::Value large = json::Value::Object();
  large.Set("name", "Large");
  large.Set("organization", "Gemeente Delft");
  for (const std::string_view column :
       {"goal", "proportionality", "human_intervention", "risks",
        "lawful_basis", "impacttoetsen", "source_data", "methods_and_models"}) {
    large.Set(column, std::string(19'000, '\\'));
  }
  const json::Value other =
      *json::ParseStrict(R"({"name":"Small","organization":"Gemeente Delft"})");
  json::Value file = json::Value::Array();
  file.Append(large);
  file.Append(other);
  const std::string text = json::Canonical(file);
  RegisterHouse house;
  ImportRequest request = house.RequestFor(text);
  request.profile = "nl-1.0";
  const auto plan = house.desk.Plan(house.publisher, request);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.rejected, 1U);
  EXPECT_EQ((*plan)->counts.added, 1U);
  const std::vector<Finding>& findings = (*plan)->rows.front().findings;
  ASSERT_FALSE(findings.empty());
  EXPECT_NE(findings.back().message.find("256 KiB"), std::string::npos)
      << findings.back().message;
}

}  // namespace
}  // namespace limpid::algoregister
