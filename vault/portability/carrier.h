// A row of a person as the line it is carried in. What an export writes and
// what an import compares with, so that the two cannot differ. Knows no page
// and no batch. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_CARRIER_H_
#define LIMPID_VAULT_PORTABILITY_CARRIER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/slot_desk.h"
#include "vault/portability/bundle_line.h"

namespace limpid::vault {

// The line of `row`, which is about `attribute`. `key` is the one it is wrapped
// under; null for a sealed one. The caller wipes the line. Reads no store, so
// that it serves inside a transaction too.
//
// Errors:
//   kDataLoss  the row does not open, or its schema is gone.
absl::StatusOr<std::string> LineOfRow(const VaultCore& core,
                                      const AttributeRow& row,
                                      std::string_view attribute,
                                      const PersonKey* key);

// The line of a slot as SlotDesk lists it for `caller`.
std::string LineOfSlot(const VaultCore& core, const PersonCaller& caller,
                       Slot slot);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_CARRIER_H_
