// MIM5 and algorithm registers: what is registered goes out in the field sets
// of others, gaps shown as gaps, and more is asked of what weighs more.

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cpp/insight_client.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim5/rows.h"
#include "tests/conformance/mim5/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim5 {
namespace {

using json::Value;
using testing::IsOk;
using Names = std::set<std::string>;

constexpr auto kDeployment = v1::REGISTRATION_KIND_DEPLOYMENT;

// Fields that rules of `source` ask for in a registration.
Names Asked(client::Connection& connection, const std::string& id,
            std::string_view source) {
  const auto checked = client::InsightClient(connection).Check(id, 0, source);
  EXPECT_THAT(checked, IsOk());
  Names out;
  if (!checked.ok()) return out;
  for (const v1::RuleFinding& one : checked->findings()) {
    out.insert(one.field());
  }
  return out;
}

// The row of a JSON list whose `name` says so.
const Value* RowNamed(const Value& list, std::string_view name,
                      std::string_view text) {
  for (const Value& row : list.elements()) {
    const Value* const named = row.Find(name);
    if (named != nullptr && *named == Value(text)) return &row;
  }
  return nullptr;
}

// As the standard's own files have it where nothing was filled in.
bool IsEmpty(const Value& cell) { return cell.is_null() || cell == Value(""); }

TEST_F(Mim5, RegistrationsLeaveInTheFieldsOfOtherRegisters) {
  Cite({"L:API-5", kMims2022, "exports in the field sets of other registers"});
  const std::string title =
      "Export " + base::HexEncode(crypto::RandomArray<8>());
  Value content = Content(title);
  Value both = Value::Object();
  for (const char* const language : {"en", "nl"}) {
    both.Set(language, Value::Object({{"origin", Value("human")},
                                      {"text", Value(title)}}));
  }
  Set(content, "title", both);
  Set(content, "status", Value("in_use"));
  Set(content, "publication_category", Value("impactful"));
  Set(content, "contact", Value("algorithms@nowhere.example"));
  const std::string id = Publish(kDeployment, content);

  // Nothing is left out: every member of the standard is there, and what was
  // not filled in is there as empty.
  const std::vector<std::pair<std::string, std::string>> kSets = {
      {"nl-1.0", "name"}, {"ats-0.3.1", "name"}};
  for (const auto& [profile, name] : kSets) {
    std::string file;
    ASSERT_THAT(Exported(profile, file), IsOk());
    const auto list = json::ParseStrict(file);
    ASSERT_THAT(list, IsOk());
    const Value* const row = RowNamed(*list, name, title);
    ASSERT_NE(row, nullptr) << profile;
    int given = 0;
    int empty = 0;
    for (const json::Member& member : row->members()) {
      (IsEmpty(member.value) ? empty : given) += 1;
    }
    EXPECT_GE(given, 4) << profile;
    EXPECT_GE(empty, 15) << profile;
    for (const char* const unfilled : {"goal", "risks", "proportionality"}) {
      const Value* const cell = row->Find(unfilled);
      ASSERT_NE(cell, nullptr) << profile << " " << unfilled;
      EXPECT_TRUE(IsEmpty(*cell)) << profile << " " << unfilled;
    }
  }
  // What each standard requires and this does not say is told by name.
  for (const auto& [profile, name] : kSets) {
    const auto checked =
        client::InsightClient(*anonymous_).Check(id, 0, profile);
    ASSERT_THAT(checked, IsOk());
    Names missing;
    for (const v1::RuleFinding& one : checked->findings()) {
      if (one.outcome() == v1::RULE_OUTCOME_MISSING) {
        missing.insert(one.field());
      }
    }
    EXPECT_TRUE(missing.contains("summary")) << profile;
    EXPECT_TRUE(missing.contains("goal")) << profile;
    EXPECT_FALSE(missing.contains("status")) << profile;
    EXPECT_FALSE(missing.contains("contact")) << profile;
  }
}

TEST_F(Mim5, MoreIsRequiredTheGraverItIs) {
  Cite({"L:GEN-1", kMims2022, "more is required the graver it is"});
  std::vector<Names> asked;
  for (const char* const category : {"other", "impactful", "high_risk"}) {
    Value content = Content("Weighs something");
    Set(content, "publication_category", Value(category));
    asked.push_back(Asked(*anonymous_, Publish(kDeployment, content), "mim5"));
  }
  for (std::size_t at = 0; at + 1 < asked.size(); ++at) {
    EXPECT_LT(asked[at].size(), asked[at + 1].size());
    EXPECT_TRUE(std::includes(asked[at + 1].begin(), asked[at + 1].end(),
                              asked[at].begin(), asked[at].end()));
  }
  EXPECT_TRUE(asked[0].contains("goal"));
  EXPECT_FALSE(asked[0].contains("appeal"));
  EXPECT_TRUE(asked[1].contains("appeal"));
  EXPECT_FALSE(asked[1].contains("training_data"));
  EXPECT_TRUE(asked[2].contains("training_data"));
}

}  // namespace
}  // namespace limpid::mim5
