#include "server/roles/register_role.h"

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
#include "algoregister/registration/register.h"
#include "algoregister/rpc/feedback_rpc.h"
#include "algoregister/rpc/key_directory_rpc.h"
#include "algoregister/rpc/mim5_rpc.h"
#include "algoregister/rpc/publish_rpc.h"
#include "algoregister/rpc/register_admin_rpc.h"
#include "algoregister/rpc/register_rpc.h"
#include "algoregister/service_key/key_operators.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_service_key_store.h"
#include "algoregister/store/sql_ticket_store.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/rpc/auth_policy.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
#include "server/key_operator.h"
#include "server/role_files.h"
#include "server/roles/role.h"

namespace limpid::server {
namespace {

constexpr std::string_view kLogPrefix = "/register";

// The domain over its stores, and what answers calls. Members in the order of
// need.
struct RegisterParts {
  RegisterParts(const Environment& environment, storage::Database& store,
                tlog::Log& log)
      : versions(store),
        publishers(store),
        service_keys(store),
        parts{versions, log, environment.clock, crypto::SystemRandom(),
              service_keys},
        registrations(parts),
        desk(registrations, parts),
        reads(environment.runtime, rpc::AuthPolicy::Public(),
              {versions, publishers, log, LogUrl(environment, kLogPrefix)}),
        publishing(environment.runtime, rpc::AuthPolicy::Service(),
                   {registrations, desk, publishers, log}),
        key_reads(environment.runtime, rpc::AuthPolicy::Public(), service_keys,
                  log),
        key_publishing(environment.runtime, rpc::AuthPolicy::Certificate(),
                       registrations, operators),
        administration(environment.runtime, rpc::AuthPolicy::Administrator(),
                       publishers),
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
  algoregister::KeyOperators operators;
  algoregister::Register::Parts parts;
  algoregister::Register registrations;
  algoregister::ImportDesk desk;
  algoregister::RegisterRpc reads;
  algoregister::PublishRpc publishing;
  algoregister::KeyDirectoryRpc key_reads;
  algoregister::KeyPublishingRpc key_publishing;
  algoregister::RegisterAdminRpc administration;
  algoregister::SqlTicketStore tickets;
  algoregister::FeedbackDesk feedback_desk;
  algoregister::FeedbackRpc feedback;
  algoregister::FeedbackDeskRpc feedback_answers;
  algoregister::Mim5Rpc mim5;
};

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
    return files_->FinishFirstStart();
  }

  [[nodiscard]] algoregister::Register& registrations() override {
    return parts_->registrations;
  }
  [[nodiscard]] const algoregister::ServiceKeyStore& service_keys()
      const override {
    return parts_->service_keys;
  }
  void Admit(const algoregister::KeyOperator& key_operator) override {
    parts_->operators.Add(key_operator);
  }
  std::vector<grpc::Service*> services() override {
    return {&parts_->reads,
            &parts_->publishing,
            &parts_->key_reads,
            &parts_->key_publishing,
            &parts_->administration,
            &parts_->feedback,
            &parts_->feedback_answers,
            &parts_->mim5};
  }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{std::string(kLogPrefix), files_->directory() / "log", log_.get()}};
  }

 private:
  const Environment& environment_;
  // In the order of need.
  std::unique_ptr<RoleFiles> files_;
  std::unique_ptr<storage::Database> store_;
  std::unique_ptr<tlog::Log> log_;
  std::optional<RegisterParts> parts_;
};

}  // namespace

std::unique_ptr<RegisterRole> MakeRegisterRole(
    const Environment& environment, std::unique_ptr<RoleFiles> files) {
  return std::make_unique<RegisterInProcess>(environment, std::move(files));
}

}  // namespace limpid::server
