#include "server/roles/register_role.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/register.h"
#include "algoregister/rpc/publish_rpc.h"
#include "algoregister/rpc/register_admin_rpc.h"
#include "algoregister/rpc/register_rpc.h"
#include "algoregister/store/sql_registration_store.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/rpc/auth_policy.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
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
        parts{versions, log, environment.clock, crypto::SystemRandom()},
        registrations(parts),
        desk(registrations, parts),
        reads(environment.runtime, rpc::AuthPolicy::Public(),
              {versions, publishers, log, LogUrl(environment, kLogPrefix)}),
        publishing(environment.runtime, rpc::AuthPolicy::Service(),
                   {registrations, desk, publishers, log}),
        administration(environment.runtime, rpc::AuthPolicy::Administrator(),
                       publishers) {}

  algoregister::SqlRegistrationStore versions;
  algoregister::SqlPublisherStore publishers;
  algoregister::Register::Parts parts;
  algoregister::Register registrations;
  algoregister::ImportDesk desk;
  algoregister::RegisterRpc reads;
  algoregister::PublishRpc publishing;
  algoregister::RegisterAdminRpc administration;
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
    LIMPID_RETURN_IF_ERROR(parts_->registrations.Recover());
    return files_->FinishFirstStart();
  }

  [[nodiscard]] const algoregister::Register& registrations() const override {
    return parts_->registrations;
  }
  std::vector<grpc::Service*> services() override {
    return {&parts_->reads, &parts_->publishing, &parts_->administration};
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
