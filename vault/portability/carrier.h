// A row of a person as the line it is carried in. What an export writes and
// what an import compares with, so that the two cannot differ. Knows no page
// and no batch. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_CARRIER_H_
#define LIMPID_VAULT_PORTABILITY_CARRIER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/aead.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/slot_desk.h"
#include "vault/keyagent/dek_agent.h"
#include "vault/keys/key_store.h"
#include "vault/keys/key_tree.h"
#include "vault/portability/bundle_line.h"

namespace limpid::vault {

// What a row is under.
struct RowKeys {
  // Null for a sealed one.
  const PersonKey* assisted = nullptr;
  // Of a sealed one: see SealedKeyOf.
  std::optional<crypto::KeyId> sealed;
  // On whose word a value is opened; her own.
  DekAuthority authority = {};
};

// Names the sealed key of `generation`; `slots` are all of hers. None when no
// slot of it is there.
std::optional<crypto::KeyId> SealedKeyOf(std::span<const SlotRow> slots,
                                         std::uint32_t generation);

// The line of `row`, which is about `attribute`. The caller wipes it.
//
// Errors:
//   kDataLoss  the row does not open, or its schema is gone.
absl::StatusOr<std::string> LineOfRow(const VaultCore& core,
                                      const AttributeRow& row,
                                      std::string_view attribute,
                                      const RowKeys& keys);

// The line of a slot as SlotDesk lists it for `caller`.
std::string LineOfSlot(const VaultCore& core, const PersonCaller& caller,
                       Slot slot);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_CARRIER_H_
