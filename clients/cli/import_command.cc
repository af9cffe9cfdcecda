// limpid register import, profiles: files of other registers, of any size.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/publisher_checks.h"
#include "clients/cpp/file_parts.h"
#include "clients/cpp/import_parts.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/register_client.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

// What the server takes at once.
constexpr std::size_t kMaxImportBytes = std::size_t{7} << 20U;
constexpr std::size_t kImportNameBytes = 16;

struct None {};
struct ImportOptions {
  std::string file;
  std::string profile = "nl-list";
  std::string reason;
  std::string signing_key;
  bool dry_run = false;
  bool complete = false;
};

json::Value ToJson(const client::ImportReport& report, bool dry_run) {
  const v1::ImportSummary& sum = report.summary;
  json::Value out = json::Value::Object();
  // Then "created" and its like say what would be.
  out.Set("dry_run", dry_run);
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
      rows.push_back({absl::StrCat(row.line()), absl::StrCat(row.row_index()),
                      finding.field(),
                      finding.repaired() ? "repaired" : "rejected",
                      finding.message()});
    }
  }
  if (!rows.empty()) {
    terminal.Table({"line", "row", "field", "outcome", "why"}, rows);
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
    return absl::InvalidArgumentError("profile: unknown");
  }

  absl::StatusOr<client::ImportReport> Pass(const client::FileOutline& outline,
                                            bool commit) {
    // Each pass is an import of its own: what the first one saw is not there.
    const auto name = crypto::RandomArray<kImportNameBytes>();
    client::ImportParts all;
    std::int64_t index = 0;
    for (const client::FilePart& part : outline.parts) {
      LIMPID_ASSIGN_OR_RETURN(const std::string text,
                              client::ReadPart(outline, part));
      client::ImportInput input = {
          .profile = options_.profile,
          .file = text,
          .reason = options_.reason,
          .commit = commit,
          .first_row_line = static_cast<std::int64_t>(part.first_line)};
      if (options_.complete) {
        input.import_name = base::AsText(name);
        input.part_index = index++;
        input.complete = &part == &outline.parts.back();
      }
      LIMPID_ASSIGN_OR_RETURN(
          client::ImportReport report,
          publisher_.Import(
              input, [](std::int64_t /*done*/, std::int64_t /*total*/) {}));
      if (!commit) LIMPID_RETURN_IF_ERROR(all.CheckRows(report));
      all.Add(std::move(report), part.first_row);
      terminal_.Progress(commit ? "importing" : "reading",
                         static_cast<std::int64_t>(part.first_row),
                         static_cast<std::int64_t>(outline.row_count));
    }
    return std::move(all).Take();
  }

  const ImportOptions& options_;
  client::PublisherClient& publisher_;
  Terminal& terminal_;
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
    client::RegisterClient reader(connection);
    LIMPID_ASSIGN_OR_RETURN(const auto profiles, reader.Profiles());
    return LargeImport(options, by, terminal).Run(profiles);
  }
  // A pipe cannot be longer: taking a file apart reads it twice.
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

// A file of which every row was rejected is most likely of another shape: a job
// that runs by itself has to notice.
absl::Status CheckTaken(const client::ImportReport& report) {
  const v1::ImportSummary& sum = report.summary;
  const bool none = sum.rejected_count() > 0 && sum.new_count() == 0 &&
                    sum.changed_count() == 0 && sum.unchanged_count() == 0;
  if (!none) return absl::OkStatus();
  return WithNext(absl::InvalidArgumentError(absl::StrCat(
                      "nothing of the file was taken: all ",
                      sum.rejected_count(), " rows were rejected")),
                  "see that the file has the shape of --profile: limpid "
                  "register profiles lists them");
}

absl::StatusOr<Report> Import(const ImportOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const client::PersonKey key,
                          SigningKey(options.signing_key));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::PublisherClient publisher(*connection, key.key());
  const absl::StatusOr<client::ImportReport> imported =
      ImportFile(options, *connection, publisher, session.terminal());
  if (!imported.ok()) return AboutProfile(imported.status());
  const client::ImportReport& report = *imported;
  absl::Status outcome = CheckTaken(report);
  if (outcome.ok() && !options.dry_run) outcome = CheckCommitted(report);
  return Report{ToJson(report, options.dry_run),
                [report, dry = options.dry_run](Terminal& out) {
                  Show(report, dry, out);
                },
                std::move(outcome)};
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
  import
      ->add_option("file", from->file,
                   "of any size; - for standard input, of at most 7 MiB")
      ->required();
  import
      ->add_option("--profile", from->profile,
                   "shape of the file, see: limpid register profiles")
      ->capture_default_str();
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
