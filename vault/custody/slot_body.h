// The bodies of the slots that a person's devices make, as far as the server
// can judge them: shape, sizes, and the signature of a device slot. It opens
// none. docs/formats/key-slots.md

#ifndef LIMPID_VAULT_CUSTODY_SLOT_BODY_H_
#define LIMPID_VAULT_CUSTODY_SLOT_BODY_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "vault/keys/ids.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

// No body is longer: a device slot has 239 bytes, the longest of them.
inline constexpr std::size_t kMaxSlotBodyBytes = 512;

// Bounds of a passphrase slot, so that no forged one costs the person's device
// minutes, and no careless one is guessed in seconds: 19 MiB is the least that
// OWASP recommends for Argon2id, 4 GiB what libsodium allows.
inline constexpr std::uint32_t kMinPassphraseKib = 19'456;
inline constexpr std::uint32_t kMaxPassphraseKib = 4'194'303;
inline constexpr std::uint32_t kMaxPassphraseOperations = 16;

// Checks `body` as that of the slot `place`. `author` signs device slots.
//
// Errors:
//   kInvalidArgument  it is not of its kind, or the signature is not the
//                     author's over this slot; the message says which.
absl::Status CheckSlotBody(const SourceId& source, const SlotKey& place,
                           const crypto::KeyId& key_id, base::ByteView body,
                           const crypto::Ed25519PublicKey& author);

// What the server can read in the body of a recovery slot.
struct RecoveryBody {
  // To the recovery key.
  base::Digest32 commitment{};
  // Of the sealed key: whoever opens it can sign.
  crypto::Ed25519PublicKey voice;
};

// Errors:
//   kInvalidArgument  not the body of a recovery slot, or of version 1, which
//                     has no voice.
absl::StatusOr<RecoveryBody> ReadRecoveryBody(base::ByteView body);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CUSTODY_SLOT_BODY_H_
