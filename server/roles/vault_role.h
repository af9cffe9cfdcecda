// The vault role put together: stores, key tree, log, gate, edges.

#ifndef LIMPID_SERVER_ROLES_VAULT_ROLE_H_
#define LIMPID_SERVER_ROLES_VAULT_ROLE_H_

#include <memory>

#include "absl/status/status.h"
#include "common/crypto/ed25519.h"
#include "server/role_files.h"
#include "server/roles/role.h"
#include "vault/attribute/catalogue.h"
#include "vault/gate/consent_gate.h"

namespace limpid::server {

// What the vault needs of consent. The gate outlives the role.
struct VaultTrust {
  vault::ConsentGate& gate;
  // Signs permits.
  crypto::Ed25519PublicKey evidence_key;
  // Signs source tokens.
  crypto::Ed25519PublicKey token_key;
};

class VaultRole : public Role {
 public:
  // Once, after OpenFiles.
  //
  // Errors: those of the vault's start.
  virtual absl::Status Start(const VaultTrust& trust) = 0;
  // Once started.
  [[nodiscard]] virtual const vault::Catalogue& catalogue() = 0;
};

// `environment` must outlive the role.
std::unique_ptr<VaultRole> MakeVaultRole(const Environment& environment,
                                         std::unique_ptr<RoleFiles> files);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_VAULT_ROLE_H_
