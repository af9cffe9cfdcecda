// limpid register consent-facts: how many persons are behind the snapshots of a
// dataset, as operators of consent published it, verified in the log.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/policies.h"
#include "clients/cpp/consent_facts_client.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

using receipt::ConsentFactsEntry;
using receipt::SnapshotFacts;

struct FactsOptions {
  std::string dataset;
  std::string month;
  std::string vkey;
};

std::string SnapshotText(const base::ByteArray<16>& id) {
  return base::FormatIdText("snp", id);
}

std::string Figure(std::uint64_t tens) {
  return tens == 0 ? absl::StrCat("fewer than ", receipt::kFactsUnit)
                   : absl::StrCat(tens);
}

json::Value ToJson(const SnapshotFacts& facts) {
  json::Value out = json::Value::Object();
  out.Set("dataset_id", base::FormatIdText("dat", facts.dataset));
  out.Set("snapshot_id", SnapshotText(facts.snapshot));
  out.Set("figures_of_id", SnapshotText(facts.figures_of));
  out.Set("person_count", static_cast<std::int64_t>(facts.persons));
  if (facts.withdrawn) {
    out.Set("withdrawn_count", static_cast<std::int64_t>(*facts.withdrawn));
  }
  return out;
}

json::Value ToJson(const std::vector<ConsentFactsEntry>& published) {
  json::Value out = json::Value::Array();
  for (const ConsentFactsEntry& entry : published) {
    json::Value snapshots = json::Value::Array();
    for (const SnapshotFacts& one : entry.facts.snapshots) {
      snapshots.Append(ToJson(one));
    }
    json::Value facts = json::Value::Object();
    facts.Set("operator_key", base::HexEncode(entry.operator_key.bytes));
    facts.Set("month", absl::FormatCivilTime(entry.facts.month));
    facts.Set("snapshots", std::move(snapshots));
    out.Append(std::move(facts));
  }
  return out;
}

void Show(const std::vector<ConsentFactsEntry>& published, Terminal& terminal) {
  bool any = false;
  for (const ConsentFactsEntry& entry : published) {
    if (entry.facts.snapshots.empty()) continue;
    any = true;
    terminal.Heading(absl::FormatCivilTime(entry.facts.month));
    terminal.Table(
        {"snapshot", "persons", "of them withdrew", "figures of"},
        RowsOf(entry.facts.snapshots, [](const SnapshotFacts& one) -> Row {
          return {SnapshotText(one.snapshot), Figure(one.persons),
                  one.withdrawn ? Figure(*one.withdrawn) : "not shown",
                  one.figures_of == one.snapshot
                      ? "its own"
                      : SnapshotText(one.figures_of)};
        }));
  }
  terminal.Line(any ? "Signed and in the log. Figures are in tens, and of one "
                      "moment of the month."
                    : "Nothing is told.");
}

// --vkey, or the key pinned with an account: what is not verified is not shown.
absl::StatusOr<tlog::Policy> PolicyOf(const FactsOptions& options,
                                      Session& session) {
  if (!options.vkey.empty()) return PolicyOfVkey(options.vkey);
  const auto trust = client::Trust::Read(session.TrustFile());
  if (trust.ok()) return trust->LogPolicy("/register");
  return WrongUsage(absl::InvalidArgumentError(
      "give --vkey, the verifier key of the register's log"));
}

absl::StatusOr<Report> Facts(const FactsOptions& options, Session& session) {
  std::optional<base::ByteArray<16>> dataset;
  if (!options.dataset.empty()) {
    const auto id = base::ParseIdText("dat", options.dataset);
    if (!id.ok()) return WrongUsage(id.status());
    dataset = *id;
  }
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          PolicyOf(options, session));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::ConsentFactsClient client(*connection, policy);
  LIMPID_ASSIGN_OR_RETURN(auto published, client.Get(options.month));
  for (ConsentFactsEntry& entry : published) {
    std::erase_if(entry.facts.snapshots, [&](const SnapshotFacts& one) {
      return dataset && one.dataset != *dataset;
    });
  }
  return Report{ToJson(published),
                [published](Terminal& terminal) { Show(published, terminal); }};
}

}  // namespace

void AddConsentFactsCommand(CLI::App& group, Session& session) {
  auto [facts, which] =
      AddCommand<FactsOptions>(group, session, "consent-facts",
                               "Show how many persons are behind a dataset's "
                               "snapshots, in tens and once "
                               "a month",
                               Facts);
  facts->add_option("dataset", which->dataset, "dat_... id; all without it");
  facts->add_option("--month", which->month,
                    "such as 2027-05; the newest without it");
  facts->add_option("--vkey", which->vkey,
                    "verifier key of the register's log");
}

}  // namespace limpid::cli
