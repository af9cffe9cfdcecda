#include "server/far_consent.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "server/listener_files.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxPemBytes = 64UL * 1024;

absl::StatusOr<std::string> ReadPem(const Config& config,
                                    std::string_view path) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes bytes,
      base::ReadFileBytes(config.Resolve(path), kMaxPemBytes));
  return base::ToText(bytes);
}

absl::StatusOr<crypto::Ed25519PublicKey> ReadKey(std::string_view name,
                                                 std::string_view text) {
  const auto bytes = base::Base64UrlDecode(text);
  crypto::Ed25519PublicKey out;
  const auto key = bytes.ok() ? base::ToArray<32>(*bytes) : bytes.status();
  if (!key.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(base::ToAbsl(name),
                     ": is not 32 bytes in base64url; limpid admin keys "
                     "on the consent server shows it"));
  }
  out.bytes = *key;
  return out;
}

}  // namespace

absl::StatusOr<FarConsent> ReadFarConsent(const Config& config) {
  FarConsent out;
  out.channel.address = config.vault_consent_address;
  LIMPID_ASSIGN_OR_RETURN(out.channel.ca_pem,
                          ReadPem(config, config.vault_consent_ca));
  LIMPID_ASSIGN_OR_RETURN(out.channel.certificate_pem,
                          ReadPem(config, config.vault_consent_certificate));
  LIMPID_RETURN_IF_ERROR(CheckKeptFromOthers(
      "the private key", config.Resolve(config.vault_consent_private_key)));
  LIMPID_ASSIGN_OR_RETURN(out.channel.private_key_pem,
                          ReadPem(config, config.vault_consent_private_key));
  LIMPID_ASSIGN_OR_RETURN(
      out.evidence_key,
      ReadKey("vault.consent_evidence_key", config.vault_consent_evidence_key));
  LIMPID_ASSIGN_OR_RETURN(
      out.token_key,
      ReadKey("vault.consent_token_key", config.vault_consent_token_key));
  return out;
}

}  // namespace limpid::server
