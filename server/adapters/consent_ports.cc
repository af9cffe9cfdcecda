#include "server/adapters/consent_ports.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/keyring.h"
#include "common/tlog/log.h"
#include "common/tlog/proof.h"

namespace limpid::server {

absl::StatusOr<std::uint64_t> TlogAccessLog::Append(
    std::span<const base::Bytes> entries) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::Log::Appended appended,
                          log_.Append(entries));
  return appended.first_index;
}

absl::StatusOr<std::string> TlogAccessLog::Prove(std::uint64_t index) const {
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof, log_.Prove(index));
  return tlog::FormatProof(proof);
}

absl::StatusOr<base::SecretBytes> ConsentKeks::Kek(std::uint32_t epoch) const {
  LIMPID_ASSIGN_OR_RETURN(crypto::KeyEncryptionKey kek, ring_.Kek(epoch));
  return std::move(kek.key);
}

bool VaultAttributeRanks::IsOrdinary(std::string_view attribute) const {
  const vault::Catalogue* const catalogue = catalogue_;
  if (catalogue == nullptr) return false;
  const auto entry = catalogue->Find(attribute, /*schema_version=*/0);
  return entry.ok() &&
         (*entry)->definition.sensitivity == vault::Sensitivity::kOrdinary;
}

}  // namespace limpid::server
