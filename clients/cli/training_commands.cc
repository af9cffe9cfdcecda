// limpid person training: for which registered systems her data were released
// for training, with proofs, and what is missing.

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/failure.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/log_client.h"
#include "clients/cpp/training_client.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct TrainingOptions {
  std::string proof_directory;
};

// What the command found.
struct Found {
  std::vector<client::CheckedRelease> releases;
  std::vector<std::string> alarms;
  // By system id; what the register does not know is absent.
  std::map<std::string, std::string> titles;
  std::size_t written_proofs = 0;
};

std::string StateText(const client::CheckedRelease& one) {
  if (one.proof.ok()) return "proved";
  if (!absl::IsNotFound(one.proof)) return "PROOF IS WRONG";
  if (one.release.stage() == v1::TRAINING_STAGE_OPEN) return "snapshot open";
  if (one.release.stage() == v1::TRAINING_STAGE_PUBLISHED) return "MISSING";
  return "sealed, proof to come";
}

absl::Status AddTitles(client::RegisterClient& algorithms,
                       const tlog::Policy& policy, Found& found) {
  for (const client::CheckedRelease& one : found.releases) {
    const std::string& system = one.release.system_id();
    if (found.titles.contains(system)) continue;
    const auto checked = algorithms.GetChecked(system, /*version=*/0, policy);
    if (absl::IsNotFound(checked.status())) continue;
    LIMPID_RETURN_IF_ERROR(checked.status());
    found.titles[system] = Clean(checked->version.title());
  }
  return absl::OkStatus();
}

// For her eyes: whoever reads such a file can show it on.
absl::Status WriteProofs(const std::filesystem::path& directory, Found& found) {
  LIMPID_RETURN_IF_ERROR(client::MakeDirectories(directory));
  for (const client::CheckedRelease& one : found.releases) {
    if (!one.proof.ok()) continue;
    json::Value file = json::Value::Object();
    file.Set("format", "limpid/training-proof/1");
    file.Set("release", ToJson(one.release));
    const std::string name = absl::StrCat(one.release.snapshot_id(), "-",
                                          ++found.written_proofs, ".json");
    const std::string text = json::Pretty(file);
    LIMPID_RETURN_IF_ERROR(
        client::WriteDeviceFile(directory / name, base::AsBytes(text)));
  }
  return absl::OkStatus();
}

void Show(const Found& found, Terminal& terminal) {
  if (found.releases.empty()) {
    terminal.Line("Nothing was released for the training of a system.");
  } else {
    const std::vector<Row> rows = RowsOf(
        found.releases, [&found](const client::CheckedRelease& one) -> Row {
          const auto title = found.titles.find(one.release.system_id());
          return {title == found.titles.end()
                      ? one.release.system_id() + " (not in the register)"
                      : title->second,
                  one.release.snapshot_id(),
                  Clean(one.release.organisation()),
                  absl::StrCat(one.release.reads_size()),
                  Moment(one.release.last_time()),
                  StateText(one)};
        });
    terminal.Table(
        {"system", "snapshot", "released to", "reads", "last time", "proof"},
        rows);
    terminal.Line(std::string(client::kReleasedClaim));
  }
  if (found.written_proofs > 0) {
    terminal.Line(absl::StrCat("Wrote ", found.written_proofs, " proofs."));
    terminal.Line(std::string(client::kProofWarning));
  }
  for (const std::string& alarm : found.alarms) {
    terminal.Line(absl::StrCat("ALARM: ", Clean(alarm)));
  }
}

json::Value JsonOf(const Found& found) {
  json::Value releases = json::Value::Array();
  for (const client::CheckedRelease& one : found.releases) {
    json::Value row = ToJson(one.release);
    row.Set("proved", one.proof.ok());
    releases.Append(std::move(row));
  }
  json::Value alarms = json::Value::Array();
  for (const std::string& alarm : found.alarms) alarms.Append(alarm);
  json::Value out = json::Value::Object();
  out.Set("alarms", std::move(alarms));
  out.Set("claim", client::kReleasedClaim);
  out.Set("releases", std::move(releases));
  return out;
}

// The log first: whatever it has by then, the releases have too.
absl::StatusOr<Found> Find(const PersonParts& parts, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          parts.trust->LogPolicy("/register"));
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<v1::AccessEntry> entries,
      client::LogClient(*parts.consent_connection, *parts.trust)
          .List(v1::ListAccessesRequest(), SIZE_MAX));
  client::TrainingClient client(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto releases, client.List());
  client::RegisterClient algorithms(*parts.anonymous);
  LIMPID_ASSIGN_OR_RETURN(const auto sealed,
                          client::SealTimes(releases, algorithms, policy));
  Found out;
  for (const v1::TrainingRelease& release : releases) {
    out.releases.push_back(
        {release,
         client::CheckRelease(release, parts.trust->evidence_key, policy)
             .status()});
  }
  LIMPID_RETURN_IF_ERROR(AddTitles(algorithms, policy, out));
  out.alarms = client::TrainingAlarms(out.releases, entries, sealed,
                                      session.clock().Now());
  if (client.unreadable_count() > 0) {
    out.alarms.push_back(absl::StrCat(
        client.unreadable_count(),
        " of your releases cannot be read, because what the server stored is "
        "damaged"));
  }
  return out;
}

absl::StatusOr<Report> Training(const TrainingOptions& options,
                                Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(Found found, Find(parts, session));
  if (!options.proof_directory.empty()) {
    LIMPID_RETURN_IF_ERROR(WriteProofs(options.proof_directory, found));
  }
  absl::Status outcome;
  if (!found.alarms.empty()) {
    outcome = WithNext(
        absl::DataLossError(absl::StrCat(
            found.alarms.size(),
            " things about releases of your data for training are not as they "
            "must be")),
        "keep what was shown here, and ask the operator; an auditor can check "
        "the register's log");
  }
  json::Value json = JsonOf(found);
  return Report{
      std::move(json),
      [found = std::move(found)](Terminal& terminal) { Show(found, terminal); },
      outcome};
}

}  // namespace

void AddTrainingCommands(CLI::App& person, Session& session) {
  auto [training, options] = AddCommand<TrainingOptions>(
      person, session, "training",
      "Show for which registered systems your data were released for training",
      Training);
  training->add_option("--proof", options->proof_directory,
                       "directory to write a proof of each release to");
}

}  // namespace limpid::cli
