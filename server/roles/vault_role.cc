#include "server/roles/vault_role.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/worker_pool.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
#include "server/config.h"
#include "server/logging.h"
#include "server/role_files.h"
#include "server/roles/role.h"
#include "server/ticker.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/copy_desk.h"
#include "vault/custody/copy_store.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_desk.h"
#include "vault/gate/holder_token.h"
#include "vault/keys/key_ring_source.h"
#include "vault/log/publisher.h"
#include "vault/log/vault_log.h"
#include "vault/mediator/mediator.h"
#include "vault/reader/reader.h"
#include "vault/rpc/holder_authenticator.h"
#include "vault/rpc/person_vault_rpc.h"
#include "vault/rpc/sealed_vault_rpc.h"
#include "vault/rpc/statistics_rpc.h"
#include "vault/rpc/vault_rpc.h"
#include "vault/statistics/aggregator.h"
#include "vault/statistics/statistics_store.h"
#include "vault/store/sql_store.h"

namespace limpid::server {
namespace {

// Most statistics that wait for the one that is being made.
constexpr std::size_t kMaxStatistics = 32;
// Most questions that wait for a look at what is kept: some lookups each.
constexpr std::size_t kMaxSteps = 256;

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
        log(*stores.log),
        publisher(*store, log),
        holders(identity.source, trust.token_key, environment.clock),
        authenticator(holders) {}

  vault::KeyRingSource keks;
  std::unique_ptr<vault::KeyStore> key_store;
  std::unique_ptr<vault::VaultStore> store;
  std::unique_ptr<vault::StatisticsStore> statistics;
  std::unique_ptr<vault::CopyStore> copies;
  vault::TlogVaultLog log;
  vault::ActPublisher publisher;
  vault::HolderVerifier holders;
  vault::HolderAuthenticator authenticator;
  std::unique_ptr<vault::VaultCore> core;
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

vault::PersonLimits LimitsOf(const Config& config) {
  constexpr unsigned kMib = 20;
  return {static_cast<std::uint64_t>(config.vault_person_versions),
          static_cast<std::uint64_t>(config.vault_person_mib) << kMib};
}

// What answers calls.
struct VaultEdges {
  VaultEdges(VaultDomain& domain, const Environment& environment,
             const VaultTrust& trust)
      : copies(*domain.core, *domain.copies),
        reader(*domain.core, trust.evidence_key, &copies),
        mediator(*domain.core, trust.gate, reader,
                 [this](std::function<void()> work) {
                   return answers.Run(std::move(work));
                 }),
        persons(*domain.core, domain.publisher, domain.copies.get()),
        slots(*domain.core),
        sealed(*domain.core),
        services(environment.runtime, rpc::AuthPolicy::Service(), mediator),
        person_edge(environment.runtime,
                    rpc::AuthPolicy::Person(domain.authenticator), persons,
                    domain.core->catalogue()),
        sealed_edge(environment.runtime,
                    rpc::AuthPolicy::Person(domain.authenticator), slots,
                    sealed, copies),
        admin_edge(environment.runtime, rpc::AuthPolicy::Administrator(),
                   domain.core->catalogue()),
        answers(
            static_cast<int>(std::max(1U, std::thread::hardware_concurrency())),
            static_cast<std::size_t>(environment.config.limits_queue)) {}

  vault::CopyDesk copies;
  vault::Reader reader;
  vault::Mediator mediator;
  vault::PersonVault persons;
  vault::SlotDesk slots;
  vault::SealedVault sealed;
  vault::VaultRpc services;
  vault::PersonVaultRpc person_edge;
  vault::SealedVaultRpc sealed_edge;
  vault::VaultAdminRpc admin_edge;
  // Decrypting computes and never waits: more threads than cores only take
  // turns. Goes first: what it holds is run then, and needs all of the above.
  rpc::WorkerPool answers;
};

class VaultInProcess final : public VaultRole {
 public:
  VaultInProcess(const Environment& environment,
                 std::unique_ptr<RoleFiles> files)
      : environment_(environment) {
    stores_.files = std::move(files);
  }

  absl::Status OpenFiles() override { return stores_.Open(); }

  absl::Status Start(const VaultTrust& trust) override {
    const Config& config = environment_.config;
    LIMPID_ASSIGN_OR_RETURN(const vault::SourceId source,
                            vault::SourceId::Parse(config.vault_source_id));
    const vault::Identity identity{config.operator_name, source};
    domain_.emplace(stores_, environment_, trust, identity);
    vault::KeyTreeOptions options;
    options.identity = identity;
    LIMPID_ASSIGN_OR_RETURN(
        domain_->core,
        vault::VaultCore::Open(
            options,
            {domain_->keks, *domain_->key_store, *domain_->store,
             environment_.clock, crypto::SystemRandom(), LimitsOf(config)}));
    LIMPID_RETURN_IF_ERROR(domain_->publisher.CheckStore());
    edges_.emplace(*domain_, environment_, trust);
    statistics_.emplace();
    LIMPID_RETURN_IF_ERROR(statistics_->Open(*domain_, environment_, trust));
    LIMPID_RETURN_IF_ERROR(stores_.files->FinishFirstStart());
    ticker_.emplace(LogInterval(config), [this] { Tick(); });
    return absl::OkStatus();
  }

  [[nodiscard]] const vault::Catalogue& catalogue() override {
    return domain_->core->catalogue();
  }
  std::vector<grpc::Service*> services() override {
    return {&edges_->services, &edges_->person_edge, &edges_->sealed_edge,
            &edges_->admin_edge, &*statistics_->edge};
  }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{"/vault", stores_.files->directory() / "log", stores_.log.get()}};
  }
  void Stop() override { ticker_.reset(); }

 private:
  void Tick() {
    const absl::Status ticked = domain_->publisher.Tick().status();
    if (ticked.ok()) return;
    environment_.log.Write(Severity::kError, "vault log not published",
                           {{"why", std::string(ticked.message())}});
  }

  const Environment& environment_;
  VaultStores stores_;
  std::optional<VaultDomain> domain_;
  std::optional<VaultEdges> edges_;
  std::optional<VaultStatistics> statistics_;
  std::optional<Ticker> ticker_;
};

}  // namespace

std::unique_ptr<VaultRole> MakeVaultRole(const Environment& environment,
                                         std::unique_ptr<RoleFiles> files) {
  return std::make_unique<VaultInProcess>(environment, std::move(files));
}

}  // namespace limpid::server
