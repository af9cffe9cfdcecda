// limpid register import, profiles: files of other registers, of any size.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/publisher_checks.h"
#include "clients/cpp/file_parts.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/register_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

// What the server takes at once.
constexpr std::size_t kMaxImportBytes = std::size_t{7} << 20U;

struct None {};
struct ImportOptions {
  std::string file;
  std::string profile = "nl-list";
  std::string reason;
  std::string signing_key;
  bool dry_run = false;
  bool complete = false;
};

// Takes over what a report of one part says. Of rows only what people are told
// about stays: a large file has many.
void Add(client::ImportReport part, std::uint64_t first_row,
         client::ImportReport& all) {
  for (v1::ImportRow& row : part.rows) {
    if (row.findings().empty()) continue;
    row.clear_drafts();
    row.set_row_index(row.row_index() + static_cast<std::int64_t>(first_row));
    all.rows.push_back(std::move(row));
  }
  for (v1::ImportFailure& failure : part.failures) {
    failure.set_row_index(failure.row_index() +
                          static_cast<std::int64_t>(first_row));
    all.failures.push_back(std::move(failure));
  }
  const v1::ImportSummary& from = part.summary;
  v1::ImportSummary& sum = all.summary;
  sum.set_new_count(sum.new_count() + from.new_count());
  sum.set_changed_count(sum.changed_count() + from.changed_count());
  sum.set_unchanged_count(sum.unchanged_count() + from.unchanged_count());
  sum.set_rejected_count(sum.rejected_count() + from.rejected_count());
  sum.set_repaired_count(sum.repaired_count() + from.repaired_count());
  sum.set_removed_count(sum.removed_count() + from.removed_count());
  sum.set_new_organisation_count(sum.new_organisation_count() +
                                 from.new_organisation_count());
  sum.set_draft_count(sum.draft_count() + from.draft_count());
  if (first_row == 0) *sum.mutable_findings() = from.findings();
  v1::CommitImportResponse& done = all.committed;
  done.set_committed_row_count(done.committed_row_count() +
                               part.committed.committed_row_count());
  done.set_failed_row_count(done.failed_row_count() +
                            part.committed.failed_row_count());
  done.set_total_row_count(done.total_row_count() +
                           part.committed.total_row_count());
  done.set_tree_size(std::max(done.tree_size(), part.committed.tree_size()));
}

json::Value ToJson(const client::ImportReport& report) {
  const v1::ImportSummary& sum = report.summary;
  json::Value out = json::Value::Object();
  out.Set("read", sum.new_count() + sum.changed_count() +
                      sum.unchanged_count() + sum.rejected_count());
  out.Set("created", sum.new_count());
  out.Set("updated", sum.changed_count());
  out.Set("unchanged", sum.unchanged_count());
  out.Set("removed", sum.removed_count());
  out.Set("repaired", sum.repaired_count());
  out.Set("rejected", sum.rejected_count());
  out.Set("summary", cli::ToJson(sum));
  out.Set("committed_rows", report.committed.committed_row_count());
  out.Set("failed_rows", report.committed.failed_row_count());
  out.Set("tree_size", report.committed.tree_size());
  json::Value findings = json::Value::Array();
  for (const v1::ImportRow& row : report.rows) {
    for (const v1::ImportFinding& finding : row.findings()) {
      json::Value one = cli::ToJson(finding);
      one.Set("line", row.line());
      one.Set("row_index", row.row_index());
      findings.Append(std::move(one));
    }
  }
  out.Set("findings", std::move(findings));
  out.Set("failures", ToJsonArray(report.failures));
  return out;
}

void Show(const client::ImportReport& report, bool dry_run,
          Terminal& terminal) {
  const v1::ImportSummary& sum = report.summary;
  terminal.Line(absl::StrCat(
      dry_run ? "Would import: " : "To import: ", sum.new_count(), " new, ",
      sum.changed_count(), " changed, ", sum.unchanged_count(), " unchanged, ",
      sum.removed_count(), " no longer listed, ", sum.rejected_count(),
      " rejected, ", sum.repaired_count(), " repaired; ",
      sum.new_organisation_count(), " organisations seen for the first time."));
  if (!dry_run) {
    terminal.Line(absl::StrCat(
        "Published: ", report.committed.committed_row_count(),
        " rows; given up: ", report.committed.failed_row_count(), "."));
  }
  for (const v1::ImportFinding& finding : sum.findings()) {
    terminal.Line(absl::StrCat("the file: ", Clean(finding.field()),
                               finding.field().empty() ? "" : ": ",
                               Clean(finding.message())));
  }
  std::vector<Row> rows;
  for (const v1::ImportRow& row : report.rows) {
    for (const v1::ImportFinding& finding : row.findings()) {
      rows.push_back({absl::StrCat(row.line()), finding.field(),
                      finding.repaired() ? "repaired" : "rejected",
                      finding.message()});
    }
  }
  if (!rows.empty()) {
    terminal.Table({"line", "field", "outcome", "why"}, rows);
  }
  for (const v1::ImportFailure& failure : report.failures) {
    terminal.Line(absl::StrCat("row ", failure.row_index(),
                               " was given up: ", Clean(failure.message())));
  }
}

// A file that is larger than one request, part by part.
class LargeImport {
 public:
  LargeImport(const ImportOptions& options, client::PublisherClient& publisher,
              Terminal& terminal)
      : options_(options), publisher_(publisher), terminal_(terminal) {}

  absl::StatusOr<client::ImportReport> Run(
      const std::vector<v1::Profile>& profiles) {
    LIMPID_ASSIGN_OR_RETURN(const client::FileShape shape, ShapeIn(profiles));
    LIMPID_ASSIGN_OR_RETURN(
        const client::FileOutline outline,
        client::OutlineFile(options_.file, shape, kMaxImportBytes));
    // First all of it as a plan, so that nothing is published of a file that
    // breaks further down.
    LIMPID_ASSIGN_OR_RETURN(client::ImportReport planned,
                            Pass(outline, /*commit=*/false));
    if (options_.dry_run) return planned;
    return Pass(outline, /*commit=*/true);
  }

 private:
  absl::StatusOr<client::FileShape> ShapeIn(
      const std::vector<v1::Profile>& profiles) const {
    for (const v1::Profile& profile : profiles) {
      if (profile.name() != options_.profile) continue;
      return client::FileShape{
          .csv = profile.layout() == v1::PROFILE_LAYOUT_CSV,
          .list_member = profile.list_member()};
    }
    return absl::InvalidArgumentError(
        "the server has no such profile; see: limpid register profiles");
  }

  absl::StatusOr<client::ImportReport> Pass(const client::FileOutline& outline,
                                            bool commit) {
    client::ImportReport all;
    for (const client::FilePart& part : outline.parts) {
      LIMPID_ASSIGN_OR_RETURN(const std::string text,
                              client::ReadPart(outline, part));
      LIMPID_ASSIGN_OR_RETURN(
          client::ImportReport report,
          publisher_.Import(
              {.profile = options_.profile,
               .file = text,
               .reason = options_.reason,
               .commit = commit,
               .first_row_line = static_cast<std::int64_t>(part.first_line)},
              [](std::int64_t /*done*/, std::int64_t /*total*/) {}));
      if (!commit) LIMPID_RETURN_IF_ERROR(CheckIds(report));
      Add(std::move(report), part.first_row, all);
      terminal_.Progress(commit ? "importing" : "reading",
                         static_cast<std::int64_t>(part.first_row),
                         static_cast<std::int64_t>(outline.row_count));
    }
    return all;
  }

  // The server sees a part at a time, and a repeated id there alone.
  absl::Status CheckIds(const client::ImportReport& report) {
    std::map<std::string, std::int64_t> here;
    for (const v1::ImportRow& row : report.rows) {
      if (row.foreign_id().empty() ||
          row.outcome() == v1::IMPORT_OUTCOME_REJECTED) {
        continue;
      }
      const auto earlier = lines_.find(row.foreign_id());
      if (earlier != lines_.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "line ", row.line(), ": the same id stands on line ",
            earlier->second,
            " already; nothing was imported. In a file this large each id "
            "must stand once."));
      }
      here.try_emplace(row.foreign_id(), row.line());
    }
    lines_.merge(here);
    return absl::OkStatus();
  }

  const ImportOptions& options_;
  client::PublisherClient& publisher_;
  Terminal& terminal_;
  // Line of each id.
  std::map<std::string, std::int64_t> lines_;
};

bool IsLarge(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return file != "-" && !error && size > kMaxImportBytes;
}

absl::StatusOr<client::ImportReport> ImportFile(const ImportOptions& options,
                                                client::Connection& connection,
                                                client::PublisherClient& by,
                                                Terminal& terminal) {
  if (IsLarge(options.file)) {
    if (options.complete) {
      return absl::InvalidArgumentError(
          "--complete takes a file of at most 7 MiB: of a larger one, which is "
          "imported in parts, the server cannot see what is missing");
    }
    client::RegisterClient reader(connection);
    LIMPID_ASSIGN_OR_RETURN(const auto profiles, reader.Profiles());
    return LargeImport(options, by, terminal).Run(profiles);
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string file,
                          ReadTextFile(options.file, kMaxImportBytes));
  return by.Import({.profile = options.profile,
                    .file = file,
                    .reason = options.reason,
                    .commit = !options.dry_run,
                    .complete = options.complete},
                   [&terminal](std::int64_t done, std::int64_t total) {
                     terminal.Progress("importing", done, total);
                   });
}

absl::StatusOr<Report> Import(const ImportOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const client::PersonKey key,
                          SigningKey(options.signing_key));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::PublisherClient publisher(*connection, key.key());
  LIMPID_ASSIGN_OR_RETURN(
      const client::ImportReport report,
      ImportFile(options, *connection, publisher, session.terminal()));
  return Report{ToJson(report),
                [report, dry = options.dry_run](Terminal& out) {
                  Show(report, dry, out);
                },
                options.dry_run ? absl::OkStatus() : CheckCommitted(report)};
}

absl::StatusOr<Report> Profiles(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto profiles, client.Profiles());
  return Report{
      ToJsonArray(profiles), [profiles](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(profiles, [](const v1::Profile& one) -> Row {
              return {one.name(), one.title(),
                      ShortName(v1::ProfileLayout_Name(one.layout()),
                                "PROFILE_LAYOUT_"),
                      ShortName(v1::RegistrationKind_Name(one.kind()),
                                "REGISTRATION_KIND_")};
            });
        terminal.Table({"profile", "what it is", "layout", "becomes"}, rows);
      }};
}

}  // namespace

void AddImportCommands(CLI::App& group, Session& session) {
  auto [import, from] = AddCommand<ImportOptions>(
      group, session, "import", "Import another register's file", Import);
  import->add_option("file", from->file, "of any size; - for standard input")
      ->required();
  import->add_option("--profile", from->profile,
                     "shape of the file, see: limpid register profiles");
  import->add_option("--reason", from->reason, "where the file comes from")
      ->required();
  import->add_option("--signing-key", from->signing_key)->required();
  import->add_flag("--dry-run", from->dry_run, "report only");
  import->add_flag("--complete", from->complete,
                   "the file is all there is: mark what it no longer has");
  AddCommand<None>(group, session, "profiles",
                   "List the shapes that can be imported and exported",
                   Profiles);
}

}  // namespace limpid::cli
