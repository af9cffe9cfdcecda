// The configuration of limpidd: a TOML file read whole before anything starts.
// Refuses to guess: an unknown key, a wrong type, a missing or impossible value
// is one sentence with the line. Every key is documented in config_fields.cc,
// from which the commented file is written too.

#ifndef LIMPID_SERVER_CONFIG_H_
#define LIMPID_SERVER_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace limpid::server {

// Field comments: config_fields.cc. Paths are as written; Resolve makes them
// absolute.
struct Config {
  std::string data_directory;
  std::vector<std::string> roles;
  std::string operator_name;

  std::string grpc_address;
  std::string https_address;

  std::string tls_certificate;
  std::string tls_private_key;
  std::string tls_client_ca;
  std::string tls_admin_ca;

  // Empty, or one of the kinds below; RootKeyKind says what empty means.
  std::string root_key_kind;
  std::string root_key_file;
  std::string root_key_module;
  std::string root_key_token;
  std::string root_key_name;
  std::string root_key_pin_file;
  std::int64_t root_key_share_set = 0;
  std::int64_t root_key_share_threshold = 0;
  std::int64_t root_key_share_count = 0;
  // 64 hex digits.
  std::string root_key_share_commitment;

  std::string log_public_url;
  std::int64_t log_interval_seconds = 0;
  bool log_publish_when_pending = false;

  std::string stop_ledger_directory;

  // One text per source in another process; remote_source.h.
  std::vector<std::string> consent_sources;
  std::int64_t consent_persons_in_memory = 0;
  // 64 hex digits each.
  std::vector<std::string> consent_auditors;
  std::vector<std::string> consent_known_operators;
  std::string consent_register_address;
  std::string consent_register_ca;
  std::string consent_register_certificate;
  std::string consent_register_private_key;
  bool push_private_addresses = false;
  std::string push_ca_file;

  // One text per consent role in another process; key_operator.h.
  std::vector<std::string> register_key_operators;

  std::string vault_source_id;
  std::string vault_name;
  std::int64_t vault_person_mib = 0;
  std::int64_t vault_person_versions = 0;
  std::string vault_tombstone_directory;
  std::int64_t vault_backup_days = 0;
  std::int64_t vault_wal_archive_days = 0;
  std::int64_t vault_snapshot_days = 0;
  std::int64_t vault_epoch_days = 0;
  std::int64_t vault_recovery_delay_hours = 0;
  // Number of a crypto::Suite.
  std::int64_t vault_suite = 0;
  // Both or none; server/keyagent/agent_client.h.
  std::string vault_key_agent;
  std::string vault_key_agent_key;
  // source_config.h.
  std::string vault_sources_file;
  std::string vault_consent_address;
  std::string vault_consent_ca;
  std::string vault_consent_certificate;
  std::string vault_consent_private_key;
  std::string vault_consent_evidence_key;
  std::string vault_consent_token_key;

  std::int64_t storage_readers = 0;
  std::int64_t storage_cache_mib = 0;
  bool storage_check_pages = false;

  std::int64_t limits_workers = 0;
  std::int64_t limits_queue = 0;
  std::int64_t limits_drain_seconds = 0;

  std::int64_t clock_max_gap_days = 0;

  std::string logging_format;
  std::string logging_level;

  // Of the command line, not of the file: the vault's store was put back from
  // an older copy on purpose (docs/restore-vault.md).
  bool accept_older_vault = false;
  // The same: logs were copied here from a place that never signs again
  // (docs/move-server.md).
  bool adopt_copied_logs = false;

  // Where the file lies; relative paths start here.
  std::filesystem::path base;

  [[nodiscard]] bool HasRole(std::string_view role) const;
  [[nodiscard]] std::filesystem::path Resolve(std::string_view path) const;
};

inline constexpr std::string_view kConsentRole = "consent";
inline constexpr std::string_view kVaultRole = "vault";
inline constexpr std::string_view kRegisterRole = "register";

// Where the root key is.
inline constexpr std::string_view kRootKeyFile = "file";
inline constexpr std::string_view kRootKeyToken = "token";
inline constexpr std::string_view kRootKeyShares = "shares";
// One of them: what the file says, or a token where it names a module.
std::string_view RootKeyKind(const Config& config);

// A configuration with every default; what has none is empty.
Config DefaultConfig();

// Parses the text of a file. `name` stands in messages.
//
// Errors:
//   kInvalidArgument  one sentence, "<name>:<line>: ..." where there is a line.
absl::StatusOr<Config> ParseConfig(std::string_view text,
                                   const std::filesystem::path& name);

// Reads and parses a file.
//
// Errors: those of ParseConfig, and
//   kNotFound  no such file.
absl::StatusOr<Config> LoadConfig(const std::filesystem::path& file);

// A file with every key, its comment and its value, that ParseConfig reads
// back to the same.
std::string WriteConfig(const Config& config);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_CONFIG_H_
