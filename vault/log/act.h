// An act of the vault (put, erase, key, admin) and the commitment that stands
// for it in the vault's public log. Pure. docs/formats/vault-log.md

#ifndef LIMPID_VAULT_LOG_ACT_H_
#define LIMPID_VAULT_LOG_ACT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Logged: append, never renumber. Numbers are those of
// limpid.vault.v1.VaultAct.
enum class ActKind : std::uint8_t {
  kPut = 1,
  kErase = 2,
  kKey = 3,
  kAdmin = 4,
  kSlotAdd = 5,
  kSlotRemove = 6,
  // A person's key was destroyed: one generation of it, or, with value version
  // 0, all of them with everything that was hers.
  kDestroy = 7,
  // Never in an act: a row that knows nothing of its act but the leaf, because
  // an older store was put back.
  kLost = 8,
  // The person began to export; value version: the act's time in milliseconds.
  kExport = 9,
  // A batch of an import; value version as above, body the bundle's SHA-256.
  kImport = 10,
  // The person moved to another operator: attribute its name, body its evidence
  // key, value version 1, 2, ... of her moves from here.
  kMove = 11,
  // She took the move of that value version back.
  kMoveBack = 12,
  // An epoch of key-encryption keys began, or its key was destroyed.
  kEpochStart = 13,
  kEpochEnd = 14,
  // Of recoveries through one slot of the sealed key; docs/formats/recovery.md.
  // The value version is the number of the recovery.
  kRecoveryStart = 15,
  kRecoveryCancel = 16,
  kRecoveryHandOut = 17,
  kRecoveryAllow = 18,
  // The person linked a source, or took the link back: attribute the source's
  // name, value version the act's time in milliseconds.
  kSourceLink = 19,
  kSourceUnlink = 20,
  // A version was sealed anew: another payload, the same value. A version has
  // as many as times that it was.
  kReseal = 21,
};

struct Act {
  ActKind kind = ActKind::kPut;
  // From 1 without gaps; the leaf's index is one less.
  std::uint64_t counter = 0;
  base::Digest32 previous_head{};
  // Zero: this writer keeps no map.
  base::Digest32 map_root{};
  SourceId source;
  HolderId holder;
  std::string attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t value_version = 0;
  crypto::KeyId key_id{};
  base::Digest32 body{};
  // Millisecond precision.
  absl::Time time;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one act, or an unknown kind.
  static absl::StatusOr<Act> Decode(base::ByteView bytes);

  friend bool operator==(const Act&, const Act&) = default;
};

// The commitment of an encoded act.
base::Digest32 CommitAct(const base::ByteArray<32>& opening,
                         base::ByteView encoded_act);

// The head after an act.
base::Digest32 NextHead(const base::Digest32& previous_head,
                        const base::Digest32& commitment);

// What the person is shown to check a leaf.
struct Disclosure {
  base::ByteArray<32> opening{};
  base::Bytes encoded_act;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one disclosure.
  static absl::StatusOr<Disclosure> Decode(base::ByteView bytes);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_LOG_ACT_H_
