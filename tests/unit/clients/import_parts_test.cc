#include "clients/cpp/import_parts.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "clients/cpp/register_client.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::IsOk;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

v1::ImportRow Row(int line) {
  v1::ImportRow out;
  out.set_line(line);
  out.set_outcome(v1::IMPORT_OUTCOME_NEW);
  return out;
}

ImportReport With(const v1::ImportRow& row) {
  ImportReport out;
  out.rows.push_back(row);
  return out;
}

TEST(ImportParts, SeeARowThatStandsInTwoOfThem) {
  v1::ImportRow id = Row(3);
  id.set_foreign_id("7");
  v1::ImportRow key = Row(4);
  key.set_natural_key("ab");
  v1::ImportRow same = Row(5);
  same.set_outcome(v1::IMPORT_OUTCOME_UNCHANGED);
  same.set_registration_id("mod_1");
  for (const v1::ImportRow& row : {id, key, same}) {
    ImportParts parts;
    EXPECT_THAT(parts.CheckRows(With(row)), IsOk());
    v1::ImportRow later = row;
    later.set_line(90);
    EXPECT_THAT(parts.CheckRows(With(later)), StatusSays(kBad, "line 90: "));
    EXPECT_THAT(
        parts.CheckRows(With(later)),
        StatusSays(kBad, "on line " + std::to_string(row.line()) + " already"));
    later.set_outcome(v1::IMPORT_OUTCOME_REJECTED);
    EXPECT_THAT(parts.CheckRows(With(later)), IsOk());
  }
  // New rows have ids that mean nothing yet, and removed ones no line.
  v1::ImportRow fresh = Row(6);
  fresh.set_registration_id("mod_2");
  v1::ImportRow removed = same;
  removed.set_line(0);
  ImportParts parts;
  EXPECT_THAT(parts.CheckRows(With(fresh)), IsOk());
  EXPECT_THAT(parts.CheckRows(With(fresh)), IsOk());
  EXPECT_THAT(parts.CheckRows(With(removed)), IsOk());
  EXPECT_THAT(parts.CheckRows(With(removed)), IsOk());
}

// In one part the server has said what is to be said.
TEST(ImportParts, LeaveOnePartToTheServer) {
  v1::ImportRow row = Row(3);
  row.set_foreign_id("7");
  ImportReport report = With(row);
  row.set_line(4);
  row.set_natural_key("ab");
  report.rows.push_back(row);
  ImportParts parts;
  EXPECT_THAT(parts.CheckRows(report), IsOk());
}

TEST(ImportParts, KeepEveryFindingOnce) {
  ImportReport first;
  v1::ImportFinding header;
  header.set_field("extra");
  header.set_message("left out");
  *first.summary.add_findings() = header;
  first.summary.set_new_count(2);
  ImportReport last = first;
  last.summary.set_removed_count(3);
  v1::ImportFinding nothing;
  nothing.set_message("nothing was marked as vanished");
  *last.summary.add_findings() = nothing;
  v1::ImportRow row = Row(9);
  row.set_row_index(1);
  row.add_findings()->set_message("repaired");
  last.rows.push_back(row);
  ImportParts parts;
  parts.Add(std::move(first), 0);
  parts.Add(std::move(last), 100);
  const ImportReport all = std::move(parts).Take();
  ASSERT_EQ(all.summary.findings_size(), 2);
  EXPECT_EQ(all.summary.findings(1).message(), nothing.message());
  EXPECT_EQ(all.summary.new_count(), 4);
  EXPECT_EQ(all.summary.removed_count(), 3);
  ASSERT_EQ(all.rows.size(), 1U);
  EXPECT_EQ(all.rows.front().row_index(), 101);
}

// Two headers may lack the same thing in different columns.
TEST(ImportParts, KeepFindingsOfDifferentFieldsApart) {
  ImportReport first;
  v1::ImportFinding& one = *first.summary.add_findings();
  one.set_field("status");
  one.set_message("left out");
  ImportReport second = first;
  second.summary.mutable_findings(0)->set_field("link");
  ImportParts parts;
  parts.Add(std::move(first), 0);
  parts.Add(std::move(second), 0);
  EXPECT_EQ(std::move(parts).Take().summary.findings_size(), 2);
}

TEST(ImportParts, AddUpAndCountRowsThroughTheWholeFile) {
  ImportReport part;
  v1::ImportSummary& sum = part.summary;
  sum.set_new_count(1);
  sum.set_changed_count(2);
  sum.set_unchanged_count(3);
  sum.set_rejected_count(4);
  sum.set_repaired_count(5);
  sum.set_removed_count(6);
  sum.set_new_organisation_count(7);
  sum.set_draft_count(8);
  part.committed.set_committed_row_count(9);
  part.committed.set_failed_row_count(10);
  part.committed.set_total_row_count(11);
  part.committed.set_tree_size(500);
  v1::ImportFailure failure;
  failure.set_row_index(2);
  part.failures.push_back(failure);
  v1::ImportRow quiet = Row(3);
  part.rows.push_back(quiet);
  v1::ImportRow repaired = Row(4);
  repaired.add_findings()->set_message("repaired");
  repaired.add_drafts();
  part.rows.push_back(repaired);
  // One that published nothing says no size.
  ImportReport last = part;
  last.committed.set_tree_size(0);
  ImportParts parts;
  parts.Add(std::move(part), 0);
  parts.Add(std::move(last), 100);
  const ImportReport all = std::move(parts).Take();
  EXPECT_EQ(all.summary.new_count(), 2);
  EXPECT_EQ(all.summary.changed_count(), 4);
  EXPECT_EQ(all.summary.unchanged_count(), 6);
  EXPECT_EQ(all.summary.rejected_count(), 8);
  EXPECT_EQ(all.summary.repaired_count(), 10);
  EXPECT_EQ(all.summary.removed_count(), 12);
  EXPECT_EQ(all.summary.new_organisation_count(), 14);
  EXPECT_EQ(all.summary.draft_count(), 16);
  EXPECT_EQ(all.committed.committed_row_count(), 18);
  EXPECT_EQ(all.committed.failed_row_count(), 20);
  EXPECT_EQ(all.committed.total_row_count(), 22);
  EXPECT_EQ(all.committed.tree_size(), 500);
  ASSERT_EQ(all.failures.size(), 2U);
  EXPECT_EQ(all.failures[0].row_index(), 2);
  EXPECT_EQ(all.failures[1].row_index(), 102);
  // Rows that nothing is to be said of are not kept, nor is what was signed.
  ASSERT_EQ(all.rows.size(), 2U);
  for (const v1::ImportRow& row : all.rows) {
    EXPECT_EQ(row.line(), 4);
    EXPECT_TRUE(row.drafts().empty());
  }
}

}  // namespace
}  // namespace limpid::client
