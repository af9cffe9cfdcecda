// A tombstone: the decision that something of a person is erased, which must
// outlive every copy of the stores. Values only. docs/formats/tombstone.md

#ifndef LIMPID_VAULT_KEYS_TOMBSTONE_H_
#define LIMPID_VAULT_KEYS_TOMBSTONE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "vault/keys/blind.h"

namespace limpid::vault {

// Stored: append, never renumber.
enum class TombstoneKind : std::uint8_t {
  // One version of one attribute.
  kVersion = 1,
  // Everything of a person.
  kPerson = 2,
};

struct Tombstone {
  // From 1 without gaps, in one vault.
  std::uint64_t sequence = 0;
  TombstoneKind kind = TombstoneKind::kVersion;
  Owner owner;
  // The row of the version: random, so that a version that an older store
  // gives out again is not taken for it. Zero for a person.
  crypto::KeyId row{};
  // Milliseconds since 1970.
  std::int64_t time_ms = 0;

  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

inline constexpr std::size_t kTombstoneBytes = 8 + 1 + 16 + 16 + 8;

// The body of an entry of the tombstone file. It names the holder alone; her
// shard follows from the vault's index key.
base::Bytes EncodeTombstone(const Tombstone& tombstone);
// Errors:
//   kDataLoss  not exactly one tombstone of a known kind.
absl::StatusOr<Tombstone> DecodeTombstone(base::ByteView body,
                                          const Blinder& blinder);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_TOMBSTONE_H_
