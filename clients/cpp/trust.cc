#include "clients/cpp/trust.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "limpid/consent/v1/account_service.pb.h"
#include "limpid/identity/v1/identity_service.pb.h"

namespace limpid::client {
namespace {

namespace consent = limpid::consent::v1;
namespace identity = limpid::identity::v1;

constexpr Method kGetOperator = {
    "/limpid.identity.v1.IdentityService/GetOperator", /*idempotent=*/true};
constexpr Method kGetEvidenceKeys = {
    "/limpid.consent.v1.EvidenceKeyService/GetEvidenceKeys",
    /*idempotent=*/true};
constexpr std::string_view kFormat = "limpid-trust/1";
constexpr std::size_t kMaxFileBytes = 256UL * 1024;

absl::Status Changed(std::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "the server's ", base::ToAbsl(what),
      " is not the one pinned at first contact; ask the operator, another way, "
      "whether it changed"));
}

absl::StatusOr<Trust> FromJson(const json::Value& value) {
  Trust trust;
  LIMPID_ASSIGN_OR_RETURN(const std::string format, value.GetString("format"));
  if (format != kFormat) return absl::InvalidArgumentError("not a trust file");
  LIMPID_ASSIGN_OR_RETURN(trust.server, value.GetString("server"));
  LIMPID_ASSIGN_OR_RETURN(trust.ca_pem, value.GetString("ca_pem"));
  // Absent in files of before, and where the vault has no server of its own.
  if (value.Find("vault_server") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(trust.vault_server,
                            value.GetString("vault_server"));
    LIMPID_ASSIGN_OR_RETURN(trust.vault_ca_pem,
                            value.GetString("vault_ca_pem"));
  }
  LIMPID_ASSIGN_OR_RETURN(trust.operator_name, value.GetString("operator"));
  LIMPID_ASSIGN_OR_RETURN(trust.source_id, value.GetString("source_id"));
  LIMPID_ASSIGN_OR_RETURN(const std::string key,
                          value.GetString("evidence_key"));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, base::Base64UrlDecode(key));
  LIMPID_ASSIGN_OR_RETURN(trust.evidence_key,
                          crypto::Ed25519PublicKey::FromBytes(bytes));
  LIMPID_ASSIGN_OR_RETURN(const json::Value logs, value.GetObject("logs"));
  for (const json::Member& log : logs.members()) {
    if (!log.value.is_string()) {
      return absl::InvalidArgumentError("a log's key is not text");
    }
    trust.log_vkeys.emplace(log.key, log.value.string());
  }
  return trust;
}

}  // namespace

absl::StatusOr<tlog::Policy> Trust::LogPolicy(std::string_view suffix) const {
  const auto log = log_vkeys.find(operator_name + std::string(suffix));
  if (log != log_vkeys.end()) return tlog::Policy::ForLog(log->second);
  return absl::FailedPreconditionError(
      absl::StrCat("no log ", base::ToAbsl(suffix),
                   " was seen at first contact with this server"));
}

absl::StatusOr<Trust> Trust::Read(const std::filesystem::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(file, kMaxFileBytes));
  const auto value = json::ParseStrict(base::AsText(bytes));
  auto trust = value.ok() ? FromJson(*value) : value.status();
  if (!trust.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.string(), ": ", trust.status().message()));
  }
  return trust;
}

absl::Status Trust::Write(const std::filesystem::path& file) const {
  json::Value logs = json::Value::Object();
  for (const auto& [origin, vkey] : log_vkeys) logs.Set(origin, vkey);
  json::Value value = json::Value::Object();
  value.Set("format", kFormat);
  value.Set("server", server);
  value.Set("ca_pem", ca_pem);
  if (!vault_server.empty()) {
    value.Set("vault_server", vault_server);
    value.Set("vault_ca_pem", vault_ca_pem);
  }
  value.Set("operator", operator_name);
  value.Set("source_id", source_id);
  value.Set("evidence_key", base::Base64UrlEncode(evidence_key.bytes));
  value.Set("logs", std::move(logs));
  return WriteDeviceFile(file, base::AsBytes(json::Pretty(value)));
}

absl::StatusOr<Trust> AskForTrust(Connection& anonymous) {
  Trust trust;
  LIMPID_ASSIGN_OR_RETURN(
      const auto facts,
      Invoke<identity::GetOperatorResponse>(anonymous, kGetOperator,
                                            identity::GetOperatorRequest()));
  trust.operator_name = facts.operator_();
  trust.source_id = facts.source_id();
  for (const auto& log : facts.logs()) {
    trust.log_vkeys.emplace(log.origin(), log.vkey());
  }
  bool consent_role = false;
  for (const int role : facts.roles()) {
    consent_role = consent_role || role == identity::ROLE_CONSENT;
  }
  if (!consent_role) return trust;
  LIMPID_ASSIGN_OR_RETURN(
      const auto keys,
      Invoke<consent::GetEvidenceKeysResponse>(
          anonymous, kGetEvidenceKeys, consent::GetEvidenceKeysRequest()));
  const auto key =
      crypto::Ed25519PublicKey::FromBytes(base::AsBytes(keys.evidence_key()));
  if (!key.ok()) {
    return absl::DataLossError("the server's evidence key is malformed");
  }
  trust.evidence_key = *key;
  return trust;
}

absl::Status AddVault(Connection& anonymous, Trust& trust) {
  LIMPID_ASSIGN_OR_RETURN(const Trust vault, AskForTrust(anonymous));
  if (vault.source_id.empty()) {
    return absl::FailedPreconditionError(
        "the server named as the vault's has no vault");
  }
  if (!trust.source_id.empty()) {
    return absl::FailedPreconditionError(
        "the account's server has a vault of its own");
  }
  if (vault.operator_name != trust.operator_name) {
    return absl::DataLossError("the vault is another operator's");
  }
  // Its own log and no other: it has no say in consent's or the register's.
  const auto log = vault.log_vkeys.find(trust.operator_name + "/vault");
  if (log != vault.log_vkeys.end() &&
      trust.log_vkeys.insert(*log).first->second != log->second) {
    return absl::DataLossError(
        "the vault's server gives a log of the other one another key");
  }
  trust.source_id = vault.source_id;
  return absl::OkStatus();
}

absl::Status CheckUnchanged(const Trust& pinned, const Trust& seen) {
  if (seen.operator_name != pinned.operator_name) return Changed("name");
  if (seen.source_id != pinned.source_id) return Changed("data source");
  if (seen.evidence_key != pinned.evidence_key) return Changed("evidence key");
  for (const auto& [origin, vkey] : pinned.log_vkeys) {
    const auto found = seen.log_vkeys.find(origin);
    if (found == seen.log_vkeys.end() || found->second != vkey) {
      return Changed("log key");
    }
  }
  return absl::OkStatus();
}

}  // namespace limpid::client
