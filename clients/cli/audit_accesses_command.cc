// limpid audit-accesses: what everybody's data were used for, without whose,
// and whether every leaf of the public log is accounted for.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/commands.h"
#include "clients/cli/https_fetcher.h"
#include "clients/cli/person_views.h"
#include "clients/cli/policies.h"
#include "clients/cpp/audit_client.h"
#include "common/base/day_or_time.h"
#include "common/base/status_macros.h"
#include "common/tlog/auditor.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct Arguments {
  std::string log;
  std::string vkey;
  std::string from;
  std::string until;
};

absl::StatusOr<absl::Time> ReadHour(const std::string& option,
                                    const std::string& text) {
  const auto time = base::ParseDayOrTime(text);
  if (time.ok()) return *time;
  return WrongUsage(absl::InvalidArgumentError(
      absl::StrCat(option,
                   " is a day (2026-11-28, UTC) or a whole hour like "
                   "2026-11-28T09:00:00Z")));
}

client::LogSource SourceOf(const Arguments& arguments) {
  return arguments.log.starts_with("https://") ? client::LogSource::kServed
                                               : client::LogSource::kCopy;
}

// A copy that is too old is a file of the auditor's and says nothing about the
// operator.
absl::Status Outcome(const client::Completeness& found,
                     const Arguments& arguments) {
  const absl::Status alarm = client::AlarmOf(found, SourceOf(arguments));
  if (!absl::IsFailedPrecondition(alarm)) return alarm;
  return WithNext(StateBroken(alarm),
                  "take a newer copy of the log and run this again");
}

// Every leaf of the log, recomputed against its signed checkpoint.
absl::StatusOr<std::vector<base::Bytes>> ReadLeaves(const Arguments& arguments,
                                                    const Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          PolicyOfVkey(arguments.vkey));
  std::unique_ptr<tlog::Fetcher> fetcher;
  if (SourceOf(arguments) == client::LogSource::kServed) {
    LIMPID_ASSIGN_OR_RETURN(const rpc::ChannelOptions channel,
                            session.Channel());
    LIMPID_ASSIGN_OR_RETURN(
        fetcher, HttpsFetcher::Create(arguments.log, channel.ca_pem));
  } else {
    fetcher = std::make_unique<tlog::DirectoryFetcher>(arguments.log);
  }
  std::vector<base::Bytes> out;
  tlog::AuditOptions options{policy};
  options.leaf_kind = tlog::LeafKind::kAccess;
  options.check_entry = [&out](std::uint64_t /*index*/, base::ByteView entry) {
    out.push_back(base::ToBytes(entry));
    return absl::OkStatus();
  };
  const tlog::AuditReport report = tlog::Audit(*fetcher, options);
  if (report.outcome == tlog::AuditOutcome::kPassed) return out;
  const std::string what =
      absl::StrCat("the public log did not pass: ", report.message);
  if (report.outcome == tlog::AuditOutcome::kLogLied) {
    return absl::DataLossError(what);
  }
  return absl::UnavailableError(what);
}

json::Value ToJson(const client::Completeness& found) {
  json::Value out = json::Value::Object();
  out.Set("complete_ticks", found.complete_ticks);
  out.Set("listed_leaves", found.listed);
  out.Set("padding_leaves", found.padding);
  out.Set("elsewhere_leaves", found.elsewhere);
  out.Set("left_out_leaves", found.left_out);
  out.Set("unexplained_leaves", found.unexplained);
  out.Set("erased_entries", found.erased);
  out.Set("missing_entries", found.missing);
  out.Set("embargoed_entries", found.under_embargo);
  out.Set("waiting_entries", found.waiting);
  out.Set("overdue_entries", found.overdue);
  out.Set("behind_end_entries", found.behind_end);
  return out;
}

void Show(const std::vector<v1::AuditEntry>& entries,
          const client::Completeness& found, Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(entries, [](const v1::AuditEntry& entry) -> Row {
        std::vector<std::string> outcomes;
        for (const v1::AttributeDecision& one : entry.decisions()) {
          outcomes.push_back(absl::StrCat(
              one.attribute(), " ",
              one.allowed() ? "released" : ReasonText(one.reason())));
        }
        return {entry.has_time() ? Moment(entry.time()) : "-",
                entry.organisation(),
                ShortName(v1::AccessKind_Name(entry.kind()), "ACCESS_KIND_"),
                entry.purpose(),
                Joined(outcomes),
                ShortName(v1::AuditContent_Name(entry.content()),
                          "AUDIT_CONTENT_")};
      });
  terminal.Table({"hour", "service", "act", "purpose", "what", "content"},
                 rows);
  terminal.Line(absl::StrCat(
      "Of the public log's leaves ", found.listed, " are listed here, ",
      found.padding, " are proven padding, ", found.elsewhere,
      " are entries of ticks that reach over an end of the period or lie "
      "outside it, ",
      found.left_out, " are entries left out in its middle, ",
      found.unexplained, " are unexplained."));
  if (found.under_embargo > 0) {
    terminal.Line(absl::StrCat(
        "Of ", found.under_embargo,
        " entries nothing is shown but the tick: a law delays telling the "
        "person. They are listed whole when she is told, after 366 days at "
        "most."));
  }
  if (found.waiting > 0) {
    terminal.Line(absl::StrCat(
        found.waiting, " entries are not in the public log yet, of them ",
        found.overdue, " an hour or more after they were decided and ",
        found.behind_end, " as old that the server says are behind its end."));
  }
}

absl::StatusOr<Report> Run(const Arguments& arguments, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const absl::Time from,
                          ReadHour("--from", arguments.from));
  LIMPID_ASSIGN_OR_RETURN(const absl::Time until,
                          ReadHour("--until", arguments.until));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AuditClient audit(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto entries, audit.ListEntries(from, until));
  LIMPID_ASSIGN_OR_RETURN(const auto leaves, ReadLeaves(arguments, session));
  // After the log: what the log has by now has its tick.
  LIMPID_ASSIGN_OR_RETURN(const auto ticks, audit.ListTicks());
  LIMPID_ASSIGN_OR_RETURN(
      const client::Completeness found,
      client::CheckCompleteness(entries, ticks, leaves,
                                {until, session.clock().Now()}));
  json::Value out = json::Value::Object();
  out.Set("completeness", ToJson(found));
  out.Set("entries", ToJsonArray(entries));
  return Report{
      std::move(out),
      [entries, found](Terminal& terminal) { Show(entries, found, terminal); },
      Outcome(found, arguments)};
}

}  // namespace

void AddAuditAccessesCommand(CLI::App& app, Session& session) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const audit = app.add_subcommand(
      "audit-accesses",
      "List everybody's accesses without whose they are, and check that none "
      "is left out");
  audit
      ->add_option("log", arguments->log,
                   "https address of the access log, or a directory with its "
                   "files")
      ->required();
  audit
      ->add_option("--vkey", arguments->vkey,
                   "verifier key of the log: the trust anchor")
      ->required();
  audit->add_option("--from", arguments->from, "first day or hour, UTC")
      ->required();
  audit
      ->add_option("--until", arguments->until,
                   "the day or hour before which it ends, in the same month")
      ->required();
  audit->callback([arguments, &session] {
    session.Run([&] { return Run(*arguments, session); });
  });
}

}  // namespace limpid::cli
