// Two implementations, one in C++ and one in Python that shares nothing with
// it, over random bundles and a real one: every metric, every interval, every
// mark.

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/erasure_note.h"
#include "algoregister/evidence/metrics.h"
#include "common/base/file.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

using json::Value;
using Key = std::tuple<std::string, std::string, std::string>;

bool HasPython() {
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a fixed command
  return std::system("python3 -c '' >/dev/null 2>&1") == 0;
}

class SecondImplementation : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasPython()) GTEST_SKIP() << "python3 is absent";
  }

  Value PythonSays(const std::string& bundle) {
    const std::string path = (folder_.path() / "bundle.json").string();
    EXPECT_THAT(base::WriteFileAtomically(path, base::AsBytes(bundle), 0600),
                testing::IsOk());
    const std::string command =
        absl::StrCat("cd '", LIMPID_PYTHON,
                     "' && python3 -B -m limpid_verify.evidence '", path, "'");
    // NOLINTNEXTLINE(cert-env33-c): paths of ours alone
    std::FILE* const pipe = popen(command.c_str(), "r");
    std::string out;
    std::array<char, 4096> part{};
    while (const std::size_t size =
               std::fread(part.data(), 1, part.size(), pipe)) {
      out.append(part.data(), size);
    }
    pclose(pipe);
    auto parsed = json::ParseStrict(out, {.max_bytes = std::size_t{8} << 20U});
    EXPECT_THAT(parsed, testing::IsOk());
    return parsed.ok() ? *std::move(parsed) : Value::Object();
  }

  // Compares everything; returns how many values.
  int Compare(const std::string& file) {
    const auto bundle = ParseBundle(file);
    EXPECT_THAT(bundle, testing::IsOk());
    const Value theirs = PythonSays(file);
    std::map<Key, ComputedMetric> ours;
    for (ComputedMetric& one : ComputeAll(bundle->evidence)) {
      Key key{one.metric->id, one.attribute, one.group};
      ours.emplace(std::move(key), std::move(one));
    }
    int compared = 0;
    for (const Value& metric : theirs.Find("metrics")->elements()) {
      const auto group = metric.GetString("group");
      const Key key{metric.GetString("metric").value(),
                    metric.GetString("attribute").value(),
                    group.ok() ? *group : ""};
      const auto found = ours.find(key);
      EXPECT_TRUE(found != ours.end()) << std::get<0>(key);
      if (found == ours.end()) continue;
      CompareValue(metric, found->second.value, std::get<0>(key));
      ++compared;
    }
    EXPECT_EQ(compared, static_cast<int>(ours.size()));
    const auto checked = CheckBundle(*bundle);
    const auto marks = theirs.Find("marks")->elements();
    EXPECT_EQ(marks.size(), checked.size());
    for (std::size_t i = 0; i < marks.size(); ++i) {
      EXPECT_EQ(marks[i].string(), MarkName(checked[i].mark)) << i;
    }
    CompareIntervalMarks(theirs.Find("interval_marks")->elements(), checked);
    return compared;
  }

 private:
  static void CompareIntervalMarks(std::span<const Value> theirs,
                                   const std::vector<CheckedClaim>& ours) {
    ASSERT_EQ(theirs.size(), ours.size());
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      const auto& mark = ours[i].interval_mark;
      ASSERT_EQ(theirs[i].is_string(), mark.has_value()) << i;
      if (mark) {
        EXPECT_EQ(theirs[i].string(), MarkName(*mark)) << i;
      }
    }
  }
  static void CompareValue(const Value& theirs, const MetricValue& ours,
                           const std::string& name) {
    const Value* const value = theirs.Find("value");
    ASSERT_EQ(value != nullptr, ours.value.has_value()) << name;
    if (value == nullptr) return;
    EXPECT_NEAR(value->number(), *ours.value,
                1e-12 * std::max(1.0, std::abs(*ours.value)))
        << name;
    const Value* const low = theirs.Find("ci_low");
    ASSERT_EQ(low != nullptr, ours.interval.has_value()) << name;
    if (low == nullptr) return;
    const double scale = std::max(1.0, std::abs(ours.interval->high));
    EXPECT_NEAR(low->number(), ours.interval->low, 1e-9 * scale) << name;
    EXPECT_NEAR(theirs.Find("ci_high")->number(), ours.interval->high,
                1e-9 * scale)
        << name;
  }

  testing::TempDir folder_;
};

std::string RandomBundle(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&random](unsigned limit) {
    return static_cast<int>(random() % limit);
  };
  Value manifest = ManifestOf();
  Value groups = Value::Array();
  groups.Append("race");
  groups.Append("sex");
  manifest.Set("groups", std::move(groups));
  manifest.Set("intersections", true);
  manifest.Set("favourable", seed % 2 == 0 ? "positive" : "negative");
  Value reference = Value::Object();
  reference.Set("race", "r0");
  reference.Set("sex", "f");
  manifest.Set("reference", std::move(reference));
  std::string rows = "label_value,race,score,sex\n1,r0,1,f\n";
  const int count = 5 + below(200);
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&rows, below(2), ",r", below(4), ",", below(2), ",",
                    below(2) == 0 ? "f" : "m", "\n");
  }
  Value claims = Value::Array();
  for (const char* const metric : {"tpr", "dp_difference", "fpr_disparity",
                                   "eq_odds", "goodness", "selection_rate"}) {
    Value claim = Value::Object();
    claim.Set("metric", metric);
    claim.Set("attribute", "race");
    if (below(2) == 0) claim.Set("group", "r1");
    claim.Set("value", Value::FromDouble(0.01 * below(100)).value());
    claim.Set("decimals", below(3));
    claims.Append(std::move(claim));
  }
  Value file = RowsFile(std::move(manifest), rows);
  file.Set("claims", std::move(claims));
  return json::Canonical(file);
}

TEST_F(SecondImplementation, AgreesOverRandomBundles) {
  int compared = 0;
  constexpr unsigned kBundles = 12;
  for (unsigned seed = 1; seed <= kBundles; ++seed) {
    SCOPED_TRACE(seed);
    compared += Compare(RandomBundle(seed));
  }
  EXPECT_GT(compared, 3'000);
}

// Rounded and not, near enough that only the rule decides: fpr of Low is 2/3.
TEST_F(SecondImplementation, AgreesOnWhatWasRounded) {
  Value claims = Value::Array();
  for (const double value : {0.0, 1.0, 0.5, 0.6, 0.7, 0.65, 0.66, 0.67, 0.665,
                             0.667, 0.666666666666667, 2.0 / 3, 100.0, 1e22}) {
    for (const int decimals : {0, 1, 2, 3, 15}) {
      Value claim = Value::Object();
      claim.Set("metric", "fpr");
      claim.Set("group", "Low");
      claim.Set("value", Value::FromDouble(value).value());
      claim.Set("decimals", decimals);
      claims.Append(std::move(claim));
    }
  }
  Value file = RowsFile(ManifestOf(),
                        "label_value,score,class\n1,1,High\n0,1,Low\n"
                        "0,1,Low\n0,0,Low\n");
  file.Set("claims", std::move(claims));
  const std::string bytes = json::Canonical(file);
  Compare(bytes);
  const MarkCounts marks = CountMarks(CheckBundle(*ParseBundle(bytes)));
  // 1 to 0 decimals, 0.7 to 1, 0.67 to 2 and 0.667 to 3; 2/3 itself and its 15
  // decimals whatever they say.
  EXPECT_EQ(marks.recomputed, 14U);
}

// Each kind of interval: as it is, at the edge of what its ends may be off, a
// planted wrong end, one end alone, rounded, and where there is none.
TEST_F(SecondImplementation, AgreesOnClaimedIntervals) {
  const std::string rows =
      "label_value,score,class\n1,1,High\n1,0,High\n0,1,High\n0,0,High\n"
      "1,1,Low\n0,1,Low\n0,1,Low\n0,0,Low\n";
  Value manifest = ManifestOf();
  manifest.Set("reference", Value::Object({{"class", Value("High")}}));
  Value file = RowsFile(std::move(manifest), rows);
  file.Set("claims", Value::Array());
  const auto evidence = ParseBundle(json::Canonical(file));
  ASSERT_THAT(evidence, testing::IsOk());
  Value claims = Value::Array();
  for (const ComputedMetric& one : ComputeAll(evidence->evidence)) {
    if (!one.value.value) continue;
    const auto claim_of = [&one](std::optional<double> low,
                                 std::optional<double> high, int decimals) {
      Value claim = Value::Object();
      claim.Set("metric", one.metric->id);
      claim.Set("attribute", one.attribute);
      if (!one.group.empty()) claim.Set("group", one.group);
      claim.Set("value", Value::FromDouble(*one.value.value).value());
      if (low) claim.Set("ci_low", Value::FromDouble(*low).value());
      if (high) claim.Set("ci_high", Value::FromDouble(*high).value());
      if (decimals > 0) claim.Set("decimals", decimals);
      return claim;
    };
    const Interval ours = one.value.interval.value_or(Interval());
    claims.Append(claim_of(ours.low, ours.high, 0));
    if (!one.value.interval) continue;
    claims.Append(claim_of(ours.low - 5e-10, ours.high + 5e-10, 0));
    claims.Append(claim_of(ours.low, ours.high + 2e-9, 0));
    claims.Append(claim_of(ours.low - 2e-9, std::nullopt, 0));
    claims.Append(claim_of(std::nullopt, ours.high, 0));
    claims.Append(claim_of(std::round(ours.low * 100) / 100, std::nullopt, 2));
  }
  file.Set("claims", std::move(claims));
  const std::string bytes = json::Canonical(file);
  Compare(bytes);
  int wrong = 0;
  for (const CheckedClaim& one : CheckBundle(*ParseBundle(bytes))) {
    wrong += one.interval_mark == Mark::kDiffers ? 1 : 0;
  }
  EXPECT_GT(wrong, 20);
}

TEST_F(SecondImplementation, SaysErasedAndNotForged) {
  const ErasureNote note = {.digest = DigestText({}),
                            .time = "2026-11-30T10:00:00.123Z",
                            .ground = "GDPR Article 17(1)(d)",
                            .role = "administrator"};
  const std::string file = json::Canonical(ToJson(note));
  Value expected = ToJson(note);
  expected.Remove("format");
  const Value said = PythonSays(file);
  ASSERT_NE(said.Find("erased"), nullptr);
  EXPECT_EQ(json::Canonical(*said.Find("erased")), json::Canonical(expected));
  EXPECT_TRUE(ReadErasureNote(file));
}

}  // namespace
}  // namespace limpid::algoregister::evidence
