#include "consent/rpc/agreement_catalogue_rpc.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/convert_sharing.h"

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

void Fill(const AgreementDiff& diff, v1::DiffAgreementsResponse& out) {
  for (const AgreementChange& change : diff.changes) {
    v1::AgreementChange& to = *out.add_changes();
    to.set_path(change.path);
    to.set_kind(ToProto(change.kind));
    to.set_material(change.material());
    to.set_sentence(change.sentence);
  }
  out.set_material(HasMaterialChange(diff.changes));
  out.set_patch_json(diff.patch_json);
}

}  // namespace

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
        Fill(diff, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AgreementCatalogueRpc::ListSharingAgreements(
    grpc::CallbackServerContext* context,
    const v1::ListSharingAgreementsRequest* request,
    v1::ListSharingAgreementsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(std::uint64_t at,
                                ParseNumberToken(request->page_token()));
        std::optional<ServiceId> service;
        if (!request->service_id().empty()) {
          LIMPID_ASSIGN_OR_RETURN(
              service,
              rpc::ParseId<ServiceId>("service_id", request->service_id()));
        }
        const auto all = consent_.ListSharing(service);
        const std::uint64_t end = std::min<std::uint64_t>(
            all.size(), at + static_cast<std::uint64_t>(size));
        for (; at < end; ++at) {
          *response->add_sharing_agreements() = consent::ToProto(*all[at]);
        }
        if (end < all.size()) response->set_next_page_token(NumberToken(end));
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
