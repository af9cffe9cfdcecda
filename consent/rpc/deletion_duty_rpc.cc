#include "consent/rpc/deletion_duty_rpc.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/validate.h"
#include "consent/duty/duty_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

std::string DutyToken(const std::optional<DutyCursor>& cursor) {
  if (!cursor) return "";
  base::ByteWriter out;
  out.Raw(cursor->record.bytes()).U64(cursor->sequence);
  return base::ToText(out.bytes());
}

absl::StatusOr<std::optional<DutyCursor>> ParseDutyToken(
    std::string_view token) {
  if (token.empty()) return std::optional<DutyCursor>();
  base::ByteReader reader(base::AsBytes(token));
  DutyCursor out;
  out.record = RecordId(reader.Array<16>());
  out.sequence = reader.U64();
  if (!reader.Finish().ok() || out.sequence > INT64_MAX) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return std::optional<DutyCursor>(out);
}

void FillTimes(const Duty& duty, v1::DeletionDuty& out) {
  *out.mutable_open_time() = ToProto(duty.opens);
  *out.mutable_due_time() = ToProto(duty.due);
  if (!IsUnanswered(duty.state)) {
    *out.mutable_answer_time() = ToProto(duty.answered);
  }
}

}  // namespace

// States, causes and reasons are append-only lists with the same numbers on
// both sides.
v1::DeletionDuty ToProto(const DutyView& view) {
  const Duty& duty = view.duty;
  v1::DeletionDuty out;
  out.set_duty_id(duty.id.Text());
  out.set_state(static_cast<v1::DutyState>(duty.state));
  out.set_cause(static_cast<v1::DutyCause>(duty.cause));
  out.set_record_id(duty.record.Text());
  out.set_revision(duty.revision);
  out.set_service_id(duty.service.Text());
  if (view.service != nullptr) {
    out.set_organisation(view.service->organisation);
  }
  out.set_pseudonym(ToProto(duty.pseudonym));
  out.set_agreement_id(duty.agreement.Text());
  out.set_agreement_version(duty.agreement_version);
  for (const std::string& attribute : duty.attributes) {
    out.add_attributes(attribute);
  }
  FillTimes(duty, out);
  if (duty.refusal) {
    out.set_refusal_reason(static_cast<v1::RefusalReason>(*duty.refusal));
  }
  out.set_explanation(duty.explanation);
  return out;
}

DeletionDutyRpc::DeletionDutyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                                 Consent& consent)
    : edge_(rpc::EdgeOf<v1::DeletionDutyService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* DeletionDutyRpc::ListDeletionDuties(
    grpc::CallbackServerContext* context,
    const v1::ListDeletionDutiesRequest* request,
    v1::ListDeletionDutiesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t after,
                                ParseNumberToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(const DutyPage page,
                                DutyDesk(consent_).ListServiceDuties(
                                    service->id, request->include_answered(),
                                    after, static_cast<std::size_t>(size)));
        for (const DutyView& duty : page.duties) {
          *response->add_duties() = ToProto(duty);
        }
        response->set_next_page_token(NumberToken(page.next_after));
        response->set_unreadable_count(
            static_cast<std::uint32_t>(page.unreadable));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeletionDutyRpc::AcknowledgeDeletion(
    grpc::CallbackServerContext* context,
    const v1::AcknowledgeDeletionRequest* request,
    v1::AcknowledgeDeletionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(
            const DutyId duty,
            rpc::ParseId<DutyId>("duty_id", request->duty_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const DutyView answered,
            DutyDesk(consent_).AcknowledgeDeletion(service->id, duty));
        *response->mutable_duty() = ToProto(answered);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeletionDutyRpc::RefuseDeletion(
    grpc::CallbackServerContext* context,
    const v1::RefuseDeletionRequest* request,
    v1::RefuseDeletionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(
            const DutyId duty,
            rpc::ParseId<DutyId>("duty_id", request->duty_id()));
        // An unknown number must not become a known one on its way to a byte.
        if (!v1::RefusalReason_IsValid(request->reason())) {
          return rpc::FieldError("reason", "is not a known ground");
        }
        LIMPID_ASSIGN_OR_RETURN(
            const DutyView answered,
            DutyDesk(consent_).RefuseDeletion(
                service->id, duty,
                static_cast<RefusalReason>(request->reason()),
                request->explanation()));
        *response->mutable_duty() = ToProto(answered);
        return absl::OkStatus();
      });
}

PersonDutyRpc::PersonDutyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                             Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonDutyService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonDutyRpc::ListDuties(
    grpc::CallbackServerContext* context, const v1::ListDutiesRequest* request,
    v1::ListDutiesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        std::optional<RecordId> record;
        if (!request->record_id().empty()) {
          LIMPID_ASSIGN_OR_RETURN(
              record,
              rpc::ParseId<RecordId>("record_id", request->record_id()));
        }
        constexpr int kMost = static_cast<int>(kMaxPersonDuties);
        LIMPID_ASSIGN_OR_RETURN(
            const int size, rpc::PageSize(request->page_size(), kMost, kMost));
        LIMPID_ASSIGN_OR_RETURN(const auto after,
                                ParseDutyToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const PersonDutyPage page,
            DutyDesk(consent_).ListDuties(person, record, after,
                                          static_cast<std::size_t>(size)));
        for (const DutyView& duty : page.duties) {
          *response->add_duties() = ToProto(duty);
        }
        response->set_next_page_token(DutyToken(page.next));
        response->set_unreadable_count(
            static_cast<std::uint32_t>(page.unreadable));
        return absl::OkStatus();
      });
}

DutyAdminRpc::DutyAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           Consent& consent)
    : edge_(rpc::EdgeOf<v1::DutyAdminService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* DutyAdminRpc::ListOverdueDuties(
    grpc::CallbackServerContext* context,
    const v1::ListOverdueDutiesRequest* /*request*/,
    v1::ListOverdueDutiesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const OverdueCount overdue,
                                DutyDesk(consent_).ListOverdueDuties());
        response->set_unreadable_count(
            static_cast<std::uint32_t>(overdue.unreadable));
        for (const OverdueDuties& one : overdue.services) {
          v1::OverdueService& out = *response->add_services();
          out.set_service_id(one.service.Text());
          if (one.known != nullptr) {
            out.set_organisation(one.known->organisation);
          }
          out.set_overdue_count(one.count);
          *out.mutable_oldest_due_time() = ToProto(one.oldest);
        }
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
