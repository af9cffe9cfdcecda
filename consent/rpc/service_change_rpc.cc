#include "consent/rpc/service_change_rpc.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/convert_service_key.h"

namespace limpid::consent {
namespace {

v1::ServiceLimits LimitsToProto(const ServiceLimits& limits) {
  v1::ServiceLimits out;
  for (const base::Digest32& key : limits.keys) {
    out.add_spki_thumbprints(ToProto(key));
  }
  for (const auto& name : limits.purposes) out.add_ceiling_purposes(name);
  for (const auto& name : limits.attributes) out.add_ceiling_attributes(name);
  for (const auto basis : limits.bases) {
    out.add_legal_bases(static_cast<v1::LegalBasis>(basis));
  }
  for (const ServicePublicKey& key : limits.public_keys) {
    *out.mutable_public_keys()->add_keys() = ToProto(key);
  }
  out.set_embargo_days_max(limits.embargo_days);
  return out;
}

absl::StatusOr<ServiceLimits> LimitsFromProto(const v1::ServiceLimits& limits) {
  ServiceLimits out;
  for (const std::string& thumbprint : limits.spki_thumbprints()) {
    LIMPID_RETURN_IF_ERROR(
        rpc::CheckBytes("limits.spki_thumbprints", thumbprint, 32));
    LIMPID_ASSIGN_OR_RETURN(const base::Digest32 key,
                            base::ToArray<32>(base::AsBytes(thumbprint)));
    out.keys.push_back(key);
  }
  out.purposes = {limits.ceiling_purposes().begin(),
                  limits.ceiling_purposes().end()};
  out.attributes = {limits.ceiling_attributes().begin(),
                    limits.ceiling_attributes().end()};
  for (const int basis : limits.legal_bases()) {
    if (basis == v1::LEGAL_BASIS_UNSPECIFIED ||
        !v1::LegalBasis_IsValid(basis)) {
      return rpc::FieldError("limits.legal_bases", "is not a legal basis");
    }
    out.bases.push_back(static_cast<receipt::LegalBasis>(basis));
  }
  LIMPID_ASSIGN_OR_RETURN(
      out.public_keys, FromProto("limits.public_keys", limits.public_keys()));
  out.embargo_days = limits.embargo_days_max();
  return out;
}

std::string KeyOrEmpty(const base::Digest32& key) {
  return key == base::Digest32{} ? std::string() : ToProto(key);
}

}  // namespace

v1::ServiceChange ToProto(const ServiceChange& change) {
  v1::ServiceChange out;
  out.set_change_id(change.id.Text());
  out.set_service_id(change.service.Text());
  // The numbers are the stored ones.
  out.set_state(static_cast<v1::ServiceChangeState>(change.state));
  *out.mutable_before() = LimitsToProto(change.before);
  *out.mutable_after() = LimitsToProto(change.after);
  out.set_reason(change.reason);
  out.set_proposed_by(KeyOrEmpty(change.proposed_by));
  out.set_approved_by(KeyOrEmpty(change.approved_by));
  out.set_cancelled_by(KeyOrEmpty(change.cancelled_by));
  *out.mutable_propose_time() = ToProto(change.proposed);
  if (change.effective != absl::UnixEpoch()) {
    *out.mutable_effective_time() = ToProto(change.effective);
  }
  return out;
}

ServiceChangeRpc::ServiceChangeRpc(rpc::Runtime& runtime,
                                   rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::ServiceChangeService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* ServiceChangeRpc::ProposeServiceChange(
    grpc::CallbackServerContext* context,
    const v1::ProposeServiceChangeRequest* request,
    v1::ProposeServiceChangeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckBytes("request_id", request->request_id(), 16));
        LIMPID_ASSIGN_OR_RETURN(
            const auto request_id,
            base::ToArray<16>(base::AsBytes(request->request_id())));
        ProposedChange wanted;
        wanted.administrator = caller.spki_thumbprint;
        LIMPID_ASSIGN_OR_RETURN(
            wanted.service,
            rpc::ParseId<ServiceId>("service_id", request->service_id()));
        LIMPID_ASSIGN_OR_RETURN(wanted.after,
                                LimitsFromProto(request->limits()));
        wanted.keep_public_keys = !request->limits().has_public_keys();
        wanted.keep_embargo = !request->limits().has_embargo_days_max();
        wanted.reason = request->reason();
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceChange change,
            consent_.ProposeServiceChange(request_id, wanted));
        *response->mutable_change() = ToProto(change);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServiceChangeRpc::ApproveServiceChange(
    grpc::CallbackServerContext* context,
    const v1::ApproveServiceChangeRequest* request,
    v1::ApproveServiceChangeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceChangeId id,
            rpc::ParseId<ServiceChangeId>("change_id", request->change_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceChange change,
            consent_.ApproveServiceChange(caller.spki_thumbprint, id));
        *response->mutable_change() = ToProto(change);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServiceChangeRpc::CancelServiceChange(
    grpc::CallbackServerContext* context,
    const v1::CancelServiceChangeRequest* request,
    v1::CancelServiceChangeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceChangeId id,
            rpc::ParseId<ServiceChangeId>("change_id", request->change_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceChange change,
            consent_.CancelServiceChange(caller.spki_thumbprint, id));
        *response->mutable_change() = ToProto(change);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
