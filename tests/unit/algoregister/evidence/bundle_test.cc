#include "algoregister/evidence/bundle.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kTooMuch = absl::StatusCode::kResourceExhausted;

constexpr std::string_view kRows =
    "label_value,score,class\n1,1,High\n1,0,Low\n0,1,Low\n";

// The worked example of docs/formats/evidence-bundle.md.
constexpr std::string_view kExample =
    R"({"claims":[{"attribute":"class","decimals":2,"group":"Low",)"
    R"("metric":"fdr","value":0.67},{"attribute":"class",)"
    R"("metric":"dp_difference","value":0.2}],)"
    R"("format":"limpid-evidence-bundle/1","manifest":{"favourable":)"
    R"("negative","groups":["class"],"k":0,"label":{"column":"label_value",)"
    R"("negative":"0","positive":"1"},"level":0.95,"prediction":{"column":)"
    R"("score","negative":"0","positive":"1"},"reference":{"class":"High"},)"
    R"("tau":0.8},"rows":"label_value,score,class\n1,1,High\n1,0,Low\n)"
    R"(1,0,High\n1,1,Low\n1,1,High\n0,1,Low\n0,0,High\n0,0,Low\n0,1,High\n)"
    R"(0,1,Low\n"})";

TEST(Bundle, TheWorkedExampleIsWhatThePageSays) {
  const auto bundle = ParseBundle(kExample);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->disclosure, Disclosure::kRows);
  const auto checked = CheckBundle(*bundle);
  ASSERT_EQ(checked.size(), 2U);
  EXPECT_EQ(checked[0].mark, Mark::kRecomputed);
  EXPECT_EQ(checked[1].mark, Mark::kDiffers);
  EXPECT_EQ(checked[1].recomputed.value, 0);
  const MetricValue disparity = Of(bundle->evidence, "fpr_disparity", "Low");
  EXPECT_EQ(disparity.value, 4.0 / 3);
  EXPECT_EQ(disparity.parity, false);
}

Value With(Value manifest, std::string_view member, Value value) {
  manifest.Set(member, std::move(value));
  return manifest;
}

absl::Status RowsStatus(std::string_view rows) {
  return Parse(RowsFile(ManifestOf(), rows)).status();
}

TEST(Bundle, RowsAreStrict) {
  EXPECT_THAT(RowsStatus(kRows), IsOk());
  EXPECT_THAT(RowsStatus("class,label_value,score\r\n\"a,\"\"b\"\"\",1,0"),
              IsOk());
  const auto says = [](std::string_view rows, std::string_view text) {
    EXPECT_THAT(RowsStatus(rows), StatusSays(kInvalid, text)) << rows;
  };
  says("", "nothing in it");
  says("label_value,score,class\n", "no case");
  says("label_value,score\n1,1\n", "line 1: a column of the manifest");
  says("label_value,score,class,class\n1,1,a,a\n", "comes twice");
  says("label_value,score,class,entity_id\n1,1,a,7\n",
       "a column that the manifest does not name");
  says("label_value,score,class\n1,1\n", "line 2: has 2 fields");
  says("label_value,score,class\n1,1,a,b\n", "line 2: has 4 fields");
  says("label_value,score,class\n2,1,a\n", "line 2: a field has neither");
  says("label_value,score,class\n1,,a\n", "line 2: a field has neither");
  says("label_value,score,class\n1,1,\n", "line 2: a group is empty");
  says("label_value,score,class\n1,1,\"a\n", "an unclosed quote");
  says("label_value,score,class\n1,1,\"a\"b\n", "between a quote");
  says("label_value,score,class\n1,1,a\"\n", "a quote inside");
  says("label_value,score,class\n1,1,a\r1,1,b\n", "neither LF nor CRLF");
}

TEST(Bundle, ScoresAreFiniteDecimals) {
  Value prediction = Value::Object();
  prediction.Set("column", "score");
  prediction.Set("threshold", Value::FromDouble(0.5).value());
  const auto parse = [&](std::string_view score) {
    return Parse(RowsFile(With(ManifestOf(), "prediction", prediction),
                          std::string("label_value,score,class\n1,") +
                              std::string(score) + ",a\n"));
  };
  // The threshold itself is positive.
  EXPECT_EQ(parse("0.5")->evidence.total->tp, 1);
  EXPECT_EQ(parse("0.4999999999999999")->evidence.total->fn, 1);
  EXPECT_EQ(parse("-1e-3")->evidence.total->fn, 1);
  for (const char* const score : {"nan", "NaN", "inf", "-inf", "0x10", "1e999",
                                  "1,5", "+1", " 1", "1 "}) {
    EXPECT_THAT(parse(score), StatusIs(kInvalid)) << score;
  }
}

TEST(Bundle, CalibrationIsOfTenths) {
  Value prediction = Value::Object();
  prediction.Set("column", "score");
  prediction.Set("threshold", Value::FromDouble(0.5).value());
  const auto bundle = Parse(
      RowsFile(With(ManifestOf(), "prediction", prediction),
               "label_value,score,class\n1,1,a\n0,0,a\n1,0.25,a\n0,0.25,a\n"));
  ASSERT_THAT(bundle, IsOk());
  ASSERT_EQ(bundle->evidence.calibrations.size(), 1U);
  const auto& bins = bundle->evidence.calibrations.front().bins;
  ASSERT_EQ(bins.size(), 10U);
  EXPECT_EQ(bins[0].n, 1);
  EXPECT_EQ(bins[2].n, 2);
  EXPECT_EQ(bins[2].positives, 1);
  EXPECT_EQ(bins[9].n, 1);
  // |1 - 0.5| of four cases.
  EXPECT_EQ(Of(bundle->evidence, "calibration_error", "a").value, 0.125);
}

Value Cell(std::string_view group, Value tp, int fp, int fn, int tn) {
  Value columns = Value::Object();
  columns.Set("class", group);
  Value out = Value::Object();
  out.Set("group", std::move(columns));
  out.Set("tp", std::move(tp));
  out.Set("fp", fp);
  out.Set("fn", fn);
  out.Set("tn", tn);
  return out;
}

absl::StatusOr<Bundle> Table(std::vector<Value> cells, int k = 0) {
  Value table = Value::Array();
  for (Value& cell : cells) table.Append(std::move(cell));
  return Parse(
      FileOf(With(ManifestOf(), "k", Value(k)), "table", std::move(table)));
}

TEST(Bundle, TablesAreStrict) {
  EXPECT_THAT(Table({Cell("a", Value(1), 2, 3, 4)}), IsOk());
  EXPECT_THAT(Table({}), StatusSays(kInvalid, "no case"));
  EXPECT_THAT(Table({Cell("a", Value(-1), 2, 3, 4)}),
              StatusSays(kInvalid, "/table/0/tp"));
  EXPECT_THAT(Table({Cell("a", Value::FromDouble(1.5).value(), 2, 3, 4)}),
              StatusSays(kInvalid, "/table/0/tp"));
  EXPECT_THAT(Table({Cell("a", Value::FromDouble(9007199254740992.0).value(), 0,
                          0, 0)}),
              StatusSays(kInvalid, "/table/0/tp"));
  EXPECT_THAT(Table({Cell("a", Value("1"), 2, 3, 4)}),
              StatusSays(kInvalid, "/table/0/tp"));
  EXPECT_THAT(Table({Cell("a", Value(1'000'000'000), 0, 0, 0)}), IsOk());
  EXPECT_THAT(Table({Cell("a", Value(1'000'000'000), 1, 0, 0)}),
              StatusIs(kTooMuch));
  EXPECT_THAT(
      Table({Cell("a", Value(1), 2, 3, 4), Cell("a", Value(1), 2, 3, 4)}),
      StatusSays(kInvalid, "a cell comes twice"));
}

TEST(Bundle, TablesHaveNoSmallCellButTheMergedOne) {
  EXPECT_THAT(Table({Cell("a", Value(10), 10, 10, 10)}, 10), IsOk());
  EXPECT_THAT(Table({Cell("a", Value(10), 9, 10, 10)}, 10),
              StatusSays(kInvalid, "below k"));
  EXPECT_THAT(Table({Cell("a", Value(10), 10, 10, 10),
                     Cell(kOtherGroup, Value(10), 9, 10, 10)},
                    10),
              IsOk());
}

TEST(Bundle, ManifestsAreStrict) {
  const auto status = [](std::string_view member, Value value) {
    return Parse(RowsFile(With(ManifestOf(), member, std::move(value)), kRows))
        .status();
  };
  EXPECT_THAT(status("level", Value(1)), StatusSays(kInvalid, "level"));
  EXPECT_THAT(status("level", Value::FromDouble(0.5).value()),
              StatusSays(kInvalid, "level"));
  EXPECT_THAT(status("tau", Value(0)), StatusSays(kInvalid, "tau"));
  EXPECT_THAT(status("tau", Value::FromDouble(0.8005).value()),
              StatusSays(kInvalid, "tau"));
  EXPECT_THAT(status("tau", Value(1)), IsOk());
  EXPECT_THAT(status("k", Value(1'001)), StatusSays(kInvalid, "/manifest/k"));
  EXPECT_THAT(status("k", Value(-1)), StatusSays(kInvalid, "/manifest/k"));
  EXPECT_THAT(status("favourable", Value("good")),
              StatusSays(kInvalid, "favourable"));
  EXPECT_THAT(status("groups", Value::Array()), StatusSays(kInvalid, "groups"));
  EXPECT_THAT(status("code_image", Value("sha256:1")),
              StatusSays(kInvalid, "code_image"));
  EXPECT_THAT(status("author", Value("me")), StatusSays(kInvalid, "unknown"));
  Value reference = Value::Object();
  reference.Set("class", "Middle");
  EXPECT_THAT(status("reference", reference),
              StatusSays(kInvalid, "a reference group has no cases"));
  Value groups = Value::Array();
  groups.Append("score");
  EXPECT_THAT(status("groups", groups),
              StatusSays(kInvalid, "a column has two roles"));
}

TEST(Bundle, TheFileIsCanonicalAndHasOneContent) {
  const Value file = RowsFile(ManifestOf(), kRows);
  const std::string bytes = json::Canonical(file);
  EXPECT_THAT(ParseBundle(bytes), IsOk());
  EXPECT_THAT(ParseBundle(bytes + "\n"), StatusSays(kInvalid, "canonical"));
  EXPECT_THAT(ParseBundle(json::Pretty(file)),
              StatusSays(kInvalid, "canonical"));
  std::string number = bytes;
  number.replace(number.find("\"k\":0"), 5, "\"k\":0.0");
  EXPECT_THAT(ParseBundle(number), StatusSays(kInvalid, "canonical"));
  Value both = file;
  both.Set("table", Value::Array());
  EXPECT_THAT(Parse(both), StatusSays(kInvalid, "one of rows"));
  Value none = file;
  none.Remove("rows");
  EXPECT_THAT(Parse(none), StatusSays(kInvalid, "one of rows"));
  Value other = file;
  other.Set("format", "limpid-evidence-bundle/2");
  EXPECT_THAT(Parse(other), StatusSays(kInvalid, "/format"));
  EXPECT_THAT(ParseBundle("[]"), StatusIs(kInvalid));
  EXPECT_THAT(ParseBundle(""), StatusIs(kInvalid));
  EXPECT_THAT(ParseBundle("{\"claims\":NaN}"), StatusIs(kInvalid));
}

TEST(Bundle, HasAtMostFourMebibytes) {
  // Lines until the limit; the escaped line end has two bytes.
  const std::string_view line = "1,1,High\n";
  std::string rows(kRows);
  const std::size_t fixed =
      json::Canonical(RowsFile(ManifestOf(), rows)).size();
  std::size_t room = kMaxBundleBytes - fixed;
  while (room > 2 * (line.size() + 1)) {
    rows += line;
    room -= line.size() + 1;
  }
  const std::string last = "1,1," + std::string(room - 6, 'x') + "\n";
  const std::string full = json::Canonical(RowsFile(ManifestOf(), rows + last));
  EXPECT_EQ(full.size(), kMaxBundleBytes);
  EXPECT_THAT(ParseBundle(full), IsOk());
  EXPECT_THAT(
      ParseBundle(json::Canonical(RowsFile(ManifestOf(), rows + "1" + last))),
      StatusIs(kTooMuch));
}

TEST(Bundle, IntersectionsAreAGroupingOfTheirOwn) {
  Value groups = Value::Array();
  groups.Append("race");
  groups.Append("sex");
  Value manifest =
      With(With(ManifestOf(), "groups", groups), "intersections", Value(true));
  Value reference = Value::Object();
  reference.Set("race", "x");
  reference.Set("sex", "f");
  manifest.Set("reference", std::move(reference));
  const auto bundle = Parse(RowsFile(
      manifest, "race,sex,label_value,score\nx,f,1,1\nx,m,0,1\ny,f,1,0\n"));
  ASSERT_THAT(bundle, IsOk());
  ASSERT_EQ(bundle->evidence.groupings.size(), 3U);
  const Grouping& both = bundle->evidence.groupings.back();
  EXPECT_EQ(both.attribute, "race & sex");
  ASSERT_EQ(both.groups.size(), 3U);
  EXPECT_EQ(both.groups.front().name, "x & f");
  EXPECT_EQ(both.reference, "x & f");
  EXPECT_THAT(
      Parse(RowsFile(manifest,
                     "race,sex,label_value,score\nx,f,1,1\nx & y,f,1,1\n")),
      StatusSays(kInvalid, "joins intersections"));
}

TEST(Bundle, OverridesAreCounted) {
  Value column = Value::Object();
  column.Set("column", "changed");
  column.Set("positive", "yes");
  column.Set("negative", "no");
  const auto bundle = Parse(RowsFile(
      With(ManifestOf(), "override", column),
      "label_value,score,class,changed\n1,1,a,yes\n0,1,a,no\n0,0,b,no\n"));
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(Of(bundle->evidence, "override_rate", "a").value, 0.5);
  EXPECT_EQ(Of(bundle->evidence, "override_rate").value, 1.0 / 3);
}

TEST(Bundle, SealedOnesCannotBeChecked) {
  Value sealed = Value::Object();
  sealed.Set("bytes", 1'000);
  sealed.Set("sha256", DigestText({}));
  Value file = FileOf(ManifestOf(), "sealed", sealed);
  Value claims = Value::Array();
  claims.Append(json::ParseStrict(R"({"metric":"tpr","value":1})").value());
  file.Set("claims", std::move(claims));
  const auto bundle = Parse(file);
  ASSERT_THAT(bundle, IsOk());
  const auto checked = CheckBundle(*bundle);
  ASSERT_EQ(checked.size(), 1U);
  EXPECT_EQ(checked.front().mark, Mark::kNotCheckable);
  EXPECT_EQ(checked.front().reason, "the evidence is sealed");
  sealed.Set("sha256", "sha256:00");
  EXPECT_THAT(Parse(FileOf(ManifestOf(), "sealed", sealed)),
              StatusSays(kInvalid, "/sealed/sha256"));
}

TEST(TableOfRows, MergesSmallGroupsAndIsABundle) {
  std::string rows = "label_value,score,class\n";
  const auto add = [&rows](std::string_view group, int count) {
    for (const char* const start : {"1,1,", "1,0,", "0,1,", "0,0,"}) {
      for (int i = 0; i < count; ++i) {
        rows += start + std::string(group) + "\n";
      }
    }
  };
  add("large", 20);
  add("middle", 12);
  add("tiny", 1);
  Value manifest = With(ManifestOf(), "k", Value(10));
  Value reference = Value::Object();
  reference.Set("class", "tiny");
  manifest.Set("reference", reference);
  const auto table = TableOfRows(json::Canonical(RowsFile(manifest, rows)));
  ASSERT_THAT(table, IsOk());
  const auto bundle = ParseBundle(*table);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->disclosure, Disclosure::kTable);
  const Grouping& grouping = bundle->evidence.groupings.front();
  ASSERT_EQ(grouping.groups.size(), 2U);
  EXPECT_EQ(grouping.groups[1].name, kOtherGroup);
  EXPECT_EQ(grouping.groups[1].counts.n(), 4 * 13);
  // Merged away, it is nobody's reference.
  EXPECT_FALSE(grouping.reference.has_value());
  EXPECT_THAT(TableOfRows(*table), StatusIs(kInvalid));
  EXPECT_THAT(TableOfRows(json::Canonical(
                  RowsFile(With(ManifestOf(), "k", Value(10)), kRows))),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(Bundle, DigestsHaveOneText) {
  base::Digest32 digest{};
  digest[0] = 0xab;
  const std::string text = DigestText(digest);
  EXPECT_EQ(*ReadDigestText(text), digest);
  EXPECT_FALSE(ReadDigestText(text.substr(1)).ok());
  EXPECT_FALSE(ReadDigestText("sha256:AB" + text.substr(9)).ok());
  EXPECT_FALSE(ReadDigestText(text + "00").ok());
}

}  // namespace
}  // namespace limpid::algoregister::evidence
