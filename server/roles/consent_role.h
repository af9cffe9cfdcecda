// The consent role put together: stores, stop ledger, access log, domain,
// edges.

#ifndef LIMPID_SERVER_ROLES_CONSENT_ROLE_H_
#define LIMPID_SERVER_ROLES_CONSENT_ROLE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/ed25519.h"
#include "consent/consent.h"
#include "consent/ledger/ports.h"
#include "consent/service_key/key_directory.h"
#include "consent/training/algorithm_register.h"
#include "server/role_files.h"
#include "server/roles/role.h"

namespace limpid::server {

class ConsentRole : public Role {
 public:
  // Signs the keys of services, among others; known from the key ring before
  // the role starts.
  //
  // Errors: those of the key ring.
  virtual absl::StatusOr<crypto::Ed25519PublicKey> EvidenceKey() = 0;
  // Once, after OpenFiles. All must outlive the role. Without `keys`, the keys
  // of services are signed and wait for a register; without `algorithms`, no
  // snapshot is known to be sealed and no deployment to be registered.
  //
  // Errors: those of consent's start.
  virtual absl::Status Start(const consent::SystemDirectory& systems,
                             const consent::AttributeRanks& ranks,
                             consent::KeyDirectory* keys,
                             consent::AlgorithmRegister* algorithms) = 0;
  // What a vault in the same process asks. Lives as long as the role.
  [[nodiscard]] virtual consent::Consent& consent() = 0;
};

// `environment` must outlive the role.
std::unique_ptr<ConsentRole> MakeConsentRole(const Environment& environment,
                                             std::unique_ptr<RoleFiles> files);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_CONSENT_ROLE_H_
