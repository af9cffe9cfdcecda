// Who may call a service: a required constructor argument of every gRPC service
// of ours, checked by common/rpc before the handler runs.

#ifndef LIMPID_COMMON_RPC_AUTH_POLICY_H_
#define LIMPID_COMMON_RPC_AUTH_POLICY_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/rpc/caller.h"

namespace limpid::rpc {

// What goes beside each answer to an authenticated person, in the trailing
// metadata kAnswerStampKey. Thread-safe; runs on the worker threads after the
// handler, and may block.
class AnswerStamp {
 public:
  virtual ~AnswerStamp() = default;
  AnswerStamp(const AnswerStamp&) = delete;
  AnswerStamp& operator=(const AnswerStamp&) = delete;

  // Nothing is added when it is empty.
  virtual base::Bytes For(const Caller& caller) = 0;

 protected:
  AnswerStamp() = default;
};
inline constexpr std::string_view kAnswerStampKey = "limpid-log-head-bin";

// A value; copies refer to the same authenticator and stamp, which must outlive
// them.
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
  // A client certificate of either CA. The handler looks at
  // Caller::administrator.
  static AuthPolicy Certificate() { return {Kind::kCertificate, nullptr}; }
  // A person with a token that `authenticator` accepts. Unary answers to her,
  // errors too, carry what `stamp` makes, when it is not null.
  static AuthPolicy Person(PersonAuthenticator& authenticator,
                           AnswerStamp* stamp = nullptr) {
    AuthPolicy out(Kind::kPerson, &authenticator);
    out.stamp_ = stamp;
    return out;
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

  // Null for none.
  [[nodiscard]] AnswerStamp* stamp() const { return stamp_; }

 private:
  enum class Kind {
    kPublic,
    kService,
    kAdministrator,
    kCertificate,
    kPerson,
    kNewPerson,
  };
  AuthPolicy(Kind kind, PersonAuthenticator* authenticator)
      : kind_(kind), authenticator_(authenticator) {}

  Kind kind_;
  PersonAuthenticator* authenticator_;
  AnswerStamp* stamp_ = nullptr;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_AUTH_POLICY_H_
