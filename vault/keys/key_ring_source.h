// The KekSource of a server: its role's key ring.

#ifndef LIMPID_VAULT_KEYS_KEY_RING_SOURCE_H_
#define LIMPID_VAULT_KEYS_KEY_RING_SOURCE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "common/crypto/keyring.h"
#include "vault/keys/kek_source.h"

namespace limpid::vault {

class KeyRingSource final : public KekSource {
 public:
  // `ring` must outlive this object.
  explicit KeyRingSource(crypto::KeyRing& ring) : ring_(ring) {}

  [[nodiscard]] std::uint32_t current_epoch() const override;
  absl::StatusOr<base::SecretBytes> Kek(std::uint32_t epoch) const override;
  [[nodiscard]] std::vector<std::uint32_t> epochs() const override;
  absl::StatusOr<std::uint32_t> AddEpoch() override;
  absl::Status DestroyKek(std::uint32_t epoch) override;
  absl::StatusOr<base::SecretBytes> Named(std::string_view name) override;

 private:
  crypto::KeyRing& ring_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_KEY_RING_SOURCE_H_
