#include "common/json/elements.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::json {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

struct Read {
  absl::StatusOr<Value> envelope = Value();
  std::vector<Element> elements;
};

Read ReadRows(std::string_view text) {
  Read out;
  out.envelope =
      ForEachElement(text, "rows", {}, [&out](const Element& element) {
        out.elements.push_back(element);
        return absl::OkStatus();
      });
  return out;
}

TEST(JsonElements, GivesEachWithItsLineAndTheRestWithout) {
  const Read read = ReadRows(
      "{\n\"a\": [[1], \"rows\"],\n \"rows\": [\n{\"x\": 1},\n\n "
      "{\"y\":\n[2]}, 3],\n\"b\": {\"rows\": [4]}}");
  ASSERT_THAT(read.envelope, IsOk());
  EXPECT_EQ(*read.envelope,
            *ParseStrict(R"({"a":[[1],"rows"],"rows":[],"b":{"rows":[4]}})"));
  ASSERT_EQ(read.elements.size(), 3U);
  EXPECT_EQ(read.elements[0].line, 4U);
  EXPECT_EQ(read.elements[1].line, 6U);
  EXPECT_EQ(read.elements[2].line, 7U);
  EXPECT_EQ(read.elements[2].index, 2U);
  EXPECT_EQ(*read.elements[1].value, *ParseStrict(R"({"y":[2]})"));
}

TEST(JsonElements, ReportsABrokenElementAndGoesOn) {
  const Read read = ReadRows(
      "{\"rows\": [\n{\"a\":1},\n{\"a\":1, \"a\":2},\n{\"b\": \"\xff\"},\n"
      "{\"c\": nul},\n{\"d\": 1e999},\n,\n{\"e\": \"},]{[\\\"\"}\n]}");
  ASSERT_THAT(read.envelope, IsOk());
  ASSERT_EQ(read.elements.size(), 7U);
  EXPECT_THAT(read.elements[0].value, IsOk());
  EXPECT_THAT(read.elements[1].value, StatusSays(kBad, "line 3 column "));
  EXPECT_THAT(read.elements[2].value, StatusSays(kBad, "line 4 column "));
  EXPECT_THAT(read.elements[3].value, StatusSays(kBad, "line 5 column "));
  EXPECT_THAT(read.elements[4].value, StatusSays(kBad, "line 6 column "));
  EXPECT_THAT(read.elements[5].value, StatusIs(kBad));
  EXPECT_THAT(read.elements[6].value, IsOk());
}

TEST(JsonElements, AnEmptyListHasNoElements) {
  for (const std::string_view text : {"{\"rows\":[]}", "{\"rows\": [ \n ]}"}) {
    const Read read = ReadRows(text);
    EXPECT_THAT(read.envelope, IsOk());
    EXPECT_TRUE(read.elements.empty());
  }
}

TEST(JsonElements, ABrokenFileIsOneErrorAndGivesNothing) {
  for (const std::string_view text :
       {"", "[]", "{}", "{\"rows\": 1}", "{\"rows\": [1, 2}",
        "{\"rows\": [1, 2]", "{\"rows\": [{]}", "{\"rows\": [\"x]}",
        "{\"rows\": [1]} x", "{\"rows\": [1], \"rows\": [2]}",
        "{\"rows\": [1] \"b\": 2}", "{\"other\": [1]}",
        "{\"a\": {\"rows\": [1]}}", "[{\"rows\": [1]}]", "{\"rows\": [1]}}",
        "{\"a\":1,\"a\":2,\"rows\": [1]}"}) {
    const Read read = ReadRows(text);
    EXPECT_THAT(read.envelope, StatusIs(kBad)) << text;
    EXPECT_TRUE(read.elements.empty()) << text;
  }
}

TEST(JsonElements, NamesTheLineOfABrokenFile) {
  EXPECT_THAT(ReadRows("{\"rows\": [\n1,\n2\n}").envelope,
              StatusSays(kBad, "line 4 column 1"));
  EXPECT_THAT(ReadRows("{\"rows\": [\n1\n],\n\"b\": x}").envelope,
              StatusSays(kBad, "line 4 column "));
}

TEST(JsonElements, StopsWhenTheCallbackDoes) {
  int seen = 0;
  const auto result = ForEachElement("{\"rows\": [1,2,3]}", "rows", {},
                                     [&seen](const Element& /*element*/) {
                                       ++seen;
                                       return absl::AbortedError("enough");
                                     });
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(seen, 1);
}

TEST(JsonElements, AListOfNothingButCommasIsOneError) {
  const Read read =
      ReadRows("{\"rows\": [" + std::string(kMaxElements, ',') + "]}");
  EXPECT_THAT(read.envelope, StatusSays(kBad, "has more than 200000 elements"));
  EXPECT_TRUE(read.elements.empty());
}

}  // namespace
}  // namespace limpid::json
