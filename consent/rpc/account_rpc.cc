#include "consent/rpc/account_rpc.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/identity/account_erasure_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kMaxTextBytes = 65'536;

absl::StatusOr<receipt::SignedAccountErasure> FromProto(
    const v1::EraseAccountRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText(
      "canonical_json", request.canonical_json(), kMaxTextBytes));
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("signature", request.signature(), 64));
  receipt::SignedAccountErasure out;
  out.canonical_json = request.canonical_json();
  LIMPID_ASSIGN_OR_RETURN(
      out.signature, base::ToArray<64>(base::AsBytes(request.signature())));
  return out;
}

}  // namespace

AccountRpc::AccountRpc(rpc::Runtime& runtime, rpc::AuthPolicy new_person,
                       rpc::AuthPolicy person, Consent& consent,
                       PersonTokens& tokens)
    : edge_(rpc::EdgeOf<v1::AccountService>(runtime, new_person)),
      person_edge_(rpc::EdgeOf<v1::AccountService>(runtime, person)),
      consent_(consent),
      tokens_(tokens) {}

grpc::ServerUnaryReactor* AccountRpc::CreateAccount(
    grpc::CallbackServerContext* context,
    const v1::CreateAccountRequest* request,
    v1::CreateAccountResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("public_key",
                                               request->public_key(),
                                               crypto::kEd25519PublicKeyBytes));
        LIMPID_ASSIGN_OR_RETURN(const auto key,
                                crypto::Ed25519PublicKey::FromBytes(
                                    base::AsBytes(request->public_key())));
        LIMPID_RETURN_IF_ERROR(
            tokens_.VerifyPossession(caller.bearer_token, caller.method, key));
        LIMPID_ASSIGN_OR_RETURN(const AccountView account,
                                consent_.CreateAccount(key));
        *response->mutable_account() = ToProto(account);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountRpc::GetAccount(
    grpc::CallbackServerContext* context,
    const v1::GetAccountRequest* /*request*/,
    v1::GetAccountResponse* response) {
  return rpc::Unary(person_edge_, context,
                    [=, this](const rpc::Caller& caller) -> absl::Status {
                      LIMPID_ASSIGN_OR_RETURN(const PersonId person,
                                              PersonOf(caller));
                      LIMPID_ASSIGN_OR_RETURN(const AccountView account,
                                              consent_.GetAccount(person));
                      *response->mutable_account() = ToProto(account);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* AccountRpc::ListSources(
    grpc::CallbackServerContext* context,
    const v1::ListSourcesRequest* /*request*/,
    v1::ListSourcesResponse* response) {
  return rpc::Unary(person_edge_, context,
                    [=, this](const rpc::Caller& caller) -> absl::Status {
                      LIMPID_ASSIGN_OR_RETURN(const PersonId person,
                                              PersonOf(caller));
                      LIMPID_ASSIGN_OR_RETURN(const auto sources,
                                              consent_.ListSources(person));
                      for (const SourceView& source : sources)
                        *response->add_sources() = ToProto(source);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* AccountRpc::IssueSourceToken(
    grpc::CallbackServerContext* context,
    const v1::IssueSourceTokenRequest* request,
    v1::IssueSourceTokenResponse* response) {
  return rpc::Unary(
      person_edge_, context,
      [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const SourceId source,
            rpc::ParseId<SourceId>("source_id", request->source_id()));
        LIMPID_ASSIGN_OR_RETURN(const SourceTokenView token,
                                consent_.IssueSourceToken(person, source));
        response->set_token(token.token);
        *response->mutable_expire_time() = ToProto(token.expires);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountRpc::EraseAccount(
    grpc::CallbackServerContext* context,
    const v1::EraseAccountRequest* request,
    v1::EraseAccountResponse* response) {
  return rpc::Unary(
      person_edge_, context,
      [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto erasure, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(
            const BegunErasure begun,
            AccountErasureDesk(consent_).Erase(person, erasure));
        *response->mutable_erase_time() = ToProto(begun.time);
        response->set_proof(ToProto(begun.proof.Encode()));
        response->set_finished(begun.finished);
        response->set_unreadable_count(
            static_cast<std::uint32_t>(begun.unreadable_count));
        return absl::OkStatus();
      });
}

EvidenceKeyRpc::EvidenceKeyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                               Consent& consent)
    : edge_(rpc::EdgeOf<v1::EvidenceKeyService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* EvidenceKeyRpc::GetEvidenceKeys(
    grpc::CallbackServerContext* context,
    const v1::GetEvidenceKeysRequest* /*request*/,
    v1::GetEvidenceKeysResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        response->set_operator_(consent_.operator_name());
        response->set_evidence_key(ToProto(consent_.evidence_key().bytes));
        response->set_token_key(ToProto(consent_.token_key().bytes));
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
