#include "clients/cpp/import_parts.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/register_client.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

// Where a row stands, under each name that it goes by.
using Lines = std::map<std::string, std::int64_t>;

absl::Status Note(const v1::ImportRow& row, const std::string& name,
                  std::string_view what, const Lines& earlier, Lines& here) {
  const auto found = earlier.find(name);
  if (found == earlier.end()) {
    here.try_emplace(name, row.line());
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", row.line(), ": ", std::string(what), " on line ", found->second,
      " already; nothing was imported. In a file this large each row must "
      "stand once."));
}

bool HasFinding(const v1::ImportSummary& summary,
                const v1::ImportFinding& finding) {
  return std::any_of(summary.findings().begin(), summary.findings().end(),
                     [&finding](const v1::ImportFinding& earlier) {
                       return earlier.field() == finding.field() &&
                              earlier.message() == finding.message();
                     });
}

}  // namespace

absl::Status ImportParts::CheckRows(const ImportReport& part) {
  Lines here;
  for (const v1::ImportRow& row : part.rows) {
    if (row.line() == 0 || row.outcome() == v1::IMPORT_OUTCOME_REJECTED) {
      continue;
    }
    absl::Status once;
    if (!row.foreign_id().empty()) {
      once.Update(Note(row, "id " + row.foreign_id(), "the same id stands",
                       lines_, here));
    }
    if (!row.natural_key().empty()) {
      once.Update(Note(row, "key " + row.natural_key(),
                       "what names a row without an id stands", lines_, here));
    }
    if (row.outcome() != v1::IMPORT_OUTCOME_NEW) {
      once.Update(Note(row, row.registration_id(),
                       "the same registration stands", lines_, here));
    }
    if (!once.ok()) return once;
  }
  lines_.merge(here);
  return absl::OkStatus();
}

void ImportParts::Add(ImportReport part, std::uint64_t first_row) {
  for (v1::ImportRow& row : part.rows) {
    if (row.findings().empty()) continue;
    row.clear_drafts();
    row.set_row_index(row.row_index() + static_cast<std::int64_t>(first_row));
    all_.rows.push_back(std::move(row));
  }
  for (v1::ImportFailure& failure : part.failures) {
    failure.set_row_index(failure.row_index() +
                          static_cast<std::int64_t>(first_row));
    all_.failures.push_back(std::move(failure));
  }
  AddSummary(part.summary);
  v1::CommitImportResponse& done = all_.committed;
  done.set_committed_row_count(done.committed_row_count() +
                               part.committed.committed_row_count());
  done.set_failed_row_count(done.failed_row_count() +
                            part.committed.failed_row_count());
  done.set_total_row_count(done.total_row_count() +
                           part.committed.total_row_count());
  done.set_tree_size(std::max(done.tree_size(), part.committed.tree_size()));
}

void ImportParts::AddSummary(const v1::ImportSummary& from) {
  v1::ImportSummary& sum = all_.summary;
  sum.set_new_count(sum.new_count() + from.new_count());
  sum.set_changed_count(sum.changed_count() + from.changed_count());
  sum.set_unchanged_count(sum.unchanged_count() + from.unchanged_count());
  sum.set_rejected_count(sum.rejected_count() + from.rejected_count());
  sum.set_repaired_count(sum.repaired_count() + from.repaired_count());
  sum.set_removed_count(sum.removed_count() + from.removed_count());
  sum.set_new_organisation_count(sum.new_organisation_count() +
                                 from.new_organisation_count());
  sum.set_draft_count(sum.draft_count() + from.draft_count());
  // What is true of the header is said of each part.
  for (const v1::ImportFinding& finding : from.findings()) {
    if (!HasFinding(sum, finding)) *sum.add_findings() = finding;
  }
}

}  // namespace limpid::client
