// The port through which the key tree reaches the server's key ring. It knows
// epochs and names, not how keys are kept.

#ifndef LIMPID_VAULT_KEYS_KEK_SOURCE_H_
#define LIMPID_VAULT_KEYS_KEK_SOURCE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::vault {

// Names of the vault's own 32-byte keys in the ring.
inline constexpr std::string_view kIndexKeyName = "vault-index";
inline constexpr std::string_view kActsKeyName = "vault-acts";
inline constexpr std::string_view kOriginsKeyName = "vault-origins";
inline constexpr std::string_view kStatisticsKeyName = "vault-statistics";
// Seed of the Ed25519 key that signs attested answers and nothing else.
inline constexpr std::string_view kAnswersKeyName = "vault-answers";

// Thread-safe.
class KekSource {
 public:
  virtual ~KekSource() = default;
  KekSource(const KekSource&) = delete;
  KekSource& operator=(const KekSource&) = delete;

  // The epoch new slots are wrapped under, from 1.
  [[nodiscard]] virtual std::uint32_t current_epoch() const = 0;

  // A copy of KEK[epoch], 32 bytes.
  //
  // Errors:
  //   kNotFound  the epoch never was, or its key was destroyed.
  virtual absl::StatusOr<base::SecretBytes> Kek(std::uint32_t epoch) const = 0;

  // Epochs whose keys stand, ascending.
  [[nodiscard]] virtual std::vector<std::uint32_t> epochs() const = 0;

  // Starts the next epoch and returns it; durable on return.
  virtual absl::StatusOr<std::uint32_t> AddEpoch() = 0;

  // Destroys the key of an earlier epoch: gone, durably, on return. Whatever is
  // still wrapped under it is lost.
  //
  // Errors, after which it stands:
  //   kNotFound            as Kek.
  //   kFailedPrecondition  it is the current one.
  //   kUnavailable         the disk failed.
  virtual absl::Status DestroyKek(std::uint32_t epoch) = 0;

  // A copy of the 32-byte key `name`, random and durable from its first use
  // on.
  virtual absl::StatusOr<base::SecretBytes> Named(std::string_view name) = 0;

 protected:
  KekSource() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_KEK_SOURCE_H_
