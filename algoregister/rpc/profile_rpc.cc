#include "algoregister/rpc/profile_rpc.h"

#include <string>

#include "absl/status/status.h"
#include "algoregister/profile/profile.h"
#include "algoregister/rpc/convert.h"

namespace limpid::algoregister {
namespace {

v1::ProfileLayout ToProto(Layout layout) {
  switch (layout) {
    case Layout::kJsonList:
      return v1::PROFILE_LAYOUT_JSON_LIST;
    case Layout::kCsv:
      return v1::PROFILE_LAYOUT_CSV;
    case Layout::kDocument:
      return v1::PROFILE_LAYOUT_DOCUMENT;
  }
  return v1::PROFILE_LAYOUT_UNSPECIFIED;
}

}  // namespace

grpc::ServerUnaryReactor* ProfileRpc::ListProfiles(
    grpc::CallbackServerContext* context,
    const v1::ListProfilesRequest* /*request*/,
    v1::ListProfilesResponse* response) {
  return rpc::Unary(edge_, context, [=](const rpc::Caller&) {
    for (const Profile* const profile : Profiles()) {
      v1::Profile& row = *response->add_profiles();
      row.set_name(std::string(profile->name));
      row.set_title(std::string(profile->title));
      row.set_layout(ToProto(profile->layout));
      row.set_list_member(std::string(profile->list_member));
      row.set_kind(algoregister::ToProto(profile->kind));
      row.set_language(std::string(profile->language));
    }
    return absl::OkStatus();
  });
}

}  // namespace limpid::algoregister
