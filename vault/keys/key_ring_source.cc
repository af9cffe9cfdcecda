#include "vault/keys/key_ring_source.h"

#include "common/base/status_macros.h"
#include "common/crypto/aead.h"

namespace limpid::vault {

std::uint32_t KeyRingSource::current_epoch() const {
  return ring_.current_epoch();
}

absl::StatusOr<base::SecretBytes> KeyRingSource::Kek(
    std::uint32_t epoch) const {
  LIMPID_ASSIGN_OR_RETURN(crypto::KeyEncryptionKey kek, ring_.Kek(epoch));
  return std::move(kek.key);
}

std::vector<std::uint32_t> KeyRingSource::epochs() const {
  return ring_.epochs();
}

absl::StatusOr<std::uint32_t> KeyRingSource::AddEpoch() {
  return ring_.AddEpoch();
}

absl::Status KeyRingSource::DestroyKek(std::uint32_t epoch) {
  return ring_.DestroyEpoch(epoch);
}

absl::StatusOr<base::SecretBytes> KeyRingSource::Named(std::string_view name) {
  return ring_.GetOrCreate(name, crypto::kAeadKeyBytes);
}

}  // namespace limpid::vault
