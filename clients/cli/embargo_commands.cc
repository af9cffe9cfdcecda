// limpid person check-embargo: accesses that a law let the person be told of
// later, and whether any was added, changed or left out.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/embargo_client.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct None {};

// Why nothing can be said: everything stands on the visible log.
absl::Status CheckLogFirst(const client::LogCheck& log) {
  if (log.continues.ok() && log.lost.empty()) return absl::OkStatus();
  return WithNext(
      absl::DataLossError(
          "your log does not hold together, and says nothing about accesses "
          "under embargo"),
      "Run limpid person check-log, which keeps what is to be shown.");
}

absl::Status AlarmOf(const receipt::EmbargoFindings& found) {
  if (found.alarms.empty()) return absl::OkStatus();
  return WithNext(
      absl::DataLossError(absl::StrCat(
          "what you are told of accesses under embargo is not what your log "
          "committed to: ",
          Joined(found.alarms))),
      "Keep the output of this command with --json for your data protection "
      "authority.");
}

json::Value ToJson(const receipt::EmbargoFindings& found) {
  json::Value alarms = json::Value::Array();
  for (const std::string& alarm : found.alarms) alarms.Append(alarm);
  json::Value out = json::Value::Object();
  out.Set("proven_accesses", found.proven_count);
  out.Set("unproven_accesses", found.unproven_count);
  out.Set("opened_entries", found.complete_count);
  out.Set("closed_entries", found.closed_count);
  out.Set("erased_entries", found.erased_count);
  out.Set("alarms", std::move(alarms));
  return out;
}

void Show(const client::EmbargoCheck& check, Terminal& terminal) {
  const receipt::EmbargoFindings& found = check.findings;
  std::vector<v1::AccessEntry> entries;
  for (const v1::ToldAccess& one : check.told) entries.push_back(one.access());
  if (!entries.empty()) {
    terminal.Line(
        "You were not told of these at once, as their agreements "
        "say. The numbers are those of a log of their own.");
    ShowAccesses(entries, terminal);
    terminal.Line(
        "What these say was compared with what they committed to; the names "
        "of organisations and how far a proof is are the operator's word.");
  }
  terminal.Line(absl::StrCat(
      found.proven_count,
      " such entries are what your log committed to at the time, ",
      found.unproven_count, " cannot be proven any more or not yet."));
  terminal.Line(absl::StrCat(
      found.complete_count,
      " entries of your log are opened to their end: before them nothing else "
      "was kept from you. ",
      found.closed_count,
      " are younger than the longest embargo, 366 days, and say nothing yet, "
      "whether there is anything or not. ",
      found.erased_count,
      " were erased, and what they committed to with them."));
  for (const std::string& alarm : found.alarms) terminal.Line("! " + alarm);
}

absl::StatusOr<Report> CheckEmbargo(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto kept, KeptHead(session, *parts.trust));
  client::EmbargoClient client(*parts.consent_connection, *parts.trust);
  LIMPID_ASSIGN_OR_RETURN(
      client::EmbargoCheck check,
      client.Check(kept ? &*kept : nullptr, parts.key->key().PublicKey(),
                   session.clock().Now()));
  LIMPID_RETURN_IF_ERROR(CheckLogFirst(check.log));
  json::Value out = json::Value::Object();
  out.Set("check", ToJson(check.findings));
  out.Set("accesses", ToJsonArray(check.told));
  absl::Status outcome = AlarmOf(check.findings);
  return Report{
      std::move(out),
      [check = std::move(check)](Terminal& terminal) { Show(check, terminal); },
      std::move(outcome)};
}

}  // namespace

void AddEmbargoCommands(CLI::App& person, Session& session) {
  AddCommand<None>(person, session, "check-embargo",
                   "Show reads that a law let you be told of later, and check "
                   "that none is left out",
                   CheckEmbargo);
}

}  // namespace limpid::cli
