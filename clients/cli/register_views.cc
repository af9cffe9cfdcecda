#include "clients/cli/register_views.h"

#include <utility>

#include "clients/cli/policies.h"
#include "clients/cli/report.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {

namespace v1 = limpid::algoregister::v1;

std::string KindName(v1::RegistrationKind kind) {
  return ShortName(v1::RegistrationKind_Name(kind), "REGISTRATION_KIND_");
}

json::Value VersionJson(const v1::RegistrationVersion& version) {
  json::Value out = json::Value::Object();
  out.Set("registration_id", version.registration_id());
  out.Set("version", version.version());
  out.Set("kind", KindName(version.kind()));
  out.Set("title", version.title());
  out.Set("leaf_index", version.leaf_index());
  out.Set("erased_field_count", version.erased_field_count());
  if (auto content = json::ParseStrict(version.content_json()); content.ok()) {
    out.Set("content", *std::move(content));
  }
  return out;
}

absl::StatusOr<std::optional<tlog::Policy>> RegisterLogPolicy(
    const std::string& vkey, const Session& session) {
  if (!vkey.empty()) {
    LIMPID_ASSIGN_OR_RETURN(tlog::Policy policy, PolicyOfVkey(vkey));
    return std::optional(std::move(policy));
  }
  const auto trust = client::Trust::Read(session.TrustFile());
  if (!trust.ok()) return std::optional<tlog::Policy>();
  auto policy = trust->LogPolicy("/register");
  if (!policy.ok()) return std::optional<tlog::Policy>();
  return std::optional(*std::move(policy));
}

}  // namespace limpid::cli
