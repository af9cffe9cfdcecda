#include "consent/rpc/agreement_catalogue_rpc.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/convert_sharing.h"
#include "consent/rpc/service_change_rpc.h"

namespace limpid::consent {
namespace {

v1::AgreementChangeKind ToProto(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kWidened:
      return v1::AGREEMENT_CHANGE_KIND_WIDENED;
    case ChangeKind::kNarrowed:
      return v1::AGREEMENT_CHANGE_KIND_NARROWED;
    case ChangeKind::kReplaced:
      return v1::AGREEMENT_CHANGE_KIND_REPLACED;
    case ChangeKind::kReworded:
      return v1::AGREEMENT_CHANGE_KIND_REWORDED;
  }
  return v1::AGREEMENT_CHANGE_KIND_UNSPECIFIED;
}

// The items of a list that a page holds.
template <typename Request, typename Response, typename List, typename Add>
absl::Status FillPage(const Request& request, const List& all, Add add,
                      Response& response) {
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPageSize, kMaxPageSize));
  LIMPID_ASSIGN_OR_RETURN(std::uint64_t at,
                          ParseNumberToken(request.page_token()));
  const std::uint64_t end = std::min<std::uint64_t>(
      all.size(), at + static_cast<std::uint64_t>(size));
  for (; at < end; ++at) add(all[at]);
  if (end < all.size()) response.set_next_page_token(NumberToken(end));
  return absl::OkStatus();
}

}  // namespace

v1::AgreementChange ToProto(const AgreementChange& change) {
  v1::AgreementChange out;
  out.set_path(change.path);
  out.set_kind(ToProto(change.kind));
  out.set_material(change.material());
  out.set_sentence(change.sentence);
  return out;
}

AgreementCatalogueRpc::AgreementCatalogueRpc(rpc::Runtime& runtime,
                                             rpc::AuthPolicy policy,
                                             Consent& consent)
    : edge_(rpc::EdgeOf<v1::AgreementCatalogueService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* AgreementCatalogueRpc::GetAgreement(
    grpc::CallbackServerContext* context,
    const v1::GetAgreementRequest* request,
    v1::GetAgreementResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const AgreementId id,
            rpc::ParseId<AgreementId>("agreement_id", request->agreement_id()));
        const AgreementPointer agreement =
            consent_.FindAgreement(id, request->version());
        if (agreement == nullptr) {
          return absl::NotFoundError("no such agreement version");
        }
        *response->mutable_agreement() = consent::ToProto(*agreement);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AgreementCatalogueRpc::DiffAgreements(
    grpc::CallbackServerContext* context,
    const v1::DiffAgreementsRequest* request,
    v1::DiffAgreementsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const AgreementId id,
            rpc::ParseId<AgreementId>("agreement_id", request->agreement_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const AgreementDiff diff,
            consent_.DiffAgreements(id, request->from_version(),
                                    request->to_version()));
        for (const AgreementChange& change : diff.changes) {
          *response->add_changes() = ToProto(change);
        }
        response->set_material(HasMaterialChange(diff.changes));
        response->set_patch_json(diff.patch_json);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AgreementCatalogueRpc::ListSharingAgreements(
    grpc::CallbackServerContext* context,
    const v1::ListSharingAgreementsRequest* request,
    v1::ListSharingAgreementsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        std::optional<ServiceId> service;
        if (!request->service_id().empty()) {
          LIMPID_ASSIGN_OR_RETURN(
              service,
              rpc::ParseId<ServiceId>("service_id", request->service_id()));
        }
        return FillPage(
            *request, consent_.ListSharing(service),
            [&](const SharingPointer& one) {
              *response->add_sharing_agreements() = consent::ToProto(*one);
            },
            *response);
      });
}

grpc::ServerUnaryReactor* AgreementCatalogueRpc::ListServiceChanges(
    grpc::CallbackServerContext* context,
    const v1::ListServiceChangesRequest* request,
    v1::ListServiceChangesResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
                      return FillPage(
                          *request, consent_.ListServiceChanges(),
                          [&](const ServiceChange& one) {
                            *response->add_changes() = ToProto(one);
                          },
                          *response);
                    });
}

grpc::ServerUnaryReactor* AgreementCatalogueRpc::GetAgreementForm(
    grpc::CallbackServerContext* context,
    const v1::GetAgreementFormRequest* request,
    v1::GetAgreementFormResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const AgreementId id,
            rpc::ParseId<AgreementId>("agreement_id", request->agreement_id()));
        LIMPID_ASSIGN_OR_RETURN(const RenderedForm form,
                                consent_.AgreementForm(id, request->version(),
                                                       request->language()));
        response->set_form_json(form.json);
        response->set_text(form.text);
        response->set_html(form.html);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
