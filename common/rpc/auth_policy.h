// Who may call a service: a required constructor argument of every gRPC service
// of ours, checked by common/rpc before the handler runs.

#ifndef LIMPID_COMMON_RPC_AUTH_POLICY_H_
#define LIMPID_COMMON_RPC_AUTH_POLICY_H_

#include "absl/status/status.h"
#include "common/rpc/caller.h"

namespace limpid::rpc {

// A value; copies refer to the same authenticator, which must outlive them.
class AuthPolicy {
 public:
  // Anybody, with or without identity: the register's read side, its feedback
  // and what names the operator. Nothing else.
  static AuthPolicy Public() { return {Kind::kPublic, nullptr}; }
  // A client certificate of the client CA: services, publishers, sources. Which
  // of them it is, and what it may do, the domain decides by the thumbprint.
  static AuthPolicy Service() { return {Kind::kService, nullptr}; }
  // A client certificate of the administrators' CA.
  static AuthPolicy Administrator() { return {Kind::kAdministrator, nullptr}; }
  // A person with a token that `authenticator` accepts.
  static AuthPolicy Person(PersonAuthenticator& authenticator) {
    return {Kind::kPerson, &authenticator};
  }
  // A bearer token that nobody has checked yet: account creation, where the
  // handler verifies it with the key in the request.
  static AuthPolicy NewPerson() { return {Kind::kNewPerson, nullptr}; }

  // Decides whether `caller` may go on, and fills `caller.person` under Person.
  //
  // Errors:
  //   kUnauthenticated   the caller did not show what the policy asks for.
  //   kPermissionDenied  the caller showed another kind of identity.
  absl::Status Check(Caller& caller) const;

  // Check may block on a store; it must not run on a gRPC thread.
  [[nodiscard]] bool may_block() const { return authenticator_ != nullptr; }

 private:
  enum class Kind { kPublic, kService, kAdministrator, kPerson, kNewPerson };
  AuthPolicy(Kind kind, PersonAuthenticator* authenticator)
      : kind_(kind), authenticator_(authenticator) {}

  Kind kind_;
  PersonAuthenticator* authenticator_;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_AUTH_POLICY_H_
