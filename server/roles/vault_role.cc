#include "server/roles/vault_role.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/worker_pool.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
#include "server/config.h"
#include "server/keyagent/agent_client.h"
#include "server/logging.h"
#include "server/role_files.h"
#include "server/roles/role.h"
#include "server/roles/vault_key_agent.h"
#include "server/roles/vault_settings.h"
#include "server/roles/vault_sources.h"
#include "server/ticker.h"
#include "vault/attribute/person_vault.h"
#include "vault/connectors/source_desk.h"
#include "vault/core.h"
#include "vault/custody/copy_desk.h"
#include "vault/custody/copy_store.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_desk.h"
#include "vault/epochs/epoch_keeper.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/hold_desk.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/gate/holder_token.h"
#include "vault/keys/key_ring_source.h"
#include "vault/log/catch_up.h"
#include "vault/log/publisher.h"
#include "vault/log/vault_log.h"
#include "vault/mediator/mediator.h"
#include "vault/portability/exporter.h"
#include "vault/portability/importer.h"
#include "vault/portability/move_desk.h"
#include "vault/reader/reader.h"
#include "vault/recovery/recovery_desk.h"
#include "vault/rpc/answer_key_rpc.h"
#include "vault/rpc/erasure_rpc.h"
#include "vault/rpc/holder_authenticator.h"
#include "vault/rpc/key_admin_rpc.h"
#include "vault/rpc/person_vault_rpc.h"
#include "vault/rpc/portability_rpc.h"
#include "vault/rpc/recovery_rpc.h"
#include "vault/rpc/release_trail_rpc.h"
#include "vault/rpc/sealed_vault_rpc.h"
#include "vault/rpc/source_rpc.h"
#include "vault/rpc/statistics_rpc.h"
#include "vault/rpc/vault_rpc.h"
#include "vault/statistics/aggregator.h"
#include "vault/statistics/statistics_store.h"
#include "vault/store/sql_store.h"
#include "vault/store/trail_stores.h"
#include "vault/suites/suite_rotation.h"
#include "vault/trail/release_trail.h"
#include "vault/trail/trail_store.h"

namespace limpid::server {
namespace {

// Most statistics that wait for the one that is being made.
constexpr std::size_t kMaxStatistics = 32;
// How long a note of a release may wait for its batch: what a crash loses.
constexpr absl::Duration kTrailInterval = absl::Seconds(5);
// Most questions that wait for a look at what is kept: some lookups each.
constexpr std::size_t kMaxSteps = 256;
// Reads that may wait for the key agent beside those that compute.
constexpr unsigned kWaitForAgent = 6;

// What holds state on the disk, in the order of need.
struct VaultStores {
  std::unique_ptr<RoleFiles> files;
  std::unique_ptr<storage::Database> values;
  std::unique_ptr<storage::Database> keys;
  std::unique_ptr<tlog::Log> log;

  absl::Status Open() {
    LIMPID_ASSIGN_OR_RETURN(
        values, files->OpenDatabase("store", vault::VaultStoreMigrations()));
    LIMPID_ASSIGN_OR_RETURN(
        keys, files->OpenDatabase("keys", vault::KeyStoreMigrations()));
    LIMPID_ASSIGN_OR_RETURN(log, files->OpenLog("vault"));
    return absl::OkStatus();
  }
};

// The domain over its stores. Members in the order of need.
struct VaultDomain {
  VaultDomain(const VaultStores& stores, const Environment& environment,
              const VaultTrust& trust, const vault::Identity& identity)
      : keks(stores.files->keys()),
        key_store(vault::NewSqlKeyStore(*stores.keys)),
        store(vault::NewSqlVaultStore(*stores.values)),
        statistics(vault::NewSqlStatisticsStore(*stores.values)),
        copies(vault::NewSqlCopyStore(*stores.values)),
        releases(vault::NewSqlTrailStore(*stores.values)),
        log(*stores.log),
        publisher(*store, log),
        holders(identity.source, trust.token_key, environment.clock),
        authenticator(holders) {}

  vault::KeyRingSource keks;
  std::unique_ptr<vault::KeyStore> key_store;
  std::unique_ptr<vault::VaultStore> store;
  std::unique_ptr<vault::StatisticsStore> statistics;
  std::unique_ptr<vault::CopyStore> copies;
  std::unique_ptr<vault::TrailStore> releases;
  vault::TlogVaultLog log;
  vault::ActPublisher publisher;
  vault::HolderVerifier holders;
  vault::HolderAuthenticator authenticator;
  std::unique_ptr<vault::VaultCore> core;
  std::unique_ptr<vault::TombstoneFile> tombstones;
  std::unique_ptr<vault::Eraser> eraser;
  std::optional<vault::EpochKeeper> epochs;
  std::optional<vault::SuiteRotation> suites;
  std::optional<vault::ReleaseTrail> trail;

  // Log and tombstones agree with the stores when it returns; before anything
  // is served.
  absl::Status BringTogether(const Environment& environment) {
    const Config& config = environment.config;
    LIMPID_RETURN_IF_ERROR(OpenTombstones(config));
    LIMPID_ASSIGN_OR_RETURN(
        eraser,
        vault::Eraser::Open(*core, *tombstones, *copies, RetentionOf(config)));
    epochs.emplace(*core, *eraser, absl::Hours(24) * config.vault_epoch_days);
    suites.emplace(*core, *eraser, AlarmOn(environment.log));
    LIMPID_RETURN_IF_ERROR(epochs->CheckRing());
    LIMPID_RETURN_IF_ERROR(TellDead(environment.log));
    if (config.accept_older_vault) {
      LIMPID_RETURN_IF_ERROR(AcceptOlder(environment));
    }
    LIMPID_RETURN_IF_ERROR(publisher.CheckStore());
    LIMPID_ASSIGN_OR_RETURN(const vault::Recovery recovery, eraser->Recover());
    Tell(environment.log, recovery);
    LIMPID_ASSIGN_OR_RETURN(base::SecretBytes trail_key,
                            keks.Named(vault::kTrailKeyName));
    trail.emplace(*core, *releases, publisher, std::move(trail_key));
    return absl::OkStatus();
  }

 private:
  absl::Status AcceptOlder(const Environment& environment) {
    LIMPID_RETURN_IF_ERROR(eraser->AcceptOlderValues());
    LIMPID_ASSIGN_OR_RETURN(
        const std::uint64_t lost,
        vault::CatchUp(*store, log, core->acts(), environment.clock.Now()));
    environment.log.Write(Severity::kWarn,
                          "the vault's store is accepted as an older copy",
                          {{"acts_lost", absl::StrCat(lost)}});
    return absl::OkStatus();
  }

  absl::Status TellDead(Logger& logger) const {
    LIMPID_ASSIGN_OR_RETURN(const auto dead, epochs->Dead());
    for (const vault::EpochUse& use : dead) {
      logger.Write(
          Severity::kError,
          "keys.db is from before an epoch's key was destroyed: what is "
          "under it is lost unless a newer keys.db is put back",
          {{"epoch", absl::StrCat(use.epoch)},
           {"slots", absl::StrCat(use.slots)},
           {"copy_keys", absl::StrCat(use.copy_keys)}});
    }
    return absl::OkStatus();
  }

  static void Tell(Logger& log, const vault::Recovery& recovery) {
    if (recovery.file_lost) {
      log.Write(Severity::kError,
                "the file of tombstones was lost and is written anew from "
                "keys.db: if that is an older copy, put back the newest");
    }
    if (recovery.replayed + recovery.finished + recovery.stuck == 0) return;
    log.Write(recovery.stuck > 0 ? Severity::kError : Severity::kWarn,
              "erasures were finished at the start",
              {{"replayed", absl::StrCat(recovery.replayed)},
               {"finished", absl::StrCat(recovery.finished)},
               {"stuck", absl::StrCat(recovery.stuck)}});
  }

  absl::Status OpenTombstones(const Config& config) {
    const auto directory = config.Resolve(config.vault_tombstone_directory);
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat(
          "the directory of tombstones ", directory.string(),
          " cannot be made: vault.tombstone_directory says where it is"));
    }
    LIMPID_ASSIGN_OR_RETURN(base::SecretBytes key,
                            keks.Named(vault::kTombstoneKeyName));
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t known,
                            key_store->LastTombstone());
    LIMPID_ASSIGN_OR_RETURN(tombstones, vault::OpenTombstoneFile(
                                            directory / "vault", std::move(key),
                                            core->blinder(), known));
    return absl::OkStatus();
  }
};

// Counts over many persons, apart from reads, and apart from repeating answers
// that are kept: those wait for nobody's counting.
struct VaultStatistics {
  VaultStatistics() = default;
  // Consent may still be gathering a cohort, and goes after the vault.
  ~VaultStatistics() {
    if (aggregator != nullptr) aggregator->Stop();
  }
  VaultStatistics(const VaultStatistics&) = delete;
  VaultStatistics& operator=(const VaultStatistics&) = delete;

  absl::Status Open(VaultDomain& domain, const Environment& environment,
                    const VaultTrust& trust) {
    LIMPID_ASSIGN_OR_RETURN(
        aggregator,
        vault::Aggregator::Open(*domain.core, domain.keks, *domain.statistics,
                                trust.gate, trust.evidence_key,
                                {.steps =
                                     [this](std::function<void()> work) {
                                       return steps.Run(std::move(work));
                                     },
                                 .counting =
                                     [this](std::function<void()> work) {
                                       return counting.Run(std::move(work));
                                     }}));
    edge.emplace(environment.runtime, rpc::AuthPolicy::Service(), *aggregator);
    return absl::OkStatus();
  }

  std::unique_ptr<vault::Aggregator> aggregator;
  std::optional<vault::StatisticsRpc> edge;
  // Run what is queued before the others go.
  rpc::WorkerPool steps{1, kMaxSteps};
  rpc::WorkerPool counting{1, kMaxStatistics};
};

// What answers calls.
struct VaultEdges {
  VaultEdges(VaultDomain& domain, const Environment& environment,
             const VaultTrust& trust, VaultSources& from)
      : copies(*domain.core, *domain.copies),
        reader(*domain.core, trust.evidence_key, &copies, &*domain.trail),
        mediator(
            *domain.core, trust.gate, reader,
            [this](std::function<void()> work) {
              return answers.Run(std::move(work));
            },
            &from.fetcher()),
        sources(*domain.core, from.set()),
        persons(*domain.core, domain.publisher),
        slots(*domain.core),
        sealed(*domain.core),
        exporter(*domain.core, slots),
        importer(*domain.core, slots),
        moves(*domain.core),
        recoveries(*domain.core,
                   absl::Hours(environment.config.vault_recovery_delay_hours)),
        erasures(*domain.core, *domain.eraser, domain.publisher),
        holds(*domain.core, *domain.eraser),
        services(environment.runtime, rpc::AuthPolicy::Service(), mediator),
        answer_keys(environment.runtime, rpc::AuthPolicy::Public(),
                    *domain.core),
        person_edge(environment.runtime,
                    rpc::AuthPolicy::Person(domain.authenticator), persons,
                    erasures, domain.core->catalogue()),
        sealed_edge(environment.runtime,
                    rpc::AuthPolicy::Person(domain.authenticator), slots,
                    sealed, copies, recoveries),
        portability_edge(environment.runtime,
                         rpc::AuthPolicy::Person(domain.authenticator),
                         exporter, importer, moves),
        recovery_edge(environment.runtime,
                      rpc::AuthPolicy::Person(domain.authenticator),
                      recoveries),
        source_edge(environment.runtime,
                    rpc::AuthPolicy::Person(domain.authenticator), sources),
        erasure_edge(environment.runtime,
                     rpc::AuthPolicy::Person(domain.authenticator), erasures,
                     holds),
        hold_edge(environment.runtime, rpc::AuthPolicy::Administrator(), holds),
        key_edge(environment.runtime, rpc::AuthPolicy::Administrator(),
                 *domain.epochs, *domain.suites),
        trail_edge(environment.runtime, rpc::AuthPolicy::Administrator(),
                   *domain.trail),
        admin_edge(environment.runtime, rpc::AuthPolicy::Administrator(),
                   domain.core->catalogue()),
        answers(AnswerThreads(*domain.core),
                static_cast<std::size_t>(environment.config.limits_queue)) {}

  vault::CopyDesk copies;
  vault::Reader reader;
  vault::Mediator mediator;
  vault::SourceDesk sources;
  vault::PersonVault persons;
  vault::SlotDesk slots;
  vault::SealedVault sealed;
  vault::Exporter exporter;
  vault::Importer importer;
  vault::MoveDesk moves;
  vault::RecoveryDesk recoveries;
  vault::ErasureDesk erasures;
  vault::HoldDesk holds;
  vault::VaultRpc services;
  vault::AnswerKeyRpc answer_keys;
  vault::PersonVaultRpc person_edge;
  vault::SealedVaultRpc sealed_edge;
  vault::PortabilityRpc portability_edge;
  vault::RecoveryRpc recovery_edge;
  vault::SourceRpc source_edge;
  vault::ErasureRpc erasure_edge;
  vault::HoldAdminRpc hold_edge;
  vault::KeyAdminRpc key_edge;
  vault::ReleaseTrailRpc trail_edge;
  vault::VaultAdminRpc admin_edge;
  // Goes first: what it holds is run then, and needs all of the above.
  rpc::WorkerPool answers;

 private:
  // Decrypting computes and never waits, so that more threads than cores only
  // take turns; unless a key agent is asked meanwhile.
  static int AnswerThreads(const vault::VaultCore& core) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return static_cast<int>(core.has_agent() ? cores + kWaitForAgent : cores);
  }
};

class VaultInProcess final : public VaultRole {
 public:
  VaultInProcess(const Environment& environment,
                 std::unique_ptr<RoleFiles> files)
      : environment_(environment) {
    stores_.files = std::move(files);
  }
  // What waits for sources is answered by the edges, which go first.
  ~VaultInProcess() override {
    StopSources();
    trail_ticker_.reset();
    // Calls that ended after the last tick have let values go, too.
    if (domain_ && domain_->trail) WriteTrail();
  }
  VaultInProcess(const VaultInProcess&) = delete;
  VaultInProcess& operator=(const VaultInProcess&) = delete;

  absl::Status OpenFiles() override { return stores_.Open(); }

  absl::Status Start(const VaultTrust& trust) override {
    const Config& config = environment_.config;
    LIMPID_ASSIGN_OR_RETURN(const vault::SourceId source,
                            vault::SourceId::Parse(config.vault_source_id));
    const vault::Identity identity{config.operator_name, source};
    domain_.emplace(stores_, environment_, trust, identity);
    vault::KeyTreeOptions options;
    options.identity = identity;
    options.suite = SuiteOf(config);
    LIMPID_ASSIGN_OR_RETURN(agent_, OpenKeyAgent(environment_));
    LIMPID_ASSIGN_OR_RETURN(
        domain_->core,
        vault::VaultCore::Open(
            options, {domain_->keks, *domain_->key_store, *domain_->store,
                      environment_.clock, crypto::SystemRandom(),
                      LimitsOf(config), agent_.get()}));
    LIMPID_RETURN_IF_ERROR(domain_->BringTogether(environment_));
    // Before the first tick, which publishes what a start enters in the log.
    LIMPID_RETURN_IF_ERROR(domain_->epochs->StartIfDue().status());
    LIMPID_ASSIGN_OR_RETURN(
        sources_,
        OpenVaultSources(environment_, *domain_->core, domain_->publisher));
    edges_.emplace(*domain_, environment_, trust, *sources_);
    statistics_.emplace();
    LIMPID_RETURN_IF_ERROR(statistics_->Open(*domain_, environment_, trust));
    LIMPID_RETURN_IF_ERROR(stores_.files->FinishFirstStart());
    ticker_.emplace(LogInterval(config), [this] { Tick(); });
    epoch_ticker_.emplace(LogInterval(config), [this] { TendEpochs(); });
    trail_ticker_.emplace(kTrailInterval, [this] { WriteTrail(); });
    return absl::OkStatus();
  }

  [[nodiscard]] const vault::Catalogue& catalogue() override {
    return domain_->core->catalogue();
  }
  std::vector<grpc::Service*> services() override {
    return {&edges_->services,         &edges_->person_edge,
            &edges_->sealed_edge,      &edges_->erasure_edge,
            &edges_->portability_edge, &edges_->hold_edge,
            &edges_->key_edge,         &edges_->admin_edge,
            &edges_->recovery_edge,    &edges_->source_edge,
            &edges_->answer_keys,      &edges_->trail_edge,
            &*statistics_->edge};
  }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{"/vault", stores_.files->directory() / "log", stores_.log.get()}};
  }
  void Stop() override {
    stopping_ = true;
    if (domain_ && domain_->suites) domain_->suites->Stop();
    // The trail's ticker goes last, in the destructor: calls that are answered
    // until then let values go, and a value waits for a place in the trail.
    epoch_ticker_.reset();
    ticker_.reset();
    StopSources();
  }

 private:
  void StopSources() {
    if (sources_ != nullptr) sources_->Stop();
  }
  void Tick() {
    Tell("vault log not published", domain_->publisher.Tick().status());
    Tell("copies that are over not deleted", edges_->copies.Sweep().status());
  }
  void WriteTrail() {
    Tell("notes of releases not written", domain_->trail->Write().status());
  }
  void Tell(std::string_view what, const absl::Status& done) {
    if (done.ok()) return;
    environment_.log.Write(Severity::kError, what,
                           {{"why", std::string(done.message())}});
  }

  // Starts an epoch that is due and wraps anew what is under earlier ones.
  void TendEpochs() {
    const auto started = domain_->epochs->StartIfDue();
    if (started.ok() && *started) {
      environment_.log.Write(Severity::kInfo,
                             "a new epoch of the vault's keys began", {});
    }
    const auto pass =
        domain_->epochs->Rewrap([this] { return !stopping_.load(); });
    const absl::Status status = started.ok() ? pass.status() : started.status();
    Tell("the vault's epochs stand still", status);
    if (!status.ok()) return;
    // What stays is the same at each pass: said once.
    if (pass->rewrapped == 0 && pass->broken == told_broken_) return;
    told_broken_ = pass->broken;
    environment_.log.Write(
        pass->broken > 0 ? Severity::kError : Severity::kInfo,
        "keys were wrapped anew under the current epoch",
        {{"rewrapped", absl::StrCat(pass->rewrapped)},
         {"do_not_open", absl::StrCat(pass->broken)},
         {"wait_for_use", absl::StrCat(pass->waiting)}});
  }

  const Environment& environment_;
  VaultStores stores_;
  std::unique_ptr<AgentClient> agent_;
  std::optional<VaultDomain> domain_;
  std::unique_ptr<VaultSources> sources_;
  std::optional<VaultEdges> edges_;
  std::optional<VaultStatistics> statistics_;
  std::optional<Ticker> ticker_;
  std::atomic<bool> stopping_ = false;
  // Of the thread of epoch_ticker_.
  std::uint64_t told_broken_ = 0;
  std::optional<Ticker> epoch_ticker_;
  std::optional<Ticker> trail_ticker_;
};

}  // namespace

std::unique_ptr<VaultRole> MakeVaultRole(const Environment& environment,
                                         std::unique_ptr<RoleFiles> files) {
  return std::make_unique<VaultInProcess>(environment, std::move(files));
}

}  // namespace limpid::server
