// The attributes a new vault knows. Data, not code: administrators add their
// own.

#ifndef LIMPID_VAULT_ATTRIBUTE_STARTER_CATALOGUE_H_
#define LIMPID_VAULT_ATTRIBUTE_STARTER_CATALOGUE_H_

#include <vector>

#include "vault/attribute/definition.h"

namespace limpid::vault {

// In order of id, each with schema version 1.
std::vector<Definition> StarterCatalogue();

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_STARTER_CATALOGUE_H_
