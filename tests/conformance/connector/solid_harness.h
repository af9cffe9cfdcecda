// Pods on a real Community Solid Server (tools/solid), started once for the
// program, with its own TLS. The persons' side is their files; this vault's is
// an account and a WebID.

#ifndef LIMPID_TESTS_CONFORMANCE_CONNECTOR_SOLID_HARNESS_H_
#define LIMPID_TESTS_CONFORMANCE_CONNECTOR_SOLID_HARNESS_H_

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "server/adapters/source_channel.h"
#include "tests/conformance/connector/connector_harness.h"
#include "tests/testing/shared.h"
#include "tests/testing/tls.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/connectors/solid_connector.h"

namespace limpid::vault {

class SolidServer {
 public:
  // Empty when the npm package and node are there.
  static std::string WhyAbsent();
  static SolidServer& Shared();
  ~SolidServer();
  SolidServer(const SolidServer&) = delete;
  SolidServer& operator=(const SolidServer&) = delete;

  // Starts it when it was stopped.
  void EnsureUp();
  // At once, without a word.
  void Kill();
  // Takes connections and does nothing, until EnsureUp.
  void Freeze();

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& ca_pem() const {
    return tls_.server_ca_pem();
  }
  [[nodiscard]] std::filesystem::path data() const {
    return directory_.path() / "data";
  }
  // Of this vault's account.
  [[nodiscard]] const std::string& web_id() const { return web_id_; }
  [[nodiscard]] const std::string& client_id() const { return client_id_; }
  [[nodiscard]] const std::string& client_secret() const {
    return client_secret_;
  }

 private:
  SolidServer();
  void Start();
  void WaitUntilUp();
  void MakeAccount();

  testing::TempDir directory_;
  testing::TestTls tls_;
  int port_ = 0;
  std::string url_;
  pid_t child_ = 0;
  bool frozen_ = false;
  std::string web_id_;
  std::string client_id_;
  std::string client_secret_;
};

class SolidHarness final : public ConnectorHarness {
 public:
  SolidHarness();
  ~SolidHarness() override;
  SolidHarness(const SolidHarness&) = delete;
  SolidHarness& operator=(const SolidHarness&) = delete;

  Connector& connector() override { return *connector_; }
  const PersonCaller& anna() override { return anna_; }
  const PersonCaller& bela() override { return bela_; }
  std::string ProofOf(const PersonCaller& who) override;
  std::string WorthlessProof() override;
  void Hold(const PersonCaller& who, const std::string& attribute,
            const std::string& value_json) override;
  void Forget(const PersonCaller& who, const std::string& attribute) override;
  void Stop() override { SolidServer::Shared().Kill(); }
  void Hang() override { SolidServer::Shared().Freeze(); }

  // For tests of this kind alone. Takes the right to read back.
  void ShutOut(const PersonCaller& who);
  // Writes a document as it is.
  void Write(const PersonCaller& who, const std::string& name,
             const std::string& text);

 private:
  [[nodiscard]] std::filesystem::path FolderOf(const PersonCaller& who) const;
  [[nodiscard]] std::string PodOf(const PersonCaller& who) const;
  void MakePod(const PersonCaller& who);

  const base::SystemClock clock_;
  const int number_;
  std::unique_ptr<server::StoppableChannel> channel_;
  std::unique_ptr<SolidConnector> connector_;
  const PersonCaller anna_{HolderId(Counting<16>(1)),
                           crypto::Ed25519PrivateKey::Generate().PublicKey()};
  const PersonCaller bela_{HolderId(Counting<16>(0x51)),
                           crypto::Ed25519PrivateKey::Generate().PublicKey()};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_CONNECTOR_SOLID_HARNESS_H_
