#include "clients/cpp/source_client.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

#define LIMPID_SOURCES "/limpid.vault.v1.SourceService/"
constexpr Method kList = {LIMPID_SOURCES "ListSources", true};
// A proof serves once: what was linked and not answered is listed.
constexpr Method kLink = {LIMPID_SOURCES "LinkSource", false};
constexpr Method kUnlink = {LIMPID_SOURCES "UnlinkSource", false};
constexpr Method kHoldings = {LIMPID_SOURCES "ListHoldings", true};
constexpr Method kRectify = {LIMPID_SOURCES "RequestRectification", true};
#undef LIMPID_SOURCES

absl::Status OtherAnswer() {
  return absl::DataLossError("the vault answered about something else");
}

// The same attributes in the same modes, whatever their order.
bool SameLink(const v1::SourceLink& link, const std::string& source,
              const std::vector<v1::LinkedAttribute>& attributes) {
  if (link.source() != source ||
      link.attributes_size() != static_cast<int>(attributes.size())) {
    return false;
  }
  return std::all_of(attributes.begin(), attributes.end(),
                     [&](const v1::LinkedAttribute& asked) {
                       return std::any_of(
                           link.attributes().begin(), link.attributes().end(),
                           [&](const v1::LinkedAttribute& made) {
                             return made.attribute() == asked.attribute() &&
                                    made.mode() == asked.mode();
                           });
                     });
}

}  // namespace

absl::StatusOr<v1::ListSourcesResponse> SourceClient::List() {
  return Invoke<v1::ListSourcesResponse>(connection_, kList,
                                         v1::ListSourcesRequest());
}

absl::StatusOr<v1::LinkSourceResponse> SourceClient::Link(
    const std::string& source, const std::string& proof,
    const std::vector<v1::LinkedAttribute>& attributes) {
  v1::LinkSourceRequest request;
  request.set_source(source);
  request.set_proof(proof);
  for (const v1::LinkedAttribute& one : attributes) {
    *request.add_attributes() = one;
  }
  LIMPID_ASSIGN_OR_RETURN(
      v1::LinkSourceResponse response,
      Invoke<v1::LinkSourceResponse>(connection_, kLink, request));
  if (!SameLink(response.link(), source, attributes)) return OtherAnswer();
  return response;
}

absl::StatusOr<v1::UnlinkSourceResponse> SourceClient::Unlink(
    const std::string& source) {
  v1::UnlinkSourceRequest request;
  request.set_source(source);
  return Invoke<v1::UnlinkSourceResponse>(connection_, kUnlink, request);
}

absl::StatusOr<v1::ListHoldingsResponse> SourceClient::Holdings(
    const std::string& source) {
  v1::ListHoldingsRequest request;
  request.set_source(source);
  return Invoke<v1::ListHoldingsResponse>(connection_, kHoldings, request);
}

absl::StatusOr<v1::RequestRectificationResponse>
SourceClient::RequestRectification(const std::string& source,
                                   const std::string& attribute,
                                   const std::string& value_json) {
  v1::RequestRectificationRequest request;
  request.set_source(source);
  request.set_attribute(attribute);
  request.set_value_json(value_json);
  request.set_request_id(base::ToText(crypto::RandomArray<16>()));
  LIMPID_ASSIGN_OR_RETURN(
      v1::RequestRectificationResponse response,
      Invoke<v1::RequestRectificationResponse>(connection_, kRectify, request));
  const bool refused = response.outcome() == v1::RECTIFICATION_OUTCOME_REFUSED;
  // A refusal without a law is none.
  if (refused && response.law().empty()) return OtherAnswer();
  return response;
}

}  // namespace limpid::client
