#include "tests/testing/world/split.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/crypto/x509.h"
#include "limpid/consent/v1/account_service.pb.h"
#include "tests/testing/world/require.h"

namespace limpid::testing {
namespace {

server::InitOptions OptionsOf(const std::filesystem::path& directory,
                              std::vector<std::string> roles, absl::Time now,
                              LogPace pace) {
  server::InitOptions out;
  out.directory = directory;
  out.config = server::DefaultConfig();
  out.config.operator_name = "test.example";
  out.config.roles = std::move(roles);
  out.config.grpc_address = FreeAddress();
  out.config.https_address = "127.0.0.1:0";
  SetPace(out.config, pace);
  out.config.logging_level = "warn";
  out.config.limits_drain_seconds = 1;
  out.now = now;
  return out;
}

void Rewrite(const std::filesystem::path& file, const server::Config& config) {
  Require(base::WriteFileAtomically(
              file, base::AsBytes(server::WriteConfig(config)), 0600),
          "config");
}

}  // namespace

SplitWorld::SplitWorld(std::filesystem::path directory,
                       std::unique_ptr<Host> consent,
                       std::unique_ptr<Host> vault, LogPace pace)
    : directory_(std::move(directory)), vault_host_(std::move(vault)) {
  ProvisionBoth(pace);
  consent_ =
      std::make_unique<World>(directory_ / "consent", std::move(consent));
  PointVaultAtConsent();
  vault_ca_pem_ = ReadText(vault_init_.server_ca);
  StartVault();
}

SplitWorld::~SplitWorld() { vault_host_->Stop(); }

void SplitWorld::ProvisionBoth(LogPace pace) {
  const auto warn = [](std::string_view /*warning*/) {};
  std::filesystem::create_directories(directory_);
  const auto consent =
      Require(server::InitDirectory(
                  OptionsOf(directory_ / "consent", {"consent", "register"},
                            clock_.Now(), pace),
                  warn),
              "init consent");
  server::InitOptions options =
      OptionsOf(directory_ / "vault", {"vault"}, clock_.Now(), pace);
  // Any address and key will do until consent's are known.
  options.config.vault_consent_address = "127.0.0.1:1";
  options.config.vault_consent_ca =
      (directory_ / "consent" /
       (std::string(server::layout::kServerCa) + ".pem"))
          .string();
  source_credential_ = Require(
      server::IssueClient(directory_ / "consent", server::layout::kClientCa,
                          "vault", directory_ / "source", clock_.Now()),
      "source certificate");
  options.config.vault_consent_certificate =
      source_credential_.certificate.string();
  options.config.vault_consent_private_key =
      source_credential_.private_key.string();
  options.config.vault_consent_evidence_key = std::string(43, 'A');
  options.config.vault_consent_token_key = std::string(43, 'A');
  vault_init_ = Require(server::InitDirectory(options, warn), "init vault");
  server::Config vault =
      Require(server::LoadConfig(vault_init_.config_file), "vault config");
  source_id_ = vault.vault_source_id;
  server::Config home =
      Require(server::LoadConfig(consent.config_file), "consent config");
  const base::Digest32 key = Require(
      crypto::SpkiThumbprint(ReadText(source_credential_.certificate)), "key");
  home.consent_sources = {absl::StrCat(source_id_, " ", base::HexEncode(key),
                                       " ", vault.grpc_address,
                                       " Vault of the city")};
  Rewrite(consent.config_file, home);
}

void SplitWorld::PointVaultAtConsent() {
  trust_ = consent_->trust();
  trust_.source_id = source_id_;
  const auto connection =
      Require(client::Connect(consent_->anonymous_channel()), "connect");
  constexpr client::Method kKeys = {
      "/limpid.consent.v1.EvidenceKeyService/GetEvidenceKeys", true};
  const auto keys =
      Require(client::Invoke<consent::v1::GetEvidenceKeysResponse>(
                  *connection, kKeys, consent::v1::GetEvidenceKeysRequest()),
              "keys");
  server::Config vault =
      Require(server::LoadConfig(vault_init_.config_file), "vault config");
  vault.vault_consent_address = consent_->anonymous_channel().address;
  vault.vault_consent_evidence_key =
      base::Base64UrlEncode(base::AsBytes(keys.evidence_key()));
  vault.vault_consent_token_key =
      base::Base64UrlEncode(base::AsBytes(keys.token_key()));
  vault.tls_client_ca = (directory_ / "consent" /
                         (std::string(server::layout::kClientCa) + ".pem"))
                            .string();
  Rewrite(vault_init_.config_file, vault);
}

void SplitWorld::StartVault() {
  vault_address_ =
      Require(vault_host_->Start(vault_init_.config_file), "start vault");
}

rpc::ChannelOptions SplitWorld::VaultChannel() const {
  rpc::ChannelOptions out;
  out.address = vault_address_;
  out.ca_pem = vault_ca_pem_;
  out.server_name = "localhost";
  return out;
}

std::unique_ptr<Person> SplitWorld::AddPerson() {
  return std::make_unique<Person>(consent_->anonymous_channel(), trust_, clock_,
                                  VaultChannel());
}

std::unique_ptr<client::Connection> SplitWorld::ConnectToVault(
    const ServiceSide& service) {
  rpc::ChannelOptions channel = VaultChannel();
  channel.certificate_pem = service.channel.certificate_pem;
  channel.private_key_pem = service.channel.private_key_pem;
  return Require(client::Connect(channel), "connect");
}

rpc::ChannelOptions SplitWorld::SourceChannel() const {
  rpc::ChannelOptions out = consent_->anonymous_channel();
  out.certificate_pem = ReadText(source_credential_.certificate);
  out.private_key_pem = ReadText(source_credential_.private_key);
  return out;
}

}  // namespace limpid::testing
