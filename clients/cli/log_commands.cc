// limpid person accesses, check-log: who used the data, and whether the log
// that says so is the one this device saw before.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/delegation_client.h"
#include "clients/cpp/entry_check.h"
#include "clients/cpp/head_keeper.h"
#include "clients/cpp/log_client.h"
#include "common/base/day_or_time.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct AccessOptions {
  std::string person;
  std::string record;
  std::string service;
  std::string purpose;
  std::string from;
  std::string until;
  std::size_t limit = 50;
};
struct None {};

// "2026-11-28" (UTC) or RFC 3339.
absl::Status ReadTime(const std::string& option, const std::string& text,
                      google::protobuf::Timestamp& out) {
  const auto time = base::ParseDayOrTime(text);
  if (!time.ok()) {
    return WrongUsage(absl::InvalidArgumentError(
        absl::StrCat(option,
                     " is a day (2026-11-28, UTC) or a time like "
                     "2026-11-28T09:30:00Z")));
  }
  out.set_seconds(absl::ToUnixSeconds(*time));
  return absl::OkStatus();
}

// What could not be compared with its commitment; empty when all was. Takes the
// openings out: they are for this device, not for what reads the output.
std::string NoteUnchecked(std::vector<v1::AccessEntry>& entries) {
  std::size_t count = 0;
  for (v1::AccessEntry& entry : entries) {
    const bool empty = entry.has_erasure() || entry.missing();
    if (!empty && client::CheckEntry(entry) == client::EntryTruth::kUnchecked) {
      ++count;
    }
    entry.clear_opening();
    entry.clear_content();
  }
  if (count == 0) return "";
  return absl::StrCat("What ", count,
                      " of these say could not be compared with their "
                      "commitments.");
}

absl::StatusOr<Report> Accesses(const AccessOptions& options,
                                Session& session) {
  v1::ListAccessesRequest request;
  request.set_record_id(options.record);
  request.set_service_id(options.service);
  request.set_purpose(options.purpose);
  if (!options.from.empty()) {
    LIMPID_RETURN_IF_ERROR(
        ReadTime("--from", options.from, *request.mutable_from_time()));
  }
  if (!options.until.empty()) {
    LIMPID_RETURN_IF_ERROR(
        ReadTime("--until", options.until, *request.mutable_until_time()));
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  // One more than is shown, to know whether there are more.
  const std::size_t wanted =
      options.limit == SIZE_MAX ? options.limit : options.limit + 1;
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<v1::AccessEntry> entries,
      options.person.empty()
          ? client::LogClient(*parts.consent_connection, *parts.trust)
                .List(std::move(request), wanted)
          : client::DelegationClient(*parts.consent_connection, *parts.key,
                                     *parts.trust, session.clock())
                .ListAccesses(options.person, options.record));
  const std::string more =
      options.person.empty() ? CutTo(options.limit, entries) : std::string();
  const std::string unchecked = NoteUnchecked(entries);
  const auto note = [more, unchecked](Terminal& terminal) {
    if (!more.empty()) terminal.Error(more);
    if (!unchecked.empty()) terminal.Error(unchecked);
  };
  // Beside the output, whose shape scripts rely on.
  if (session.options().json) note(session.terminal());
  return Report{ToJsonArray(entries), [entries, note](Terminal& terminal) {
                  ShowAccesses(entries, terminal);
                  note(terminal);
                }};
}

absl::StatusOr<Report> Broken(const client::LogCheck& check, bool first,
                              const std::filesystem::path& kept) {
  std::filesystem::path proof = kept;
  proof += ".contradicted";
  const absl::Status written = client::WriteHeadFile(proof, check.signed_head);
  const std::string what =
      first ? "your log does not hold together: "
            : "your log does not continue the one this device saw: ";
  const std::string keep = first ? "" : absl::StrCat(kept.string(), " and ");
  // That it is broken is said, whatever the disk says of the proof.
  return WithNext(
      absl::DataLossError(absl::StrCat(what, check.continues.message())),
      written.ok()
          ? absl::StrCat("Keep ", keep, proof.string(),
                         " for your data protection authority.")
          : absl::StrCat("The proof could not be kept (", written.message(),
                         "); mend that and check again, for your data "
                         "protection authority."));
}

absl::StatusOr<Report> Lost(const client::LogCheck& check) {
  std::vector<std::string> numbers;
  for (const std::uint64_t number : check.lost) {
    numbers.push_back(absl::StrCat(number));
  }
  return WithNext(
      absl::DataLossError(absl::StrCat(
          "what these entries of your log said is gone, and you did not ask "
          "for it: ",
          Joined(numbers))),
      "Tell your data protection authority. Their numbers and commitments are "
      "still in the chain.");
}

absl::StatusOr<Report> Altered(const client::LogCheck& check) {
  std::vector<std::string> numbers;
  for (const std::uint64_t number : check.altered) {
    numbers.push_back(absl::StrCat(number));
  }
  return WithNext(
      absl::DataLossError(absl::StrCat(
          "these entries of your log say something else than their commitments "
          "stand for: ",
          Joined(numbers))),
      "Tell your data protection authority: what was logged in public is not "
      "what you are shown.");
}

// What was compared, and what could not be.
void ShowContents(const client::LogCheck& check, Terminal& terminal) {
  terminal.Line(absl::StrCat(
      check.true_entries,
      " of them say what their commitments stand for. The names of "
      "organisations are the operator's word."));
  if (check.unchecked.empty()) return;
  std::vector<std::string> numbers;
  for (const std::uint64_t number : check.unchecked) {
    numbers.push_back(absl::StrCat(number));
  }
  terminal.Line(absl::StrCat(
      "What these say could not be compared, because the server did not give "
      "the content or it is of a newer version: ",
      Joined(numbers), "."));
}

absl::StatusOr<Report> CheckLog(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  const std::filesystem::path file = session.LogHeadFile();
  LIMPID_ASSIGN_OR_RETURN(const std::optional<receipt::LogHead> kept,
                          KeptHead(session, *parts.trust));
  const std::optional<receipt::LogHead> seen = parts.heads->kept();
  client::LogClient log(*parts.consent_connection, *parts.trust);
  LIMPID_ASSIGN_OR_RETURN(
      const client::LogCheck check,
      log.Check(kept ? &*kept : nullptr, parts.key->key().PublicKey(),
                seen ? &*seen : nullptr));
  if (!check.continues.ok()) return Broken(check, !kept, file);
  if (!check.altered.empty()) return Altered(check);
  if (!check.lost.empty()) return Lost(check);
  LIMPID_RETURN_IF_ERROR(client::KeepNewerHead(file, check.signed_head,
                                               parts.trust->evidence_key));
  const std::string since =
      kept ? base::TimeText(kept->time) : std::string("the beginning");
  json::Value out = json::Value::Object();
  out.Set("entries", static_cast<std::int64_t>(check.head.sequence));
  out.Set("new_entries", static_cast<std::int64_t>(check.new_entries));
  out.Set("since", since);
  out.Set("erased_entries", static_cast<std::int64_t>(check.erased.size()));
  out.Set("true_entries", static_cast<std::int64_t>(check.true_entries));
  out.Set("unchecked_entries",
          static_cast<std::int64_t>(check.unchecked.size()));
  return Report{
      std::move(out),
      [check, since, again = kept.has_value()](Terminal& terminal) {
        terminal.Line(absl::StrCat(
            "Your log has ", check.head.sequence, " entries, ",
            check.new_entries, " of them since ", since,
            ". Their commitments form one chain to the end that the operator "
            "signed",
            again ? ", through the end this device kept: since then none was "
                    "put in between, left out or taken away."
                  : "; what the log was before this first check, this device "
                    "cannot tell."));
        ShowContents(check, terminal);
        if (!check.erased.empty()) {
          terminal.Line(absl::StrCat(
              "What ", check.erased.size(),
              " of them said was erased at your request, as your signature "
              "shows."));
        }
        terminal.Line(
            "This device keeps the new end of the log for the next check.");
      }};
}

}  // namespace

void AddLogCommands(CLI::App& person, Session& session) {
  auto [accesses, by] = AddCommand<AccessOptions>(
      person, session, "accesses", "Show who used your data, refusals included",
      Accesses);
  auto* const record =
      accesses->add_option("--record", by->record, "only under this consent");
  // A representative sees one record at a time, unfiltered.
  auto* const other = AddFor(*accesses, by->person)->needs(record);
  for (auto* const filter :
       {accesses->add_option("--service", by->service, "only by this service"),
        accesses->add_option(
            "--purpose", by->purpose,
            "only for this purpose or a narrower one, a DPV IRI"),
        accesses->add_option("--from", by->from, "from this day or time on"),
        accesses->add_option("--until", by->until,
                             "before this day or time")}) {
    filter->excludes(other);
  }
  accesses->add_option("--limit", by->limit, "at most this many");
  AddCommand<None>(person, session, "check-log",
                   "Check that your log continues what this device saw before",
                   CheckLog);
}

}  // namespace limpid::cli
