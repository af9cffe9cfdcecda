// Who makes a call, as the channel shows it: a verified client certificate, or
// a token in the call's metadata. Nothing here is read from a request message.
// Plain values; knows no gRPC type.

#ifndef LIMPID_COMMON_RPC_CALLER_H_
#define LIMPID_COMMON_RPC_CALLER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::rpc {

enum class CallerKind { kAnonymous, kCertificate, kToken };

// A caller that shows a certificate is kCertificate even when a token came too:
// the stronger one counts, and a service cannot pose as a person.
struct Caller {
  CallerKind kind = CallerKind::kAnonymous;
  // SHA-256 of the certificate's SubjectPublicKeyInfo; kCertificate only.
  base::Digest32 spki_thumbprint{};
  // The certificate was issued by the administrators' CA.
  bool administrator = false;
  // After `authorization: Bearer `, unchecked unless `person` is set.
  std::string bearer_token;
  // The metadata `limpid-proof`, unchecked unless `person` is set.
  std::string proof;
  // Full method path of the call, "/limpid.consent.v1.PersonService/GetRecord".
  std::string method;
  // What the PersonAuthenticator answered (its own id bytes); empty unless the
  // policy is Person.
  base::Bytes person;
};

// Verifies a person's token for one role. Implemented by consent (account
// tokens) and vault (source tokens with a proof).
//
// Thread-safe. May block: it runs on the runtime's worker threads.
class PersonAuthenticator {
 public:
  virtual ~PersonAuthenticator() = default;
  // Returns the role's own id of the person as bytes. Consumes the token: a
  // second call with the same one fails.
  //
  // Errors:
  //   kUnauthenticated  the token is missing, malformed, outlived, replayed,
  //                     made for another audience or method, or by a key that
  //                     no account knows. Never says which.
  virtual absl::StatusOr<base::Bytes> Authenticate(std::string_view token,
                                                   std::string_view proof,
                                                   std::string_view method) = 0;

 protected:
  PersonAuthenticator() = default;
  PersonAuthenticator(const PersonAuthenticator&) = default;
  PersonAuthenticator& operator=(const PersonAuthenticator&) = default;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_CALLER_H_
