#include "consent/rpc/decision_notice_rpc.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/validate.h"
#include "consent/decision_notice/decision_notice_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

// A notice has some 16 kB at most.
constexpr int kMaxNotices = 50;

absl::StatusOr<DecisionContent> ContentFromProto(
    const v1::DecisionContent& content) {
  DecisionContent out;
  LIMPID_ASSIGN_OR_RETURN(out.deployment,
                          rpc::ParseId<DeploymentId>("content.deployment_id",
                                                     content.deployment_id()));
  out.deployment_version = content.deployment_version();
  LIMPID_ASSIGN_OR_RETURN(
      const absl::Time decided,
      FromProto("content.decision_time", content.decision_time()));
  // As it is stored: a second call must say the same.
  out.decided = absl::FromUnixMillis(absl::ToUnixMillis(decided));
  out.inputs.assign(content.inputs().begin(), content.inputs().end());
  out.factors.assign(content.factors().begin(), content.factors().end());
  out.contact = content.contact();
  out.objection = content.objection();
  out.outcome = content.outcome();
  return out;
}

v1::DecisionNotice NoticeToProto(const DecisionNoticeView& view) {
  const DecisionNotice& notice = view.notice;
  v1::DecisionNotice out;
  out.set_notice_id(notice.id.Text());
  out.set_service_id(notice.service.Text());
  if (view.service != nullptr) out.set_organisation(view.service->organisation);
  out.set_record_id(notice.record.Text());
  *out.mutable_receive_time() = ToProto(notice.received);
  if (notice.acknowledged != absl::UnixEpoch()) {
    *out.mutable_acknowledge_time() = ToProto(notice.acknowledged);
  }
  v1::DecisionContent& content = *out.mutable_content();
  content.set_deployment_id(notice.content.deployment.Text());
  content.set_deployment_version(notice.content.deployment_version);
  *content.mutable_decision_time() = ToProto(notice.content.decided);
  for (const auto& name : notice.content.inputs) content.add_inputs(name);
  for (const auto& text : notice.content.factors) content.add_factors(text);
  content.set_contact(notice.content.contact);
  content.set_objection(notice.content.objection);
  content.set_outcome(notice.content.outcome);
  return out;
}

std::string TokenOf(const std::optional<DecisionNoticeCursor>& cursor) {
  if (!cursor) return "";
  base::ByteWriter out;
  out.U64(cursor->place).Raw(cursor->notice.bytes());
  return base::ToText(out.bytes());
}

absl::StatusOr<std::optional<DecisionNoticeCursor>> ParseToken(
    std::string_view token) {
  if (token.empty()) return std::optional<DecisionNoticeCursor>();
  base::ByteReader reader(base::AsBytes(token));
  DecisionNoticeCursor out;
  out.place = reader.U64();
  out.notice = DecisionNoticeId(reader.Array<16>());
  if (!reader.Finish().ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return std::optional<DecisionNoticeCursor>(out);
}

}  // namespace

ServiceDecisionNoticeRpc::ServiceDecisionNoticeRpc(rpc::Runtime& runtime,
                                                   rpc::AuthPolicy policy,
                                                   Consent& consent,
                                                   const base::Clock& clock)
    : edge_(rpc::EdgeOf<v1::ServiceDecisionNoticeService>(runtime, policy)),
      consent_(consent),
      clock_(clock) {}

grpc::ServerUnaryReactor* ServiceDecisionNoticeRpc::SendDecisionNotice(
    grpc::CallbackServerContext* context,
    const v1::SendDecisionNoticeRequest* request,
    v1::SendDecisionNoticeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(
            const RecordId record,
            rpc::ParseId<RecordId>("record_id", request->record_id()));
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckBytes("request_id", request->request_id(), 16));
        LIMPID_ASSIGN_OR_RETURN(
            const auto request_id,
            base::ToArray<16>(base::AsBytes(request->request_id())));
        LIMPID_ASSIGN_OR_RETURN(const DecisionContent content,
                                ContentFromProto(request->content()));
        if (!limiter_.Take(service->id, clock_.Monotonic())) {
          return absl::ResourceExhaustedError(
              "you sent too many notices within an hour; try again later");
        }
        LIMPID_ASSIGN_OR_RETURN(const DecisionNoticeId id,
                                DecisionNoticeDesk(consent_).Send(
                                    service->id, record, request_id, content));
        response->set_notice_id(id.Text());
        return absl::OkStatus();
      });
}

PersonDecisionNoticeRpc::PersonDecisionNoticeRpc(rpc::Runtime& runtime,
                                                 rpc::AuthPolicy policy,
                                                 Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonDecisionNoticeService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonDecisionNoticeRpc::ListDecisionNotices(
    grpc::CallbackServerContext* context,
    const v1::ListDecisionNoticesRequest* request,
    v1::ListDecisionNoticesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const int size,
            rpc::PageSize(request->page_size(), kMaxNotices, kMaxNotices));
        LIMPID_ASSIGN_OR_RETURN(const auto after,
                                ParseToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const DecisionNoticePage page,
            DecisionNoticeDesk(consent_).List(person, after,
                                              static_cast<std::size_t>(size)));
        for (const DecisionNoticeView& notice : page.notices) {
          *response->add_notices() = NoticeToProto(notice);
        }
        response->set_next_page_token(TokenOf(page.next));
        response->set_unreadable_count(
            static_cast<std::uint32_t>(page.unreadable));
        if (page.unreadable > 0) {
          rpc::Alarm(absl::DataLossError(
              "stored decision notices of a person do not open"));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonDecisionNoticeRpc::GetDecisionNotice(
    grpc::CallbackServerContext* context,
    const v1::GetDecisionNoticeRequest* request,
    v1::GetDecisionNoticeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const DecisionNoticeId id,
            rpc::ParseId<DecisionNoticeId>("notice_id", request->notice_id()));
        LIMPID_ASSIGN_OR_RETURN(const DecisionNoticeView notice,
                                DecisionNoticeDesk(consent_).Get(person, id));
        *response->mutable_notice() = NoticeToProto(notice);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonDecisionNoticeRpc::AcknowledgeDecisionNotice(
    grpc::CallbackServerContext* context,
    const v1::AcknowledgeDecisionNoticeRequest* request,
    v1::AcknowledgeDecisionNoticeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const DecisionNoticeId id,
            rpc::ParseId<DecisionNoticeId>("notice_id", request->notice_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const DecisionNoticeView notice,
            DecisionNoticeDesk(consent_).Acknowledge(person, id));
        *response->mutable_notice() = NoticeToProto(notice);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
