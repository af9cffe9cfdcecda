// Whatever stands at any place of a document: never a crash, always the place
// named, and nothing lost.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/documents.h"
#include "tests/unit/algoregister/exported.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;

std::vector<Value> HostileValues() {
  Value deep(1);
  Value object(1);
  for (int i = 0; i < 50; ++i) {
    deep = Value(std::vector<Value>{deep});
    object = Value::Object({{"type", object}});
  }
  Value huge = Value::Array();
  for (int i = 0; i < 2'000; ++i) huge.Append(absl::StrCat("element ", i));
  std::vector<Value> out = {Value(7),
                            Value(true),
                            Value(),
                            Value(""),
                            Value("  blanks  "),
                            Value("[1, 'a']"),
                            Value("a;b"),
                            Value(std::string(30'000, 'x')),
                            Value(std::string("a\0b", 3)),
                            deep,
                            object,
                            huge};
  for (const std::string_view text :
       {R"([])", R"({})", R"(["a","a"," b "])", R"([1,true,null,{"x":[]}])",
        R"([{"name":{"name":{}}},{"type":"t","key":5,"value":[1]},"t"])",
        R"([{"description":"d"},{"description":["d"]}])",
        R"({"@id":"x","@type":"sc:Organization","name":["n"]})"}) {
    out.push_back(Parse(text));
  }
  return out;
}

// The least that a document of the profile says.
Value Least(const Profile& profile) {
  Value out = Value::Object();
  for (const Column& column : profile.columns) {
    if (!column.required) continue;
    EXPECT_THAT(SetPlace(out, column.foreign, Value("Title")), IsOk());
  }
  return out;
}

bool SaysNothing(const Value& value) {
  if (value.is_null()) return true;
  if (value.is_array() || value.is_object()) return value.size() == 0;
  return value.is_string() &&
         value.string().find_first_not_of(' ') == std::string::npos;
}

void ExpectSameAgain(const Profile& profile, const Taken& taken,
                     const std::string& at) {
  const Export written = Write(profile, taken);
  EXPECT_TRUE(written.dropped.empty()) << at;
  const Taken again = Take(profile, Parse(written.file));
  EXPECT_EQ(HashOf(again.content), HashOf(taken.content))
      << at << "\n"
      << written.file.substr(0, 2'000);
}

// Rejected with the place named, or taken, valid and written back the same.
void ExpectHandled(const Profile& profile, const Column& column,
                   const Value& value) {
  Value document = Least(profile);
  if (!SetPlace(document, column.foreign, value).ok()) return;
  const std::string at = absl::StrCat(base::ToAbsl(profile.name), ": ",
                                      base::ToAbsl(column.foreign), " = ",
                                      json::Canonical(value).substr(0, 80));
  const Taken taken = Take(profile, document);
  if (IsRejected(taken.reading)) {
    EXPECT_TRUE(Names(taken.reading, column.foreign)) << at;
    return;
  }
  const auto valid = ValidateContent(taken.content);
  if (!valid.ok()) {
    EXPECT_EQ(RejectionOf(profile, valid).field, column.foreign) << at << valid;
    return;
  }
  if (!column.field.empty() && FieldIn(taken, column.field) == "not given" &&
      !SaysNothing(value)) {
    EXPECT_TRUE(Names(taken.reading, column.foreign)) << at;
  }
  ExpectSameAgain(profile, taken, at);
}

class HostileDocument : public ::testing::TestWithParam<std::string_view> {};

TEST_P(HostileDocument, IsNamedWhereItIsWrongAndLosesNothing) {
  const Profile& profile = *FindProfile(GetParam());
  for (const Value& value : HostileValues()) {
    for (const Column& column : profile.columns) {
      if (!column.foreign.empty()) ExpectHandled(profile, column, value);
    }
  }
}

// Something else on the way to every place.
TEST_P(HostileDocument, MayHaveAnythingOnTheWay) {
  const Profile& profile = *FindProfile(GetParam());
  const std::vector<Value> values = {Value("text"), Value(5), Value::Array(),
                                     Parse(R"([[{"type":[]}],{"type":{}}])")};
  for (const Column& column : profile.columns) {
    const std::string place(column.foreign);
    for (std::size_t end = place.find('/', 1); end < place.size();
         end = place.find('/', end + 1)) {
      for (const Value& value : values) {
        Value document = Least(profile);
        if (!SetPlace(document, place.substr(0, end), value).ok()) continue;
        const Taken taken = Take(profile, document);
        if (IsRejected(taken.reading)) continue;
        EXPECT_THAT(ValidateContent(taken.content), IsOk());
        const Taken again = Take(profile, Parse(Write(profile, taken).file));
        EXPECT_EQ(HashOf(again.content), HashOf(taken.content))
            << place.substr(0, end) << " = " << json::Canonical(value);
      }
    }
  }
}

TEST_P(HostileDocument, ThatIsNoneIsRejected) {
  const Profile& profile = *FindProfile(GetParam());
  for (const std::string_view text : {"[]", "7", "null", "{}", R"({"x":1})"}) {
    EXPECT_TRUE(IsRejected(ReadRow(profile, Parse(text)))) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryProfile, HostileDocument,
                         ::testing::ValuesIn(kDocumentProfiles));

}  // namespace
}  // namespace limpid::algoregister
