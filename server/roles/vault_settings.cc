#include "server/roles/vault_settings.h"

#include <cstdint>

#include "common/base/bytes.h"

namespace limpid::server {

vault::Retention RetentionOf(const Config& config) {
  return {static_cast<std::uint32_t>(config.vault_backup_days),
          static_cast<std::uint32_t>(config.vault_wal_archive_days),
          static_cast<std::uint32_t>(config.vault_snapshot_days),
          static_cast<std::uint32_t>(config.vault_epoch_days)};
}

vault::PersonLimits LimitsOf(const Config& config) {
  constexpr unsigned kMib = 20;
  return {static_cast<std::uint64_t>(config.vault_person_versions),
          static_cast<std::uint64_t>(config.vault_person_mib) << kMib};
}

crypto::Suite SuiteOf(const Config& config) {
  return config.vault_suite == static_cast<int>(crypto::Suite::kAes256Gcm)
             ? crypto::Suite::kAes256Gcm
             : crypto::Suite::kXChaCha20Poly1305;
}

vault::SuiteRotation::Alarm AlarmOn(Logger& log) {
  return [&log](const crypto::KeyId& row) {
    log.Write(
        Severity::kError,
        "a stored value does not open, is not what its act says or cannot be "
        "stored, and was not sealed anew",
        {{"row", base::HexEncode(row)}});
  };
}

}  // namespace limpid::server
