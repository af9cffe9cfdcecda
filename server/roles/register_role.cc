#include "server/roles/register_role.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/feedback/desk.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile_names.h"
#include "algoregister/registration/register.h"
#include "algoregister/rpc/consent_facts_rpc.h"
#include "algoregister/rpc/evidence_rpc.h"
#include "algoregister/rpc/feedback_rpc.h"
#include "algoregister/rpc/key_directory_rpc.h"
#include "algoregister/rpc/mim5_rpc.h"
#include "algoregister/rpc/profile_rpc.h"
#include "algoregister/rpc/publish_rpc.h"
#include "algoregister/rpc/register_admin_rpc.h"
#include "algoregister/rpc/register_erasure_rpc.h"
#include "algoregister/rpc/register_insight_rpc.h"
#include "algoregister/rpc/register_rpc.h"
#include "algoregister/rpc/restricted_rpc.h"
#include "algoregister/rpc/search_rpc.h"
#include "algoregister/search/keeper.h"
#include "algoregister/service_key/key_operators.h"
#include "algoregister/store/sql_evidence_store.h"
#include "algoregister/store/sql_reader_store.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_service_key_store.h"
#include "algoregister/store/sql_ticket_store.h"
#include "algoregister/upload/evidence_desk.h"
#include "algoregister/version/published_version.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/rpc/auth_policy.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
#include "server/key_operator.h"
#include "server/role_files.h"
#include "server/roles/role.h"
#include "server/ticker.h"

namespace limpid::server {
namespace {

constexpr std::string_view kLogPrefix = "/register";
// Between two looks for what was published; each is one look at an index.
constexpr absl::Duration kIndexInterval = absl::Seconds(1);

// The domain over its stores, and what answers calls. Members in the order of
// need.
struct RegisterParts {
  RegisterParts(const Environment& environment, storage::Database& store,
                tlog::Log& log)
      : versions(store),
        publishers(store),
        service_keys(store),
        readers(store),
        bundles(store),
        parts{versions,          log,
              environment.clock, crypto::SystemRandom(),
              service_keys,      algoregister::ProfileNames()},
        registrations(parts),
        desk(registrations, parts),
        evidence_desk({versions, bundles, environment.clock}),
        reads(environment.runtime, rpc::AuthPolicy::Public(),
              {versions, publishers, log, LogUrl(environment, kLogPrefix)}),
        profiles(environment.runtime, rpc::AuthPolicy::Public()),
        found(versions),
        searching(environment.runtime, rpc::AuthPolicy::Public(),
                  {versions, found, log, environment.clock}),
        publishing(environment.runtime, rpc::AuthPolicy::Service(),
                   {registrations, desk, publishers, log}),
        key_reads(environment.runtime, rpc::AuthPolicy::Public(), service_keys,
                  log),
        key_publishing(environment.runtime, rpc::AuthPolicy::Certificate(),
                       registrations, operators),
        consent_facts(environment.runtime, rpc::AuthPolicy::Public(),
                      {service_keys, operators, log}),
        evidence(environment.runtime, rpc::AuthPolicy::Public(), evidence_desk),
        evidence_uploads(environment.runtime, rpc::AuthPolicy::Service(),
                         evidence_desk, publishers),
        administration(environment.runtime, rpc::AuthPolicy::Administrator(),
                       publishers),
        erasure(environment.runtime, rpc::AuthPolicy::Administrator(),
                registrations, evidence_desk),
        insight(environment.runtime, rpc::AuthPolicy::Public(),
                {versions, registrations, environment.clock}),
        restricted(environment.runtime, rpc::AuthPolicy::Service(), versions,
                   readers),
        reader_administration(environment.runtime,
                              rpc::AuthPolicy::Administrator(), readers),
        tickets(store),
        feedback_desk(
            {tickets, versions, environment.clock, crypto::SystemRandom()}),
        feedback(environment.runtime, rpc::AuthPolicy::Public(), feedback_desk,
                 tickets, environment.clock),
        feedback_answers(environment.runtime, rpc::AuthPolicy::Certificate(),
                         feedback_desk, publishers),
        mim5(environment.runtime, rpc::AuthPolicy::Public(), versions,
             environment.clock) {}

  algoregister::SqlRegistrationStore versions;
  algoregister::SqlPublisherStore publishers;
  algoregister::SqlServiceKeyStore service_keys;
  algoregister::SqlReaderStore readers;
  algoregister::SqlEvidenceStore bundles;
  algoregister::KeyOperators operators;
  algoregister::Register::Parts parts;
  algoregister::Register registrations;
  algoregister::ImportDesk desk;
  algoregister::EvidenceDesk evidence_desk;
  algoregister::RegisterRpc reads;
  algoregister::ProfileRpc profiles;
  algoregister::search::IndexKeeper found;
  algoregister::SearchRpc searching;
  algoregister::PublishRpc publishing;
  algoregister::KeyDirectoryRpc key_reads;
  algoregister::KeyPublishingRpc key_publishing;
  algoregister::ConsentFactsRpc consent_facts;
  algoregister::EvidenceRpc evidence;
  algoregister::EvidenceUploadRpc evidence_uploads;
  algoregister::RegisterAdminRpc administration;
  algoregister::RegisterErasureRpc erasure;
  algoregister::RegisterInsightRpc insight;
  algoregister::RestrictedReadRpc restricted;
  algoregister::RestrictedReaderAdminRpc reader_administration;
  algoregister::SqlTicketStore tickets;
  algoregister::FeedbackDesk feedback_desk;
  algoregister::FeedbackRpc feedback;
  algoregister::FeedbackDeskRpc feedback_answers;
  algoregister::Mim5Rpc mim5;
};

// Of a store from before links were kept, or kept by these rules. Killed, the
// next start goes on.
absl::Status FillLinks(algoregister::RegistrationStore& versions) {
  constexpr std::size_t kBatch = 200;
  std::size_t filled = kBatch;
  while (filled != 0) {
    LIMPID_ASSIGN_OR_RETURN(filled, versions.FillLinks(kBatch));
  }
  return absl::OkStatus();
}

class RegisterInProcess final : public RegisterRole {
 public:
  RegisterInProcess(const Environment& environment,
                    std::unique_ptr<RoleFiles> files)
      : environment_(environment), files_(std::move(files)) {}

  absl::Status OpenFiles() override {
    LIMPID_ASSIGN_OR_RETURN(
        store_,
        files_->OpenDatabase("store", algoregister::RegisterMigrations()));
    LIMPID_ASSIGN_OR_RETURN(log_, files_->OpenLog("register"));
    return absl::OkStatus();
  }

  absl::Status Start() override {
    parts_.emplace(environment_, *store_, *log_);
    for (const std::string& text : environment_.config.register_key_operators) {
      LIMPID_ASSIGN_OR_RETURN(const KeyOperator known, ParseKeyOperator(text));
      LIMPID_ASSIGN_OR_RETURN(const auto key,
                              crypto::Ed25519PublicKey::FromBytes(known.key));
      Admit({.key = key, .certificate = known.certificate});
    }
    LIMPID_RETURN_IF_ERROR(parts_->registrations.Recover());
    LIMPID_RETURN_IF_ERROR(FillLinks(parts_->versions));
    LIMPID_RETURN_IF_ERROR(parts_->found.CatchUp());
    // A search takes in what is new itself; after an import it finds that
    // already done.
    index_ticker_.emplace(kIndexInterval, [this] {
      if (const absl::Status caught_up = parts_->found.CatchUp();
          !caught_up.ok()) {
        environment_.log.Write(
            Severity::kWarn, "search-index-behind",
            {{"code", absl::StatusCodeToString(caught_up.code())}});
      }
    });
    TellTheIndex();
    return files_->FinishFirstStart();
  }

  [[nodiscard]] algoregister::Register& registrations() override {
    return parts_->registrations;
  }
  [[nodiscard]] const algoregister::ServiceKeyStore& service_keys()
      const override {
    return parts_->service_keys;
  }
  [[nodiscard]] const algoregister::PublisherStore& publishers()
      const override {
    return parts_->publishers;
  }
  void Admit(const algoregister::KeyOperator& key_operator) override {
    parts_->operators.Add(key_operator);
  }
  std::vector<grpc::Service*> services() override {
    return {&parts_->reads,
            &parts_->profiles,
            &parts_->publishing,
            &parts_->key_reads,
            &parts_->key_publishing,
            &parts_->consent_facts,
            &parts_->administration,
            &parts_->erasure,
            &parts_->insight,
            &parts_->restricted,
            &parts_->reader_administration,
            &parts_->evidence,
            &parts_->evidence_uploads,
            &parts_->searching,
            &parts_->feedback,
            &parts_->feedback_answers,
            &parts_->mim5};
  }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{std::string(kLogPrefix), files_->directory() / "log", log_.get()}};
  }

 private:
  void TellTheIndex() {
    parts_->registrations.Tell(
        {// What was erased is in no answer of a search either.
         .erased =
             [this](const algoregister::RegistrationId& id) {
               return parts_->found.Refresh(id);
             },
         .published =
             [this](std::vector<algoregister::PublishedVersion> versions) {
               const bool much = parts_->found.Offer(std::move(versions));
               if (much) index_ticker_->Wake();
             }});
  }

  const Environment& environment_;
  // In the order of need.
  std::unique_ptr<RoleFiles> files_;
  std::unique_ptr<storage::Database> store_;
  std::unique_ptr<tlog::Log> log_;
  std::optional<RegisterParts> parts_;
  std::optional<Ticker> index_ticker_;
};

}  // namespace

std::unique_ptr<RegisterRole> MakeRegisterRole(
    const Environment& environment, std::unique_ptr<RoleFiles> files) {
  return std::make_unique<RegisterInProcess>(environment, std::move(files));
}

}  // namespace limpid::server
