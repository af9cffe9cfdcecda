// Makes what a server needs before its first start: keys, certificates, key
// rings and a configuration file, in a fresh directory; later, certificates
// for clients. Part of `limpid admin`, so it knows no domain.

#ifndef LIMPID_SERVER_PROVISION_PROVISION_H_
#define LIMPID_SERVER_PROVISION_PROVISION_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/root_key.h"
#include "server/config.h"
#include "server/provision/make_shares.h"
#include "server/share_set.h"

namespace limpid::server {

// Where InitDirectory puts things, below its directory. The CA keys and the
// root key belong somewhere else as soon as it is no longer a trial.
namespace layout {
inline constexpr std::string_view kConfig = "limpid.toml";
inline constexpr std::string_view kServerCa = "ca/server-ca";
inline constexpr std::string_view kClientCa = "ca/client-ca";
inline constexpr std::string_view kAdminCa = "ca/admin-ca";
inline constexpr std::string_view kAdmin = "clients/admin";
inline constexpr std::string_view kServer = "tls/server";
}  // namespace layout

// The key ring of a role, below Config::data_directory.
std::filesystem::path KeyRingPath(const Config& config, std::string_view role);

struct InitOptions {
  // Absent or empty.
  std::filesystem::path directory;
  // With addresses, roles, intervals and the token of the root key, if any, as
  // wanted; its other paths are set here.
  Config config;
  // Split the root key in shares; then the configuration names no token.
  std::optional<WantedShares> shares;
  // What the server's certificate is good for.
  std::vector<std::string> dns_names = {"localhost"};
  std::vector<std::string> ip_addresses = {"127.0.0.1", "::1"};
  absl::Time now;
};

// A certificate and its private key (PEM files; the key 0600).
struct CredentialFiles {
  std::filesystem::path certificate;
  std::filesystem::path private_key;
};

struct InitResult {
  std::filesystem::path config_file;
  // CA to trust for the server, for clients.
  std::filesystem::path server_ca;
  CredentialFiles administrator;
  // The set and the files of the shares, if they were wanted: to be handed out.
  std::optional<ShareSet> share_set;
  std::vector<std::filesystem::path> share_files;
};

// Makes everything; the configuration file comes last, so that a directory
// without one is known to be unfinished.
//
// Errors:
//   kFailedPrecondition  the directory is not empty.
//   those of MakeRootKey; when a token refuses, nothing is made.
//   those of MakeShares; when anything fails, no share file stays.
//   kInvalidArgument     roles, operator, addresses or names are refused.
//   others               as base::WriteFileAtomically.
absl::StatusOr<InitResult> InitDirectory(const InitOptions& options,
                                         const crypto::WarningSink& warn);

// Issues a client certificate by the CA at `authority` (layout::kClientCa for
// services and publishers, layout::kAdminCa for administrators) into
// "<out>.pem" and "<out>.key".
//
// Errors:
//   kAlreadyExists    one of the files exists.
//   kNotFound         `directory` has no such CA.
//   kInvalidArgument  the name is empty or longer than 64 bytes.
absl::StatusOr<CredentialFiles> IssueClient(
    const std::filesystem::path& directory, std::string_view authority,
    std::string_view common_name, const std::filesystem::path& out,
    absl::Time now);

// Makes the server's own key and certificate anew, "tls/server.key" and
// "tls/server.pem", with the names of the one that is there. The server uses it
// from its next start on.
//
// Errors:
//   kNotFound         `directory` has no such certificate, or no CA of servers.
//   kInvalidArgument  the one that is there does not read.
absl::StatusOr<CredentialFiles> RenewServer(
    const std::filesystem::path& directory, absl::Time now);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_PROVISION_PROVISION_H_
