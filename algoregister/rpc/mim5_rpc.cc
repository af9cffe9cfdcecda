#include "algoregister/rpc/mim5_rpc.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/rpc/convert.h"
#include "common/base/peer.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/rpc/validate.h"
#include "google/protobuf/util/json_util.h"

namespace limpid::algoregister {
namespace {

using Question =
    absl::StatusOr<json::Value> (Mim5Answers::*)(const RegistrationId&) const;

// The fields are read out of the document, so that they cannot say another
// thing than it says.
template <typename Response>
absl::Status Fill(const json::Value& document, Response& response) {
  std::string text = json::Canonical(document);
  if (!google::protobuf::util::JsonStringToMessage(text, &response).ok()) {
    return absl::InternalError("an answer does not fit its message");
  }
  response.set_document_json(std::move(text));
  return absl::OkStatus();
}

template <typename Request, typename Response>
absl::Status Answer(const Mim5Answers& answers, Question question,
                    const Request& request, Response& response) {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId subject,
                          ReadId("subject_id", request.subject_id()));
  const auto document = (answers.*question)(subject);
  if (!document.ok()) return rpc::AtField("subject_id", document.status());
  return Fill(*document, response);
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* Ask(const rpc::Edge& edge,
                              grpc::CallbackServerContext* context,
                              const Mim5Answers& answers, ExportLimit& open,
                              Question question, const Request* request,
                              Response* response, const char* method) {
  return rpc::Unary(
      edge, context,
      [&answers, &open, question, request, response,
       client = base::ClientOf(context->peer())](
          const rpc::Caller&) -> absl::Status {
        const AnswerPlace place(open, client);
        LIMPID_RETURN_IF_ERROR(place.status());
        return Answer(answers, question, *request, *response);
      },
      method);
}

}  // namespace

grpc::ServerUnaryReactor* Mim5Rpc::GetAutomatedDecisionMaking(
    grpc::CallbackServerContext* context,
    const v1::GetAutomatedDecisionMakingRequest* request,
    v1::GetAutomatedDecisionMakingResponse* response) {
  return Ask(edge_, context, answers_, open_,
             &Mim5Answers::AutomatedDecisionMaking, request, response,
             "GetAutomatedDecisionMaking");
}

grpc::ServerUnaryReactor* Mim5Rpc::ListAlgorithms(
    grpc::CallbackServerContext* context,
    const v1::ListAlgorithmsRequest* request,
    v1::ListAlgorithmsResponse* response) {
  return Ask(edge_, context, answers_, open_, &Mim5Answers::Algorithms, request,
             response, "ListAlgorithms");
}

grpc::ServerUnaryReactor* Mim5Rpc::ListCertifications(
    grpc::CallbackServerContext* context,
    const v1::ListCertificationsRequest* request,
    v1::ListCertificationsResponse* response) {
  return Ask(edge_, context, answers_, open_, &Mim5Answers::Certifications,
             request, response, "ListCertifications");
}

}  // namespace limpid::algoregister
