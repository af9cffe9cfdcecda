// gRPC edge of accounts and of the public keys: who is calling, translate, one
// domain call, translate.

#ifndef LIMPID_CONSENT_RPC_ACCOUNT_RPC_H_
#define LIMPID_CONSENT_RPC_ACCOUNT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "consent/identity/person_tokens.h"
#include "limpid/consent/v1/account_service.grpc.pb.h"

namespace limpid::consent {

// CreateAccount under AuthPolicy::NewPerson, because it verifies the token with
// the key in the request; every other call under AuthPolicy::Person.
class AccountRpc final : public v1::AccountService::CallbackService {
 public:
  // Everything must outlive the service.
  AccountRpc(rpc::Runtime& runtime, rpc::AuthPolicy new_person,
             rpc::AuthPolicy person, Consent& consent, PersonTokens& tokens);

  grpc::ServerUnaryReactor* CreateAccount(
      grpc::CallbackServerContext* context,
      const v1::CreateAccountRequest* request,
      v1::CreateAccountResponse* response) override;
  grpc::ServerUnaryReactor* GetAccount(
      grpc::CallbackServerContext* context,
      const v1::GetAccountRequest* request,
      v1::GetAccountResponse* response) override;
  grpc::ServerUnaryReactor* ListSources(
      grpc::CallbackServerContext* context,
      const v1::ListSourcesRequest* request,
      v1::ListSourcesResponse* response) override;
  grpc::ServerUnaryReactor* IssueSourceToken(
      grpc::CallbackServerContext* context,
      const v1::IssueSourceTokenRequest* request,
      v1::IssueSourceTokenResponse* response) override;
  grpc::ServerUnaryReactor* EraseAccount(
      grpc::CallbackServerContext* context,
      const v1::EraseAccountRequest* request,
      v1::EraseAccountResponse* response) override;

 private:
  rpc::Edge edge_;
  rpc::Edge person_edge_;
  Consent& consent_;
  PersonTokens& tokens_;
};

// Under AuthPolicy::Public: names the operator's keys.
class EvidenceKeyRpc final : public v1::EvidenceKeyService::CallbackService {
 public:
  // Everything must outlive the service.
  EvidenceKeyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                 Consent& consent);

  grpc::ServerUnaryReactor* GetEvidenceKeys(
      grpc::CallbackServerContext* context,
      const v1::GetEvidenceKeysRequest* request,
      v1::GetEvidenceKeysResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_ACCOUNT_RPC_H_
