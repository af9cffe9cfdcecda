#include "server/provision/provision.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "common/crypto/x509.h"
#include "server/config.h"
#include "server/config_fields.h"
#include "server/provision/make_shares.h"
#include "server/root_key_source.h"
#include "server/share_set.h"

namespace limpid::server {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kReadable = 0644;
constexpr std::size_t kMaxPemBytes = 64UL * 1024;
// A clock that is behind by less than this still accepts a new certificate.
constexpr absl::Duration kBackdate = absl::Hours(1);
constexpr absl::Duration kAuthorityLife = absl::Hours(24 * 3650);
constexpr absl::Duration kLeafLife = absl::Hours(24 * 398);

std::filesystem::path With(const std::filesystem::path& stem,
                           std::string_view extension) {
  std::filesystem::path out = stem;
  out += extension;
  return out;
}

crypto::Validity From(absl::Time now, absl::Duration life) {
  return {now - kBackdate, now + life};
}

absl::Status MakeDirectory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all,
                                 error);
  }
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("cannot make the directory ", path.string()));
}

absl::StatusOr<CredentialFiles> Save(const crypto::Credential& credential,
                                     const std::filesystem::path& stem) {
  CredentialFiles files{With(stem, ".pem"), With(stem, ".key")};
  LIMPID_RETURN_IF_ERROR(base::WriteFileAtomically(
      files.private_key,
      credential.private_key_pem.Reveal(base::SecretAccess::Get()),
      kOwnerOnly));
  LIMPID_RETURN_IF_ERROR(base::WriteFileAtomically(
      files.certificate, base::AsBytes(credential.certificate_pem), kReadable));
  return files;
}

absl::StatusOr<crypto::Credential> Load(const std::filesystem::path& stem) {
  LIMPID_ASSIGN_OR_RETURN(
      base::Bytes key, base::ReadFileBytes(With(stem, ".key"), kMaxPemBytes));
  crypto::Credential credential;
  credential.private_key_pem = base::SecretBytes::Copy(key);
  base::Wipe(key);
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes certificate,
      base::ReadFileBytes(With(stem, ".pem"), kMaxPemBytes));
  credential.certificate_pem = base::ToText(certificate);
  return credential;
}

absl::Status RequireFresh(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory, error) &&
      !std::filesystem::is_empty(directory, error)) {
    return absl::FailedPreconditionError(absl::StrCat(
        directory.string(), " is not empty: choose another directory"));
  }
  return absl::OkStatus();
}

absl::Status MakeDirectories(const std::filesystem::path& directory) {
  for (const std::string_view part : {"", "ca", "clients", "tls", "data"}) {
    LIMPID_RETURN_IF_ERROR(MakeDirectory(directory / part));
  }
  return absl::OkStatus();
}

// The three authorities; returns the server's.
absl::StatusOr<crypto::Credential> MakeAuthorities(const InitOptions& options) {
  const crypto::Validity validity = From(options.now, kAuthorityLife);
  const std::string& name = options.config.operator_name;
  const auto make =
      [&](std::string_view stem,
          std::string_view what) -> absl::StatusOr<crypto::Credential> {
    // A name is at most 64 bytes; the operator's may be longer.
    constexpr std::size_t kRoom = 40;
    const std::string common_name =
        absl::StrCat(name.substr(0, kRoom), " ", std::string(what));
    LIMPID_ASSIGN_OR_RETURN(crypto::Credential made,
                            crypto::MakeAuthority(common_name, validity));
    LIMPID_RETURN_IF_ERROR(Save(made, options.directory / stem).status());
    return made;
  };
  LIMPID_RETURN_IF_ERROR(make(layout::kClientCa, "client CA").status());
  LIMPID_RETURN_IF_ERROR(make(layout::kAdminCa, "admin CA").status());
  return make(layout::kServerCa, "server CA");
}

absl::Status MakeServerCertificate(const InitOptions& options,
                                   const crypto::Credential& authority) {
  crypto::LeafProfile profile;
  constexpr std::size_t kMaxCommonName = crypto::kMaxCommonNameBytes;
  profile.common_name = options.config.operator_name.substr(0, kMaxCommonName);
  profile.dns_names = options.dns_names;
  profile.ip_addresses = options.ip_addresses;
  profile.validity = From(options.now, kLeafLife);
  profile.server = true;
  LIMPID_ASSIGN_OR_RETURN(const crypto::Credential leaf,
                          crypto::IssueLeaf(authority, profile));
  return Save(leaf, options.directory / layout::kServer).status();
}

absl::Status MakeKeyRings(const Config& config,
                          const std::shared_ptr<const crypto::RootKey>& root) {
  for (const std::string& role : config.roles) {
    const std::filesystem::path ring = KeyRingPath(config, role);
    LIMPID_RETURN_IF_ERROR(MakeDirectory(ring.parent_path()));
    LIMPID_RETURN_IF_ERROR(crypto::KeyRing::Create(ring, role, root).status());
  }
  LIMPID_RETURN_IF_ERROR(
      MakeDirectory(config.Resolve(config.vault_tombstone_directory)));
  return MakeDirectory(config.Resolve(config.stop_ledger_directory));
}

Config PlaceIn(const InitOptions& options) {
  Config config = options.config;
  const Config standard = DefaultConfig();
  config.base = options.directory;
  config.data_directory = "data";
  // With a token, there is no file.
  config.root_key_file =
      UsesToken(config) ? std::string() : standard.root_key_file;
  config.stop_ledger_directory = standard.stop_ledger_directory;
  config.vault_tombstone_directory = standard.vault_tombstone_directory;
  config.vault_source_id = base::FormatIdText("src", base::RandomIdBytes());
  config.tls_certificate = "tls/server.pem";
  config.tls_private_key = "tls/server.key";
  config.tls_client_ca = With(layout::kClientCa, ".pem").string();
  config.tls_admin_ca = With(layout::kAdminCa, ".pem").string();
  return config;
}

// All of it. `root` is null for a key that is still to be made.
absl::StatusOr<InitResult> LayOut(const InitOptions& options,
                                  const Config& config,
                                  std::shared_ptr<const crypto::RootKey> root,
                                  const crypto::WarningSink& warn) {
  // A token may refuse; then nothing has been made yet.
  if (UsesToken(config)) {
    LIMPID_ASSIGN_OR_RETURN(root, MakeRootKey(config, warn));
  }
  LIMPID_RETURN_IF_ERROR(MakeDirectories(options.directory));
  if (root == nullptr) {
    LIMPID_ASSIGN_OR_RETURN(root, MakeRootKey(config, warn));
  }
  LIMPID_ASSIGN_OR_RETURN(const crypto::Credential server_ca,
                          MakeAuthorities(options));
  LIMPID_RETURN_IF_ERROR(MakeServerCertificate(options, server_ca));
  InitResult result;
  LIMPID_ASSIGN_OR_RETURN(
      result.administrator,
      IssueClient(options.directory, layout::kAdminCa, "administrator",
                  options.directory / layout::kAdmin, options.now));
  LIMPID_RETURN_IF_ERROR(MakeKeyRings(config, root));
  result.server_ca = With(options.directory / layout::kServerCa, ".pem");
  result.config_file = options.directory / layout::kConfig;
  LIMPID_RETURN_IF_ERROR(base::WriteFileAtomically(
      result.config_file, base::AsBytes(WriteConfig(config)), kOwnerOnly));
  return result;
}

}  // namespace

std::filesystem::path KeyRingPath(const Config& config, std::string_view role) {
  return config.Resolve(config.data_directory) / role / "keyring";
}

absl::StatusOr<InitResult> InitDirectory(const InitOptions& options,
                                         const crypto::WarningSink& warn) {
  Config config = PlaceIn(options);
  LIMPID_RETURN_IF_ERROR(CheckConfig(config));
  LIMPID_RETURN_IF_ERROR(RequireFresh(options.directory));
  if (!options.shares) return LayOut(options, config, nullptr, warn);
  if (UsesToken(config)) {
    return absl::InvalidArgumentError(
        "the root key is in a token or in shares, not in both");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const MadeShares made,
      MakeShares(*options.shares, config.operator_name, std::nullopt));
  UseShares(made.set, config);
  auto result = LayOut(options, config, made.root, warn);
  if (!result.ok()) {
    RemoveShares(made);
    return result;
  }
  result->share_set = made.set;
  result->share_files = made.files;
  return result;
}

absl::StatusOr<CredentialFiles> IssueClient(
    const std::filesystem::path& directory, std::string_view authority,
    std::string_view common_name, const std::filesystem::path& out,
    absl::Time now) {
  std::error_code error;
  for (const std::string_view extension : {".pem", ".key"}) {
    if (std::filesystem::exists(With(out, extension), error)) {
      return absl::AlreadyExistsError(
          absl::StrCat(With(out, extension).string(), " exists already"));
    }
  }
  LIMPID_ASSIGN_OR_RETURN(const crypto::Credential issuer,
                          Load(directory / authority));
  crypto::LeafProfile profile;
  profile.common_name = common_name;
  profile.validity = From(now, kLeafLife);
  profile.client = true;
  LIMPID_ASSIGN_OR_RETURN(const crypto::Credential leaf,
                          crypto::IssueLeaf(issuer, profile));
  return Save(leaf, out);
}

absl::StatusOr<CredentialFiles> RenewServer(
    const std::filesystem::path& directory, absl::Time now) {
  const std::filesystem::path place = directory / layout::kServer;
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes present,
      base::ReadFileBytes(With(place, ".pem"), kMaxPemBytes));
  LIMPID_ASSIGN_OR_RETURN(crypto::CertificateFacts facts,
                          crypto::ReadCertificate(base::ToText(present)));
  LIMPID_ASSIGN_OR_RETURN(const crypto::Credential issuer,
                          Load(directory / layout::kServerCa));
  crypto::LeafProfile profile;
  profile.common_name = std::move(facts.common_name);
  profile.dns_names = std::move(facts.dns_names);
  profile.ip_addresses = std::move(facts.ip_addresses);
  profile.uris = std::move(facts.uris);
  profile.validity = From(now, kLeafLife);
  profile.server = true;
  LIMPID_ASSIGN_OR_RETURN(const crypto::Credential leaf,
                          crypto::IssueLeaf(issuer, profile));
  return Save(leaf, place);
}

}  // namespace limpid::server
