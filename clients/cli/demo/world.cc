#include "clients/cli/demo/world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::cli {

const vault::v1::AttributeResult* FindResult(
    const vault::v1::ReadAttributesResponse& response,
    std::string_view attribute) {
  for (const auto& result : response.results()) {
    if (result.attribute() == attribute) return &result;
  }
  return nullptr;
}

absl::StatusOr<vault::v1::ReadAttributesResponse> ReadTicket(
    World& world, std::string_view purpose,
    std::vector<std::string> attributes) {
  client::ServiceClient service(*world.film_house, world.clock);
  client::ReadRequest request;
  request.record_id = world.ticket.record_id;
  request.purpose_iri = purpose;
  request.attributes = std::move(attributes);
  LIMPID_ASSIGN_OR_RETURN(auto response, service.Read(request));
  for (const auto& result : response.results()) {
    world.story.Say(Describe(result));
  }
  return response;
}

std::string Describe(const vault::v1::AttributeResult& result) {
  if (result.verdict() != vault::v1::VERDICT_ALLOWED) {
    return absl::StrCat(
        "did not get ", result.attribute(), ": ",
        ShortName(vault::v1::Reason_Name(result.reason()), "REASON_"));
  }
  if (result.derivation().empty()) {
    return absl::StrCat("got ", result.attribute(), " = ", result.value_json());
  }
  return absl::StrCat("got ", result.attribute(), " only as ",
                      result.derivation(), " ", result.parameters_json(), " = ",
                      result.value_json());
}

std::filesystem::path ClientFile(const World& world, std::string_view name) {
  return world.directory / "clients" / name;
}

absl::StatusOr<std::unique_ptr<client::Connection>> ConnectAs(
    const World& world, const server::CredentialFiles& files) {
  rpc::ChannelOptions channel;
  channel.address = world.trust.server;
  channel.ca_pem = world.trust.ca_pem;
  if (!files.certificate.empty()) {
    LIMPID_ASSIGN_OR_RETURN(channel.certificate_pem,
                            ReadTextFile(files.certificate));
    LIMPID_ASSIGN_OR_RETURN(channel.private_key_pem,
                            ReadTextFile(files.private_key));
  }
  return client::Connect(channel);
}

}  // namespace limpid::cli
