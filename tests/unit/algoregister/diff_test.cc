#include "algoregister/version/diff.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "algoregister/registration/content.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// RFC 6902 section 4 for objects, spelled out.
Value Apply(Value target, const std::vector<std::string>& path,
            std::size_t depth, const Value& operation) {
  if (depth == path.size()) return *operation.Find("value");
  const std::string& key = path[depth];
  const Value* const child = target.Find(key);
  if (depth + 1 == path.size()) {
    const std::string name = *operation.GetString("op");
    EXPECT_EQ(child == nullptr, name == "add");
    if (name == "remove") {
      target.Remove(key);
    } else {
      target.Set(key, *operation.Find("value"));
    }
    return target;
  }
  EXPECT_NE(child, nullptr);
  if (child != nullptr)
    target.Set(key, Apply(*child, path, depth + 1, operation));
  return target;
}

Value ApplyPatch(Value target, const Value& patch) {
  for (const Value& operation : patch.elements()) {
    const auto path = json::SplitPointer(*operation.GetString("path"));
    target = Apply(target, *path, 0, operation);
  }
  return target;
}

Value Parse(const char* text) { return *json::ParseStrict(text); }

TEST(RegistrationPatch, TurnsTheOneIntoTheOther) {
  const Value from =
      Parse(R"({"a":1,"b":{"c":[1,2],"d":null},"e/f":"x","same":{"k":[1]}})");
  const Value to =
      Parse(R"({"b":{"c":[1,3],"new":{}},"e/f":"y","same":{"k":[1]},"z":[]})");
  const Value patch = MakePatch(from, to);
  EXPECT_EQ(ApplyPatch(from, patch), to);
  EXPECT_EQ(json::Canonical(patch),
            R"([{"op":"remove","path":"/a"},)"
            R"({"op":"replace","path":"/b/c","value":[1,3]},)"
            R"({"op":"remove","path":"/b/d"},)"
            R"({"op":"add","path":"/b/new","value":{}},)"
            R"({"op":"replace","path":"/e~1f","value":"y"},)"
            R"({"op":"add","path":"/z","value":[]}])");
}

TEST(RegistrationPatch, IsEmptyBetweenEquals) {
  const Value value = Parse(R"({"a":[{"b":1}]})");
  EXPECT_EQ(MakePatch(value, value), Value::Array());
}

rc::Gen<Value> SmallObject(int depth) {
  const auto leaf =
      rc::gen::map(rc::gen::inRange(0, 3), [](int n) { return Value(n); });
  const auto inner =
      depth == 0 ? leaf : rc::gen::oneOf(leaf, SmallObject(depth - 1));
  using Members = std::vector<std::pair<char, Value>>;
  const auto members =
      rc::gen::scale(0.1, rc::gen::container<Members>(rc::gen::pair(
                              rc::gen::elementOf(std::string("ab/~")), inner)));
  return rc::gen::map(members, [](const Members& all) {
    Value out = Value::Object();
    for (const auto& [key, value] : all) out.Set(std::string(1, key), value);
    return out;
  });
}

RC_GTEST_PROP(RegistrationPatchProperty, AppliedToFromGivesTo, ()) {
  const Value from = *SmallObject(1);
  const Value to = *SmallObject(1);
  RC_ASSERT(ApplyPatch(from, MakePatch(from, to)) == to);
}

TEST(RegistrationChanges, ReadLikeSentences) {
  Value from = NewContent(RegistrationKind::kDeployment);
  SetField(from, "title", GivenText("nl", "Zivver"));
  SetField(from, "status", Given(Value("in_use")));
  SetField(from, "goal", Missing());
  from.Set("reason", "one");
  Value to = from;
  SetField(to, "status", Given(Value("out_of_use")));
  SetField(to, "goal",
           Parse(R"({"state":"withheld","ground":"Woo 5.1",)"
                 R"("authority":"the mayor","review":"2027-01-31"})"));
  SetField(to, "system", Missing());
  AddAlias(to, {"nl-list", "17"});
  const auto changes = DescribeChanges(RegistrationKind::kDeployment, from, to);
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes[0].pointer, "/aliases");
  EXPECT_EQ(changes[0].after, "nl-list 17");
  EXPECT_EQ(changes[1].label, "Goal and impact");
  EXPECT_EQ(changes[1].before, "missing");
  EXPECT_EQ(changes[1].after,
            "withheld by the mayor: Woo 5.1, to be reviewed 2027-01-31");
  EXPECT_EQ(changes[2].label, "Status");
  EXPECT_EQ(changes[2].before, "in use");
  EXPECT_EQ(changes[2].after, "no longer in use");
  EXPECT_EQ(changes[3].pointer, "/fields/system");
  EXPECT_EQ(changes[3].before, "");
  EXPECT_TRUE(DescribeChanges(RegistrationKind::kDeployment, to, to).empty());
}

}  // namespace
}  // namespace limpid::algoregister
