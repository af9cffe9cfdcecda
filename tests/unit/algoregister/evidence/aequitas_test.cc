// Aequitas' own expected tables, cell by cell, and a public file of real cases
// beside what was published about it.

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/csv.h"
#include "algoregister/evidence/metrics.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

using testing::IsOk;
using Table = std::vector<std::map<std::string, std::string>>;

constexpr std::string_view kFolder = "data/algoregister/fairness/";

Table ReadTable(std::string_view text) {
  Table out;
  std::vector<std::string> header;
  EXPECT_THAT(
      ReadCsv(text,
              [&](std::size_t /*line*/, std::span<const std::string> fields) {
                if (header.empty()) {
                  header.assign(fields.begin(), fields.end());
                  return absl::OkStatus();
                }
                auto& row = out.emplace_back();
                for (std::size_t i = 0; i < fields.size(); ++i) {
                  row[header[i]] = fields[i];
                }
                return absl::OkStatus();
              }),
      IsOk());
  return out;
}

std::string File(std::string_view name) {
  return testing::ReadFile(
      testing::SharedPath(std::string(kFolder) + std::string(name)));
}

Evidence First() {
  json::Value manifest = ManifestOf();
  json::Value reference = json::Value::Object();
  reference.Set("class", "High");
  manifest.Set("reference", std::move(reference));
  auto bundle =
      Parse(RowsFile(std::move(manifest), File("aequitas_test_1.csv")));
  EXPECT_THAT(bundle, IsOk());
  return bundle.ok() ? std::move(bundle->evidence) : Evidence();
}

// What a column of Aequitas' tables says of a group.
double Column(const Evidence& evidence, std::string_view column,
              const std::string& group) {
  const Counts& c = evidence.groupings.front().Find(group)->counts;
  const std::map<std::string_view, std::int64_t> counts = {
      {"group_size", c.n()},
      {"pp", c.tp + c.fp},
      {"group_label_pos", c.tp + c.fn},
      {"group_label_neg", c.fp + c.tn},
      {"pn", c.tn + c.fn},
      {"tp", c.tp},
      {"fp", c.fp},
      {"tn", c.tn},
      {"fn", c.fn}};
  const auto found = counts.find(column);
  if (found != counts.end()) return static_cast<double>(found->second);
  const MetricValue value = Of(evidence, column, group);
  EXPECT_TRUE(value.value.has_value()) << column;
  return value.value.value_or(-1);
}

// Compares every column of numbers; returns how many cells it compared.
int CompareNumbers(const Evidence& evidence, const Table& expected) {
  int cells = 0;
  for (const auto& row : expected) {
    for (const auto& [column, text] : row) {
      double number = 0;
      if (!absl::SimpleAtod(text, &number)) continue;
      const bool of_reference = column.ends_with("_ref");
      const std::string name =
          of_reference ? column.substr(0, column.size() - 4) : column;
      const std::string& group =
          row.at(of_reference ? "reference_group" : "attribute_value");
      // Exactly: not within a tolerance.
      EXPECT_EQ(Column(evidence, name, group), number) << column << group;
      ++cells;
    }
  }
  return cells;
}

TEST(Aequitas, ItsExpectedTableOfGroupsIsReproducedExactly) {
  LIMPID_SHARED_OR_SKIP(path, std::string(kFolder) + "aequitas_test_1.csv");
  EXPECT_EQ(CompareNumbers(
                First(),
                ReadTable(File("aequitas_expected_output_group_test_1.csv"))),
            2 * 15);
}

TEST(Aequitas, ItsExpectedTableOfBiasIsReproducedExactly) {
  LIMPID_SHARED_OR_SKIP(path, std::string(kFolder) + "aequitas_test_1.csv");
  EXPECT_EQ(
      CompareNumbers(
          First(), ReadTable(File("aequitas_expected_output_bias_test_1.csv"))),
      2 * (15 + 15 + 6));
}

TEST(Aequitas, ItsExpectedVerdictsAreReproduced) {
  LIMPID_SHARED_OR_SKIP(path, std::string(kFolder) + "aequitas_test_1.csv");
  const Evidence evidence = First();
  const Table expected =
      ReadTable(File("aequitas_expected_output_fairness_test_1.csv"));
  EXPECT_EQ(CompareNumbers(evidence, expected), 2 * (15 + 15 + 6));
  for (const auto& row : expected) {
    const std::string& group = row.at("attribute_value");
    const auto parity = [&](std::string_view metric) {
      return Of(evidence, metric, group).parity;
    };
    const auto first =
        BothHold(parity("fdr_disparity"), parity("fpr_disparity"));
    const auto second =
        BothHold(parity("for_disparity"), parity("fnr_disparity"));
    const std::map<std::string, std::optional<bool>> verdicts = {
        {"FNR Parity", parity("fnr_disparity")},
        {"FPR Parity", parity("fpr_disparity")},
        {"FOR Parity", parity("for_disparity")},
        {"FDR Parity", parity("fdr_disparity")},
        {"Statistical Parity", parity("ppr_disparity")},
        {"Impact Parity", parity("pprev_disparity")},
        {"TypeI Parity", first},
        {"TypeII Parity", second},
        {"Unsupervised Fairness",
         BothHold(parity("ppr_disparity"), parity("pprev_disparity"))},
        {"Supervised Fairness", BothHold(first, second)}};
    for (const auto& [name, verdict] : verdicts) {
      EXPECT_EQ(verdict, row.at(name) == "TRUE") << name << " of " << group;
    }
  }
}

// The file names people by number, which a bundle refuses; without that column
// it is one.
std::string WithoutFirstColumn(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    out += line.substr(line.find(',') + 1);
    out += '\n';
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

json::Value RealManifest() {
  json::Value manifest = ManifestOf("race");
  json::Value groups = json::Value::Array();
  for (const char* const column : {"race", "sex", "age_cat"}) {
    groups.Append(column);
  }
  manifest.Set("groups", std::move(groups));
  json::Value prediction = json::Value::Object();
  prediction.Set("column", "score");
  prediction.Set("threshold", 1);
  manifest.Set("prediction", std::move(prediction));
  json::Value reference = json::Value::Object();
  reference.Set("race", "Caucasian");
  manifest.Set("reference", std::move(reference));
  return manifest;
}

// An independent count: two passes of text, no shared code but the test's.
Counts Naively(const Table& rows, const std::string& race) {
  Counts out;
  for (const auto& row : rows) {
    if (row.at("race") != race) continue;
    const bool predicted = std::atof(row.at("score").c_str()) >= 1;
    const bool truth = row.at("label_value") == "1";
    if (predicted && truth) ++out.tp;
    if (predicted && !truth) ++out.fp;
    if (!predicted && truth) ++out.fn;
    if (!predicted && !truth) ++out.tn;
  }
  return out;
}

TEST(Aequitas, RealCasesGiveThePublishedRates) {
  LIMPID_SHARED_OR_SKIP(path, std::string(kFolder) + "compas_for_aequitas.csv");
  const std::string rows = WithoutFirstColumn(testing::ReadFile(path));
  const auto bundle = Parse(RowsFile(RealManifest(), rows));
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->evidence.total->n(), 7'214);
  const Table table = ReadTable(rows);
  const Grouping& races = bundle->evidence.groupings.front();
  EXPECT_EQ(races.groups.size(), 6U);
  for (const Group& group : races.groups) {
    const Counts counts = Naively(table, group.name);
    EXPECT_EQ(group.counts, counts) << group.name;
    const double fpr = static_cast<double>(counts.fp) /
                       static_cast<double>(counts.fp + counts.tn);
    EXPECT_NEAR(*Of(bundle->evidence, "fpr", group.name).value, fpr, 1e-12);
  }
  // Angwin, Larson, Mattu and Kirchner (2016), "How We Analyzed the COMPAS
  // Recidivism Algorithm", in percent.
  struct Published {
    std::string_view metric;
    std::string_view group;
    double percent;
  };
  for (const Published& one :
       std::to_array<Published>({{"fpr", "African-American", 44.85},
                                 {"fnr", "African-American", 27.99},
                                 {"ppv", "African-American", 62.97},
                                 {"npv", "African-American", 65.05},
                                 {"fpr", "Caucasian", 23.45},
                                 {"fnr", "Caucasian", 47.72},
                                 {"ppv", "Caucasian", 59.13},
                                 {"npv", "Caucasian", 71.19}})) {
    EXPECT_NEAR(*Of(bundle->evidence, one.metric, one.group).value * 100,
                one.percent, 0.005)
        << one.metric << " " << one.group;
  }
}

}  // namespace
}  // namespace limpid::algoregister::evidence
