// The copy of the tombstones outside the backup set: what an older copy of the
// stores has forgotten was erased. docs/formats/tombstone.md

#ifndef LIMPID_VAULT_ERASURE_TOMBSTONE_FILE_H_
#define LIMPID_VAULT_ERASURE_TOMBSTONE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "vault/keys/blind.h"
#include "vault/keys/tombstone.h"

namespace limpid::vault {

// Name of its 32-byte key in the ring.
inline constexpr std::string_view kTombstoneKeyName = "vault-tombstones";

// Used by one thread at a time.
class TombstoneFile {
 public:
  virtual ~TombstoneFile() = default;
  TombstoneFile(const TombstoneFile&) = delete;
  TombstoneFile& operator=(const TombstoneFile&) = delete;

  // Sequence of the last tombstone, 0 when there is none.
  [[nodiscard]] virtual std::uint64_t last() const = 0;
  // As crypto::ChainedFile has them. Once it has said OK, the stores know all
  // that is in it, and only the last tombstone is kept in memory.
  [[nodiscard]] virtual bool fresh() const = 0;
  virtual absl::Status Settle() = 0;
  // Tombstones after `after`, in order: of those that are kept in memory.
  [[nodiscard]] virtual std::vector<Tombstone> After(
      std::uint64_t after) const = 0;
  // Durable on return. Sequences go on from last(). After an error every later
  // call fails: what is on the disk is not known.
  //
  // Errors:
  //   kInvalidArgument  a sequence leaves a gap; nothing was written.
  //   kUnavailable      the disk failed.
  virtual absl::Status Append(std::span<const Tombstone> tombstones) = 0;

 protected:
  TombstoneFile() = default;
};

// Reads and checks all of it. Keeps in memory, some 60 bytes each, what the key
// store lacks: `known` is the sequence of its last one, and those from that one
// on are kept, and the last of the file in any case. There are more with every
// erasure, for ever.
//
// Errors: those of crypto::ChainedFile::Open.
absl::StatusOr<std::unique_ptr<TombstoneFile>> OpenTombstoneFile(
    const std::filesystem::path& path, base::SecretBytes key,
    const Blinder& blinder, std::uint64_t known = 0);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_TOMBSTONE_FILE_H_
