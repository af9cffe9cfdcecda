// limpid service duties|acknowledge|refuse, limpid person duties, limpid admin
// overdue: what must be deleted, by when, and what was said about it.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/named_value.h"
#include "clients/cpp/duty_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct None {};
struct OneId {
  std::string id;
};
struct ListOptions {
  bool all = false;
};
struct RefuseOptions {
  std::string id;
  v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
  std::string explanation;
};

const std::map<std::string, v1::RefusalReason>& Grounds() {
  static const std::map<std::string, v1::RefusalReason> grounds = {
      {"expression", v1::REFUSAL_REASON_FREEDOM_OF_EXPRESSION},
      {"obligation", v1::REFUSAL_REASON_LEGAL_OBLIGATION},
      {"health", v1::REFUSAL_REASON_PUBLIC_HEALTH},
      {"archiving", v1::REFUSAL_REASON_ARCHIVING_OR_RESEARCH},
      {"claims", v1::REFUSAL_REASON_LEGAL_CLAIMS},
      {"other-ground", v1::REFUSAL_REASON_OTHER_LEGAL_GROUND},
  };
  return grounds;
}

// "acknowledged 2026-11-20 11:00:00", "refused (legal claims): ...", …
std::string StateText(const v1::DeletionDuty& duty) {
  std::string out = ShortName(v1::DutyState_Name(duty.state()), "DUTY_STATE_");
  if (duty.state() == v1::DUTY_STATE_REFUSED) {
    absl::StrAppend(&out, " (",
                    ShortName(v1::RefusalReason_Name(duty.refusal_reason()),
                              "REFUSAL_REASON_"),
                    "): ", duty.explanation());
  }
  if (duty.has_answer_time()) {
    absl::StrAppend(&out, " ", Moment(duty.answer_time()));
  }
  return out;
}

std::string CauseText(const v1::DeletionDuty& duty) {
  return ShortName(v1::DutyCause_Name(duty.cause()), "DUTY_CAUSE_");
}

Report ForService(const std::vector<v1::DeletionDuty>& duties) {
  return Report{
      ToJsonArray(duties), [duties](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(duties, [](const v1::DeletionDuty& duty) -> Row {
              return {duty.duty_id(),          duty.record_id(),
                      CauseText(duty),         Joined(duty.attributes()),
                      Moment(duty.due_time()), StateText(duty)};
            });
        terminal.Table({"duty", "record", "because", "delete", "due", "state"},
                       rows);
      }};
}

Report ForPerson(const std::vector<v1::DeletionDuty>& duties) {
  return Report{
      ToJsonArray(duties), [duties](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(duties, [](const v1::DeletionDuty& duty) -> Row {
              return {duty.organisation(),     duty.record_id(),
                      CauseText(duty),         Joined(duty.attributes()),
                      Moment(duty.due_time()), StateText(duty)};
            });
        terminal.Table(
            {"service", "record", "because", "must delete", "by", "state"},
            rows);
      }};
}

// In every form of output: it must not look as if there were no others.
void WarnOf(const client::DutyClient& client, Terminal& terminal) {
  if (client.unreadable_count() == 0) return;
  terminal.Error(absl::StrCat(
      "warning: ", client.unreadable_count(),
      " deletion duties cannot be read, because what the server stored is "
      "damaged. Ask the operator"));
}

absl::StatusOr<Report> Duties(const ListOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::DutyClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto duties, client.ListOwn(options.all));
  WarnOf(client, session.terminal());
  return ForService(duties);
}

absl::StatusOr<Report> Acknowledge(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(
      const v1::DeletionDuty duty,
      client::DutyClient(*connection).Acknowledge(options.id));
  return Report{ToJson(duty), [](Terminal& terminal) {
                  terminal.Line("Acknowledged; the person sees it.");
                }};
}

absl::StatusOr<Report> Refuse(const RefuseOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(
      const v1::DeletionDuty duty,
      client::DutyClient(*connection)
          .Refuse(options.id, options.reason, options.explanation));
  return Report{ToJson(duty), [](Terminal& terminal) {
                  terminal.Line("Refused; the person sees ground and words.");
                }};
}

absl::StatusOr<Report> PersonDuties(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::DutyClient client(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto duties, client.ListOfPerson(options.id));
  WarnOf(client, session.terminal());
  return ForPerson(duties);
}

absl::StatusOr<Report> Overdue(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::DutyClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto services, client.ListOverdue());
  WarnOf(client, session.terminal());
  return Report{
      ToJsonArray(services), [services](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(services, [](const v1::OverdueService& one) -> Row {
              return {one.service_id(), one.organisation(),
                      absl::StrCat(one.overdue_count()),
                      Moment(one.oldest_due_time())};
            });
        terminal.Table({"service", "organisation", "overdue", "oldest due"},
                       rows);
      }};
}

}  // namespace

void AddServiceDutyCommands(CLI::App& group, Session& session) {
  auto [duties, which] = AddCommand<ListOptions>(
      group, session, "duties", "List what you must delete", Duties);
  duties->add_flag("--all", which->all, "answered ones too");
  auto [acknowledge, done] = AddCommand<OneId>(
      group, session, "acknowledge", "Confirm that you deleted", Acknowledge);
  acknowledge->add_option("duty", done->id)->required()->check(OfKind({"dty"}));
  auto [refuse, why] = AddCommand<RefuseOptions>(
      group, session, "refuse", "Keep the data on a legal ground", Refuse);
  refuse->add_option("duty", why->id)->required()->check(OfKind({"dty"}));
  refuse->add_option("--ground", why->reason, "paragraph of GDPR Art. 17")
      ->required()
      ->transform(NamedValue(Grounds()));
  refuse->add_option("--explanation", why->explanation, "for the person")
      ->required();
}

void AddPersonDutyCommands(CLI::App& group, Session& session) {
  auto [duties, which] =
      AddCommand<OneId>(group, session, "duties",
                        "Show who must delete what, and by when", PersonDuties);
  duties->add_option("--record", which->id, "only of this consent");
}

void AddAdminDutyCommands(CLI::App& group, Session& session) {
  AddCommand<None>(group, session, "overdue",
                   "Count the overdue deletions of each service", Overdue);
}

}  // namespace limpid::cli
