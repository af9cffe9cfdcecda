// limpid admin reconcile: whether what the vault let go is what consent
// permitted. docs/formats/release-trail.md

#include "clients/cli/reconcile_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/reconcile.h"
#include "clients/cpp/reconcile_client.h"
#include "clients/cpp/trust.h"
#include "common/base/bytes.h"
#include "common/base/day_or_time.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

constexpr std::size_t kMaxStateBytes = 4'096;
constexpr std::string_view kStateFormat = "limpid/reconciled/1";
// Without an earlier run: the last day.
constexpr absl::Duration kUsualPeriod = absl::Hours(24);

struct Options {
  std::string from;
  std::string until;
  std::string state_file;
  std::string vault;
  std::string vault_ca;
  std::string vault_certificate;
  std::string vault_key;
};

// Where an earlier run ended.
struct Ended {
  absl::Time until;
  client::TrailEnd end;
  // Absent in files of before, and where no batch was read.
  std::optional<client::TrailEnd> compared;
};

absl::StatusOr<client::TrailEnd> ParseEnd(const json::Value& value,
                                          const std::string& name) {
  client::TrailEnd out;
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t number,
                          value.GetInteger(absl::StrCat(name, "_number")));
  out.number = static_cast<std::uint64_t>(number);
  LIMPID_ASSIGN_OR_RETURN(const std::string digest,
                          value.GetString(absl::StrCat(name, "_digest")));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, base::HexDecode(digest));
  LIMPID_ASSIGN_OR_RETURN(out.digest, base::ToArray<32>(bytes));
  return out;
}

absl::StatusOr<Ended> Parse(const json::Value& value) {
  Ended out;
  LIMPID_ASSIGN_OR_RETURN(const std::string format, value.GetString("format"));
  if (format != kStateFormat) {
    return absl::InvalidArgumentError("it has another format");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t until,
                          value.GetInteger("until_ms"));
  out.until = absl::FromUnixMillis(until);
  LIMPID_ASSIGN_OR_RETURN(out.end, ParseEnd(value, "batch"));
  if (value.Find("compared_number") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(out.compared.emplace(),
                            ParseEnd(value, "compared"));
  }
  return out;
}

absl::StatusOr<std::optional<Ended>> ReadState(const std::string& file) {
  if (file.empty()) return std::optional<Ended>();
  const auto bytes = client::ReadDeviceFile(file, kMaxStateBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<Ended>();
  LIMPID_RETURN_IF_ERROR(bytes.status());
  const auto value = json::ParseStrict(base::AsText(*bytes));
  auto ended = value.ok() ? Parse(*value) : value.status();
  if (!ended.ok()) {
    return StateBroken(absl::InvalidArgumentError(
        absl::StrCat(file, ": ", ended.status().message())));
  }
  return std::optional<Ended>(*ended);
}

void SetEnd(const std::string& name, const client::TrailEnd& end,
            json::Value& value) {
  value.Set(absl::StrCat(name, "_number"),
            static_cast<std::int64_t>(end.number));
  value.Set(absl::StrCat(name, "_digest"), base::HexEncode(end.digest));
}

absl::Status WriteState(const std::string& file, const Ended& ended) {
  json::Value value = json::Value::Object();
  value.Set("format", kStateFormat);
  value.Set("until_ms", absl::ToUnixMillis(ended.until));
  SetEnd("batch", ended.end, value);
  if (ended.compared) SetEnd("compared", *ended.compared, value);
  return client::WriteDeviceFile(file, base::AsBytes(json::Pretty(value)));
}

// The connections, and what the two logs are verified with.
struct Sides {
  client::Trust trust;
  std::unique_ptr<client::Connection> consent;
  // Null where the vault answers behind the same address.
  std::unique_ptr<client::Connection> vault;
  std::optional<tlog::Policy> access_log;
  std::optional<tlog::Policy> vault_log;
};

absl::Status ConnectVault(const Options& options, Session& session,
                          Sides& out) {
  if (options.vault.empty()) return absl::OkStatus();
  Session there(session.terminal(), session.clock());
  there.options() = session.options();
  there.options().server = options.vault;
  if (!options.vault_ca.empty()) there.options().ca_file = options.vault_ca;
  if (!options.vault_certificate.empty()) {
    there.options().certificate_file = options.vault_certificate;
    there.options().key_file = options.vault_key;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto anonymous, there.Anonymous());
  LIMPID_RETURN_IF_ERROR(client::AddVault(*anonymous, out.trust));
  LIMPID_ASSIGN_OR_RETURN(out.vault, there.WithCertificate());
  return absl::OkStatus();
}

absl::StatusOr<Sides> OpenSides(const Options& options, Session& session) {
  Sides out;
  LIMPID_ASSIGN_OR_RETURN(const auto anonymous, session.Anonymous());
  LIMPID_ASSIGN_OR_RETURN(out.trust, client::AskForTrust(*anonymous));
  LIMPID_ASSIGN_OR_RETURN(out.consent, session.WithCertificate());
  LIMPID_RETURN_IF_ERROR(ConnectVault(options, session, out));
  // What was pinned is believed; without, what the TLS connections vouch for.
  const auto pinned = client::Trust::Read(session.TrustFile());
  if (pinned.ok()) {
    LIMPID_RETURN_IF_ERROR(client::CheckUnchanged(*pinned, out.trust));
  } else if (!absl::IsNotFound(pinned.status())) {
    return StateBroken(pinned.status());
  }
  if (out.trust.source_id.empty()) {
    return WithNext(
        absl::FailedPreconditionError("there is no vault behind this server"),
        "give --vault HOST:PORT, where the vault has a server of its own");
  }
  LIMPID_ASSIGN_OR_RETURN(out.access_log, out.trust.LogPolicy("/access"));
  LIMPID_ASSIGN_OR_RETURN(out.vault_log, out.trust.LogPolicy("/vault"));
  return out;
}

absl::StatusOr<absl::Time> ReadTime(const char* option,
                                    const std::string& text) {
  const auto time = base::ParseDayOrTime(text);
  if (time.ok()) return *time;
  return WrongUsage(absl::InvalidArgumentError(
      absl::StrCat(option,
                   " is a day (2026-11-28, UTC) or a time like "
                   "2026-11-28T09:00:00Z")));
}

struct Period {
  absl::Time from;
  absl::Time until;
  // It was to end later.
  bool cut = false;
};

absl::StatusOr<Period> PeriodOf(const Options& options,
                                const std::optional<Ended>& before,
                                absl::Time latest) {
  Period out;
  out.until = absl::FromUnixMillis(absl::ToUnixMillis(latest));
  if (!options.until.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const absl::Time asked,
                            ReadTime("--until", options.until));
    out.cut = asked > out.until;
    out.until = std::min(asked, out.until);
  }
  out.from = before ? before->until : out.until - kUsualPeriod;
  if (!options.from.empty()) {
    LIMPID_ASSIGN_OR_RETURN(out.from, ReadTime("--from", options.from));
  }
  if (out.from < out.until) return out;
  return WithNext(
      absl::FailedPreconditionError("there is nothing to compare yet"),
      "leases may still be open: run it again in some seconds, or take an "
      "earlier period");
}

json::Value ToJson(const client::Found& found) {
  json::Value out = json::Value::Object();
  out.Set("finding", client::FindingName(found.what));
  if (found.access != base::ByteArray<16>{}) {
    out.Set("access_id", base::FormatIdText("acc", found.access));
  }
  out.Set("time", Moment(found.time));
  return out;
}

json::Value ToJson(const Period& period, const client::BothLogs& logs,
                   const client::Reconciliation& result) {
  json::Value out = json::Value::Object();
  out.Set("from", Moment(period.from));
  out.Set("until", Moment(period.until));
  out.Set("until_was_cut", period.cut);
  out.Set("entries", result.entries);
  out.Set("releases", result.releases);
  out.Set("matched", result.matched);
  out.Set("unused_permits", result.unused);
  out.Set("not_comparable", result.not_comparable);
  out.Set("explained_by_unreadable", result.explained);
  out.Set("handed_over_while_fenced", result.in_fence);
  out.Set("erased_entries", result.erased);
  out.Set("entries_not_logged_yet", logs.entries_waiting);
  out.Set("batches_not_logged_yet", logs.batches_waiting);
  out.Set("finding_count", result.finding_count());
  json::Value findings = json::Value::Array();
  for (const client::Found& one : result.found) findings.Append(ToJson(one));
  out.Set("findings", std::move(findings));
  return out;
}

void ShowCounts(const Period& period, const client::BothLogs& logs,
                const client::Reconciliation& result, Terminal& terminal) {
  terminal.Facts({{"from", Moment(period.from)},
                  {"until", Moment(period.until)},
                  {"permitted reads", absl::StrCat(result.entries)},
                  {"releases", absl::StrCat(result.releases)},
                  {"both", absl::StrCat(result.matched)},
                  {"permits not used", absl::StrCat(result.unused)},
                  {"lost to a restore", absl::StrCat(result.not_comparable)},
                  {"erased entries", absl::StrCat(result.erased)},
                  {"releases they may explain", absl::StrCat(result.explained)},
                  {"while a withdrawal waited", absl::StrCat(result.in_fence)},
                  {"findings", absl::StrCat(result.finding_count())}});
  if (period.cut) {
    terminal.Line(
        "It ends earlier than asked: behind that, leases may still be open.");
  }
  if (logs.entries_waiting + logs.batches_waiting > 0) {
    terminal.Line(absl::StrCat(
        logs.entries_waiting, " entries and ", logs.batches_waiting,
        " batches are not in the public logs yet; they were compared as the "
        "servers say them."));
  }
  if (result.unused > 0) {
    terminal.Line(
        "A permit that was not used is no fault: the value was not there, the "
        "answer came too late, or another vault had the permit. A crash of "
        "the vault loses what it noted in its last seconds.");
  }
}

void Show(const Period& period, const client::BothLogs& logs,
          const client::Reconciliation& result, Terminal& terminal) {
  ShowCounts(period, logs, result, terminal);
  if (result.finding_count() == 0) return;
  terminal.Table({"finding", "access", "time"},
                 RowsOf(result.found, [](const client::Found& one) -> Row {
                   return {std::string(client::FindingName(one.what)),
                           one.access == base::ByteArray<16>{}
                               ? "-"
                               : base::FormatIdText("acc", one.access),
                           Moment(one.time)};
                 }));
  if (result.found.size() < result.finding_count()) {
    terminal.Line(absl::StrCat("The first ", result.found.size(), " of ",
                               result.finding_count(), "."));
  }
}

absl::StatusOr<Report> Run(const Options& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Ended> before,
                          ReadState(options.state_file));
  LIMPID_ASSIGN_OR_RETURN(const Sides sides, OpenSides(options, session));
  client::ReconcileClient logs(*sides.consent,
                               sides.vault ? *sides.vault : *sides.consent,
                               *sides.access_log, *sides.vault_log,
                               sides.trust.source_id, session.clock());
  LIMPID_ASSIGN_OR_RETURN(const absl::Time latest, logs.LatestEnd());
  LIMPID_ASSIGN_OR_RETURN(const Period period,
                          PeriodOf(options, before, latest));
  std::optional<client::TrailEnd> seen;
  if (before) seen = before->end;
  // Who names a beginning leaves out what is before it.
  std::optional<client::TrailEnd> compared;
  if (before && options.from.empty()) compared = before->compared;
  LIMPID_ASSIGN_OR_RETURN(client::BothLogs read,
                          logs.Read(period.from, period.until, seen, compared));
  const client::Reconciliation result =
      client::Reconcile(std::move(read.input));
  // A finding stays until somebody who has seen it names a later beginning.
  if (!options.state_file.empty() && result.finding_count() == 0) {
    LIMPID_RETURN_IF_ERROR(WriteState(options.state_file,
                                      {period.until, read.end, read.compared}));
  }
  return Report{ToJson(period, read, result),
                [period, read, result](Terminal& terminal) {
                  Show(period, read, result, terminal);
                },
                client::AlarmOf(result)};
}

}  // namespace

void AddReconcileCommand(CLI::App& admin, Session& session) {
  auto [command, options] = AddCommand<Options>(
      admin, session, "reconcile",
      "Compare what the vault released with what consent permitted", Run);
  command->add_option("--from", options->from,
                      "day or time (UTC); else the end of the last run, or a "
                      "day before the end");
  command->add_option("--until", options->until,
                      "day or time (UTC); else as late as can be compared");
  command->add_option("--state", options->state_file,
                      "keeps where the last run ended, and what it saw");
  command->add_option("--vault", options->vault,
                      "HOST:PORT of a vault with a server of its own");
  command->add_option("--vault-ca", options->vault_ca,
                      "the CA of that server, PEM");
  command->add_option("--vault-certificate", options->vault_certificate,
                      "an administrator's there, where it is another one");
  command->add_option("--vault-key", options->vault_key, "its private key");
}

}  // namespace limpid::cli
