#include "server/adapters/consent_ports.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/keyring.h"
#include "common/json/json.h"
#include "common/tlog/log.h"
#include "common/tlog/proof.h"
#include "vault/forms/derivation.h"

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

absl::Status VaultAttributeRanks::CheckDerivation(
    std::string_view attribute, std::string_view derivation,
    std::string_view parameters) const {
  if (!vault::IsDerivation(derivation)) {
    return absl::InvalidArgumentError(
        "no vault of this release makes this derivation; docs/derivations.md "
        "lists those there are");
  }
  LIMPID_ASSIGN_OR_RETURN(const json::Value json,
                          json::ParseStrict(parameters));
  const absl::Status fits = vault::CheckParameters(derivation, json);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters_json: ", fits.message()));
  }
  const vault::Catalogue* const catalogue = catalogue_;
  if (catalogue == nullptr) return absl::OkStatus();
  const auto entry = catalogue->Find(attribute, /*schema_version=*/0);
  if (!entry.ok()) return absl::OkStatus();
  const std::vector<std::string>& known = (*entry)->definition.derivations;
  if (std::find(known.begin(), known.end(), derivation) == known.end()) {
    return absl::InvalidArgumentError(
        "the catalogue does not let this be derived from the attribute");
  }
  return absl::OkStatus();
}

}  // namespace limpid::server
