// A whole Limpid on a fresh directory and a free port, with real TLS, and
// clients for everybody who takes part. For integration tests and
// benchmarks; every failure aborts with what it was.

#ifndef LIMPID_TESTS_TESTING_WORLD_WORLD_H_
#define LIMPID_TESTS_TESTING_WORLD_WORLD_H_

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/admin_client.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/service_client.h"
#include "clients/cpp/trust.h"
#include "clients/cpp/vault_client.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/rpc/client.h"
#include "server/config.h"
#include "server/provision/provision.h"
#include "tests/testing/world/host.h"

namespace limpid::testing {

// One person with an account.
class Person {
 public:
  // The vault answers on `channel` too, or on `vault_channel`. Nobody else
  // has `key`, except to be the same person at another operator.
  Person(const rpc::ChannelOptions& channel, const client::Trust& trust,
         const base::Clock& clock,
         const std::optional<rpc::ChannelOptions>& vault_channel = std::nullopt,
         client::PersonKey key = client::PersonKey::Generate());

  client::PersonClient& consent() { return *consent_; }
  client::VaultClient& vault() { return *vault_; }
  // Carries her tokens at consent.
  client::Connection& consent_connection() { return *consent_connection_; }
  // Carries her tokens at the vault.
  client::Connection& vault_connection() { return *vault_connection_; }
  [[nodiscard]] const client::PersonKey& key() const { return *key_; }

 private:
  std::unique_ptr<client::PersonKey> key_;
  std::unique_ptr<client::Connection> consent_connection_;
  std::unique_ptr<client::PersonClient> consent_;
  std::unique_ptr<client::SourceTokens> tokens_;
  std::unique_ptr<client::Connection> vault_connection_;
  std::unique_ptr<client::VaultClient> vault_;
};

// One registered service.
struct ServiceSide {
  std::string id;
  // To make channels of one's own.
  rpc::ChannelOptions channel;
  std::unique_ptr<client::Connection> connection;
  std::unique_ptr<client::ServiceClient> client;
};

// One publisher of the register.
struct PublisherSide {
  // Signs versions.
  crypto::Ed25519PrivateKey key = crypto::Ed25519PrivateKey::Generate();
  rpc::ChannelOptions channel;
  std::unique_ptr<client::Connection> connection;
};

// What an agreement of the tests asks; one purpose.
struct AgreementPlan {
  std::string purpose = "https://w3id.org/dpv#ServiceProvision";
  // In full.
  std::vector<std::string> attributes;
  // Also asked, as over_n with n = 18 of person.birth_date.
  bool over_18 = false;
  // The same answer signed.
  bool signed_over_18 = false;
  std::uint64_t use_count_max = 0;
  bool ai_training = false;
  std::vector<std::string> system_ids;
  // In statistics only.
  std::vector<std::string> counted;
  consent::v1::LegalBasis basis = consent::v1::LEGAL_BASIS_CONSENT;
};

// How soon the logs take in what happened.
enum class LogPace {
  // As soon as something waits: tests look at it.
  kAtOnce,
  // Every five seconds: benches measure a server at work.
  kSteady,
};
void SetPace(server::Config& config, LogPace pace);

class World {
 public:
  // Starts on `directory`, which is absent or empty, or was made for the
  // server that `host` finds running.
  World(std::filesystem::path directory, std::unique_ptr<Host> host,
        LogPace pace = LogPace::kAtOnce);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Stops the server and starts it again on the same directory and port.
  void Restart();
  // As a crash would stop it.
  void Kill(int signal = SIGKILL) { host_->Kill(signal); }
  void Stop() { host_->Stop(); }
  void StartAgain() { StartServer(); }
  // The same, for a start that may be refused.
  absl::Status TryStart();

  [[nodiscard]] const std::filesystem::path& directory() const {
    return directory_;
  }
  [[nodiscard]] const client::Trust& trust() const { return trust_; }
  [[nodiscard]] const base::Clock& clock() const { return clock_; }
  client::AdminClient& admin() { return *admin_; }
  // Without certificate and token.
  [[nodiscard]] rpc::ChannelOptions anonymous_channel() const;
  // With an administrator's certificate.
  [[nodiscard]] rpc::ChannelOptions admin_channel() const;

  // Registers a service that may ask for every attribute and purpose used.
  ServiceSide AddService(std::string_view name, const AgreementPlan& plan);
  // What AddAgreement sends.
  static consent::v1::CreateAgreementRequest AgreementRequest(
      const ServiceSide& service, const AgreementPlan& plan);
  // Returns the agreement's id.
  std::string AddAgreement(const ServiceSide& service,
                           const AgreementPlan& plan);
  std::unique_ptr<Person> AddPerson();
  // May import; the name is the certificate's too.
  PublisherSide AddPublisher(const std::string& name);
  // The service asks, the person binds and grants all lines; the record's id.
  std::string Grant(ServiceSide& service, const std::string& agreement,
                    Person& person);

 private:
  void StartServer();
  // Makes `directory_`, or finds what is in it.
  void Provision(LogPace pace);
  // A channel with a fresh certificate of the services' and publishers' CA.
  [[nodiscard]] rpc::ChannelOptions CertifiedChannel(
      std::string_view name) const;

  const std::filesystem::path directory_;
  base::SystemClock clock_;
  server::InitResult init_;
  const std::unique_ptr<Host> host_;
  std::string address_;
  std::string ca_pem_;
  client::Trust trust_;
  std::unique_ptr<client::Connection> admin_connection_;
  std::unique_ptr<client::AdminClient> admin_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_WORLD_WORLD_H_
