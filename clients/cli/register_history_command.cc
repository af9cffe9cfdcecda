// limpid register history: every version of one registration, checked.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/register_views.h"
#include "clients/cpp/register_client.h"
#include "clients/cpp/register_history.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/tlog/policy.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

constexpr mode_t kReadable = 0644;

struct HistoryOptions {
  std::string id;
  std::string jsonl;
  std::string vkey;
};

// What was found, without the contents.
struct Found {
  std::vector<v1::VersionSummary> summaries;
  // Versions that another key signed than the one before.
  std::vector<std::int64_t> new_keys;
  // Each was looked for in the log.
  bool in_log = false;
};

json::Value SummaryJson(const client::HistoryEntry& entry, bool in_log) {
  json::Value out = ToJson(entry.summary);
  out.Set("author_key_changed", entry.author_key_changed);
  out.Set("in_log", in_log);
  return out;
}

// One version with everything that verifies it, as one line.
json::Value HistoryLine(const client::HistoryEntry& entry) {
  json::Value out = VersionJson(entry.version);
  out.Set("leaf", base::Base64Encode(base::AsBytes(entry.version.leaf())));
  json::Value disclosures = json::Value::Array();
  for (const v1::FieldDisclosure& field : entry.version.disclosures()) {
    json::Value one = json::Value::Object();
    one.Set("pointer", field.pointer());
    one.Set("salt", base::Base64Encode(base::AsBytes(field.salt())));
    if (auto value = json::ParseStrict(field.value_json()); value.ok()) {
      one.Set("value", *std::move(value));
    }
    disclosures.Append(std::move(one));
  }
  out.Set("disclosures", std::move(disclosures));
  out.Set("summary", ToJson(entry.summary));
  return out;
}

void ShowTable(const Found& found, Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(found.summaries, [](const v1::VersionSummary& one) -> Row {
        return {absl::StrCat(one.version()), Moment(one.draft_time()),
                one.author_name(), absl::StrCat(one.leaf_index()),
                one.reason()};
      });
  terminal.Table({"version", "drafted", "by", "entry", "reason"}, rows);
  std::vector<Row> erased;
  for (const v1::VersionSummary& one : found.summaries) {
    for (const v1::FieldErasure& erasure : one.erasures()) {
      erased.push_back(
          {absl::StrCat(one.version()), erasure.pointer(),
           Moment(erasure.erase_time()),
           ShortName(v1::ErasureRole_Name(erasure.role()), "ERASURE_ROLE_"),
           erasure.ground()});
    }
  }
  if (erased.empty()) return;
  terminal.Line("Erased since:");
  terminal.Table({"version", "field", "when", "by", "ground"}, erased);
}

void ShowChecks(const Found& found, Terminal& terminal) {
  for (const std::int64_t version : found.new_keys) {
    terminal.Line(absl::StrCat("version ", version,
                               " is signed by another key than version ",
                               version - 1));
  }
  const std::size_t count = found.summaries.size();
  terminal.Line(absl::StrCat(
      "verified: ", count, count == 1 ? " version" : " versions",
      ", each signed and behind the one before",
      found.in_log ? ", each in the log"
                   : "; not whether they are in the log: give --vkey to "
                     "check"));
}

absl::StatusOr<Report> History(const HistoryOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<tlog::Policy> policy,
                          RegisterLogPolicy(options.vkey, session));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  Found found;
  found.in_log = policy.has_value();
  json::Value rows = json::Value::Array();
  std::string file;
  const auto take = [&](const client::HistoryEntry& entry) {
    found.summaries.push_back(entry.summary);
    if (entry.author_key_changed) {
      found.new_keys.push_back(entry.summary.version());
    }
    rows.Append(SummaryJson(entry, found.in_log));
    if (!options.jsonl.empty()) {
      file += json::Canonical(HistoryLine(entry)) + "\n";
    }
    session.terminal().Progress("reading",
                                static_cast<std::int64_t>(entry.index + 1),
                                static_cast<std::int64_t>(entry.count));
    return absl::OkStatus();
  };
  const absl::Status checked = client::CheckHistory(
      client, options.id, policy ? &*policy : nullptr, take);
  session.terminal().EndProgress();
  LIMPID_RETURN_IF_ERROR(checked);
  if (options.jsonl.empty()) {
    return Report{std::move(rows), [found](Terminal& terminal) {
                    ShowTable(found, terminal);
                    ShowChecks(found, terminal);
                  }};
  }
  LIMPID_RETURN_IF_ERROR(WriteTextFile(options.jsonl, file, kReadable));
  json::Value out = json::Value::Object();
  out.Set("file", options.jsonl);
  out.Set("versions", found.summaries.size());
  return Report{std::move(out),
                [found, name = options.jsonl](Terminal& terminal) {
                  terminal.Line(absl::StrCat("Wrote ", found.summaries.size(),
                                             " versions to ", name, "."));
                  ShowChecks(found, terminal);
                }};
}

}  // namespace

void AddRegisterHistoryCommand(CLI::App& group, Session& session) {
  auto [history, of] = AddCommand<HistoryOptions>(
      group, session, "history", "Show every version of one and verify them",
      History);
  history->add_option("id", of->id)->required()->check(RegistrationId());
  history->add_option("--jsonl", of->jsonl,
                      "write every version, whole, to this file");
  history->add_option("--vkey", of->vkey, "verifier key of the register log");
}

}  // namespace limpid::cli
