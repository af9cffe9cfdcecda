#include "server/roles/open_roles.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/role_files.h"
#include "server/roles/role.h"

namespace limpid::server {
namespace {

class LogRole final : public Role {
 public:
  static absl::StatusOr<std::unique_ptr<Role>> Open(
      std::unique_ptr<RoleFiles> files, const std::string& role) {
    auto self = std::make_unique<LogRole>();
    self->files_ = std::move(files);
    LIMPID_ASSIGN_OR_RETURN(
        self->store_,
        self->files_->OpenDatabase(
            "store", {{{"CREATE TABLE placeholder (id BIGINT)"}}}));
    LIMPID_ASSIGN_OR_RETURN(self->log_, self->files_->OpenLog(role));
    LIMPID_RETURN_IF_ERROR(self->files_->FinishFirstStart());
    return self;
  }
  std::vector<grpc::Service*> services() override { return {}; }
  [[nodiscard]] std::vector<PublishedLog> logs() const override {
    return {{"/" + log_->origin().substr(log_->origin().find('/') + 1),
             files_->directory() / "log", log_.get()}};
  }

 private:
  std::unique_ptr<RoleFiles> files_;
  std::unique_ptr<storage::Database> store_;
  std::unique_ptr<tlog::Log> log_;
};

}  // namespace

absl::Duration LogInterval(const Config& config) {
  return absl::Seconds(
      config.log_publish_when_pending ? 1 : config.log_interval_seconds);
}

absl::StatusOr<std::vector<std::unique_ptr<Role>>> OpenRoles(
    const Environment& environment) {
  // All key rings before anything is made: a refusal leaves no trace.
  std::map<std::string, std::unique_ptr<RoleFiles>> files;
  for (const std::string& name : environment.config.roles) {
    LIMPID_ASSIGN_OR_RETURN(
        files[name], RoleFiles::Open(environment.config, name, environment.root,
                                     environment.clock));
  }
  std::vector<std::unique_ptr<Role>> roles;
  for (const auto& name : environment.config.roles) {
    LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<Role> role,
                            LogRole::Open(std::move(files[name]), name));
    roles.push_back(std::move(role));
  }
  return roles;
}

}  // namespace limpid::server
