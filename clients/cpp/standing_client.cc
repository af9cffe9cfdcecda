#include "clients/cpp/standing_client.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_STANDING "/limpid.consent.v1.StandingPermissionService/"
constexpr Method kCreate = {LIMPID_STANDING "CreateStandingPermission", true};
constexpr Method kList = {LIMPID_STANDING "ListStandingPermissions", true};
constexpr Method kEnd = {LIMPID_STANDING "EndStandingPermission", true};
#undef LIMPID_STANDING

}  // namespace

absl::StatusOr<v1::StandingPermission> StandingClient::Create(
    receipt::StandingPermission terms) {
  terms.operator_name = trust_.operator_name;
  // Texts have milliseconds.
  terms.time = absl::FromUnixMillis(absl::ToUnixMillis(clock_.Now()));
  terms.nonce = crypto::RandomArray<32>();
  std::sort(terms.members.begin(), terms.members.end());
  std::sort(terms.purposes.begin(), terms.purposes.end());
  std::sort(terms.recipients.begin(), terms.recipients.end());
  std::sort(terms.lines.begin(), terms.lines.end(),
            [](const auto& left, const auto& right) {
              return left.attribute < right.attribute;
            });
  const receipt::SignedStanding sealed =
      receipt::SignStanding(terms, key_.key());
  v1::CreateStandingPermissionRequest request;
  request.set_canonical_json(sealed.canonical_json);
  request.set_signature(base::ToText(sealed.signature));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::CreateStandingPermissionResponse>(
                              connection_, kCreate, request));
  return std::move(*response.mutable_standing_permission());
}

absl::StatusOr<std::vector<v1::StandingPermission>> StandingClient::List() {
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::ListStandingPermissionsResponse>(
          connection_, kList, v1::ListStandingPermissionsRequest()));
  return std::vector<v1::StandingPermission>(
      response.standing_permissions().begin(),
      response.standing_permissions().end());
}

absl::StatusOr<v1::StandingPermission> StandingClient::End(
    std::string_view permission_id, bool withdraw_records) {
  v1::EndStandingPermissionRequest request;
  request.set_standing_permission_id(std::string(permission_id));
  request.set_withdraw_records(withdraw_records);
  LIMPID_ASSIGN_OR_RETURN(
      auto response,
      Invoke<v1::EndStandingPermissionResponse>(connection_, kEnd, request));
  return std::move(*response.mutable_standing_permission());
}

}  // namespace limpid::client
