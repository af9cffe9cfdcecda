// A vault on SQLCipher files behind a listener with real TLS, with a fake gate.

#ifndef LIMPID_TESTS_INTEGRATION_VAULT_VAULT_HARNESS_H_
#define LIMPID_TESTS_INTEGRATION_VAULT_VAULT_HARNESS_H_

#include <filesystem>
#include <memory>
#include <string>

#include "common/crypto/ed25519.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/storage/database.h"
#include "tests/testing/tls.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/gate/holder_token.h"
#include "vault/rpc/erasure_rpc.h"
#include "vault/rpc/holder_authenticator.h"
#include "vault/rpc/person_vault_rpc.h"
#include "vault/rpc/vault_rpc.h"

namespace limpid::vault {

// A folder that goes with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // A new database in it.
  [[nodiscard]] std::unique_ptr<storage::Database> Make(
      const std::string& name,
      std::vector<storage::Migration> migrations) const;

 private:
  std::filesystem::path path_;
};

class VaultHarness {
 public:
  VaultHarness();

  VaultWorld& world() { return *world_; }
  storage::Database& values() { return *values_; }
  storage::Database& keys() { return *keys_; }
  [[nodiscard]] const Folder& folder() const { return folder_; }
  [[nodiscard]] const testing::TestTls& tls() const { return tls_; }

  [[nodiscard]] rpc::ChannelOptions Anonymous() const;
  [[nodiscard]] rpc::ChannelOptions With(
      const testing::TestCertificate& certificate) const;
  // Anna's channel: a source token and a fresh proof for each call.
  [[nodiscard]] rpc::ChannelOptions Anna();

  std::unique_ptr<v1::PersonVaultService::Stub> PersonStub(
      const rpc::ChannelOptions& options);
  std::unique_ptr<v1::ErasureService::Stub> ErasureStub(
      const rpc::ChannelOptions& options);
  std::unique_ptr<v1::HoldAdminService::Stub> HoldStub(
      const rpc::ChannelOptions& options);
  std::unique_ptr<v1::VaultService::Stub> ServiceStub(
      const rpc::ChannelOptions& options);
  std::unique_ptr<v1::VaultAdminService::Stub> AdminStub(
      const rpc::ChannelOptions& options);

  // A request of the tests' service.
  static v1::ReadAttributesRequest ReadRequestOf(
      const VaultWorld& world, const std::vector<std::string>& attributes);
  // Waits until no permit is open, at most five seconds.
  bool AllPermitsClosed();

 private:
  Folder folder_;
  std::unique_ptr<storage::Database> values_;
  std::unique_ptr<storage::Database> keys_;
  std::unique_ptr<VaultWorld> world_;
  crypto::Ed25519PrivateKey consent_key_ =
      crypto::Ed25519PrivateKey::Generate();
  std::unique_ptr<HolderVerifier> verifier_;
  std::unique_ptr<HolderAuthenticator> authenticator_;
  testing::TestTls tls_;
  base::SystemClock clock_;
  std::unique_ptr<rpc::Runtime> runtime_;
  std::unique_ptr<PersonVaultRpc> person_;
  std::unique_ptr<VaultRpc> service_;
  std::unique_ptr<VaultAdminRpc> admin_;
  std::unique_ptr<ErasureRpc> erasures_;
  std::unique_ptr<HoldAdminRpc> holds_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_INTEGRATION_VAULT_VAULT_HARNESS_H_
