#include "server/roles/role_set.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/ed25519.h"
#include "common/rpc/client.h"
#include "consent/ids.h"
#include "consent/ledger/ports.h"
#include "consent/service_key/key_directory.h"
#include "server/adapters/algorithm_register.h"
#include "server/adapters/consent_gate.h"
#include "server/adapters/consent_ports.h"
#include "server/adapters/key_directory.h"
#include "server/adapters/remote_consent_gate.h"
#include "server/adapters/system_directory.h"
#include "server/config.h"
#include "server/far_consent.h"
#include "server/far_register.h"
#include "server/logging.h"
#include "server/role_files.h"
#include "server/roles/consent_role.h"
#include "server/roles/register_role.h"
#include "server/roles/role.h"
#include "server/roles/vault_role.h"

namespace limpid::server {
namespace {

// The roles of one process and the ports between them, as one.
class RolesInProcess final : public RoleSet {
 public:
  explicit RolesInProcess(const Environment& environment)
      : environment_(environment) {}
  // A gate's answers lead into the vault, which goes before the gate.
  ~RolesInProcess() override {
    if (near_gate_ != nullptr) near_gate_->Stop();
    if (far_gate_ != nullptr) far_gate_->Stop();
  }
  RolesInProcess(const RolesInProcess&) = delete;
  RolesInProcess& operator=(const RolesInProcess&) = delete;

  absl::Status OpenFiles() override {
    LIMPID_RETURN_IF_ERROR(OpenKeyRings());
    const Config& config = environment_.config;
    if (config.HasRole(kRegisterRole)) {
      register_ = MakeRegisterRole(environment_, TakeFiles(kRegisterRole));
      roles_.push_back(register_.get());
    }
    if (config.HasRole(kConsentRole)) {
      consent_ = MakeConsentRole(environment_, TakeFiles(kConsentRole));
      roles_.push_back(consent_.get());
    }
    if (config.HasRole(kVaultRole)) {
      vault_ = MakeVaultRole(environment_, TakeFiles(kVaultRole));
      roles_.push_back(vault_.get());
    }
    for (Role* role : roles_) LIMPID_RETURN_IF_ERROR(role->OpenFiles());
    return absl::OkStatus();
  }

  // In the order in which they need each other.
  absl::Status Start() override {
    if (register_ != nullptr) LIMPID_RETURN_IF_ERROR(register_->Start());
    if (consent_ != nullptr) LIMPID_RETURN_IF_ERROR(StartConsent());
    if (vault_ != nullptr) LIMPID_RETURN_IF_ERROR(StartVault());
    return absl::OkStatus();
  }

  std::vector<grpc::Service*> services() override {
    std::vector<grpc::Service*> all;
    for (Role* role : roles_) {
      for (grpc::Service* service : role->services()) all.push_back(service);
    }
    return all;
  }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    std::vector<PublishedLog> all;
    for (const Role* role : roles_) {
      for (PublishedLog& log : role->logs()) all.push_back(std::move(log));
    }
    return all;
  }
  void Stop() override {
    for (Role* role : roles_) role->Stop();
  }

 private:
  absl::Status OpenKeyRings() {
    for (const std::string& role : environment_.config.roles) {
      LIMPID_ASSIGN_OR_RETURN(
          files_[role], RoleFiles::Open(environment_.config, role,
                                        environment_.root, environment_.clock));
    }
    return absl::OkStatus();
  }

  absl::Status StartConsent() {
    if (register_ == nullptr) {
      systems_ = std::make_unique<NoSystemDirectory>();
    } else {
      systems_ = std::make_unique<RegisterSystemDirectory>(
          register_->registrations(), environment_.clock);
    }
    LIMPID_RETURN_IF_ERROR(OpenKeyDirectory());
    return consent_->Start(*systems_, ranks_, keys_.get(), algorithms_.get());
  }

  // Where consent publishes the keys of its services: the register of this
  // process, another one, or none.
  absl::Status OpenKeyDirectory() {
    if (register_ != nullptr) {
      LIMPID_ASSIGN_OR_RETURN(const crypto::Ed25519PublicKey key,
                              consent_->EvidenceKey());
      register_->Admit({.key = key, .certificate = {}});
      keys_ = std::make_unique<LocalKeyDirectory>(
          register_->registrations(), register_->service_keys(), key);
      algorithms_ = std::make_unique<LocalAlgorithmRegister>(
          register_->registrations(), register_->publishers(),
          *register_->logs().front().log, key);
      return absl::OkStatus();
    }
    if (environment_.config.consent_register_address.empty()) {
      return absl::OkStatus();
    }
    LIMPID_ASSIGN_OR_RETURN(const rpc::ChannelOptions channel,
                            ReadFarRegister(environment_.config));
    LIMPID_ASSIGN_OR_RETURN(keys_, MakeRemoteKeyDirectory(channel));
    return absl::OkStatus();
  }

  absl::Status StartVault() {
    if (consent_ == nullptr) return StartVaultAlone();
    consent::Consent& consent = consent_->consent();
    LIMPID_ASSIGN_OR_RETURN(
        const consent::SourceId source,
        consent::SourceId::Parse(environment_.config.vault_source_id));
    auto gate = std::make_unique<LocalConsentGate>(consent, source);
    near_gate_ = gate.get();
    gate_ = std::move(gate);
    LIMPID_RETURN_IF_ERROR(
        vault_->Start({*gate_, consent.evidence_key(), consent.token_key()}));
    ranks_.Use(vault_->catalogue());
    return absl::OkStatus();
  }

  // Does not wait for consent: until it is there, the vault refuses.
  absl::Status StartVaultAlone() {
    LIMPID_ASSIGN_OR_RETURN(const FarConsent far,
                            ReadFarConsent(environment_.config));
    LIMPID_ASSIGN_OR_RETURN(
        auto gate,
        RemoteConsentGate::Make(far.channel, environment_.clock,
                                [this](LinkNews news, absl::Duration away) {
                                  TellLink(news, away);
                                }));
    far_gate_ = gate.get();
    gate_ = std::move(gate);
    return vault_->Start({*gate_, far.evidence_key, far.token_key});
  }

  void TellLink(LinkNews news, absl::Duration away) {
    const std::string seconds = absl::StrCat(absl::ToInt64Seconds(away));
    if (news == LinkNews::kBack) {
      environment_.log.Write(Severity::kInfo, "consent is reached again",
                             {{"seconds", seconds}});
      return;
    }
    environment_.log.Write(
        Severity::kWarn, "consent cannot be reached: nothing is released",
        {{"seconds", seconds},
         {"address", environment_.config.vault_consent_address},
         {"next",
          "see whether consent runs there and takes this vault's certificate; "
          "it is tried again by itself"}});
  }

  std::unique_ptr<RoleFiles> TakeFiles(std::string_view role) {
    return std::move(files_.find(role)->second);
  }

  const Environment& environment_;
  std::map<std::string, std::unique_ptr<RoleFiles>, std::less<>> files_;
  // In the order of need.
  std::unique_ptr<RegisterRole> register_;
  std::unique_ptr<consent::SystemDirectory> systems_;
  std::unique_ptr<consent::KeyDirectory> keys_;
  // Null where the register is in another process: no training read is released
  // there (NoSystemDirectory).
  std::unique_ptr<consent::AlgorithmRegister> algorithms_;
  VaultAttributeRanks ranks_;
  std::unique_ptr<ConsentRole> consent_;
  std::unique_ptr<vault::ConsentGate> gate_;
  // The same: one of them.
  LocalConsentGate* near_gate_ = nullptr;
  // When consent is in another process.
  RemoteConsentGate* far_gate_ = nullptr;
  std::unique_ptr<VaultRole> vault_;
  // Those that run.
  std::vector<Role*> roles_;
};

}  // namespace

absl::Duration LogInterval(const Config& config) {
  return absl::Seconds(
      config.log_publish_when_pending ? 1 : config.log_interval_seconds);
}

std::string LogUrl(const Environment& environment, std::string_view prefix) {
  if (environment.public_url.empty()) return "";
  return absl::StrCat(environment.public_url, base::ToAbsl(prefix));
}

std::unique_ptr<RoleSet> MakeRoleSet(const Environment& environment) {
  return std::make_unique<RolesInProcess>(environment);
}

}  // namespace limpid::server
