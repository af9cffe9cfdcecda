// Associated data: what every envelope of the vault is bound to. One layout for
// all kinds; a field that a kind does not use stays zero.
// docs/formats/aad.md

#ifndef LIMPID_VAULT_KEYS_AAD_H_
#define LIMPID_VAULT_KEYS_AAD_H_

#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Stored: append, never renumber.
enum class AadKind : std::uint8_t {
  kValue = 1,
  kDekWrap = 2,
  kSlot = 3,
  kLabel = 4,
  kOpening = 5,
  kCopyKey = 6,
  kGrantCopy = 7,
  kHold = 8,
  kCertificate = 9,
  kOrigin = 10,
  kCopyKeyOfRow = 11,
  kSourceLink = 12,
  // Of a person's own slots, with the slot's id.
  kNamedSlot = 13,
};

// A view: `operator_name` and `attribute` must outlive it.
struct Aad {
  AadKind kind = AadKind::kValue;
  // Number of a crypto::Suite; 0 only as input of a hedged key.
  std::uint8_t suite = 0;
  std::string_view operator_name;
  HolderId holder;
  std::string_view attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t value_version = 0;
  crypto::KeyId key_id{};
  std::uint32_t generation = 0;
  std::uint32_t epoch = 0;
  Custody custody = Custody::kAssisted;
  // Number of a SlotKind, 0 outside slots.
  std::uint8_t slot_kind = 0;
  std::uint32_t chunk = 0;
  bool last = true;

  [[nodiscard]] base::Bytes Encode() const;
};

// The suite byte of an envelope, for its Aad; 0 when it is empty. Opening the
// envelope authenticates it.
inline std::uint8_t SuiteByte(base::ByteView envelope) {
  return envelope.empty() ? std::uint8_t{0} : envelope.front();
}

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_AAD_H_
