// The sources of the vault role put together: from the file that names them to
// connectors with threads of their own.

#ifndef LIMPID_SERVER_ROLES_VAULT_SOURCES_H_
#define LIMPID_SERVER_ROLES_VAULT_SOURCES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/roles/role.h"
#include "vault/connectors/source_fetcher.h"
#include "vault/connectors/source_set.h"
#include "vault/core.h"
#include "vault/log/publisher.h"

namespace limpid::server {

class VaultSources {
 public:
  virtual ~VaultSources() = default;
  VaultSources(const VaultSources&) = delete;
  VaultSources& operator=(const VaultSources&) = delete;

  // Both live as long as this.
  [[nodiscard]] virtual const vault::SourceSet& set() const = 0;
  virtual vault::SourceFetcher& fetcher() = 0;
  // Ends what is asked and answers what waits, which needs whoever asked; then
  // nobody is asked any more. May be called again.
  virtual void Stop() = 0;

 protected:
  VaultSources() = default;
};

// All must outlive what is returned.
//
// Errors:
//   kInvalidArgument     the file of sources; names file, source and key.
//   kNotFound            a file that it names.
//   kFailedPrecondition  a private key or secret that everybody may read.
absl::StatusOr<std::unique_ptr<VaultSources>> OpenVaultSources(
    const Environment& environment, vault::VaultCore& core,
    const vault::ActPublisher& publisher);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_VAULT_SOURCES_H_
