// limpid person defer|narrow|object|allow-asking.

#include <optional>
#include <string>
#include <vector>

#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/record_act_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct OneRecord {
  std::string id;
};
struct NarrowOptions {
  std::string record;
  std::vector<std::string> keep;
  int days = 0;
};
struct ObjectOptions {
  std::string record;
  std::string grounds;
};

Report RecordReport(const v1::Record& record) {
  return Report{ToJson(record), [record](Terminal& terminal) {
                  ShowRecords({record}, terminal);
                }};
}

absl::StatusOr<Report> Defer(const OneRecord& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::RecordActClient acts(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::Record record, acts.Defer(options.id));
  return RecordReport(record);
}

absl::StatusOr<Report> Narrow(const NarrowOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  std::optional<absl::Time> until;
  if (options.days > 0) {
    until = session.clock().Now() + absl::Hours(24) * options.days;
  }
  client::RecordActClient acts(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::Record record,
                          acts.Narrow(options.record, options.keep, until));
  return RecordReport(record);
}

absl::StatusOr<Report> Object(const ObjectOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::RecordActClient acts(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::ObjectToRecordResponse answer,
                          acts.Object(options.record, options.grounds));
  return Report{ToJson(answer), [answer](Terminal& terminal) {
                  terminal.Line(answer.refusal().empty()
                                    ? "Your objection paused the record."
                                    : answer.refusal());
                  ShowRecords({answer.record()}, terminal);
                }};
}

absl::StatusOr<Report> AllowAsking(const OneRecord& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::RecordActClient acts(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::Record record,
                          acts.AllowAskingAgain(options.id));
  return RecordReport(record);
}

}  // namespace

void AddRecordActCommands(CLI::App& person, Session& session) {
  auto [defer, deferred] = AddCommand<OneRecord>(
      person, session, "defer", "Put the answer to a request off", Defer);
  defer->add_option("record", deferred->id)->required()->check(OfKind({"rec"}));
  auto [narrow, less] = AddCommand<NarrowOptions>(
      person, session, "narrow", "Take lines or time away from a consent",
      Narrow);
  narrow->add_option("record", less->record)
      ->required()
      ->check(OfKind({"rec"}));
  narrow->add_option("--keep,-k", less->keep,
                     "attribute that stays; repeat for more");
  narrow->add_option("--days", less->days, "days from now that are left");
  auto [object, objection] = AddCommand<ObjectOptions>(
      person, session, "object",
      "Object to a record whose legal basis is not consent", Object);
  object->add_option("record", objection->record)
      ->required()
      ->check(OfKind({"rec"}));
  object->add_option("--grounds", objection->grounds, "why");
  auto [allow, refused] = AddCommand<OneRecord>(
      person, session, "allow-asking",
      "Let the service of a refused request ask again", AllowAsking);
  allow->add_option("record", refused->id)->required()->check(OfKind({"rec"}));
}

}  // namespace limpid::cli
