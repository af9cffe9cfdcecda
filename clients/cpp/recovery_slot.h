// The recovery slot of a person's sealed key as her device makes and opens it,
// and the voice that the key gives her. Formats only, written from the page and
// not shared with the server. docs/formats/key-slots.md, recovery.md

#ifndef LIMPID_CLIENTS_CPP_RECOVERY_SLOT_H_
#define LIMPID_CLIENTS_CPP_RECOVERY_SLOT_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "clients/cpp/sealing.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"

namespace limpid::client {

inline constexpr std::size_t kRecoveryKeyBytes = 32;

// A fresh one, for guardians or for paper.
base::SecretBytes MakeRecoveryKey(
    const SealedHome& home, const SealedKey& key,
    crypto::RandomSource& random = crypto::SystemRandom());

// What a slot keeps of its recovery key, so that whoever combines shares knows
// whether they are of it. Tells nothing about the key.
base::Digest32 RecoveryCommitment(const SealedHome& home,
                                  const base::SecretBytes& recovery_key);

// The body of a slot that opens with `recovery_key` (32 bytes).
base::Bytes RecoverySlotBody(const SealedHome& home, const SealedKey& key,
                             const base::ByteArray<16>& slot_id,
                             const base::SecretBytes& recovery_key);

// Opens what RecoverySlotBody made for this place. Whoever knows the recovery
// key made the slot: a server that does not cannot put another key in.
//
// Errors:
//   kInvalidArgument  the slot is of another recovery key.
//   kDataLoss         not such a slot, or not for this place; never says which.
absl::StatusOr<SealedKey> OpenRecoverySlot(
    const SealedHome& home, const SlotPlace& place, base::ByteView body,
    const base::SecretBytes& recovery_key);

// Who can sign with this can open the sealed key. The same in all slots of a
// key.
crypto::Ed25519PrivateKey VoiceOf(const SealedKey& key);

// Allows recoveries through the slot again after `number`.
crypto::Ed25519Signature SignAllow(const SealedHome& home, const SealedKey& key,
                                   const base::ByteArray<16>& slot_id,
                                   std::uint64_t number);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RECOVERY_SLOT_H_
