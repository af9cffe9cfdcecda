// Consent in one server, the vault in another, as an operator would split them:
// two directories, two key rings, two listeners, one client CA.

#ifndef LIMPID_TESTS_TESTING_WORLD_SPLIT_H_
#define LIMPID_TESTS_TESTING_WORLD_SPLIT_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/testing/world/host.h"
#include "tests/testing/world/world.h"

namespace limpid::testing {

class SplitWorld {
 public:
  // Both start below `directory`, which is absent or empty.
  SplitWorld(std::filesystem::path directory, std::unique_ptr<Host> consent,
             std::unique_ptr<Host> vault, LogPace pace = LogPace::kAtOnce);
  ~SplitWorld();
  SplitWorld(const SplitWorld&) = delete;
  SplitWorld& operator=(const SplitWorld&) = delete;

  // Consent and register. Persons and services made by it speak to that server
  // alone.
  World& consent() { return *consent_; }
  Host& vault_host() { return *vault_host_; }
  void StartVault();

  // With her account there and her attributes in the vault.
  std::unique_ptr<Person> AddPerson();
  // A channel to the vault with the certificate of `service`.
  std::unique_ptr<client::Connection> ConnectToVault(
      const ServiceSide& service);
  [[nodiscard]] const std::string& source_id() const { return source_id_; }
  // What the vault shows to consent.
  [[nodiscard]] rpc::ChannelOptions SourceChannel() const;
  // Without certificate and token.
  [[nodiscard]] rpc::ChannelOptions VaultChannel() const;

 private:
  void ProvisionBoth(LogPace pace);
  void PointVaultAtConsent();

  const std::filesystem::path directory_;
  base::SystemClock clock_;
  server::InitResult vault_init_;
  std::string source_id_;
  server::CredentialFiles source_credential_;
  std::unique_ptr<World> consent_;
  // Of the persons, who keep a reference.
  client::Trust trust_;
  std::unique_ptr<Host> vault_host_;
  std::string vault_address_;
  std::string vault_ca_pem_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_WORLD_SPLIT_H_
