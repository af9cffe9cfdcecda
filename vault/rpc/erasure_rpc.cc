#include "vault/rpc/erasure_rpc.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"
#include "vault/rpc/holder_authenticator.h"

namespace limpid::vault {
namespace {

// Of a hold's text id.
constexpr std::string_view kHoldPrefix = "hol";
// An Ed25519 signature.
constexpr std::size_t kSignatureBytes = 64;
constexpr std::int64_t kNanosPerMilli = 1'000'000;

void Fill(const Erased& erased, v1::ErasureResult& out) {
  *out.mutable_erase_time() = ToProto(erased.time);
  out.set_value_count(erased.values);
  out.set_commitment(base::ToText(erased.commitment));
  *out.mutable_promised_by_time() = ToProto(erased.promised_by);
  out.set_certificate(base::ToText(erased.certificate));
}

v1::ErasureState StateToProto(FinalState state) {
  switch (state) {
    case FinalState::kWaiting:
      return v1::ERASURE_STATE_LIVE;
    case FinalState::kKeyStands:
      return v1::ERASURE_STATE_KEY_STANDS;
    case FinalState::kFinal:
      return v1::ERASURE_STATE_FINAL;
  }
  return v1::ERASURE_STATE_UNSPECIFIED;
}

void Fill(const CertificateView& view, v1::GetErasureCertificateResponse& out) {
  out.set_certificate(base::ToText(view.certificate));
  out.set_state(StateToProto(view.state));
  *out.mutable_final_not_before_time() = ToProto(view.facts.not_before());
  out.set_commitment(base::ToText(view.proof.commitment));
  out.set_opening(base::ToText(view.proof.disclosure));
  *out.mutable_promised_by_time() = ToProto(view.proof.promised_by);
  if (!view.proof.leaf) return;
  out.set_logged(true);
  out.set_leaf_index(view.proof.leaf->index);
  for (const base::Digest32& hash : view.proof.leaf->hashes) {
    out.add_inclusion_hashes(base::ToText(hash));
  }
  out.set_checkpoint(view.proof.leaf->checkpoint);
}

v1::HoldGround GroundToProto(HoldGround ground) {
  switch (ground) {
    case HoldGround::kExpression:
      return v1::HOLD_GROUND_EXPRESSION;
    case HoldGround::kObligation:
      return v1::HOLD_GROUND_OBLIGATION;
    case HoldGround::kPublicHealth:
      return v1::HOLD_GROUND_PUBLIC_HEALTH;
    case HoldGround::kArchive:
      return v1::HOLD_GROUND_ARCHIVE;
    case HoldGround::kLegalClaims:
      return v1::HOLD_GROUND_LEGAL_CLAIMS;
    case HoldGround::kRestriction:
      return v1::HOLD_GROUND_RESTRICTION;
  }
  return v1::HOLD_GROUND_UNSPECIFIED;
}

absl::StatusOr<HoldGround> GroundFromProto(v1::HoldGround ground) {
  switch (ground) {
    case v1::HOLD_GROUND_EXPRESSION:
      return HoldGround::kExpression;
    case v1::HOLD_GROUND_OBLIGATION:
      return HoldGround::kObligation;
    case v1::HOLD_GROUND_PUBLIC_HEALTH:
      return HoldGround::kPublicHealth;
    case v1::HOLD_GROUND_ARCHIVE:
      return HoldGround::kArchive;
    case v1::HOLD_GROUND_LEGAL_CLAIMS:
      return HoldGround::kLegalClaims;
    case v1::HOLD_GROUND_RESTRICTION:
      return HoldGround::kRestriction;
    case v1::HOLD_GROUND_UNSPECIFIED:
    case v1::HoldGround_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::HoldGround_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError("ground", "unknown value");
}

void Fill(const PlacedHold& placed, v1::Hold& out) {
  out.set_id(base::FormatIdText(kHoldPrefix, placed.id));
  out.set_ground(GroundToProto(placed.hold.ground));
  out.set_reason(placed.hold.reason);
  *out.mutable_place_time() = ToProto(placed.placed);
  if (placed.lifted) *out.mutable_lift_time() = ToProto(*placed.lifted);
}

absl::StatusOr<PersonErasure> FromProto(const v1::ErasePersonRequest& request) {
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckBytes("signature", request.signature(), kSignatureBytes));
  const auto& time = request.time();
  if (time.nanos() % kNanosPerMilli != 0) {
    return rpc::FieldError("time", "is not in milliseconds");
  }
  return PersonErasure{
      absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()),
      base::ToBytes(request.signature())};
}

}  // namespace

ErasureRpc::ErasureRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                       ErasureDesk& erasures, HoldDesk& holds)
    : edge_(rpc::EdgeOf<v1::ErasureService>(runtime, policy)),
      erasures_(erasures),
      holds_(holds) {}

grpc::ServerUnaryReactor* ErasureRpc::EraseAttribute(
    grpc::CallbackServerContext* context,
    const v1::EraseAttributeRequest* request,
    v1::EraseAttributeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request->attribute(),
                                              Definition::kMaxIdBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const Erased erased,
            erasures_.EraseAttribute(person, request->attribute()));
        Fill(erased, *response->mutable_result());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ErasureRpc::ErasePerson(
    grpc::CallbackServerContext* context, const v1::ErasePersonRequest* request,
    v1::ErasePersonResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const PersonErasure signed_request,
                                FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const Erased erased,
                                erasures_.ErasePerson(person, signed_request));
        Fill(erased, *response->mutable_result());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ErasureRpc::GetErasureCertificate(
    grpc::CallbackServerContext* context,
    const v1::GetErasureCertificateRequest* request,
    v1::GetErasureCertificateResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        if (request->attribute().empty()) {
          LIMPID_ASSIGN_OR_RETURN(const CertificateView view,
                                  erasures_.CertificateOfPerson(person));
          Fill(view, *response);
          return absl::OkStatus();
        }
        LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request->attribute(),
                                              Definition::kMaxIdBytes));
        if (request->version() == 0) {
          return rpc::FieldError("version", "must be 1 or more");
        }
        LIMPID_ASSIGN_OR_RETURN(
            const CertificateView view,
            erasures_.CertificateOfVersion(person, request->attribute(),
                                           request->version()));
        Fill(view, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ErasureRpc::ListHolds(
    grpc::CallbackServerContext* context,
    const v1::ListHoldsRequest* /*request*/, v1::ListHoldsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto holds, holds_.List(person.holder));
        response->set_holder_id(person.holder.Text());
        for (const PlacedHold& hold : holds) Fill(hold, *response->add_holds());
        return absl::OkStatus();
      });
}

HoldAdminRpc::HoldAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           HoldDesk& holds)
    : edge_(rpc::EdgeOf<v1::HoldAdminService>(runtime, policy)),
      holds_(holds) {}

grpc::ServerUnaryReactor* HoldAdminRpc::PlaceHold(
    grpc::CallbackServerContext* context, const v1::PlaceHoldRequest* request,
    v1::PlaceHoldResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const HolderId holder,
            rpc::ParseId<HolderId>("holder_id", request->holder_id()));
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckText("reason", request->reason(), Hold::kMaxReasonBytes));
        Hold hold;
        LIMPID_ASSIGN_OR_RETURN(hold.ground,
                                GroundFromProto(request->ground()));
        hold.reason = request->reason();
        LIMPID_ASSIGN_OR_RETURN(const PlacedHold placed,
                                holds_.Place(holder, hold));
        Fill(placed, *response->mutable_hold());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* HoldAdminRpc::LiftHold(
    grpc::CallbackServerContext* context, const v1::LiftHoldRequest* request,
    v1::LiftHoldResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        const auto id = base::ParseIdText(kHoldPrefix, request->hold_id());
        if (!id.ok()) return rpc::AtField("hold_id", id.status());
        LIMPID_ASSIGN_OR_RETURN(const PlacedHold lifted, holds_.Lift(*id));
        Fill(lifted, *response->mutable_hold());
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault
