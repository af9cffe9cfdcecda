#include "clients/cpp/mim5_client.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"
#include "common/mim5/document.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_MIM5 "/limpid.algoregister.v1.Mim5Service/"
constexpr Method kAdm = {LIMPID_MIM5 "GetAutomatedDecisionMaking", true};
constexpr Method kAlgorithms = {LIMPID_MIM5 "ListAlgorithms", true};
constexpr Method kCertifications = {LIMPID_MIM5 "ListCertifications", true};
#undef LIMPID_MIM5

template <typename Response, typename Request>
absl::StatusOr<Response> Ask(Connection& connection, const Method& method,
                             std::string_view subject_id) {
  Request request;
  request.set_subject_id(std::string(subject_id));
  return Invoke<Response>(connection, method, request);
}

absl::StatusOr<json::Value> Read(mim5::Document document,
                                 std::string_view text) {
  auto read = mim5::ReadDocument(document, text);
  if (read.ok()) return read;
  return absl::DataLossError(absl::StrCat("the server's answer is no valid ",
                                          mim5::SchemaNameOf(document), ": ",
                                          read.status().message()));
}

}  // namespace

absl::StatusOr<v1::GetAutomatedDecisionMakingResponse>
Mim5Client::AutomatedDecisionMaking(std::string_view subject_id) {
  return Ask<v1::GetAutomatedDecisionMakingResponse,
             v1::GetAutomatedDecisionMakingRequest>(connection_, kAdm,
                                                    subject_id);
}

absl::StatusOr<v1::ListAlgorithmsResponse> Mim5Client::Algorithms(
    std::string_view subject_id) {
  return Ask<v1::ListAlgorithmsResponse, v1::ListAlgorithmsRequest>(
      connection_, kAlgorithms, subject_id);
}

absl::StatusOr<v1::ListCertificationsResponse> Mim5Client::Certifications(
    std::string_view subject_id) {
  return Ask<v1::ListCertificationsResponse, v1::ListCertificationsRequest>(
      connection_, kCertifications, subject_id);
}

absl::StatusOr<mim5::Documents> Mim5Client::Documents(
    std::string_view subject_id) {
  mim5::Documents out;
  LIMPID_ASSIGN_OR_RETURN(const auto adm, AutomatedDecisionMaking(subject_id));
  LIMPID_ASSIGN_OR_RETURN(const auto algorithms, Algorithms(subject_id));
  LIMPID_ASSIGN_OR_RETURN(const auto certifications,
                          Certifications(subject_id));
  LIMPID_ASSIGN_OR_RETURN(out[mim5::Document::kAdm],
                          Read(mim5::Document::kAdm, adm.document_json()));
  LIMPID_ASSIGN_OR_RETURN(
      out[mim5::Document::kAlgorithms],
      Read(mim5::Document::kAlgorithms, algorithms.document_json()));
  LIMPID_ASSIGN_OR_RETURN(
      out[mim5::Document::kCertifications],
      Read(mim5::Document::kCertifications, certifications.document_json()));
  out[mim5::Document::kIndex] = mim5::MakeIndex(
      out[mim5::Document::kAdm], out[mim5::Document::kAlgorithms],
      out[mim5::Document::kCertifications]);
  return out;
}

}  // namespace limpid::client
