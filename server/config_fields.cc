#include "server/config_fields.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/config.h"

namespace limpid::server {
namespace {

constexpr std::int64_t kSecondsPerHour = 3600;
// Answers promise a place in the log within two minutes.
constexpr std::int64_t kMostLogSeconds = 60;
// A century: what is kept longer is kept for ever.
constexpr std::int64_t kMostDays = 36'525;
// A quarter: who waits longer has lost what she waits for.
constexpr std::int64_t kMostDelayHours = 90 * 24;
// Of crypto::Suite.
constexpr std::int64_t kLastSuite = 2;
constexpr std::int64_t kMostConnections = 256;
constexpr std::int64_t kMostCacheMib = 65'536;
// 256 values of the largest size.
constexpr std::int64_t kUsualPersonMib = 64;
constexpr std::int64_t kMostPersonMib = 65'536;
constexpr std::int64_t kMostPersonVersions = 10'000'000;
// Each holds up to three keys in locked memory, beside 32,768 kept to open
// rows: 8 MiB of it, the usual limit, hold 100,000, and running out aborts.
constexpr std::int64_t kMostPersonsInMemory = 16'384;
constexpr std::int64_t kMostWorkers = 1024;
constexpr std::int64_t kMostQueue = 1'000'000;
// SLIP-0039: identifiers have 15 bits, groups up to 16 shares.
constexpr std::int64_t kMostShareSet = 0x7FFF;
constexpr std::int64_t kMostShares = 16;
// The longest that a server is off without anybody at it: a long weekend from
// Thursday's evening to Tuesday's morning.
constexpr std::int64_t kUsualGapDays = 5;
constexpr std::int64_t kMostGapDays = 366;

constexpr std::array kFields = {
    Field{"", "data_directory",
          "Where everything lies that the server keeps. One server per\n"
          "directory. Relative paths start at the folder of this file.",
          TextField{&Config::data_directory, ""}},
    Field{"", "roles",
          "Which roles this process runs: consent, vault, register. A vault\n"
          "without consent in the same process needs vault.consent_address.",
          ListField{&Config::roles, ""}},
    Field{"", "operator",
          "Name of the operator: the audience of persons' tokens and the\n"
          "beginning of the names of the logs. Never change it.",
          TextField{&Config::operator_name, ""}},
    Field{"listen", "grpc",
          "The gRPC listener, host:port; port 0 takes a free one.",
          TextField{&Config::grpc_address, "127.0.0.1:7443"}},
    Field{"listen", "https",
          "The HTTPS listener for the logs' static files; empty for none (let\n"
          "another web server serve the folders named log).",
          TextField{&Config::https_address, "127.0.0.1:7444", true}},
    Field{"tls", "certificate", "Certificate chain of both listeners, PEM.",
          TextField{&Config::tls_certificate, "tls/server.pem"}},
    Field{"tls", "private_key",
          "Its private key, PEM, readable by the owner only.",
          TextField{&Config::tls_private_key, "tls/server.key"}},
    Field{"tls", "client_ca",
          "CA of the certificates of services, publishers and sources, PEM.",
          TextField{&Config::tls_client_ca, "tls/client-ca.pem"}},
    Field{"tls", "admin_ca", "CA of the administrators, another one, PEM.",
          TextField{&Config::tls_admin_ca, "tls/admin-ca.pem"}},
    Field{"root_key", "kind",
          "Where the key is that opens the key rings: file, token, or shares,\n"
          "which operators give at each start (docs/root-key-shares.md).\n"
          "Empty: token where a module is named, otherwise file.",
          TextField{&Config::root_key_kind, "", true}},
    Field{
        "root_key", "file",
        "The file with the key. A plain file is for development: keep it off\n"
        "this machine's backups. Empty when the key is not in a file.",
        TextField{&Config::root_key_file, "root.key", true}},
    Field{"root_key", "module",
          "The PKCS#11 module of the token that has the key: a shared library\n"
          "from the token's maker. Empty: no token has the key.",
          TextField{&Config::root_key_module, "", true}},
    Field{"root_key", "token", "Label of the token.",
          TextField{&Config::root_key_token, "", true}},
    Field{"root_key", "name", "Label of the key in the token.",
          TextField{&Config::root_key_name, "limpid-root"}},
    Field{"root_key", "pin_file",
          "File with the PIN of the token's user, one line, readable by the\n"
          "owner only.",
          TextField{&Config::root_key_pin_file, "", true}},
    Field{"root_key", "share_set",
          "Shares: the number of their set; every share says it.",
          NumberField{&Config::root_key_share_set, 0, 0, kMostShareSet}},
    Field{"root_key", "share_threshold", "How many of them are needed.",
          NumberField{&Config::root_key_share_threshold, 0, 0, kMostShares}},
    Field{"root_key", "share_count", "How many there are.",
          NumberField{&Config::root_key_share_count, 0, 0, kMostShares}},
    Field{"root_key", "share_commitment",
          "What the key is compared with that they give, 64 hex digits. It\n"
          "says nothing of the key.",
          TextField{&Config::root_key_share_commitment, "", true}},
    Field{"logs", "public_url",
          "Where the logs can be fetched from outside, without a slash at the\n"
          "end; empty: https:// and the address of the HTTPS listener.",
          TextField{&Config::log_public_url, "", true}},
    Field{
        "logs", "interval_seconds",
        "The access log takes in what has happened this often. Shorter shows\n"
        "accesses sooner and tells an observer more about when they were.",
        NumberField{&Config::log_interval_seconds, 60, 1, kMostLogSeconds}},
    Field{"logs", "publish_when_pending",
          "Publish within a second when something waits: for demonstrations.",
          FlagField{&Config::log_publish_when_pending, false}},
    Field{"stop_ledger", "directory",
          "Withdrawals are written here as well, so that a restored backup\n"
          "does not revive them: leave it out of the backups.",
          TextField{&Config::stop_ledger_directory, "stop-ledger"}},
    Field{"consent", "push_private_addresses",
          "Push events to private addresses too (loopback, 10.0.0.0/8 and the\n"
          "like). For development and tests: with it a service can make this\n"
          "server call into its own network.",
          FlagField{&Config::push_private_addresses, false}},
    Field{
        "consent", "push_ca_file",
        "CA certificates, PEM, that vouch for services' push endpoints beside\n"
        "those of the system; empty for none.",
        TextField{&Config::push_ca_file, "", true}},
    Field{
        "consent", "sources",
        "Vaults in other processes, one text each: id, SHA-256 of the public\n"
        "key (SPKI) of its client certificate in hex, the address where\n"
        "persons reach it, and its name.",
        ListField{&Config::consent_sources, "", true}},
    Field{"consent", "persons_in_memory",
          "Persons whose state stays in memory between decisions, some 4 kB\n"
          "each. Others are read from the tables when they are asked for.",
          NumberField{&Config::consent_persons_in_memory, 16'384, 64,
                      kMostPersonsInMemory}},
    Field{
        "consent", "auditors",
        "SHA-256 of the public keys (SPKI) of auditors' client certificates,\n"
        "in hex: they list everybody's accesses without seeing whose.",
        ListField{&Config::consent_auditors, "", true}},
    Field{
        "consent", "known_operators",
        "Operators whose consents persons may bring here, one text each: its\n"
        "name and its evidence key in base64url, received from it and not\n"
        "from a person. What it signs as ended is activated here.",
        ListField{&Config::consent_known_operators, "", true}},
    Field{
        "consent", "register_address",
        "host:port of the register that publishes the keys of services, when\n"
        "it is in another process; with consent's evidence key and client\n"
        "certificate in its register.key_operators. Empty: the register of\n"
        "this process, or none, and new keys wait.",
        TextField{&Config::consent_register_address, "", true}},
    Field{"consent", "register_ca", "CA of that server's certificate, PEM.",
          TextField{&Config::consent_register_ca, "", true}},
    Field{"consent", "register_certificate",
          "Client certificate that consent shows there, PEM.",
          TextField{&Config::consent_register_certificate, "", true}},
    Field{"consent", "register_private_key", "Its private key, PEM.",
          TextField{&Config::consent_register_private_key, "", true}},
    Field{
        "register", "key_operators",
        "Consent roles of other processes that may publish keys of services\n"
        "here, one text each: SHA-256 of the public key (SPKI) of its client\n"
        "certificate in hex, and its evidence key in base64url.",
        ListField{&Config::register_key_operators, "", true}},
    Field{
        "vault", "source_id",
        "Public id of this vault as a data source; part of everything that it\n"
        "stores: never change it.",
        TextField{&Config::vault_source_id, "", true}},
    Field{"vault", "name", "What persons see as its name.",
          TextField{&Config::vault_name, "Personal vault"}},
    Field{"vault", "person_mib",
          "Most that one person may keep, encrypted, in MiB, copies of sealed\n"
          "values for services included; a value has at most a quarter of one.",
          NumberField{&Config::vault_person_mib, kUsualPersonMib, 1,
                      kMostPersonMib}},
    Field{
        "vault", "person_versions",
        "Most versions that one person may store over all attributes, erased\n"
        "ones included. Thirty attributes that change every month for fifty\n"
        "years are 18,000.",
        NumberField{&Config::vault_person_versions, 20'000, 1,
                    kMostPersonVersions}},
    Field{"vault", "tombstone_directory",
          "Erasures are written here as well, so that a restored backup does\n"
          "not bring back what was erased: leave it out of the backups.",
          TextField{&Config::vault_tombstone_directory, "tombstones"}},
    Field{"vault", "backup_days",
          "How long backups of the vault are kept, in days. This and the next\n"
          "three stand in certificates of erasure: count what really is.",
          NumberField{&Config::vault_backup_days, 35, 0, kMostDays}},
    Field{"vault", "wal_archive_days",
          "How long archived write-ahead logs of the vault are kept, in days.",
          NumberField{&Config::vault_wal_archive_days, 0, 0, kMostDays}},
    Field{"vault", "snapshot_days",
          "How long snapshots of the vault's disk are kept, in days.",
          NumberField{&Config::vault_snapshot_days, 0, 0, kMostDays}},
    Field{"vault", "epoch_days",
          "Days from one key-encryption key of the vault to the next.",
          NumberField{&Config::vault_epoch_days, 90, 1, kMostDays}},
    Field{"vault", "recovery_delay_hours",
          "Hours from the start of a recovery of a person's sealed key until\n"
          "its slot is handed out: her devices can cancel meanwhile.",
          NumberField{&Config::vault_recovery_delay_hours, 72, 1,
                      kMostDelayHours}},
    Field{
        "vault", "suite",
        "How the vault encrypts what it writes: 1 XChaCha20-Poly1305, 2\n"
        "AES-256-GCM. What is stored keeps its own and is read all the same;\n"
        "`limpid admin reseal-values` seals values anew (docs/suite.md).",
        NumberField{&Config::vault_suite, 1, 1, kLastSuite}},
    Field{"vault", "key_agent",
          "Socket of the key agent, a process of another user that opens the\n"
          "keys of values for permits and persons alone (docs/key-agent.md);\n"
          "empty for none. For a vault without consent in the same process.",
          TextField{&Config::vault_key_agent, "", true}},
    Field{"vault", "key_agent_key",
          "Its public key, base64url, as `limpid-keyagent --init` shows it.\n"
          "Values that were stored under another do not open any more.",
          TextField{&Config::vault_key_agent_key, "", true}},
    Field{"vault", "sources_file",
          "TOML file with the sources that persons may link: registers of\n"
          "agencies and pods, docs/connectors.md; empty for none.",
          TextField{&Config::vault_sources_file, "", true}},
    Field{
        "vault", "consent_address",
        "host:port of the consent role when it runs in another process;\n"
        "empty when it runs in this one. The vault releases nothing while it\n"
        "cannot be reached.",
        TextField{&Config::vault_consent_address, "", true}},
    Field{"vault", "consent_ca", "CA of that server's certificate, PEM.",
          TextField{&Config::vault_consent_ca, "", true}},
    Field{"vault", "consent_certificate",
          "Client certificate that this vault shows there, PEM.",
          TextField{&Config::vault_consent_certificate, "", true}},
    Field{"vault", "consent_private_key", "Its private key, PEM.",
          TextField{&Config::vault_consent_private_key, "", true}},
    Field{
        "vault", "consent_evidence_key",
        "Public key that signs consent's permits, base64url; pinned, so that\n"
        "whoever answers at that address cannot release. `limpid admin keys`\n"
        "shows both.",
        TextField{&Config::vault_consent_evidence_key, "", true}},
    Field{"vault", "consent_token_key",
          "Public key that signs persons' tokens for this vault, base64url.",
          TextField{&Config::vault_consent_token_key, "", true}},
    Field{"storage", "readers", "Reads of one database that run at once.",
          NumberField{&Config::storage_readers, 4, 1, kMostConnections}},
    Field{"storage", "cache_mib", "Page cache of each connection, in MiB.",
          NumberField{&Config::storage_cache_mib, 32, 1, kMostCacheMib}},
    Field{"storage", "check_pages_at_start",
          "Authenticate every page of every database before serving: about a\n"
          "second per 300 MB.",
          FlagField{&Config::storage_check_pages, true}},
    Field{"limits", "workers", "Calls that work at once.",
          NumberField{&Config::limits_workers, 16, 1, kMostWorkers}},
    Field{"limits", "queue",
          "Calls that wait for a worker; more are refused at once.",
          NumberField{&Config::limits_queue, 1024, 1, kMostQueue}},
    Field{"limits", "drain_seconds",
          "How long running calls may take to end after SIGTERM.",
          NumberField{&Config::limits_drain_seconds, 10, 0, kSecondsPerHour}},
    Field{
        "clock", "max_gap_days",
        "How long the server may have been off before its clock is doubted at\n"
        "the start: it then releases nothing and ends nothing, until the "
        "clock\n"
        "is put right or `limpid admin confirm-clock` says that it is.",
        NumberField{&Config::clock_max_gap_days, kUsualGapDays, 1,
                    kMostGapDays}},
    Field{"logging", "format", "Lines on standard error: text or json.",
          TextField{&Config::logging_format, "text"}},
    Field{"logging", "level", "debug, info, warn or error.",
          TextField{&Config::logging_level, "info"}},
};

}  // namespace

std::span<const Field> Fields() { return kFields; }

}  // namespace limpid::server
