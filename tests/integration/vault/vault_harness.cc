#include "tests/integration/vault/vault_harness.h"

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/jose/tokens.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

// As every main does: before gRPC is touched.
class Tls13Environment final : public ::testing::Environment {
 public:
  void SetUp() override { rpc::RequireTls13(); }
};
[[maybe_unused]] const auto* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new Tls13Environment);

}  // namespace

Folder::Folder()
    : path_(std::filesystem::temp_directory_path() /
            ("limpid-" + base::FormatIdText("tst", base::RandomIdBytes()))) {
  std::filesystem::create_directories(path_);
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

std::unique_ptr<storage::Database> Folder::Make(
    const std::string& name, std::vector<storage::Migration> migrations) const {
  storage::Options options;
  options.path = path_ / name;
  options.key = base::SecretBytes::Copy(Counting<storage::kRawKeyBytes>(1));
  options.migrations = std::move(migrations);
  auto made = storage::Database::Create(std::move(options));
  LIMPID_CHECK(made.ok());
  return *std::move(made);
}

VaultHarness::VaultHarness()
    : values_(folder_.Make("store.db", VaultStoreMigrations())),
      keys_(folder_.Make("keys.db", KeyStoreMigrations())),
      world_(std::make_unique<VaultWorld>(NewSqlKeyStore(*keys_),
                                          NewSqlVaultStore(*values_),
                                          crypto::Suite::kXChaCha20Poly1305)),
      verifier_(std::make_unique<HolderVerifier>(
          ExampleIdentity().source, consent_key_.PublicKey(), world_->clock)),
      authenticator_(std::make_unique<HolderAuthenticator>(*verifier_)) {
  rpc::RuntimeOptions options;
  options.admin_ca_pem = tls_.admin_ca_pem();
  runtime_ = std::make_unique<rpc::Runtime>(std::move(options), clock_);
  person_ = std::make_unique<PersonVaultRpc>(
      *runtime_, rpc::AuthPolicy::Person(*authenticator_), world_->person,
      world_->desk, world_->core->catalogue());
  erasures_ = std::make_unique<ErasureRpc>(
      *runtime_, rpc::AuthPolicy::Person(*authenticator_), world_->desk,
      world_->holds);
  holds_ = std::make_unique<HoldAdminRpc>(
      *runtime_, rpc::AuthPolicy::Administrator(), world_->holds);
  service_ = std::make_unique<VaultRpc>(*runtime_, rpc::AuthPolicy::Service(),
                                        world_->mediator);
  admin_ = std::make_unique<VaultAdminRpc>(
      *runtime_, rpc::AuthPolicy::Administrator(), world_->core->catalogue());
  rpc::ServerOptions server;
  server.certificate_pem = tls_.server().certificate_pem;
  server.private_key_pem = tls_.server().private_key_pem;
  server.client_roots_pem = tls_.client_roots_pem();
  auto started =
      rpc::Server::Start(server, *runtime_,
                         {person_.get(), service_.get(), admin_.get(),
                          erasures_.get(), holds_.get()});
  LIMPID_CHECK(started.ok());
  server_ = *std::move(started);
}

rpc::ChannelOptions VaultHarness::Anonymous() const {
  rpc::ChannelOptions options;
  options.address = absl::StrCat("localhost:", server_->port());
  options.ca_pem = tls_.server_ca_pem();
  return options;
}

rpc::ChannelOptions VaultHarness::With(
    const testing::TestCertificate& certificate) const {
  rpc::ChannelOptions options = Anonymous();
  options.certificate_pem = certificate.certificate_pem;
  options.private_key_pem = certificate.private_key_pem;
  return options;
}

rpc::ChannelOptions VaultHarness::Anna() {
  rpc::ChannelOptions options = Anonymous();
  options.tokens = [this](std::string_view method) {
    const absl::Time now = world_->clock.Now();
    const std::string source = ExampleIdentity().source.Text();
    rpc::CallTokens tokens;
    tokens.bearer = jose::Mint(
        consent_key_,
        jose::SourceToken{source, world_->anna.holder.Text(),
                          jose::PublicJwk(world_->anna_key.PublicKey()), now,
                          now + absl::Minutes(5)});
    tokens.proof = jose::Mint(
        world_->anna_key, jose::NewProof(source, method, tokens.bearer, now));
    return tokens;
  };
  return options;
}

std::unique_ptr<v1::PersonVaultService::Stub> VaultHarness::PersonStub(
    const rpc::ChannelOptions& options) {
  return v1::PersonVaultService::NewStub(rpc::MakeChannel(options).value());
}

std::unique_ptr<v1::ErasureService::Stub> VaultHarness::ErasureStub(
    const rpc::ChannelOptions& options) {
  return v1::ErasureService::NewStub(rpc::MakeChannel(options).value());
}

std::unique_ptr<v1::HoldAdminService::Stub> VaultHarness::HoldStub(
    const rpc::ChannelOptions& options) {
  return v1::HoldAdminService::NewStub(rpc::MakeChannel(options).value());
}

std::unique_ptr<v1::VaultService::Stub> VaultHarness::ServiceStub(
    const rpc::ChannelOptions& options) {
  return v1::VaultService::NewStub(rpc::MakeChannel(options).value());
}

std::unique_ptr<v1::VaultAdminService::Stub> VaultHarness::AdminStub(
    const rpc::ChannelOptions& options) {
  return v1::VaultAdminService::NewStub(rpc::MakeChannel(options).value());
}

v1::ReadAttributesRequest VaultHarness::ReadRequestOf(
    const VaultWorld& world, const std::vector<std::string>& attributes) {
  v1::ReadAttributesRequest request;
  request.set_record_id(world.gate.record_text);
  request.set_purpose_iri("https://w3id.org/dpv#ServiceProvision");
  for (const std::string& attribute : attributes) {
    request.add_attributes(attribute);
  }
  request.set_request_nonce(std::string(16, 'n'));
  return request;
}

bool VaultHarness::AllPermitsClosed() {
  for (int i = 0; i < 500; ++i) {
    if (world_->fences.open_count() == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace limpid::vault
