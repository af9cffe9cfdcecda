#include "algoregister/profile/document.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using json::Value;

Value Parse(std::string_view text) { return *json::ParseStrict(text); }

// The worked example of docs/formats/document-places.md.
Value Graph() {
  return Parse(R"({"@graph": [{"type": "Agent", "name": "City"},
      {"type": "ai_AIPackage", "name": "Sorter", "seed": 7}]})");
}

std::string At(const Value& document, std::string_view place) {
  const Value* const found = FindPlace(document, place);
  return found == nullptr ? "nothing" : json::Canonical(*found);
}

std::string After(Value document, std::string_view place, std::string_view to) {
  const absl::Status set = SetPlace(document, place, Parse(to));
  return set.ok() ? json::Canonical(document) : std::string("refused");
}

std::string Rest(const Value& document,
                 const std::vector<std::string_view>& places) {
  std::vector<TakenPlace> taken;
  for (const std::string_view place : places) taken.push_back({place});
  return json::Canonical(RestOf(document, taken));
}

TEST(DocumentPlace, FindsBySelectorTokenAndIndex) {
  EXPECT_EQ(At(Graph(), "/@graph/[type=ai_AIPackage]/name"), R"("Sorter")");
  EXPECT_EQ(At(Graph(), "/@graph/0/name"), R"("City")");
  EXPECT_EQ(At(Graph(), "/@graph/[type=Tool]/name"), "nothing");
  EXPECT_EQ(At(Graph(), "/@graph/2"), "nothing");
  EXPECT_EQ(At(Graph(), "/@graph/00/name"), "nothing");
  EXPECT_EQ(At(Graph(), ""), json::Canonical(Graph()));
  EXPECT_EQ(At(Parse(R"({"[ab]":1,"a/b":{"~":2}})"), "/[ab]"), "1");
  EXPECT_EQ(At(Parse(R"({"[ab]":1,"a/b":{"~":2}})"), "/a~1b/~0"), "2");
}

TEST(DocumentPlace, SelectsTheFirstByTextOrOneOfTheirTexts) {
  const Value list = Parse(
      R"([{"@type":["x","a/b"],"n":1},{"@type":"a/b","n":2},{"@type":7}])");
  EXPECT_EQ(At(list, "/[@type=a~1b]/n"), "1");
  EXPECT_EQ(At(list, "/[@type=7]"), "nothing");
  // A list of one without its brackets.
  EXPECT_EQ(At(Parse(R"({"g":{"@type":"t","n":3}})"), "/g/[@type=t]/n"), "3");
  EXPECT_EQ(At(Parse(R"({"g":{"@type":"t","n":3}})"), "/g/[@type=u]/n"),
            "nothing");
}

TEST(DocumentPlace, SetMakesWhatIsMissing) {
  EXPECT_EQ(After(Value::Object(), "/a/b", "1"), R"({"a":{"b":1}})");
  EXPECT_EQ(After(Value::Object(), "/g/[type=T]/n", "1"),
            R"({"g":[{"n":1,"type":"T"}]})");
  EXPECT_EQ(After(Graph(), "/@graph/[type=Tool]/name", "\"Lint\""),
            R"({"@graph":[{"name":"City","type":"Agent"},)"
            R"({"name":"Sorter","seed":7,"type":"ai_AIPackage"},)"
            R"({"name":"Lint","type":"Tool"}]})");
  EXPECT_EQ(After(Parse(R"({"l":[1]})"), "/l/1", "2"), R"({"l":[1,2]})");
  EXPECT_EQ(After(Parse(R"({"l":[1]})"), "/l/0", "2"), R"({"l":[2]})");
  EXPECT_EQ(After(Parse(R"({"a":null})"), "/a/b", "1"), R"({"a":{"b":1}})");
  EXPECT_EQ(After(Value::Object(), "", "5"), "5");
}

TEST(DocumentPlace, SetRefusesWhatStandsInTheWay) {
  EXPECT_EQ(After(Parse(R"({"l":[1]})"), "/l/2", "2"), "refused");
  EXPECT_EQ(After(Parse(R"({"l":[1]})"), "/l/x", "2"), "refused");
  EXPECT_EQ(After(Parse(R"({"a":"t"})"), "/a/b", "2"), "refused");
  EXPECT_EQ(After(Parse(R"({"a":{"type":"U"}})"), "/a/[type=T]/n", "2"),
            "refused");
  EXPECT_EQ(After(Parse(R"({"a":"t"})"), "/a/[type=T]/n", "2"), "refused");
  Value document = Graph();
  EXPECT_FALSE(SetPlace(document, "/@graph/9/x", Value(1)).ok());
  EXPECT_EQ(document, Graph());
}

TEST(DocumentPlace, RefusesMalformedPlaces) {
  std::string deep;
  for (std::size_t i = 0; i < kMaxPlaceSteps; ++i) deep += "/a";
  EXPECT_TRUE(ParsePlace(deep).ok());
  EXPECT_FALSE(ParsePlace(deep + "/a").ok());
  for (const std::string_view bad :
       {"a", "/~", "/~2", "/[=a]", "/[a=]", "/[a=~3]", "/[~=b]", "/\xff"}) {
    EXPECT_FALSE(ParsePlace(bad).ok()) << bad;
    EXPECT_EQ(FindPlace(Graph(), bad), nullptr);
    EXPECT_EQ(After(Graph(), bad, "1"), "refused");
  }
}

TEST(DocumentPlace, RestIsWhatNoPlaceTakes) {
  EXPECT_EQ(Rest(Graph(), {"/@graph/[type=ai_AIPackage]/name"}),
            R"({"@graph":[{"name":"City","type":"Agent"},)"
            R"({"seed":7,"type":"ai_AIPackage"}]})");
  EXPECT_EQ(Rest(Parse(R"({"a":{"b":1,"c":2},"d":{}})"), {"/a/b"}),
            R"({"a":{"c":2},"d":{}})");
  EXPECT_EQ(Rest(Parse(R"({"a":{"b":1}})"), {"/a/b", "/nowhere/x"}), "{}");
  EXPECT_EQ(Rest(Parse(R"({"a":"text"})"), {"/a/b"}), R"({"a":"text"})");
  EXPECT_EQ(Rest(Parse(R"({"a":1})"), {"broken", ""}), R"({"a":1})");
}

TEST(DocumentPlace, RestLeavesOutOnlyStubsAtTheEnd) {
  const Value both = Parse(R"({"g":[{"type":"A","n":1},{"type":"B","n":2}]})");
  EXPECT_EQ(Rest(both, {"/g/[type=A]/n", "/g/[type=B]/n"}), "{}");
  // B is kept, so A keeps its place.
  EXPECT_EQ(Rest(both, {"/g/[type=A]/n"}),
            R"({"g":[{"type":"A"},{"n":2,"type":"B"}]})");
  EXPECT_EQ(Rest(both, {"/g/[type=B]/n"}), R"({"g":[{"n":1,"type":"A"}]})");
  EXPECT_EQ(Rest(Parse(R"({"g":{"type":"A","n":1}})"), {"/g/[type=A]/n"}),
            "{}");
}

TEST(DocumentPlace, RestTakesCompanionsThatAreEqual) {
  const Value companion = Parse(R"({"type":"Property"})");
  const std::vector<TakenPlace> taken = {{"/a/value", &companion},
                                         {"/b/value", &companion},
                                         {"/c/value", &companion}};
  const Value document = Parse(
      R"({"a":{"type":"Property","value":1},"b":{"type":"Other","value":2},)"
      R"("c":{"type":"Property"},"type":"Property"})");
  EXPECT_EQ(json::Canonical(RestOf(document, taken)),
            R"({"b":{"type":"Other"},"c":{"type":"Property"},)"
            R"("type":"Property"})");
}

// Small documents of the shapes that places meet.
rc::Gen<Value> AnyDocument(int depth) {
  return rc::gen::exec([depth]() -> Value {
    const int kind = *rc::gen::inRange(0, depth == 0 ? 3 : 5);
    if (kind == 0) return Value(*rc::gen::inRange(0, 3));
    if (kind == 1) return Value(*rc::gen::element("A", "B"));
    if (kind == 2) return Value();
    Value out = kind == 3 ? Value::Array() : Value::Object();
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) {
      Value below = *AnyDocument(depth - 1);
      if (kind == 3) {
        out.Append(below);
      } else {
        out.Set(*rc::gen::element("a", "b", "type"), below);
      }
    }
    return out;
  });
}

RC_GTEST_PROP(DocumentPlaceProperty, SettingWhatWasTakenMakesItAgain, ()) {
  Value document = Value::Object();
  for (const char* const key : {"a", "b", "g"}) {
    document.Set(key, *AnyDocument(3));
  }
  const std::vector<std::string_view> places = {
      "/a/a", "/a/b/a", "/g/[type=A]/a", "/g/[type=B]/b/a", "/g/[type=A]/b"};
  std::vector<TakenPlace> taken;
  for (const std::string_view place : places) taken.push_back({place});
  const Value rest = RestOf(document, taken);
  Value again = rest;
  for (const std::string_view place : places) {
    const Value* const found = FindPlace(document, place);
    if (found == nullptr) continue;
    const auto set = SetPlace(again, place, *found);
    RC_ASSERT(set.ok());
  }
  for (const std::string_view place : places) {
    const Value* const before = FindPlace(document, place);
    const Value* const after = FindPlace(again, place);
    RC_ASSERT((before == nullptr) == (after == nullptr));
    if (before != nullptr) RC_ASSERT(*before == *after);
  }
  // And nothing else is lost or found.
  RC_ASSERT(RestOf(again, taken) == rest);
}

}  // namespace
}  // namespace limpid::algoregister
