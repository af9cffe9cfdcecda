#include "common/json/value.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::json {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

TEST(JsonValue, BuildsWhatTheParserReads) {
  Value value = Value::Object();
  value.Set("text", "x").Set("yes", true).Set("n", 5).Set("none", Value());
  value.Set("list", Value::Array().Append(1).Append("two"));
  EXPECT_EQ(
      value,
      *ParseStrict(
          R"({"n":5,"list":[1,"two"],"none":null,"text":"x","yes":true})"));
  value.Set("n", std::uint64_t{6});
  EXPECT_EQ(*value.GetInteger("n"), 6);
  EXPECT_TRUE(value.Remove("n"));
  EXPECT_FALSE(value.Remove("n"));
}

TEST(JsonValue, TypedReadsNameTheMemberAndTheKind) {
  const Value value = Value::Object({{"a", Value("x")}, {"b", Value(1)}});
  EXPECT_EQ(*value.GetString("a"), "x");
  EXPECT_THAT(value.GetString("b"), StatusSays(kBad, "\"b\" is not a string"));
  EXPECT_THAT(value.GetInteger("c"), StatusSays(kBad, "\"c\" is missing"));
  EXPECT_THAT(value.GetBool("a"), StatusIs(kBad));
  EXPECT_THAT(value.GetArray("a"), StatusIs(kBad));
  EXPECT_THAT(value.GetObject("a"), StatusIs(kBad));
  EXPECT_THAT(Value(1).GetString("a"), StatusIs(kBad));
}

TEST(JsonValue, ChecksForUnknownMembers) {
  const Value value = Value::Object({{"a", Value(1)}, {"b", Value(1)}});
  EXPECT_THAT(value.CheckOnlyKeys({"a", "b", "c"}), IsOk());
  EXPECT_THAT(value.CheckOnlyKeys({"a"}), StatusIs(kBad));
  EXPECT_THAT(Value().CheckOnlyKeys({}), StatusIs(kBad));
}

TEST(JsonValue, GivesItsMembersAway) {
  Value value = Value::Object({{"b", Value("two")}, {"a", Value(1)}});
  const std::vector<Member> members = std::move(value).TakeMembers();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0], (Member{"a", Value(1)}));
  EXPECT_EQ(members[1], (Member{"b", Value("two")}));
}

TEST(JsonValue, FollowsPointers) {
  const auto value = ParseStrict(
      R"({"foo":["bar","baz"],"":0,"a/b":1,"m~n":8,"x":{"":[[7]]}})");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->FindPointer(""), &*value);
  EXPECT_EQ(value->FindPointer("/foo/1")->string(), "baz");
  EXPECT_EQ(value->FindPointer("/")->integer(), 0);
  EXPECT_EQ(value->FindPointer("/a~1b")->integer(), 1);
  EXPECT_EQ(value->FindPointer("/m~0n")->integer(), 8);
  EXPECT_EQ(value->FindPointer("/x//0/0")->integer(), 7);
  for (const char* const absent : {"foo", "/foo/2", "/foo/01", "/foo/-",
                                   "/foo/+1", "/foo/", "/a~2b", "/a~", "/q"}) {
    EXPECT_EQ(value->FindPointer(absent), nullptr) << absent;
  }
}

TEST(JsonValue, RefusesForeignBytesThatAreNotUtf8) {
  EXPECT_THAT(Value::FromText("\xff"), StatusIs(kBad));
  EXPECT_EQ(Value::FromText("ok")->string(), "ok");
}

TEST(JsonValueDeathTest, AbortsOnMisuse) {
  EXPECT_DEATH(Value("\xff"), "broken invariant");
  EXPECT_DEATH(Value(kMaxInteger + 1), "broken invariant");
  EXPECT_DEATH((void)Value(1).string(), "broken invariant");
}

TEST(JsonPointer, TokensRoundTrip) {
  const std::string token = "a/b~c~1";
  const auto tokens = SplitPointer("/" + PointerToken(token) + "/");
  ASSERT_THAT(tokens, IsOk());
  ASSERT_EQ(tokens->size(), 2U);
  EXPECT_EQ(tokens->front(), token);
  EXPECT_EQ(tokens->back(), "");
}

}  // namespace
}  // namespace limpid::json
