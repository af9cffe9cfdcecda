#include "clients/cpp/service_client.h"

#include <optional>
#include <utility>

#include "clients/cpp/answer_keys.h"
#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace consent = limpid::consent::v1;
namespace vault = limpid::vault::v1;

#define LIMPID_SERVICE "/limpid.consent.v1.ServiceConsentService/"
constexpr Method kCreateRequest = {LIMPID_SERVICE "CreateRequest", true};
constexpr Method kGetRequestStatus = {LIMPID_SERVICE "GetRequestStatus", true};
constexpr Method kListAgreements = {LIMPID_SERVICE "ListAgreements", true};
constexpr Method kGetReceipt = {LIMPID_SERVICE "GetServiceReceipt", true};
constexpr std::string_view kWatch = LIMPID_SERVICE "Watch";
#undef LIMPID_SERVICE
constexpr Method kReadAttributes = {
    "/limpid.vault.v1.VaultService/ReadAttributes"};

constexpr Method kAggregate = {"/limpid.vault.v1.StatisticsService/Aggregate",
                               true, absl::Seconds(90)};

constexpr std::size_t kRequestIdBytes = 16;
constexpr std::size_t kNonceBytes = 16;
constexpr int kPageSize = 200;

absl::Status WrongAttestation() {
  return absl::DataLossError(
      "a signed answer does not verify, or is not the answer beside it");
}

// Whether the signature is about the very answer that stands beside it.
absl::Status CheckAttestation(const vault::AttributeResult& result,
                              const AnswerKeys& keys, const AnswerShownTo& to) {
  const auto answer = VerifyAnswer(result.attestation(), keys, to);
  if (!answer.ok() || answer->attribute != result.attribute() ||
      answer->derivation != result.derivation() ||
      json::Canonical(answer->parameters) != result.parameters_json() ||
      json::Canonical(answer->value) != result.value_json()) {
    return WrongAttestation();
  }
  return absl::OkStatus();
}

absl::Status CheckAttestations(const vault::ReadAttributesResponse& response,
                               const std::string& nonce, const AnswerKeys* keys,
                               absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const auto sent,
                          base::ToArray<kNonceBytes>(base::AsBytes(nonce)));
  for (const vault::AttributeResult& result : response.results()) {
    const bool attested = result.form() == vault::FORM_ATTESTED;
    if (attested == result.attestation().empty()) return WrongAttestation();
    if (!attested || keys == nullptr) continue;
    LIMPID_RETURN_IF_ERROR(
        CheckAttestation(result, *keys, {now, std::nullopt, sent}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<consent::CreateRequestResponse> ServiceClient::CreateRequest(
    std::string_view agreement_id, std::uint32_t version) {
  consent::CreateRequestRequest request;
  request.set_agreement_id(std::string(agreement_id));
  request.set_agreement_version(version);
  request.set_request_id(base::ToText(crypto::RandomArray<kRequestIdBytes>()));
  return Invoke<consent::CreateRequestResponse>(connection_, kCreateRequest,
                                                request);
}

absl::StatusOr<consent::GetRequestStatusResponse>
ServiceClient::GetRequestStatus(std::string_view request_code) {
  consent::GetRequestStatusRequest request;
  request.set_request_code(std::string(request_code));
  return Invoke<consent::GetRequestStatusResponse>(connection_,
                                                   kGetRequestStatus, request);
}

absl::StatusOr<consent::ListAgreementsResponse>
ServiceClient::ListAgreements() {
  consent::ListAgreementsRequest request;
  request.set_page_size(kPageSize);
  return Invoke<consent::ListAgreementsResponse>(connection_, kListAgreements,
                                                 request);
}

absl::StatusOr<std::string> ServiceClient::GetReceipt(
    std::string_view record_id) {
  consent::GetServiceReceiptRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::GetServiceReceiptResponse>(
                              connection_, kGetReceipt, request));
  return std::move(*response.mutable_file_json());
}

absl::StatusOr<vault::ReadAttributesResponse> ServiceClient::Read(
    const ReadRequest& read) {
  vault::ReadAttributesRequest request;
  request.set_record_id(read.record_id);
  request.set_purpose_iri(read.purpose_iri);
  for (const std::string& attribute : read.attributes) {
    request.add_attributes(attribute);
  }
  if (!read.system_id.empty() || !read.snapshot_id.empty()) {
    request.mutable_training()->set_system_id(read.system_id);
    request.mutable_training()->set_snapshot_id(read.snapshot_id);
  }
  request.set_request_nonce(base::ToText(crypto::RandomArray<kNonceBytes>()));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<vault::ReadAttributesResponse>(
                              connection_, kReadAttributes, request));
  if (response.has_valid_until_time()) {
    if (clock_.Now() >= TimeOf(response.valid_until_time())) {
      return absl::UnavailableError(
          "the answer came after its permit had ended and was discarded");
    }
  }
  LIMPID_RETURN_IF_ERROR(CheckAttestations(response, request.request_nonce(),
                                           read.answer_keys, clock_.Now()));
  return response;
}

absl::StatusOr<vault::AggregateResponse> ServiceClient::Aggregate(
    const vault::AggregateRequest& request) {
  return Invoke<vault::AggregateResponse>(connection_, kAggregate, request);
}

absl::Status ServiceClient::Watch(
    std::string_view cursor, absl::Duration patience,
    absl::FunctionRef<bool(const consent::WatchResponse&)> each) {
  consent::WatchRequest request;
  request.set_cursor(std::string(cursor));
  consent::WatchResponse message;
  absl::Status status =
      connection_.Stream({kWatch, false, patience}, request, message,
                         [&each, &message] { return each(message); });
  if (absl::IsDeadlineExceeded(status)) return absl::OkStatus();
  return status;
}

}  // namespace limpid::client
