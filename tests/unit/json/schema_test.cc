#include "common/json/schema.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/json/json.h"
#include "common/json/schema_reach.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::json {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

absl::Status Check(std::string_view schema, std::string_view value) {
  const auto compiled = Schema::Compile(*ParseStrict(schema));
  EXPECT_THAT(compiled, IsOk()) << schema;
  if (!compiled.ok()) return absl::UnknownError("no schema");
  return compiled->Validate(*ParseStrict(value));
}

struct Case {
  std::string_view schema;
  std::string_view good;
  std::string_view bad;
};

TEST(JsonSchema, EveryKeywordAcceptsAndRefuses) {
  for (const Case& c : {
           Case{R"({"type":"string"})", R"("x")", "1"},
           Case{R"({"type":"integer"})", "5.0", "5.5"},
           Case{R"({"type":["null","boolean"]})", "null", "0"},
           Case{R"({"enum":["a",1]})", "1", "2"},
           Case{R"({"const":{"a":1}})", R"({"a":1})", R"({"a":2})"},
           Case{R"({"minimum":3})", "3", "2"},
           Case{R"({"maximum":3})", "3", "4"},
           Case{R"({"exclusiveMinimum":3})", "4", "3"},
           Case{R"({"exclusiveMaximum":3})", "2", "3"},
           Case{R"({"multipleOf":5})", "10", "11"},
           Case{R"({"minLength":2})", R"("éé")", R"("é")"},
           Case{R"({"maxLength":2})", R"("éé")", R"("ééé")"},
           Case{R"({"pattern":"^[a-z]+$"})", R"("ab")", R"("aB")"},
           Case{R"({"format":"date"})", R"("2020-02-29")", R"("2020-13-01")"},
           Case{R"({"items":{"type":"integer"}})", "[1]", R"(["a"])"},
           Case{R"({"items":[{"type":"integer"}],"additionalItems":false})",
                "[1]", "[1,2]"},
           Case{R"({"contains":{"const":7}})", "[1,7]", "[1]"},
           Case{R"({"minItems":1})", "[1]", "[]"},
           Case{R"({"maxItems":1})", "[1]", "[1,2]"},
           Case{R"({"uniqueItems":true})", "[1,2]", "[1,1]"},
           Case{R"({"properties":{"a":{"type":"null"}}})", R"({"a":null})",
                R"({"a":1})"},
           Case{R"({"patternProperties":{"^x":{"type":"null"}}})",
                R"({"xa":null,"y":1})", R"({"xa":1})"},
           Case{R"({"properties":{"a":{}},"additionalProperties":false})",
                R"({"a":1})", R"({"b":1})"},
           Case{R"({"propertyNames":{"maxLength":1}})", R"({"a":1})",
                R"({"ab":1})"},
           Case{R"({"required":["a"]})", R"({"a":1})", "{}"},
           Case{R"({"minProperties":1})", R"({"a":1})", "{}"},
           Case{R"({"maxProperties":0})", "{}", R"({"a":1})"},
           Case{R"({"dependencies":{"a":["b"]}})", R"({"a":1,"b":1})",
                R"({"a":1})"},
           Case{R"({"allOf":[{"minimum":1},{"maximum":2}]})", "2", "3"},
           Case{R"({"anyOf":[{"const":1},{"const":2}]})", "2", "3"},
           Case{R"({"oneOf":[{"minimum":1},{"minimum":5}]})", "2", "6"},
           Case{R"({"not":{"const":1}})", "2", "1"},
           Case{R"({"if":{"const":1},"then":{"const":2},"else":{}})", "3", "1"},
           Case{R"({"definitions":{"p":{"minimum":0}},)"
                R"("items":{"$ref":"#/definitions/p"}})",
                "[1]", "[-1]"},
           Case{R"({"properties":{"next":{"$ref":"#"}},)"
                R"("additionalProperties":false})",
                R"({"next":{"next":{}}})", R"({"next":{"n":1}})"},
       }) {
    EXPECT_THAT(Check(c.schema, c.good), IsOk()) << c.schema;
    EXPECT_THAT(Check(c.schema, c.bad), StatusIs(kBad)) << c.schema;
  }
}

TEST(JsonSchema, NamesThePointerOfTheFault) {
  const std::string_view schema =
      R"({"properties":{"a/b":{"items":{"properties":{"c~":{"type":"string"}}}},)"
      R"("n":{"minimum":1}},"required":["n"]})";
  EXPECT_THAT(Check(schema, R"({"n":1,"a/b":[{},{"c~":1}]})"),
              StatusSays(kBad, "/a~1b/1/c~0: "));
  EXPECT_THAT(Check(schema, R"({"n":0})"), StatusSays(kBad, "/n: "));
  EXPECT_THAT(Check(schema, "{}"), StatusSays(kBad, "'n'"));
}

TEST(JsonSchema, NeverRepeatsTheValue) {
  const std::string_view schema =
      R"({"properties":{"a":{"pattern":"^x$"},"e":{"enum":["p"]}},)"
      R"("additionalProperties":false})";
  for (const std::string_view value :
       {R"({"a":"secret"})", R"({"e":"secret"})", R"({"secret":1})"}) {
    const absl::Status status = Check(schema, value);
    EXPECT_THAT(status, StatusIs(kBad));
    EXPECT_EQ(status.ToString().find("secret"), std::string::npos) << value;
  }
}

TEST(JsonSchema, RefusesWhatItWouldIgnore) {
  for (const std::string_view schema :
       {R"({"unevaluatedProperties":false})", R"({"prefixItems":[]})",
        R"({"dependentRequired":{}})", R"({"minContains":1})", R"({"typo":1})",
        R"({"properties":{"a":{"typ":"string"}}})", R"({"items":[{"x":1}]})",
        R"({"definitions":{"a":{"x":1}}})", R"({"format":"email"})",
        R"({"contentEncoding":"base64"})", R"({"id":"x"})",
        R"({"properties":{"a":{"$id":"x"}}})",
        R"({"$ref":"https://example.org/s.json"})", R"({"$ref":"#"})",
        R"({"$ref":"other.json#/definitions/a"})",
        R"({"items":{"$ref":"#/definitions/none"}})",
        R"({"items":{"$ref":"#/properties/a"}})",
        R"({"definitions":{"a":{"$ref":"#/definitions/a"}}})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one schema
        R"({"definitions":{"a":{"minimum":1}},)"
        R"("items":{"$ref":"#/definitions/a","maximum":2}})",
        R"({"pattern":"("})", R"({"patternProperties":{"(":{}}})",
        R"({"pattern":1})", "true", "[]", R"({"type":"strin"})",
        R"({"minimum":"1"})", R"({"required":"a"})", R"({"allOf":{}})",
        R"({"maxItems":-1})", R"({"minLength":"1"})", R"({"multipleOf":null})",
        R"({"uniqueItems":1})"}) {
    EXPECT_THAT(Schema::Compile(*ParseStrict(schema)), StatusIs(kBad))
        << schema;
  }
  EXPECT_THAT(
      Schema::Compile(*ParseStrict(R"({"properties":{"a":{"typ":1}}})")),
      StatusSays(kBad, "/properties/a/typ: unknown keyword"));
}

absl::Status Refused(std::string_view schema) {
  return Schema::Compile(*ParseStrict(schema)).status();
}

// Each of them ended the process when a value was checked.
TEST(JsonSchema, RefusesCirclesThroughAllOf) {
  for (const std::string_view schema :
       {R"({"allOf":[{"$ref":"#"}]})", R"({"anyOf":[{},{"$ref":"#"}]})",
        R"({"oneOf":[{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})",
        R"({"if":{},"then":{},"else":{"$ref":"#"}})", R"({"if":{"$ref":"#"}})",
        R"({"if":{},"then":{"$ref":"#"}})", R"({"if":{},"else":{"$ref":"#"}})",
        R"({"dependencies":{"a":{"$ref":"#"}}})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one schema
        R"({"definitions":{"a":{"allOf":[{"$ref":"#/definitions/b"}]},)"
        R"("b":{"not":{"$ref":"#/definitions/a"}}},)"
        R"("items":{"$ref":"#/definitions/a"}})"}) {
    EXPECT_THAT(Refused(schema), StatusSays(kBad, "leads back")) << schema;
  }
  // A list of lists is no circle: each is a part of the one before.
  EXPECT_THAT(Check(R"({"items":{"allOf":[{"$ref":"#"}]},"type":"array"})",
                    "[[],[[]]]"),
              IsOk());
}

// 2^30 schemas on one value, on each of its parts, or one more at each level.
TEST(JsonSchema, RefusesWhatGrowsBeyondMeasure) {
  const auto doubling = [](std::string_view before, std::string_view after) {
    std::string out = R"({"definitions":{)";
    for (int i = 0; i < 30; ++i) {
      const std::string ref =
          absl::StrCat(R"({"$ref":"#/definitions/d)", i + 1, R"("})");
      absl::StrAppend(&out, R"("d)", i, R"(":)", std::string(before),
                      R"({"allOf":[)", ref, ",", ref, "]}", std::string(after),
                      ",");
    }
    return out + R"("d30":{}},"items":{"$ref":"#/definitions/d0"}})";
  };
  for (const std::string& schema :
       {doubling("", ""), doubling(R"({"items":)", "}"),
        doubling(R"({"additionalProperties":)", "}"),
        std::string(R"({"items":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}})"),
        std::string(R"({"allOf":[{"properties":{"a":{"$ref":"#"}}},)"
                    R"({"properties":{"a":{"$ref":"#"}}}]})")}) {
    EXPECT_THAT(Refused(schema), StatusSays(kBad, "tries more than")) << schema;
  }
  // Parts of different names, and of lists and objects, are not the same part.
  EXPECT_THAT(Refused(R"({"anyOf":[{"items":{"$ref":"#"}},)"
                      R"({"properties":{"a":{"$ref":"#"}}},)"
                      R"({"properties":{"b":{"$ref":"#"}}}]})"),
              IsOk());
}

// Of what never falls to the same part, the larger counts. Added up, each of
// these doubles with every level.
TEST(JsonSchema, WhatNeverMeetsIsNotAddedUp) {
  for (const std::string_view schema :
       {R"({"properties":{"c":{"$ref":"#"}},)"
        R"("additionalProperties":{"$ref":"#"}})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one schema
        R"({"patternProperties":{"^x":{"$ref":"#"}},)"
        R"("additionalProperties":{"$ref":"#"}})",
        R"({"items":[{"$ref":"#"}],"additionalItems":{"$ref":"#"}})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one schema
        R"({"if":{"required":["c"]},"then":{"properties":{"c":{"$ref":"#"}}},)"
        R"("else":{"properties":{"c":{"$ref":"#"}}}})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one schema
        R"({"if":{},"then":{"items":{"$ref":"#"}},)"
        R"("else":{"additionalProperties":{"$ref":"#"}}})"}) {
    EXPECT_THAT(Refused(schema), IsOk()) << schema;
  }
  // A name can be of patterns, and what stands beside a choice is tried too.
  for (const std::string_view schema :
       {R"({"properties":{"x":{"$ref":"#"}},)"
        R"("patternProperties":{"^x":{"$ref":"#"}}})",
        R"({"patternProperties":{"^x":{"$ref":"#"},"x$":{"$ref":"#"}}})",
        R"({"items":[{"$ref":"#"}],"contains":{"$ref":"#"}})",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one schema
        R"({"allOf":[{"properties":{"a":{"$ref":"#"}}},)"
        R"({"additionalProperties":{"$ref":"#"}}]})",
        R"({"if":{"items":{"$ref":"#"}},"then":{"items":{"$ref":"#"}},)"
        R"("else":{}})"}) {
    EXPECT_THAT(Refused(schema), StatusSays(kBad, "tries more than")) << schema;
  }
}

// Asked for faults, the library tries an element that does not fit the schema
// of its index on additionalItems too: twice at each of these levels.
TEST(JsonSchema, ExplainsNothingWhereThatWouldGrowBeyondMeasure) {
  const std::string value = std::string(60, '[') + "1" + std::string(60, ']');
  EXPECT_THAT(Check(R"({"type":"array","items":[{"$ref":"#"}],)"
                    R"("additionalItems":{"$ref":"#"}})",
                    value),
              StatusSays(kBad, "cannot say where"));
  EXPECT_THAT(Check(R"({"type":"array","items":[{"$ref":"#"}],)"
                    R"("additionalItems":false})",
                    "[[1]]"),
              StatusSays(kBad, "/0/0: "));
}

// Each name goes to the whole schema again: 16 kB took eight seconds and 157
// MB.
TEST(JsonSchema, ManyReferencesToOneSchemaAreLookedAtOnce) {
  std::string schema = R"({"properties":{)";
  for (int i = 0; i < 890; ++i) {
    absl::StrAppend(&schema, i == 0 ? "" : ",", "\"", i, R"(":{"$ref":"#"})");
  }
  schema += "}}";
  const Value parsed = *ParseStrict(schema);
  // 65 levels, twice, and for each name one.
  constexpr std::size_t kEnough = 120'000;
  EXPECT_THAT(internal::CheckReach(parsed, internal::Purpose::kFit, kEnough),
              IsOk());
  EXPECT_THAT(internal::CheckReach(parsed, internal::Purpose::kFit, 1'000),
              StatusSays(kBad, "takes too long"));
  EXPECT_THAT(Refused(schema), IsOk());
}

// A chain of choices, each with a name of its own, goes over all names behind
// it: that is work too.
TEST(JsonSchema, AChainOfChoicesCountsItsNamesEachTime) {
  std::string schema = R"({"definitions":{)";
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&schema, R"("d)", i, R"(":{"if":{},"then":{"properties":)",
                    R"({"p)", i, R"(":{"$ref":"#"}}},"else":)",
                    R"({"$ref":"#/definitions/d)", i + 1, R"("}},)");
  }
  schema += R"("d60":{}},"allOf":[{"$ref":"#/definitions/d0"}]})";
  const Value parsed = *ParseStrict(schema);
  EXPECT_THAT(internal::CheckReach(parsed), StatusIs(kBad));
  EXPECT_THAT(internal::CheckReach(parsed, internal::Purpose::kFit, 100'000),
              StatusSays(kBad, "takes too long"));
}

TEST(JsonSchema, RefusesADeepPattern) {
  const auto pattern = [](const std::string& text) {
    return absl::StrCat(R"({"pattern":")", text, R"("})");
  };
  const auto nested = [&](std::size_t count) {
    return pattern(std::string(count, '(') + "a" + std::string(count, ')'));
  };
  EXPECT_THAT(Refused(nested(kMaxPatternGroups)), IsOk());
  for (const std::string& schema :
       {nested(kMaxPatternGroups + 1), nested(200'000),
        pattern(std::string(kMaxPatternBytes + 1, 'a')),
        absl::StrCat(R"({"patternProperties":{")", std::string(200'000, '('),
                     R"(":{}}})")}) {
    EXPECT_THAT(Refused(schema), StatusSays(kBad, "64 groups"));
  }
  EXPECT_THAT(Refused(pattern(std::string(kMaxPatternBytes, 'a'))), IsOk());
}

TEST(JsonSchema, RefusesATargetThatIsNoSchema) {
  for (const std::string_view schema :
       {R"({"definitions":{"a":{"default":{"typo":1}}},)"
        R"("items":{"$ref":"#/definitions/a/default"}})",
        R"({"definitions":{"a":{"properties":{"minimum":{}}}},)"
        R"("items":{"$ref":"#/definitions/a/properties"}})"}) {
    EXPECT_THAT(Refused(schema), StatusSays(kBad, "what is no schema"))
        << schema;
  }
}

TEST(JsonSchema, NothingFitsOneThatIsRefused) {
  const Schema refusing =
      Schema::Refusing(Refused(R"({"allOf":[{"$ref":"#"}]})"));
  EXPECT_THAT(refusing.Validate(Value(1)), StatusSays(kBad, "leads back"));
}

TEST(JsonSchema, LimitsWhatIsMatched) {
  const std::string longest(kMaxMatchedStringBytes, 'a');
  EXPECT_THAT(Check(R"({"pattern":"^a*$"})", "\"" + longest + "\""), IsOk());
  EXPECT_THAT(Check(R"({"pattern":"^a*$"})", "\"" + longest + "a\""),
              StatusIs(kBad));
  EXPECT_THAT(Check(R"({"type":"string"})", "\"" + longest + "a\""), IsOk());
}

// Anybody with an account puts values: what one costs must be bounded by its
// size. Before, 20,000 equal numbers took tens of gigabytes.
TEST(JsonSchema, ALongListIsRefusedAtOnce) {
  const auto list = [](int count, auto element) {
    std::string out = "[";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&out, i == 0 ? "" : ",", element(i));
    }
    return out + "]";
  };
  const auto one = [](int) { return 1; };
  const auto number = [](int i) { return i; };
  constexpr std::string_view kUnique =
      R"({"type":"array","maxItems":8,"uniqueItems":true})";
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Check(kUnique, list(100'000, one)), StatusIs(kBad));
  EXPECT_THAT(Check(kUnique, list(45'000, number)), StatusIs(kBad));
  EXPECT_THAT(Check(R"({"properties":{"a":{"uniqueItems":true}}})",
                    absl::StrCat(R"({"a":)", list(257, number), "}")),
              StatusSays(kBad, "/a: too many elements"));
  EXPECT_THAT(Check(R"({"uniqueItems":true})", list(256, number)), IsOk());
  EXPECT_THAT(Check(R"({"uniqueItems":true})", list(256, one)), StatusIs(kBad));
  // One fault each, were they collected.
  EXPECT_THAT(Check(R"({"items":{"type":"string"}})", list(100'000, one)),
              StatusSays(kBad, "too large to say where"));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20));
}

}  // namespace
}  // namespace limpid::json
