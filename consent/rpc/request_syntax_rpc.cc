#include "consent/rpc/request_syntax_rpc.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {
namespace {

struct Text {
  RequestSyntax syntax = RequestSyntax::kDcql;
  std::string json;
};

absl::StatusOr<Text> TextOf(const v1::CreateRequestFromSyntaxRequest& request) {
  switch (request.syntax_case()) {
    case v1::CreateRequestFromSyntaxRequest::kAuthorizationDetailsJson:
      return Text{RequestSyntax::kAuthorizationDetails,
                  request.authorization_details_json()};
    case v1::CreateRequestFromSyntaxRequest::kDcqlQueryJson:
      return Text{RequestSyntax::kDcql, request.dcql_query_json()};
    case v1::CreateRequestFromSyntaxRequest::SYNTAX_NOT_SET:
      break;
  }
  return rpc::FieldError("syntax", "is required");
}

absl::StatusOr<NewRequest> FromProto(
    const v1::CreateRequestFromSyntaxRequest& request) {
  NewRequest out;
  LIMPID_ASSIGN_OR_RETURN(
      out.agreement,
      rpc::ParseId<AgreementId>("agreement_id", request.agreement_id()));
  out.version = request.agreement_version();
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckBytes("request_id", request.request_id(), 16));
  LIMPID_ASSIGN_OR_RETURN(
      out.request_id, base::ToArray<16>(base::AsBytes(request.request_id())));
  out.lifetime = absl::Seconds(request.lifetime_seconds());
  return out;
}

}  // namespace

RequestSyntaxRpc::RequestSyntaxRpc(rpc::Runtime& runtime,
                                   rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::RequestSyntaxService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* RequestSyntaxRpc::CreateRequestFromSyntax(
    grpc::CallbackServerContext* context,
    const v1::CreateRequestFromSyntaxRequest* request,
    v1::CreateRequestFromSyntaxResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(NewRequest wanted, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const Text text, TextOf(*request));
        LIMPID_ASSIGN_OR_RETURN(
            const RequestView made,
            consent_.CreateRequestFrom(service->id, text.syntax, text.json,
                                       std::move(wanted)));
        response->set_request_code(made.code);
        *response->mutable_expire_time() = ToProto(made.expires);
        for (const std::string& attribute : made.attributes) {
          response->add_attributes(attribute);
        }
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
