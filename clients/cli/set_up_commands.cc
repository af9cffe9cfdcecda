// limpid admin: make a server's directory, issue certificates, show what a
// vault in another process pins.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/root_key_shares.h"
#include "clients/cpp/connection.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "limpid/consent/v1/account_service.pb.h"
#include "server/provision/make_shares.h"
#include "server/provision/provision.h"

namespace limpid::cli {
namespace {

struct None {};
struct InitOptions {
  InitOptions() {
    config.operator_name = "localhost";
    config.roles = {"consent", "vault", "register"};
  }

  std::string directory;
  server::Config config = server::DefaultConfig();
  std::vector<std::string> dns_names;
  // Empty, or "K/N".
  std::string shares;
  server::WantedShares wanted;
};
struct IssueOptions {
  std::string directory;
  std::string name;
  std::string out;
  bool administrator = false;
};

struct RenewOptions {
  std::string directory;
};

void MakeAbsolute(std::string& path) {
  if (!path.empty()) path = std::filesystem::absolute(path).string();
}

void ShowStart(const server::InitResult& made, std::string_view address,
               Terminal& shown) {
  shown.Line("Ready. Start the server with:");
  shown.Line("  limpidd --config " +
             std::filesystem::absolute(made.config_file).string());
  shown.Line("and administer it with:");
  // Port 0 is whichever is free: then limpidd says at its start where it is.
  if (!address.ends_with(":0")) {
    shown.Line(absl::StrCat("  export LIMPID_SERVER=", base::ToAbsl(address)));
  }
  const auto whole = [](const std::filesystem::path& path) {
    return std::filesystem::absolute(path).string();
  };
  shown.Line("  export LIMPID_CA=" + whole(made.server_ca));
  shown.Line("  export LIMPID_CERTIFICATE=" +
             whole(made.administrator.certificate));
  shown.Line("  export LIMPID_KEY=" + whole(made.administrator.private_key));
  if (!made.share_set) return;
  ShowShares(made.share_files, shown);
  shown.Line(
      "Each start is sealed until " +
      std::to_string(made.share_set->threshold) +
      " administrators have given one share each (limpid admin unseal FILE), "
      "with certificates of their own: limpid admin issue-certificate "
      "--administrator.");
}

absl::StatusOr<Report> Init(const InitOptions& options, Session& session) {
  server::InitOptions init;
  if (!options.shares.empty() || !options.wanted.directory.empty() ||
      !options.wanted.holders.empty()) {
    LIMPID_ASSIGN_OR_RETURN(init.shares,
                            SharesOf(options.shares, options.wanted));
  }
  init.directory = options.directory;
  init.config = options.config;
  MakeAbsolute(init.config.root_key_module);
  MakeAbsolute(init.config.root_key_pin_file);
  for (const std::string& name : options.dns_names) {
    init.dns_names.push_back(name);
  }
  init.now = session.clock().Now();
  Terminal& terminal = session.terminal();
  LIMPID_ASSIGN_OR_RETURN(
      const server::InitResult made,
      server::InitDirectory(init, [&terminal](std::string_view warning) {
        terminal.Error("warning: " + std::string(warning));
      }));
  json::Value out = json::Value::Object();
  out.Set("config", made.config_file.string());
  out.Set("server_ca", made.server_ca.string());
  out.Set("certificate", made.administrator.certificate.string());
  out.Set("key", made.administrator.private_key.string());
  out.Set("share_files", FilesAsJson(made.share_files));
  return Report{std::move(out),
                [made, address = init.config.grpc_address](Terminal& shown) {
                  ShowStart(made, address, shown);
                }};
}

absl::StatusOr<Report> Issue(const IssueOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(
      const server::CredentialFiles files,
      server::IssueClient(options.directory,
                          options.administrator ? server::layout::kAdminCa
                                                : server::layout::kClientCa,
                          options.name, options.out, session.clock().Now()));
  LIMPID_ASSIGN_OR_RETURN(const std::string thumbprint,
                          ThumbprintOf(files.certificate.string()));
  const std::string hex = base::HexEncode(base::AsBytes(thumbprint));
  json::Value out = json::Value::Object();
  out.Set("certificate", files.certificate.string());
  out.Set("key", files.private_key.string());
  out.Set("spki_sha256", hex);
  return Report{std::move(out), [files, hex](Terminal& terminal) {
                  terminal.Facts({{"certificate", files.certificate.string()},
                                  {"key", files.private_key.string()},
                                  {"public key SHA-256", hex}});
                }};
}

absl::StatusOr<Report> Renew(const RenewOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(
      const server::CredentialFiles files,
      server::RenewServer(options.directory, session.clock().Now()));
  json::Value out = json::Value::Object();
  out.Set("certificate", files.certificate.string());
  out.Set("key", files.private_key.string());
  return Report{std::move(out), [files](Terminal& terminal) {
                  terminal.Facts({{"certificate", files.certificate.string()},
                                  {"key", files.private_key.string()}});
                  terminal.Line(
                      "Start limpidd again: it reads them at its start. "
                      "Clients that trust its CA need nothing.");
                }};
}

// What a vault in another process pins.
absl::StatusOr<Report> Keys(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  constexpr client::Method kGetKeys = {
      "/limpid.consent.v1.EvidenceKeyService/GetEvidenceKeys", true};
  LIMPID_ASSIGN_OR_RETURN(
      const auto keys,
      client::Invoke<consent::v1::GetEvidenceKeysResponse>(
          *connection, kGetKeys, consent::v1::GetEvidenceKeysRequest()));
  const std::string evidence =
      base::Base64UrlEncode(base::AsBytes(keys.evidence_key()));
  const std::string token =
      base::Base64UrlEncode(base::AsBytes(keys.token_key()));
  json::Value out = json::Value::Object();
  out.Set("operator", keys.operator_());
  out.Set("evidence_key", evidence);
  out.Set("token_key", token);
  return Report{std::move(out), [keys, evidence, token](Terminal& terminal) {
                  terminal.Facts({{"operator", keys.operator_()},
                                  {"evidence key", evidence},
                                  {"token key", token}});
                }};
}

// For a root key that a token keeps. Its paths are the caller's, while those
// in the file start at its folder: Init makes them absolute.
void AddTokenOptions(CLI::App& init, server::Config& config) {
  init.add_option("--root-key-module", config.root_key_module,
                  "PKCS#11 module of the token that keeps the root key");
  init.add_option("--root-key-token", config.root_key_token,
                  "label of the token");
  init.add_option("--root-key-name", config.root_key_name,
                  "label of the key; made when the token has none");
  init.add_option("--root-key-pin-file", config.root_key_pin_file,
                  "file with the PIN, chmod 600");
}

// For a vault whose consent role runs in another process.
void AddFarConsentOptions(CLI::App& init, server::Config& config) {
  init.add_option("--consent-address", config.vault_consent_address,
                  "host:port of the consent server, for a vault alone");
  init.add_option("--consent-ca", config.vault_consent_ca, "CA of that server");
  init.add_option("--consent-certificate", config.vault_consent_certificate,
                  "what the vault shows there, from its admin issue");
  init.add_option("--consent-private-key", config.vault_consent_private_key);
  init.add_option("--consent-evidence-key", config.vault_consent_evidence_key,
                  "from admin keys");
  init.add_option("--consent-token-key", config.vault_consent_token_key,
                  "from admin keys");
}

}  // namespace

void AddSetUpCommands(CLI::App& group, Session& session) {
  auto [init, how] = AddCommand<InitOptions>(
      group, session, "init",
      "Make keys, certificates and a configuration in an empty directory",
      Init);
  init->add_option("directory", how->directory)->required();
  init->add_option("--operator", how->config.operator_name,
                   "name of the operator");
  init->add_option("--grpc-address", how->config.grpc_address);
  init->add_option("--https-address", how->config.https_address);
  init->add_option("--role", how->config.roles,
                   "roles to serve; by default consent, vault and register");
  init->add_option("--dns", how->dns_names, "further names of the server");
  init->add_option("--consent-source", how->config.consent_sources,
                   "a vault in another process: id, public key SHA-256, "
                   "address and name in one text");
  AddTokenOptions(*init, how->config);
  AddShareOptions(*init, how->shares, how->wanted);
  AddFarConsentOptions(*init, how->config);
  AddCommand<None>(group, session, "keys",
                   "Show the public keys that a vault in another process pins",
                   Keys);
  auto [issue, whom] = AddCommand<IssueOptions>(
      group, session, "issue-certificate",
      "Issue a client certificate by the CA that init made", Issue);
  issue->add_option("directory", whom->directory, "where init made things")
      ->required();
  issue->add_option("name", whom->name)->required();
  issue->add_option("--out", whom->out, "files are named OUT.pem and OUT.key")
      ->required();
  issue->add_flag("--administrator", whom->administrator);
  auto [renew, where] = AddCommand<RenewOptions>(
      group, session, "renew-certificate",
      "Make the server's own certificate anew, with the names it has", Renew);
  renew->add_option("directory", where->directory, "where init made things")
      ->required();
}

}  // namespace limpid::cli
