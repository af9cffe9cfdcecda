// limpid register ask, report-error, object, tickets and what publishers do
// with them.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/feedback_client.h"
#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct FileOptions {
  std::string id;
  std::string text;
  std::string field;
  std::int32_t version = 0;
};
struct TicketsOptions {
  std::string registration;
  std::string organisation;
  std::string state;
  bool figures = false;
  bool all = false;
};
struct TicketOptions {
  std::string ticket;
  std::string text;
  std::string secret_file;
  // Refused.
  std::string secret;
  std::string reason;
  std::int32_t act = 1;
};

const std::map<std::string, v1::TicketState>& States() {
  static const auto& states = *new std::map<std::string, v1::TicketState>{
      {"open", v1::TICKET_STATE_OPEN},
      {"answered", v1::TICKET_STATE_ANSWERED},
      {"closed", v1::TICKET_STATE_CLOSED},
      {"moderated", v1::TICKET_STATE_MODERATED},
      {"overdue", v1::TICKET_STATE_OVERDUE}};
  return states;
}

const std::map<std::string, v1::ModerationReason>& Reasons() {
  static const auto& reasons = *new std::map<std::string, v1::ModerationReason>{
      {"personal-data", v1::MODERATION_REASON_PERSONAL_DATA},
      {"abuse", v1::MODERATION_REASON_ABUSE},
      {"unlawful", v1::MODERATION_REASON_UNLAWFUL},
      {"spam", v1::MODERATION_REASON_SPAM}};
  return reasons;
}

template <typename Codes>
std::vector<std::string> NamesOf(const Codes& codes) {
  std::vector<std::string> out;
  for (const auto& [name, code] : codes) out.push_back(name);
  return out;
}

std::string StateName(v1::TicketState state) {
  return ShortName(v1::TicketState_Name(state), "TICKET_STATE_");
}

std::string KindName(v1::TicketKind kind) {
  return ShortName(v1::TicketKind_Name(kind), "TICKET_KIND_");
}

std::string TextOf(const v1::TicketAct& act) {
  if (act.text_state() == v1::TEXT_STATE_HIDDEN) return "(hidden)";
  if (act.text_state() == v1::TEXT_STATE_DESTROYED) {
    return "(held personal data; destroyed)";
  }
  return act.text();
}

void ShowTicket(const v1::Ticket& ticket, Terminal& terminal) {
  terminal.Facts({{"ticket", ticket.ticket_id()},
                  {"about", ticket.registration_id() + ticket.field()},
                  {"version", absl::StrCat(ticket.version())},
                  {"kind", KindName(ticket.kind())},
                  {"state", StateName(ticket.state())},
                  {"answer due", Moment(ticket.due_time())}});
  const std::vector<Row> rows =
      RowsOf(ticket.acts(), [](const v1::TicketAct& act) -> Row {
        std::string what =
            ShortName(v1::TicketActKind_Name(act.kind()), "TICKET_ACT_KIND_");
        if (act.reason() != v1::MODERATION_REASON_UNSPECIFIED) {
          what +=
              absl::StrCat(" of ", act.about_act(), ": ",
                           ShortName(v1::ModerationReason_Name(act.reason()),
                                     "MODERATION_REASON_"));
        }
        return {
            absl::StrCat(act.number()), Moment(act.time()),
            ShortName(v1::TicketAuthor_Name(act.author()), "TICKET_AUTHOR_"),
            what, TextOf(act)};
      });
  terminal.Table({"act", "time", "by", "what", "text"}, rows);
}

absl::StatusOr<Report> ReportOf(const absl::StatusOr<v1::Ticket>& ticket) {
  LIMPID_RETURN_IF_ERROR(ticket.status());
  return Report{ToJson(*ticket), [shown = *ticket](Terminal& terminal) {
                  ShowTicket(shown, terminal);
                }};
}

void ShowOpened(const v1::OpenTicketResponse& opened, Terminal& terminal) {
  ShowTicket(opened.ticket(), terminal);
  terminal.Facts({{"secret code", opened.secret_code()}});
  terminal.Line(
      "Keep the secret code in a file of your own if you want to add something "
      "or close the ticket (--secret-file): the register does not know who you "
      "are.");
  if (opened.ticket().kind() != v1::TICKET_KIND_OBJECTION) return;
  terminal.Line(
      "This objects to the use in general, in public. To a decision about "
      "yourself you object with the body that made it" +
      (opened.decision_channel().empty()
           ? std::string("; the registration does not say where.")
           : ": " + Clean(opened.decision_channel())));
}

absl::StatusOr<Report> File(v1::TicketKind kind, const FileOptions& options,
                            Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::FeedbackClient client(*connection);
  v1::OpenTicketRequest request;
  request.set_registration_id(options.id);
  request.set_version(options.version);
  request.set_field(options.field);
  request.set_kind(kind);
  request.set_text(options.text);
  LIMPID_ASSIGN_OR_RETURN(const v1::OpenTicketResponse opened,
                          client.Open(request));
  return Report{ToJson(opened),
                [opened](Terminal& terminal) { ShowOpened(opened, terminal); }};
}

absl::StatusOr<Report> Figures(const TicketsOptions& options,
                               client::FeedbackClient& client) {
  LIMPID_ASSIGN_OR_RETURN(const auto figures,
                          client.Figures(options.organisation));
  return Report{
      ToJson(figures), [figures](Terminal& terminal) {
        constexpr std::int64_t kHour = 3'600;
        terminal.Facts(
            {{"tickets", absl::StrCat(figures.ticket_count())},
             {"open", absl::StrCat(figures.open_count())},
             {"overdue", absl::StrCat(figures.overdue_count())},
             {"answered", absl::StrCat(figures.answered_count())},
             {"in time", absl::StrCat(figures.answered_in_time_count())},
             {"moderated", absl::StrCat(figures.moderated_count())},
             {"median hours to an answer",
              absl::StrCat(figures.median_answer_seconds() / kHour)}});
      }};
}

absl::StatusOr<Report> Tickets(const TicketsOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::FeedbackClient client(*connection);
  if (options.figures) return Figures(options, client);
  v1::ListTicketsRequest request;
  request.set_registration_id(options.registration);
  request.set_organisation_id(options.organisation);
  if (!options.state.empty()) request.set_state(States().at(options.state));
  std::vector<v1::Ticket> tickets;
  client::PageWalk walk(client::EmptyPage::kMayBeFollowed);
  bool more = true;
  do {
    LIMPID_ASSIGN_OR_RETURN(auto page, client.List(request));
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.tickets_size())));
    for (auto& one : *page.mutable_tickets()) tickets.push_back(std::move(one));
    request.set_page_token(page.next_page_token());
  } while (options.all && more);
  return Report{
      ToJsonArray(tickets), [tickets](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(tickets, [](const v1::Ticket& one) -> Row {
              return {one.ticket_id(),
                      KindName(one.kind()),
                      StateName(one.state()),
                      Moment(one.opened_time()),
                      one.registration_id() + one.field(),
                      one.acts_size() == 0 ? "" : TextOf(one.acts(0))};
            });
        terminal.Table({"ticket", "kind", "state", "opened", "about", "text"},
                       rows);
      }};
}

absl::StatusOr<Report> ShowOne(const TicketOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  return ReportOf(client::FeedbackClient(*connection).Get(options.ticket));
}

// The secret code of a ticket, without the line end of its file. Never from the
// command line, which everybody on the machine can list.
absl::StatusOr<std::string> SecretCode(const TicketOptions& options) {
  constexpr std::size_t kMaxBytes = 1'000;
  if (!options.secret.empty()) {
    return WrongUsage(absl::InvalidArgumentError(
        "--secret: everybody on this machine can read it there; write the code "
        "into a file and give --secret-file FILE, or - for standard input"));
  }
  if (options.secret_file.empty()) {
    return WrongUsage(
        absl::InvalidArgumentError("give --secret-file FILE, or -"));
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string text,
                          ReadTextFile(options.secret_file, kMaxBytes));
  return std::string(absl::StripAsciiWhitespace(text));
}

absl::StatusOr<Report> Remark(const TicketOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string secret, SecretCode(options));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  return ReportOf(client::FeedbackClient(*connection)
                      .Remark(options.ticket, secret, options.text));
}

absl::StatusOr<Report> CloseOne(const TicketOptions& options,
                                Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string secret, SecretCode(options));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  return ReportOf(
      client::FeedbackClient(*connection).Close(options.ticket, secret));
}

absl::StatusOr<Report> Answer(const TicketOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  return ReportOf(
      client::FeedbackClient(*connection).Answer(options.ticket, options.text));
}

absl::StatusOr<Report> Moderate(const TicketOptions& options,
                                Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  v1::ModerateTicketRequest request;
  request.set_ticket_id(options.ticket);
  request.set_act_number(options.act);
  request.set_reason(Reasons().at(options.reason));
  request.set_words(options.text);
  return ReportOf(client::FeedbackClient(*connection).Moderate(request));
}

absl::StatusOr<Report> Release(const TicketOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  v1::ReleaseTicketRequest request;
  request.set_ticket_id(options.ticket);
  request.set_act_number(options.act);
  request.set_words(options.text);
  return ReportOf(client::FeedbackClient(*connection).Release(request));
}

void AddFiling(CLI::App& group, Session& session, const std::string& name,
               const std::string& help, v1::TicketKind kind) {
  auto [command, options] = AddCommand<FileOptions>(
      group, session, name, help,
      [kind](const FileOptions& given, Session& running) {
        return File(kind, given, running);
      });
  command->add_option("id", options->id, "id of the registration")
      ->required()
      ->check(RegistrationId());
  command
      ->add_option("text", options->text,
                   "public at once: nothing about a person")
      ->required();
  command->add_option("--field", options->field, "such as /fields/goal");
  command->add_option("--version", options->version, "the version you read");
}

// Of the filer's commands.
void AddSecret(CLI::App& command, TicketOptions& options) {
  command.add_option("--secret-file", options.secret_file,
                     "file with the secret code; - for standard input");
  // Of the releases before; refused with what to do instead.
  command.add_option("--secret", options.secret)->group("");
}

void AddOfFiler(CLI::App& group, Session& session) {
  auto [show, which] = AddCommand<TicketOptions>(group, session, "ticket",
                                                 "Show a ticket", ShowOne);
  show->add_option("ticket", which->ticket)->required()->check(OfKind({"tkt"}));
  auto [remark, what] = AddCommand<TicketOptions>(
      group, session, "remark", "Add something to your ticket", Remark);
  remark->add_option("ticket", what->ticket)
      ->required()
      ->check(OfKind({"tkt"}));
  remark->add_option("text", what->text)->required();
  AddSecret(*remark, *what);
  auto [close, closed] = AddCommand<TicketOptions>(
      group, session, "close-ticket", "Close your ticket", CloseOne);
  close->add_option("ticket", closed->ticket)
      ->required()
      ->check(OfKind({"tkt"}));
  AddSecret(*close, *closed);
}

void AddOfPublisher(CLI::App& group, Session& session) {
  auto [answer, said] = AddCommand<TicketOptions>(
      group, session, "answer", "Answer a ticket, as its publisher", Answer);
  answer->add_option("ticket", said->ticket)
      ->required()
      ->check(OfKind({"tkt"}));
  answer->add_option("text", said->text)->required();
  auto [moderate, why] =
      AddCommand<TicketOptions>(group, session, "moderate",
                                "Hide a text, with a reason all see", Moderate);
  moderate->add_option("ticket", why->ticket)
      ->required()
      ->check(OfKind({"tkt"}));
  moderate->add_option("--reason", why->reason)
      ->required()
      ->check(CLI::IsMember(NamesOf(Reasons())));
  moderate->add_option("--words", why->text, "why, in public")->required();
  moderate->add_option("--act", why->act, "which text; 1 is the opening");
  auto [release, again] = AddCommand<TicketOptions>(
      group, session, "release", "Show a hidden text again", Release);
  release->add_option("ticket", again->ticket)
      ->required()
      ->check(OfKind({"tkt"}));
  release->add_option("--words", again->text, "why, in public")->required();
  release->add_option("--act", again->act, "which text; 1 is the opening");
}

}  // namespace

void AddFeedbackCommands(CLI::App& group, Session& session) {
  AddFiling(group, session, "ask", "Ask something about a registration",
            v1::TICKET_KIND_QUESTION);
  AddFiling(group, session, "report-error", "Report an error in a registration",
            v1::TICKET_KIND_ERROR);
  AddFiling(group, session, "object",
            "Object to an entry or a use in general, in public",
            v1::TICKET_KIND_OBJECTION);
  auto [list, filter] = AddCommand<TicketsOptions>(
      group, session, "tickets", "List tickets, the newest first", Tickets);
  list->add_option("--registration", filter->registration);
  auto* const organisation =
      list->add_option("--organisation", filter->organisation, "org_... id");
  list->add_option("--state", filter->state)
      ->check(CLI::IsMember(NamesOf(States())));
  list->add_flag("--all", filter->all, "every page");
  list->add_flag("--figures", filter->figures, "how the organisation answers")
      ->needs(organisation);
  AddOfFiler(group, session);
  AddOfPublisher(group, session);
}

}  // namespace limpid::cli
