#include "server/roles/consent_role.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/keyring.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/grpc_status.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
#include "consent/consent.h"
#include "consent/identity/person_tokens.h"
#include "consent/ids.h"
#include "consent/ledger/stop_ledger.h"
#include "consent/ledger/store.h"
#include "consent/ledger/tailed_store.h"
#include "consent/rpc/access_erasure_rpc.h"
#include "consent/rpc/account_rpc.h"
#include "consent/rpc/agreement_catalogue_rpc.h"
#include "consent/rpc/audit_rpc.h"
#include "consent/rpc/consent_admin_rpc.h"
#include "consent/rpc/decision_notice_rpc.h"
#include "consent/rpc/decision_rpc.h"
#include "consent/rpc/delegation_rpc.h"
#include "consent/rpc/deletion_duty_rpc.h"
#include "consent/rpc/log_head_stamp.h"
#include "consent/rpc/move_rpc.h"
#include "consent/rpc/person_authenticator.h"
#include "consent/rpc/person_consent_rpc.h"
#include "consent/rpc/person_embargo_rpc.h"
#include "consent/rpc/person_notice_rpc.h"
#include "consent/rpc/push_rpc.h"
#include "consent/rpc/reconcile_rpc.h"
#include "consent/rpc/reconsent_rpc.h"
#include "consent/rpc/record_act_rpc.h"
#include "consent/rpc/request_syntax_rpc.h"
#include "consent/rpc/service_change_rpc.h"
#include "consent/rpc/service_consent_rpc.h"
#include "consent/rpc/service_key_admin_rpc.h"
#include "consent/rpc/sharing_admin_rpc.h"
#include "consent/rpc/standing_permission_rpc.h"
#include "consent/rpc/training_rpc.h"
#include "consent/service_key/key_directory.h"
#include "consent/store/sql_ledger_store.h"
#include "consent/training/training_worker.h"
#include "server/adapters/consent_ports.h"
#include "server/adapters/push_transport.h"
#include "server/config.h"
#include "server/known_operator.h"
#include "server/logging.h"
#include "server/remote_source.h"
#include "server/role_files.h"
#include "server/roles/role.h"

namespace limpid::server {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxPemBytes = 1 << 20;

absl::StatusOr<crypto::Ed25519PrivateKey> SigningKey(crypto::KeyRing& ring,
                                                     std::string_view name) {
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes seed,
                          ring.GetOrCreate(name, crypto::kEd25519SeedBytes));
  return crypto::Ed25519PrivateKey::FromSeed(seed);
}

// Keys of the role by their names in the ring.
absl::StatusOr<consent::ConsentKeys> KeysOf(crypto::KeyRing& ring) {
  LIMPID_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey evidence,
                          SigningKey(ring, "evidence-seed"));
  LIMPID_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey token,
                          SigningKey(ring, "token-seed"));
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes root,
                          ring.GetOrCreate("consent-root", kKeyBytes));
  return consent::ConsentKeys{std::move(evidence), std::move(token),
                              std::move(root)};
}

absl::StatusOr<consent::ConsentOptions> OptionsOf(
    const Environment& environment) {
  const Config& config = environment.config;
  consent::ConsentOptions options;
  options.operator_name = config.operator_name;
  options.alarm = rpc::Alarm;
  options.log_interval = absl::Seconds(config.log_interval_seconds);
  options.tick_when_pending = config.log_publish_when_pending;
  options.persons_in_memory =
      static_cast<std::size_t>(config.consent_persons_in_memory);
  if (config.HasRole(kVaultRole)) {
    LIMPID_ASSIGN_OR_RETURN(const consent::SourceId source,
                            consent::SourceId::Parse(config.vault_source_id));
    // No address: the vault answers on the same listener.
    options.sources.push_back({source, config.vault_name, "", {}});
  }
  for (const std::string& text : config.consent_sources) {
    LIMPID_ASSIGN_OR_RETURN(const RemoteSource far, ParseRemoteSource(text));
    LIMPID_ASSIGN_OR_RETURN(const consent::SourceId source,
                            consent::SourceId::Parse(far.id));
    options.sources.push_back({source, far.name, far.address, far.key});
  }
  for (const std::string& text : config.consent_known_operators) {
    LIMPID_ASSIGN_OR_RETURN(const KnownOperator known,
                            ParseKnownOperator(text));
    LIMPID_ASSIGN_OR_RETURN(const auto key,
                            crypto::Ed25519PublicKey::FromBytes(known.key));
    options.known_operators.push_back({known.name, key});
  }
  return options;
}

absl::StatusOr<std::unique_ptr<consent::PushTransport>> TransportOf(
    const Config& config) {
  PushTransportOptions options;
  options.private_addresses = config.push_private_addresses;
  if (!config.push_ca_file.empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        const base::Bytes pem,
        base::ReadFileBytes(config.Resolve(config.push_ca_file), kMaxPemBytes));
    options.more_ca_pem = base::AsText(pem);
  }
  return MakePushTransport(std::move(options));
}

// What answers calls. Members in the order of need.
struct ConsentEdges {
  ConsentEdges(const Environment& environment, consent::Consent& consent,
               std::vector<consent::AuditorKey> auditors)
      : tokens(consent, environment.clock),
        authenticator(tokens),
        stamp(consent),
        accounts(environment.runtime, rpc::AuthPolicy::NewPerson(), Person(),
                 consent, tokens),
        keys(environment.runtime, rpc::AuthPolicy::Public(), consent),
        persons(environment.runtime, Person(), consent),
        record_acts(environment.runtime, Person(), consent),
        moves(environment.runtime, Person(), consent),
        services(environment.runtime, rpc::AuthPolicy::Service(), consent),
        request_syntax(environment.runtime, rpc::AuthPolicy::Service(),
                       consent),
        administration(environment.runtime, rpc::AuthPolicy::Administrator(),
                       consent),
        decisions(environment.runtime, rpc::AuthPolicy::Service(), consent),
        catalogue(environment.runtime, rpc::AuthPolicy::Public(), consent),
        sharing(environment.runtime, rpc::AuthPolicy::Administrator(), consent),
        changes(environment.runtime, rpc::AuthPolicy::Administrator(), consent),
        service_keys(environment.runtime, rpc::AuthPolicy::Administrator(),
                     consent),
        reconsents(environment.runtime, Person(), consent),
        campaigns(environment.runtime, rpc::AuthPolicy::Service(), consent),
        duties(environment.runtime, rpc::AuthPolicy::Service(), consent),
        person_duties(environment.runtime, Person(), consent),
        duty_administration(environment.runtime,
                            rpc::AuthPolicy::Administrator(), consent),
        push(environment.runtime, rpc::AuthPolicy::Service(), consent),
        deliveries(environment.runtime, Person(), consent),
        push_administration(environment.runtime,
                            rpc::AuthPolicy::Administrator(), consent),
        delegations(environment.runtime, Person(), consent),
        delegation_administration(environment.runtime,
                                  rpc::AuthPolicy::Administrator(), consent),
        standing(environment.runtime, Person(), consent),
        erasures(environment.runtime, Person(), consent),
        notices(environment.runtime, Person(), consent),
        embargoes(environment.runtime, Person(), consent),
        trainings(environment.runtime, Person(), consent),
        decision_notices(environment.runtime, rpc::AuthPolicy::Service(),
                         consent, environment.clock),
        person_decision_notices(environment.runtime, Person(), consent),
        audits(environment.runtime, rpc::AuthPolicy::Service(), consent,
               std::move(auditors)),
        reconciling(environment.runtime, rpc::AuthPolicy::Administrator(),
                    consent) {}

  // Each answer to a person carries the signed end of her log.
  rpc::AuthPolicy Person() {
    return rpc::AuthPolicy::Person(authenticator, &stamp);
  }

  consent::PersonTokens tokens;
  consent::PersonAuthenticator authenticator;
  consent::LogHeadStamp stamp;
  consent::AccountRpc accounts;
  consent::EvidenceKeyRpc keys;
  consent::PersonConsentRpc persons;
  consent::RecordActRpc record_acts;
  consent::MoveRpc moves;
  consent::ServiceConsentRpc services;
  consent::RequestSyntaxRpc request_syntax;
  consent::ConsentAdminRpc administration;
  consent::DecisionRpc decisions;
  consent::AgreementCatalogueRpc catalogue;
  consent::SharingAdminRpc sharing;
  consent::ServiceChangeRpc changes;
  consent::ServiceKeyAdminRpc service_keys;
  consent::PersonReconsentRpc reconsents;
  consent::ServiceCampaignRpc campaigns;
  consent::DeletionDutyRpc duties;
  consent::PersonDutyRpc person_duties;
  consent::DutyAdminRpc duty_administration;
  consent::ServicePushRpc push;
  consent::PersonDeliveryRpc deliveries;
  consent::PushAdminRpc push_administration;
  consent::DelegationRpc delegations;
  consent::DelegationAdminRpc delegation_administration;
  consent::StandingPermissionRpc standing;
  consent::AccessErasureRpc erasures;
  consent::PersonNoticeRpc notices;
  consent::PersonEmbargoRpc embargoes;
  consent::TrainingRpc trainings;
  consent::ServiceDecisionNoticeRpc decision_notices;
  consent::PersonDecisionNoticeRpc person_decision_notices;
  consent::AuditRpc audits;
  consent::ReconcileRpc reconciling;
};

class ConsentInProcess final : public ConsentRole {
 public:
  ConsentInProcess(const Environment& environment,
                   std::unique_ptr<RoleFiles> files)
      : environment_(environment),
        files_(std::move(files)),
        keks_(files_->keys()) {}

  absl::StatusOr<crypto::Ed25519PublicKey> EvidenceKey() override {
    LIMPID_ASSIGN_OR_RETURN(const consent::ConsentKeys keys,
                            KeysOf(files_->keys()));
    return keys.evidence.PublicKey();
  }

  absl::Status Start(const consent::SystemDirectory& systems,
                     const consent::AttributeRanks& ranks,
                     consent::KeyDirectory* keys_of_services,
                     consent::AlgorithmRegister* algorithms) override {
    LIMPID_ASSIGN_OR_RETURN(consent::ConsentKeys keys, KeysOf(files_->keys()));
    LIMPID_ASSIGN_OR_RETURN(consent::ConsentOptions options,
                            OptionsOf(environment_));
    options.store_is_older = ledger_->tables_are_older();
    LIMPID_ASSIGN_OR_RETURN(transport_, TransportOf(environment_.config));
    LIMPID_ASSIGN_OR_RETURN(
        consent_, consent::Consent::Open(
                      {*ledger_, *person_keys_, keks_, *stops_, *access_log_,
                       systems, purposes_, environment_.clock, transport_.get(),
                       &ranks, keys_of_services},
                      std::move(keys), std::move(options)));
    if (algorithms != nullptr) {
      consent::ConnectRegister(*consent_, *algorithms);
      trainings_.emplace(*consent_);
    }
    LIMPID_RETURN_IF_ERROR(ledger_->SettleOlder());
    TellPaused();
    LIMPID_ASSIGN_OR_RETURN(
        auto auditors, ParseAuditors(environment_.config.consent_auditors));
    edges_.emplace(environment_, *consent_, std::move(auditors));
    return files_->FinishFirstStart();
  }

  [[nodiscard]] consent::Consent& consent() override { return *consent_; }
  std::vector<grpc::Service*> services() override {
    return {&edges_->accounts,
            &edges_->keys,
            &edges_->persons,
            &edges_->record_acts,
            &edges_->moves,
            &edges_->services,
            &edges_->request_syntax,
            &edges_->administration,
            &edges_->decisions,
            &edges_->catalogue,
            &edges_->sharing,
            &edges_->changes,
            &edges_->service_keys,
            &edges_->reconsents,
            &edges_->campaigns,
            &edges_->duties,
            &edges_->person_duties,
            &edges_->duty_administration,
            &edges_->push,
            &edges_->deliveries,
            &edges_->push_administration,
            &edges_->delegations,
            &edges_->delegation_administration,
            &edges_->standing,
            &edges_->erasures,
            &edges_->notices,
            &edges_->embargoes,
            &edges_->trainings,
            &edges_->decision_notices,
            &edges_->person_decision_notices,
            &edges_->audits,
            &edges_->reconciling};
  }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{"/access", files_->directory() / "log", log_.get()}};
  }

  absl::Status OpenFiles() override {
    LIMPID_ASSIGN_OR_RETURN(
        store_, files_->OpenDatabase("store", consent::LedgerMigrations()));
    LIMPID_ASSIGN_OR_RETURN(
        keys_, files_->OpenDatabase("keys", consent::PersonKeyMigrations()));
    tables_ = consent::MakeSqlLedgerStore(*store_);
    LIMPID_ASSIGN_OR_RETURN(base::SecretBytes tail_key,
                            files_->keys().GetOrCreate("redo-tail", kKeyBytes));
    LIMPID_ASSIGN_OR_RETURN(
        ledger_, consent::OpenTailedStore(*tables_, files_->directory(),
                                          std::move(tail_key)));
    person_keys_ = consent::MakeSqlPersonKeyStore(*keys_);
    LIMPID_ASSIGN_OR_RETURN(
        base::SecretBytes stop_key,
        files_->keys().GetOrCreate("stop-ledger", kKeyBytes));
    const Config& config = environment_.config;
    LIMPID_ASSIGN_OR_RETURN(
        stops_, consent::OpenStopLedger(
                    config.Resolve(config.stop_ledger_directory) / "stops",
                    std::move(stop_key)));
    LIMPID_ASSIGN_OR_RETURN(log_, files_->OpenLog("access"));
    access_log_.emplace(*log_);
    return absl::OkStatus();
  }

 private:
  // Why the start paused what was granted, if it did, and what is to be done.
  void TellPaused() {
    const std::string count = absl::StrCat(consent_->restored_count());
    if (consent_->stop_ledger_lost()) {
      environment_.log.Write(
          Severity::kWarn,
          "the stop ledger was lost: it was made anew from the store and "
          "records were paused",
          {{"count", count},
           {"next",
            "if consent's store is not the newest, stop, put back the newest "
            "file stops of the stop ledger's directory and start again before "
            "anybody resumes; otherwise nothing is lost and persons resume"}});
    } else if (consent_->restored_count() > 0) {
      environment_.log.Write(Severity::kWarn,
                             "the store was an older copy: records were paused",
                             {{"count", count}});
    }
  }

  const Environment& environment_;
  // In the order of need.
  std::unique_ptr<RoleFiles> files_;
  ConsentKeks keks_;
  DpvPurposes purposes_;
  std::unique_ptr<storage::Database> store_;
  std::unique_ptr<storage::Database> keys_;
  std::unique_ptr<consent::LedgerStore> tables_;
  std::unique_ptr<consent::TailedStore> ledger_;
  std::unique_ptr<consent::PersonKeyStore> person_keys_;
  std::unique_ptr<consent::StopLedger> stops_;
  std::unique_ptr<tlog::Log> log_;
  std::optional<TlogAccessLog> access_log_;
  std::unique_ptr<consent::PushTransport> transport_;
  std::unique_ptr<consent::Consent> consent_;
  // Not where there is no register.
  std::optional<consent::TrainingWorker> trainings_;
  std::optional<ConsentEdges> edges_;
};

}  // namespace

std::unique_ptr<ConsentRole> MakeConsentRole(const Environment& environment,
                                             std::unique_ptr<RoleFiles> files) {
  return std::make_unique<ConsentInProcess>(environment, std::move(files));
}

}  // namespace limpid::server
