#include "vault/core.h"

#include <utility>

#include "common/base/status_macros.h"

namespace limpid::vault {

VaultCore::VaultCore(const KeyTreeOptions& options, Environment environment,
                     base::SecretBytes index_key, base::SecretBytes acts_key)
    : environment_(environment),
      keys_(options, environment.keys, environment.key_store,
            environment.random),
      blinder_(std::move(index_key)),
      codec_(options.identity, options.suite, environment.random),
      acts_(options.identity, options.suite, std::move(acts_key),
            environment.random),
      usage_(environment.limits) {}

absl::StatusOr<std::unique_ptr<VaultCore>> VaultCore::Open(
    const KeyTreeOptions& options, Environment environment) {
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes index_key,
                          environment.keys.Named(kIndexKeyName));
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes acts_key,
                          environment.keys.Named(kActsKeyName));
  std::unique_ptr<VaultCore> core(new VaultCore(
      options, environment, std::move(index_key), std::move(acts_key)));
  LIMPID_ASSIGN_OR_RETURN(
      core->catalogue_,
      Catalogue::Load(environment.store, core->acts_, environment.clock.Now()));
  return core;
}

}  // namespace limpid::vault
