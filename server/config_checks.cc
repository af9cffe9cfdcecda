#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "server/config.h"
#include "server/config_fields.h"
#include "server/key_operator.h"
#include "server/known_operator.h"
#include "server/remote_source.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxOperatorBytes = 253;
// Of a public key, X25519 or Ed25519.
constexpr std::size_t kKeyBytes = 32;

absl::Status Refused(std::string_view field, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(field), ": ", base::ToAbsl(why)));
}

absl::Status CheckRoles(const Config& config) {
  if (config.roles.empty()) return Refused("roles", "names no role");
  for (auto at = config.roles.begin(); at != config.roles.end(); ++at) {
    if (*at != kConsentRole && *at != kVaultRole && *at != kRegisterRole) {
      return Refused(
          "roles",
          absl::StrCat("'", *at, "' is no role: consent, vault or register"));
    }
    if (std::find(config.roles.begin(), at, *at) != at) {
      return Refused("roles", absl::StrCat("names ", *at, " twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAddress(std::string_view field, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  int port = -1;
  constexpr int kMaxPort = 65'535;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > kMaxPort) {
    return Refused(field, "is not host:port");
  }
  return absl::OkStatus();
}

struct NamedText {
  std::string_view name;
  const std::string& value;
};

absl::Status CheckPresent(std::span<const NamedText> fields) {
  for (const NamedText& field : fields) {
    if (field.value.empty()) return Refused(field.name, "is missing");
  }
  return absl::OkStatus();
}

// A public key in base64url.
bool IsKey(const std::string& text) {
  const auto key = base::Base64UrlDecode(text);
  return key.ok() && key->size() == kKeyBytes;
}

// All of it or nothing of it.
absl::Status CheckFarConsent(const Config& config) {
  const std::array<NamedText, 5> keys = {
      {{"vault.consent_ca", config.vault_consent_ca},
       {"vault.consent_certificate", config.vault_consent_certificate},
       {"vault.consent_private_key", config.vault_consent_private_key},
       {"vault.consent_evidence_key", config.vault_consent_evidence_key},
       {"vault.consent_token_key", config.vault_consent_token_key}}};
  const bool far = config.HasRole(kVaultRole) && !config.HasRole(kConsentRole);
  if (!far && !config.vault_consent_address.empty()) {
    return Refused("vault.consent_address",
                   "is for a vault without consent in the same process");
  }
  if (!far) return absl::OkStatus();
  if (config.vault_consent_address.empty()) {
    return Refused("roles",
                   "a vault needs the consent role in the same process, or "
                   "vault.consent_address");
  }
  LIMPID_RETURN_IF_ERROR(
      CheckAddress("vault.consent_address", config.vault_consent_address));
  LIMPID_RETURN_IF_ERROR(CheckPresent(keys));
  for (const NamedText& key : std::span(keys).last<2>()) {
    if (!IsKey(key.value)) {
      return Refused(key.name,
                     "is not 32 bytes in base64url; limpid admin keys on the "
                     "consent server shows it");
    }
  }
  return absl::OkStatus();
}

// The same for a register that consent publishes keys in.
absl::Status CheckFarRegister(const Config& config) {
  if (config.consent_register_address.empty()) return absl::OkStatus();
  if (!config.HasRole(kConsentRole) || config.HasRole(kRegisterRole)) {
    return Refused("consent.register_address",
                   "is for consent without the register in the same process");
  }
  LIMPID_RETURN_IF_ERROR(CheckAddress("consent.register_address",
                                      config.consent_register_address));
  const std::array<NamedText, 3> fields = {
      {{"consent.register_ca", config.consent_register_ca},
       {"consent.register_certificate", config.consent_register_certificate},
       {"consent.register_private_key", config.consent_register_private_key}}};
  return CheckPresent(fields);
}

absl::Status CheckSources(const Config& config) {
  for (const std::string& text : config.consent_sources) {
    LIMPID_RETURN_IF_ERROR(ParseRemoteSource(text).status());
  }
  for (const std::string& text : config.consent_known_operators) {
    LIMPID_RETURN_IF_ERROR(ParseKnownOperator(text).status());
  }
  for (const std::string& text : config.register_key_operators) {
    LIMPID_RETURN_IF_ERROR(ParseKeyOperator(text).status());
  }
  return ParseAuditors(config.consent_auditors).status();
}

absl::Status CheckRootToken(const Config& config) {
  if (!config.root_key_file.empty()) {
    return Refused("root_key",
                   "names a file and a module: set file = \"\" when a token "
                   "has the key");
  }
  const std::array<NamedText, 3> fields = {
      {{"root_key.module", config.root_key_module},
       {"root_key.token", config.root_key_token},
       {"root_key.pin_file", config.root_key_pin_file}}};
  return CheckPresent(fields);
}

absl::Status CheckRootFile(const Config& config) {
  if (!config.root_key_module.empty()) {
    return Refused("root_key.kind", "is file, though a module is named");
  }
  if (config.root_key_file.empty()) {
    return Refused("root_key", "names neither a file nor a module");
  }
  if (config.root_key_token.empty() && config.root_key_pin_file.empty()) {
    return absl::OkStatus();
  }
  return Refused("root_key.module", "is missing, though a token is named");
}

absl::Status CheckRootShares(const Config& config) {
  if (!config.root_key_file.empty() || !config.root_key_module.empty()) {
    return Refused("root_key",
                   "names shares and a file or a module: set file = \"\" and "
                   "module = \"\" when operators have shares of the key");
  }
  const std::int64_t threshold = config.root_key_share_threshold;
  const std::int64_t count = config.root_key_share_count;
  if (threshold < 1 || threshold > count || (threshold == 1 && count > 1)) {
    return Refused("root_key.share_threshold",
                   "is not 2 to share_count, nor 1 of a single share");
  }
  const auto commitment = base::HexDecode(config.root_key_share_commitment);
  if (commitment.ok() && commitment->size() == base::Digest32{}.size()) {
    return absl::OkStatus();
  }
  return Refused("root_key.share_commitment", "is not 64 hex digits");
}

// One place, and all that it needs.
absl::Status CheckRootKey(const Config& config) {
  const std::string_view kind = RootKeyKind(config);
  if (kind == kRootKeyShares) return CheckRootShares(config);
  if (kind != kRootKeyFile && kind != kRootKeyToken) {
    return Refused("root_key.kind", "is not file, token or shares");
  }
  if (config.root_key_share_count != 0 ||
      !config.root_key_share_commitment.empty()) {
    return Refused("root_key.kind", "is not shares, though shares are named");
  }
  return kind == kRootKeyToken ? CheckRootToken(config) : CheckRootFile(config);
}

// A host name: it goes into log names and token audiences.
absl::Status CheckOperator(const Config& config) {
  const std::string& name = config.operator_name;
  const bool allowed = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
  });
  if (allowed && name.size() <= kMaxOperatorBytes) return absl::OkStatus();
  return Refused("operator", "is not a host name in lower case");
}

absl::Status CheckKeyAgent(const Config& config) {
  if (config.vault_key_agent.empty() && config.vault_key_agent_key.empty()) {
    return absl::OkStatus();
  }
  const std::array<NamedText, 2> fields = {
      {{"vault.key_agent", config.vault_key_agent},
       {"vault.key_agent_key", config.vault_key_agent_key}}};
  LIMPID_RETURN_IF_ERROR(CheckPresent(fields));
  if (config.HasRole(kConsentRole)) {
    return Refused("vault.key_agent",
                   "is for a vault without consent in the same process, which "
                   "could sign itself what the agent asks for");
  }
  if (IsKey(config.vault_key_agent_key)) return absl::OkStatus();
  return Refused("vault.key_agent_key", "is not 32 bytes in base64url");
}

absl::Status CheckVault(const Config& config) {
  if (!config.HasRole(kVaultRole)) return absl::OkStatus();
  if (!base::ParseIdText("src", config.vault_source_id).ok()) {
    return Refused("vault.source_id", "is not an id like src_...");
  }
  return CheckKeyAgent(config);
}

absl::Status CheckOneOf(std::string_view field, const std::string& value,
                        std::span<const std::string_view> allowed) {
  if (std::ranges::find(allowed, value) != allowed.end()) {
    return absl::OkStatus();
  }
  return Refused(field, absl::StrCat("'", value, "' is not a choice"));
}

}  // namespace

absl::Status CheckConfig(const Config& config) {
  LIMPID_RETURN_IF_ERROR(CheckRoles(config));
  LIMPID_RETURN_IF_ERROR(CheckOperator(config));
  LIMPID_RETURN_IF_ERROR(CheckRootKey(config));
  LIMPID_RETURN_IF_ERROR(CheckVault(config));
  LIMPID_RETURN_IF_ERROR(CheckFarConsent(config));
  LIMPID_RETURN_IF_ERROR(CheckFarRegister(config));
  LIMPID_RETURN_IF_ERROR(CheckSources(config));
  LIMPID_RETURN_IF_ERROR(CheckAddress("listen.grpc", config.grpc_address));
  if (!config.https_address.empty()) {
    LIMPID_RETURN_IF_ERROR(CheckAddress("listen.https", config.https_address));
  }
  constexpr std::array<std::string_view, 2> kFormats = {"text", "json"};
  LIMPID_RETURN_IF_ERROR(
      CheckOneOf("logging.format", config.logging_format, kFormats));
  constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn",
                                                       "error"};
  return CheckOneOf("logging.level", config.logging_level, kLevels);
}

}  // namespace limpid::server
