#include "algoregister/rpc/feedback_rpc.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/rpc/convert.h"
#include "common/base/bytes.h"
#include "common/base/peer.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;
constexpr std::string_view kPageLabel = "limpid-register-tickets-page/1";

// The numbers of wire and domain are the same.
template <typename To, typename From>
To Renumbered(From value) {
  return static_cast<To>(static_cast<int>(value));
}

v1::TicketAct ToProto(const TicketAct& act) {
  v1::TicketAct out;
  out.set_number(static_cast<std::int32_t>(act.number));
  out.set_kind(Renumbered<v1::TicketActKind>(act.kind));
  out.set_author(Renumbered<v1::TicketAuthor>(act.author));
  *out.mutable_time() = algoregister::ToProto(act.time);
  if (act.text_state == TextState::kShown) out.set_text(act.text);
  out.set_text_state(Renumbered<v1::TextState>(act.text_state));
  out.set_about_act(static_cast<std::int32_t>(act.about));
  out.set_reason(Renumbered<v1::ModerationReason>(act.reason));
  return out;
}

absl::StatusOr<TicketId> ReadTicketId(std::string_view text) {
  return rpc::ParseId<TicketId>("ticket_id", text);
}

absl::StatusOr<std::uint32_t> ReadActNumber(std::int32_t number) {
  if (number < 0) return rpc::FieldError("act_number", "must not be negative");
  return number == 0 ? 1U : static_cast<std::uint32_t>(number);
}

absl::StatusOr<TicketFilter> ReadFilter(const v1::ListTicketsRequest& request,
                                        absl::Time now) {
  TicketFilter out;
  if (!request.registration_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        out.registration, ReadId("registration_id", request.registration_id()));
  }
  if (!request.organisation_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(out.organisation,
                            ReadId("organisation_id", request.organisation_id(),
                                   RegistrationKind::kOrganisation));
  }
  if (!v1::TicketState_IsValid(request.state())) {
    return rpc::FieldError("state", "unknown");
  }
  if (request.state() == v1::TICKET_STATE_OVERDUE) {
    out.state = TicketState::kOpen;
    out.due_before = now;
  } else if (request.state() != v1::TICKET_STATE_UNSPECIFIED) {
    out.state = Renumbered<TicketState>(request.state());
  }
  return out;
}

absl::StatusOr<std::optional<TicketCursor>> ReadCursor(std::string_view token) {
  if (token.empty()) return std::optional<TicketCursor>();
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kPageLabel);
  TicketCursor out;
  out.opened = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  const auto id = base::ToArray<base::kIdBytes>(reader.Raw(base::kIdBytes));
  if (!reader.Finish().ok() || !id.ok()) {
    return rpc::FieldError("page_token", "malformed");
  }
  out.id = TicketId(*id);
  return std::optional(out);
}

std::string ToCursor(const Ticket& last) {
  base::ByteWriter token(kPageLabel);
  return base::ToText(
      token.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(last.opened)))
          .Raw(last.id.bytes())
          .bytes());
}

// Fills `response` with what a desk answers.
template <typename Response>
absl::Status Show(const absl::StatusOr<Ticket>& ticket, absl::Time now,
                  Response& response) {
  LIMPID_RETURN_IF_ERROR(ticket.status());
  *response.mutable_ticket() = PublicTicket(*ticket, now);
  return absl::OkStatus();
}

}  // namespace

v1::Ticket PublicTicket(const Ticket& ticket, absl::Time now) {
  v1::Ticket out;
  out.set_ticket_id(ticket.id.Text());
  out.set_registration_id(ticket.registration.Text());
  out.set_version(static_cast<std::int32_t>(ticket.version));
  out.set_field(ticket.field);
  out.set_kind(Renumbered<v1::TicketKind>(ticket.kind));
  out.set_state(Renumbered<v1::TicketState>(StateAt(ticket.standing, now)));
  *out.mutable_opened_time() = algoregister::ToProto(ticket.opened);
  *out.mutable_due_time() = algoregister::ToProto(ticket.standing.due);
  for (const TicketAct& act : ticket.acts) *out.add_acts() = ToProto(act);
  out.set_act_count(static_cast<std::int32_t>(ticket.standing.act_count));
  if (ticket.organisation) {
    out.set_organisation_id(ticket.organisation->Text());
  }
  return out;
}

grpc::ServerUnaryReactor* FeedbackRpc::OpenTicket(
    grpc::CallbackServerContext* context, const v1::OpenTicketRequest* request,
    v1::OpenTicketResponse* response) {
  return rpc::Unary(
      edge_, context,
      [=, this, client = base::ClientOf(context->peer())](const rpc::Caller&) {
        return Open(client, *request, *response);
      });
}

absl::Status FeedbackRpc::Open(const std::string& client,
                               const v1::OpenTicketRequest& request,
                               v1::OpenTicketResponse& response) {
  NewTicket ticket;
  LIMPID_ASSIGN_OR_RETURN(ticket.registration,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(ticket.version,
                          ReadVersion("version", request.version()));
  ticket.field = request.field();
  if (request.kind() == v1::TICKET_KIND_UNSPECIFIED ||
      !v1::TicketKind_IsValid(request.kind())) {
    return rpc::FieldError("kind",
                           "must be a question, an error or an "
                           "objection");
  }
  ticket.kind = Renumbered<TicketKind>(request.kind());
  ticket.text = request.text();
  LIMPID_RETURN_IF_ERROR(desk_.CheckOpen(ticket));
  LIMPID_RETURN_IF_ERROR(limit_.Take(client));
  LIMPID_ASSIGN_OR_RETURN(const OpenedTicket opened, desk_.Open(ticket));
  *response.mutable_ticket() = PublicTicket(opened.ticket, desk_.Now());
  response.set_secret_code(opened.secret_code);
  response.set_decision_channel(opened.decision_channel);
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* FeedbackRpc::GetTicket(
    grpc::CallbackServerContext* context, const v1::GetTicketRequest* request,
    v1::GetTicketResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const TicketId id,
                                ReadTicketId(request->ticket_id()));
        return Show(tickets_.Get(id), desk_.Now(), *response);
      });
}

grpc::ServerUnaryReactor* FeedbackRpc::ListTickets(
    grpc::CallbackServerContext* context, const v1::ListTicketsRequest* request,
    v1::ListTicketsResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return List(*request, *response);
  });
}

absl::Status FeedbackRpc::List(const v1::ListTicketsRequest& request,
                               v1::ListTicketsResponse& response) const {
  const absl::Time now = desk_.Now();
  LIMPID_ASSIGN_OR_RETURN(const TicketFilter filter, ReadFilter(request, now));
  LIMPID_ASSIGN_OR_RETURN(const std::optional<TicketCursor> after,
                          ReadCursor(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const auto limit = static_cast<std::size_t>(size);
  LIMPID_ASSIGN_OR_RETURN(std::vector<Ticket> tickets,
                          tickets_.List(filter, after, limit + 1));
  const bool more = tickets.size() > limit;
  if (more) tickets.pop_back();
  for (const Ticket& ticket : tickets) {
    *response.add_tickets() = PublicTicket(ticket, now);
  }
  if (more) response.set_next_page_token(ToCursor(tickets.back()));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* FeedbackRpc::AddRemark(
    grpc::CallbackServerContext* context, const v1::AddRemarkRequest* request,
    v1::AddRemarkResponse* response) {
  return rpc::Unary(
      edge_, context,
      [=, this, client = base::ClientOf(context->peer())](const rpc::Caller&) {
        return Remark(client, *request, *response);
      });
}

absl::Status FeedbackRpc::Remark(const std::string& client,
                                 const v1::AddRemarkRequest& request,
                                 v1::AddRemarkResponse& response) {
  LIMPID_ASSIGN_OR_RETURN(const TicketId id, ReadTicketId(request.ticket_id()));
  LIMPID_RETURN_IF_ERROR(
      desk_.CheckRemark(id, request.secret_code(), request.text()));
  LIMPID_RETURN_IF_ERROR(limit_.Take(client));
  return Show(desk_.Remark(id, request.secret_code(), request.text()),
              desk_.Now(), response);
}

grpc::ServerUnaryReactor* FeedbackRpc::CloseTicket(
    grpc::CallbackServerContext* context, const v1::CloseTicketRequest* request,
    v1::CloseTicketResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const TicketId id,
                                ReadTicketId(request->ticket_id()));
        return Show(desk_.Close(id, request->secret_code()), desk_.Now(),
                    *response);
      });
}

grpc::ServerUnaryReactor* FeedbackRpc::GetFeedbackFigures(
    grpc::CallbackServerContext* context,
    const v1::GetFeedbackFiguresRequest* request,
    v1::GetFeedbackFiguresResponse* response) {
  return rpc::Unary(
      edge_, context,
      [=, this, client = base::ClientOf(context->peer())](
          const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const RegistrationId organisation,
            ReadId("organisation_id", request->organisation_id(),
                   RegistrationKind::kOrganisation));
        const AnswerPlace place(figures_, client);
        LIMPID_RETURN_IF_ERROR(place.status());
        LIMPID_ASSIGN_OR_RETURN(const FeedbackFigures figures,
                                desk_.Figures(organisation));
        const auto count = [](std::uint64_t number) {
          return static_cast<std::int64_t>(number);
        };
        response->set_ticket_count(count(figures.tickets));
        response->set_open_count(count(figures.open));
        response->set_overdue_count(count(figures.overdue));
        response->set_answered_count(count(figures.answered));
        response->set_answered_in_time_count(count(figures.answered_in_time));
        response->set_moderated_count(count(figures.moderated));
        response->set_median_answer_seconds(absl::ToInt64Seconds(
            figures.median_answer.value_or(absl::ZeroDuration())));
        return absl::OkStatus();
      });
}

absl::StatusOr<DeskCaller> FeedbackDeskRpc::WhoCalls(
    const rpc::Caller& caller) const {
  if (caller.administrator) return DeskCaller{};
  const auto publisher = publishers_.FindByCertificate(caller.spki_thumbprint);
  if (absl::IsNotFound(publisher.status())) {
    return absl::PermissionDeniedError(
        "the certificate belongs to no publisher");
  }
  LIMPID_RETURN_IF_ERROR(publisher.status());
  return DeskCaller{.publisher = publisher->id};
}

grpc::ServerUnaryReactor* FeedbackDeskRpc::AnswerTicket(
    grpc::CallbackServerContext* context,
    const v1::AnswerTicketRequest* request,
    v1::AnswerTicketResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const DeskCaller who, WhoCalls(caller));
        LIMPID_ASSIGN_OR_RETURN(const TicketId id,
                                ReadTicketId(request->ticket_id()));
        return Show(desk_.Answer(who, id, request->text()), desk_.Now(),
                    *response);
      });
}

grpc::ServerUnaryReactor* FeedbackDeskRpc::ModerateTicket(
    grpc::CallbackServerContext* context,
    const v1::ModerateTicketRequest* request,
    v1::ModerateTicketResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const DeskCaller who, WhoCalls(caller));
        LIMPID_ASSIGN_OR_RETURN(const TicketId id,
                                ReadTicketId(request->ticket_id()));
        Moderation moderation;
        LIMPID_ASSIGN_OR_RETURN(moderation.act,
                                ReadActNumber(request->act_number()));
        if (!v1::ModerationReason_IsValid(request->reason())) {
          return rpc::FieldError("reason", "unknown");
        }
        moderation.reason = Renumbered<ModerationReason>(request->reason());
        moderation.words = request->words();
        return Show(desk_.Moderate(who, id, moderation), desk_.Now(),
                    *response);
      });
}

grpc::ServerUnaryReactor* FeedbackDeskRpc::ReleaseTicket(
    grpc::CallbackServerContext* context,
    const v1::ReleaseTicketRequest* request,
    v1::ReleaseTicketResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const DeskCaller who, WhoCalls(caller));
        LIMPID_ASSIGN_OR_RETURN(const TicketId id,
                                ReadTicketId(request->ticket_id()));
        LIMPID_ASSIGN_OR_RETURN(const std::uint32_t act,
                                ReadActNumber(request->act_number()));
        return Show(desk_.Release(who, id, act, request->words()), desk_.Now(),
                    *response);
      });
}

}  // namespace limpid::algoregister
