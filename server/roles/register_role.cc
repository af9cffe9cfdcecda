#include "server/roles/register_role.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/register.h"
#include "algoregister/store/sql_registration_store.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/storage/database.h"
#include "common/tlog/log.h"
#include "server/role_files.h"
#include "server/roles/role.h"

namespace limpid::server {
namespace {

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
    versions_.emplace(*store_);
    publishers_.emplace(*store_);
    registrations_.emplace(algoregister::Register::Parts{
        *versions_, *log_, environment_.clock, crypto::SystemRandom()});
    LIMPID_RETURN_IF_ERROR(registrations_->Recover());
    return files_->FinishFirstStart();
  }

  [[nodiscard]] const algoregister::Register& registrations() const override {
    return *registrations_;
  }
  std::vector<grpc::Service*> services() override { return {}; }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{"/register", files_->directory() / "log", log_.get()}};
  }

 private:
  const Environment& environment_;
  // In the order of need.
  std::unique_ptr<RoleFiles> files_;
  std::unique_ptr<storage::Database> store_;
  std::unique_ptr<tlog::Log> log_;
  std::optional<algoregister::SqlRegistrationStore> versions_;
  std::optional<algoregister::SqlPublisherStore> publishers_;
  std::optional<algoregister::Register> registrations_;
};

}  // namespace

std::unique_ptr<RegisterRole> MakeRegisterRole(
    const Environment& environment, std::unique_ptr<RoleFiles> files) {
  return std::make_unique<RegisterInProcess>(environment, std::move(files));
}

}  // namespace limpid::server
