#include "consent/rpc/reconsent_rpc.h"

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/agreement_catalogue_rpc.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/on_record.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

v1::Reconsent ToProto(const ReconsentView& view) {
  v1::Reconsent out;
  *out.mutable_record() = consent::ToProto(view.request);
  out.set_followed_version(view.followed_version);
  if (view.outdated_from) {
    *out.mutable_outdated_time() = consent::ToProto(*view.outdated_from);
  }
  for (const AgreementChange& change : view.changes) {
    *out.add_changes() = consent::ToProto(change);
  }
  return out;
}

v1::Campaign ToProto(const Campaign& campaign) {
  v1::Campaign out;
  out.set_agreement_id(campaign.agreement.Text());
  out.set_version(campaign.version);
  out.set_material(campaign.material);
  *out.mutable_outdated_time() = consent::ToProto(campaign.outdated_from);
  out.set_finished(campaign.asking.done);
  out.set_asked_count(CoarseCount(campaign.asked_count));
  return out;
}

}  // namespace

PersonReconsentRpc::PersonReconsentRpc(rpc::Runtime& runtime,
                                       rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonReconsentService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonReconsentRpc::ListReconsents(
    grpc::CallbackServerContext* context,
    const v1::ListReconsentsRequest* /*request*/,
    v1::ListReconsentsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto views,
                                consent_.ListReconsents(person));
        for (const ReconsentView& view : views) {
          *response->add_reconsents() = ToProto(view);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonReconsentRpc::GetRecordForm(
    grpc::CallbackServerContext* context,
    const v1::GetRecordFormRequest* request,
    v1::GetRecordFormResponse* response) {
  return OnRecord(
      edge_, context, request,
      [=, this](const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const RenderedForm form,
            consent_.RecordForm(person, record, request->language()));
        response->set_form_json(form.json);
        response->set_text(form.text);
        response->set_html(form.html);
        return absl::OkStatus();
      });
}

ServiceCampaignRpc::ServiceCampaignRpc(rpc::Runtime& runtime,
                                       rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::ServiceCampaignService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* ServiceCampaignRpc::ListCampaigns(
    grpc::CallbackServerContext* context,
    const v1::ListCampaignsRequest* /*request*/,
    v1::ListCampaignsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        for (const Campaign& campaign : consent_.ListCampaigns()) {
          const AgreementPointer agreement =
              consent_.FindAgreement(campaign.agreement, campaign.version);
          if (agreement == nullptr || agreement->service != service->id) {
            continue;
          }
          *response->add_campaigns() = ToProto(campaign);
        }
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
