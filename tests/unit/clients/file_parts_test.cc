#include "clients/cpp/file_parts.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/json/elements.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;
constexpr std::size_t kSmall = 64;

class FileParts : public ::testing::Test {
 protected:
  std::filesystem::path Write(std::string_view text) {
    const auto file = folder_.path() / "file";
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  absl::StatusOr<FileOutline> Json(std::string_view text,
                                   std::size_t max_bytes = kSmall) {
    return OutlineFile(Write(text), {.list_member = "rows"}, max_bytes);
  }
  absl::StatusOr<FileOutline> Csv(std::string_view text,
                                  std::size_t max_bytes = kSmall) {
    return OutlineFile(Write(text), {.csv = true}, max_bytes);
  }

 private:
  testing::TempDir folder_;
};

TEST_F(FileParts, RowsOfAllPartsAreThoseOfTheFileWithTheirLines) {
  std::string text = "\xef\xbb\xbf{ \"count\": [1], \"rows\" : [\n";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " ,\n", "  {\"n\":", i,
                    ",\n\"t\":\"],}[{\\\"\"}");
  }
  text += "\n ], \"rest\": {\"rows\": [2]} }\n";
  const auto outline = Json(text);
  ASSERT_THAT(outline, IsOk());
  EXPECT_EQ(outline->row_count, 40U);
  EXPECT_GT(outline->parts.size(), 10U);
  int next = 0;
  for (const FilePart& part : outline->parts) {
    const auto rows = ReadPart(*outline, part);
    ASSERT_THAT(rows, IsOk());
    EXPECT_LE(rows->size(), kSmall);
    EXPECT_EQ(part.first_row, static_cast<std::uint64_t>(next));
    const auto rest = json::ForEachElement(
        *rows, "rows", {},
        [&](const json::Element& element) {
          EXPECT_THAT(element.value, IsOk());
          EXPECT_EQ(*element.value->GetInteger("n"), next);
          EXPECT_EQ(element.line, static_cast<std::size_t>(2 + 2 * next));
          ++next;
          return absl::OkStatus();
        },
        part.first_line);
    EXPECT_THAT(rest, IsOk());
  }
  EXPECT_EQ(next, 40);
}

TEST_F(FileParts, ABareListIsTakenApartToo) {
  const auto outline = Json("[1,2 ,\n3]", 6);
  ASSERT_THAT(outline, IsOk());
  std::string all;
  for (const FilePart& part : outline->parts) {
    all += *ReadPart(*outline, part);
  }
  EXPECT_EQ(all, "[1,2 ][3]");
  EXPECT_EQ(outline->parts.back().first_line, 2U);
  EXPECT_EQ(Json("[]")->row_count, 0U);
}

TEST_F(FileParts, FlatFilesKeepTheirHeaderInEachPart) {
  const auto outline =
      Csv("a;\"b\n\";c\r\n1;\"x\n\"\"\n;\";3\r\n\r\n4;5;6\r\n7;8\"\n;9", 22);
  ASSERT_THAT(outline, IsOk());
  ASSERT_EQ(outline->parts.size(), 3U);
  EXPECT_EQ(*ReadPart(*outline, outline->parts[0]),
            "a;\"b\n\";c\n1;\"x\n\"\"\n;\";3");
  EXPECT_EQ(outline->parts[0].first_line, 3U);
  EXPECT_EQ(outline->parts[1].first_line, 7U);
  EXPECT_EQ(*ReadPart(*outline, outline->parts[1]),
            "a;\"b\n\";c\n4;5;6\r\n7;8\"");
  EXPECT_EQ(*ReadPart(*outline, outline->parts[2]), "a;\"b\n\";c\n;9");
}

TEST_F(FileParts, AFileThatBreaksSomewhereHasNoParts) {
  EXPECT_THAT(Json("{\"rows\": [\n{},\n{}"),
              StatusSays(kBad, "line 3: ends inside a bracket"));
  EXPECT_THAT(Json("{\"rows\": [\n\"x]}"),
              StatusSays(kBad, "line 2: a string does not end"));
  EXPECT_THAT(Json("{\"rows\": [\n{]]}"), StatusSays(kBad, "line 2"));
  EXPECT_THAT(Json("{\"rows\": []} x"), StatusSays(kBad, "behind the end"));
  EXPECT_THAT(Json("{\"rows\": [],\n\"rows\": []}"),
              StatusSays(kBad, "line 2: the list appears twice"));
  EXPECT_THAT(Json("{\"other\": []}"), StatusSays(kBad, "no list \"rows\""));
  EXPECT_THAT(Json(""), StatusSays(kBad, "no list"));
  EXPECT_THAT(Json(std::string(1'000'000, '[')),
              StatusSays(kBad, "line 1: too many brackets"));
  EXPECT_THAT(Json("[1,\n\"" + std::string(100, 'x') + "\"]"),
              StatusSays(kBad, "line 2: a row is too large"));
  EXPECT_THAT(Csv("a,b\n1,\"2\n3"),
              StatusSays(kBad, "line 2: a quoted cell does not end"));
  EXPECT_THAT(Csv(""), StatusSays(kBad, "empty"));
  EXPECT_THAT(Csv("a\n" + std::string(100, 'x')),
              StatusSays(kBad, "line 2: a row is too large"));
  EXPECT_THAT(Csv(std::string(100, 'x')), StatusSays(kBad, "header"));
  EXPECT_FALSE(OutlineFile("no such file", {.csv = true}, kSmall).ok());
}

TEST_F(FileParts, PartsHaveALimitOfRows) {
  std::string text = "[1";
  for (std::size_t i = 1; i < kMaxPartRows + 1; ++i) text += ",1";
  const auto outline = Json(text + "]", std::size_t{1} << 20U);
  ASSERT_THAT(outline, IsOk());
  ASSERT_EQ(outline->parts.size(), 2U);
  EXPECT_EQ(outline->parts[1].first_row, kMaxPartRows);
}

}  // namespace
}  // namespace limpid::client
