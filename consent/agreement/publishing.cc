// Registering services and publishing agreement versions.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/json/patch.h"
#include "consent/agreement/consent_form.h"
#include "consent/agreement/limits_check.h"
#include "consent/campaign/campaign_desk.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/service_key/key_desk.h"
#include "consent/sharing/sharing_desk.h"

namespace limpid::consent {
namespace {

// A retry with the same request id meets the service that the first try made.
ServiceId ServiceIdFor(const base::SecretBytes& code_key,
                       const base::ByteArray<16>& request_id) {
  base::ByteWriter out("limpid/service-id/1");
  out.Raw(request_id);
  const base::Digest32 hash = crypto::HmacSha256(
      code_key.Reveal(base::SecretAccess::Get()), {out.bytes()});
  base::ByteArray<16> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return ServiceId(id);
}

absl::StatusOr<ServicePointer> Register(Consent::State& s, Service service,
                                        const Registration& registration,
                                        Batch& batch) {
  const ServicePointer known = s.catalogue.FindService(service.id);
  if (known != nullptr) {
    service.created = known->created;
    if (*known == service) return known;
    return absl::AlreadyExistsError("request_id: was used for other content");
  }
  for (const base::Digest32& key : service.keys) {
    if (s.catalogue.FindServiceByKey(key) == nullptr) continue;
    return absl::AlreadyExistsError(
        "spki_thumbprints: one is pinned with another service");
  }
  service.created = batch.time();
  LIMPID_ASSIGN_OR_RETURN(const ServiceKeyChain chain,
                          KeysAfter(s, service, batch.time()));
  StoreKeys(s, chain, batch);
  batch.Insert(RowOf(service));
  batch.Publish(service);
  if (registration.default_sharing) {
    AddDefaultSharing(s, service, registration.administrator, batch);
  }
  return std::make_shared<const Service>(std::move(service));
}

absl::Status CheckSystems(const AgreementContent& content,
                          const SystemDirectory& systems) {
  for (std::size_t i = 0; i < content.systems.size(); ++i) {
    if (systems.Exists(content.systems[i])) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("system_ids[", i, "]: is not registered"));
  }
  return absl::OkStatus();
}

// A question that nobody answers is not to be signed for.
absl::Status CheckDerivations(const AgreementContent& content,
                              const AttributeRanks* ranks) {
  if (ranks == nullptr) return absl::OkStatus();
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const AgreementLine& line = content.lines[i];
    if (!receipt::HasDerivation(line.form)) continue;
    const absl::Status answered = ranks->CheckDerivation(
        line.attribute, line.derivation, line.parameters);
    if (answered.ok()) continue;
    return absl::Status(
        answered.code(),
        absl::StrCat("lines[", i, "].derivation: ", answered.message()));
  }
  return absl::OkStatus();
}

std::set<SourceId> SourcesOf(const Consent::State& s) {
  std::set<SourceId> out;
  for (const SourceInfo& source : s.options.sources) out.insert(source.id);
  return out;
}

AgreementPointer FindContent(const std::vector<AgreementPointer>& versions,
                             const AgreementContent& content) {
  const auto at = std::find_if(versions.begin(), versions.end(),
                               [&](const AgreementPointer& version) {
                                 return version->content == content;
                               });
  return at == versions.end() ? nullptr : *at;
}

absl::StatusOr<AgreementPointer> PublishVersion(
    Consent::State& s, const ServiceId& service,
    const std::optional<AgreementId>& agreement, AgreementContent content,
    const Publication& publication, Batch& batch) {
  const std::vector<AgreementPointer> versions =
      agreement ? s.catalogue.VersionsOf(*agreement)
                : s.catalogue.AgreementsOf(service);
  if (agreement && (versions.empty() || versions.front()->service != service)) {
    return absl::NotFoundError("no such agreement");
  }
  // Content-addressed: the same content is the same version.
  AgreementPointer same = FindContent(versions, content);
  if (same != nullptr) return same;
  const std::uint32_t version = agreement ? versions.back()->version + 1 : 1;
  Agreement made =
      MakeAgreement(agreement.value_or(AgreementId::Random()), version, service,
                    std::move(content), batch.time());
  batch.Insert(RowOf(made));
  batch.Publish(made);
  if (agreement) StartCampaign(s, *versions.back(), made, publication, batch);
  return AgreementPointer(std::make_shared<const Agreement>(std::move(made)));
}

RenderedForm Rendered(const FormFacts& facts) {
  const json::Value form = MakeForm(facts);
  return {json::Canonical(form), FormText(form), FormHtml(form)};
}

}  // namespace

absl::StatusOr<ServicePointer> Consent::CreateService(
    const base::ByteArray<16>& request_id, Service service,
    const Registration& registration) {
  State& s = *state_;
  LIMPID_RETURN_IF_ERROR(CheckService(service, s.parts.purposes));
  // One administrator registers, two give it.
  if (service.embargo_days != 0) {
    return absl::InvalidArgumentError(
        "embargo_days_max: comes by a change of the service, not with it");
  }
  service.id = ServiceIdFor(s.code_key, request_id);
  return s.sequencer->Call<ServicePointer>(
      [&s, service = std::move(service), registration](Persons& /*persons*/,
                                                       Batch& batch) {
        return Register(s, service, registration, batch);
      },
      nullptr, /*alone=*/true);
}

AgreementPointer Consent::FindAgreement(const AgreementId& agreement,
                                        std::uint32_t version) const {
  return state_->catalogue.FindAgreement(agreement, version);
}

absl::StatusOr<AgreementDiff> Consent::DiffAgreements(
    const AgreementId& agreement, std::uint32_t from, std::uint32_t to) const {
  const AgreementPointer before = FindAgreement(agreement, from);
  const AgreementPointer after = FindAgreement(agreement, to);
  if (before == nullptr || after == nullptr) {
    return absl::NotFoundError("no such agreement version");
  }
  // Both are our own canonical texts.
  LIMPID_ASSIGN_OR_RETURN(const json::Value left,
                          json::ParseStrict(before->canonical));
  LIMPID_ASSIGN_OR_RETURN(const json::Value right,
                          json::ParseStrict(after->canonical));
  return AgreementDiff{
      CompareContents(before->content, after->content, state_->parts.purposes),
      json::Canonical(json::MakePatch(left, right))};
}

absl::StatusOr<RenderedForm> Consent::AgreementForm(
    const AgreementId& agreement, std::uint32_t version,
    std::string_view language) const {
  const AgreementPointer known = FindAgreement(agreement, version);
  if (known == nullptr) {
    return absl::NotFoundError("no such agreement version");
  }
  const ServicePointer service = state_->catalogue.FindService(known->service);
  if (service == nullptr) {
    return absl::DataLossError("an agreement's service is missing");
  }
  return Rendered({operator_name(), *known, *service, nullptr, language,
                   state_->parts.clock.Now()});
}

absl::StatusOr<RenderedForm> Consent::RecordForm(
    const PersonId& person, const RecordId& record,
    std::string_view language) const {
  LIMPID_ASSIGN_OR_RETURN(const RecordView view, GetRecord(person, record));
  return Rendered({operator_name(), *view.agreement, *view.service,
                   &view.revision, language, state_->parts.clock.Now()});
}

std::vector<ServicePointer> Consent::ListServices() const {
  return state_->catalogue.Services();
}

absl::StatusOr<ServicePointer> Consent::ServiceOf(
    const base::Digest32& spki_thumbprint) const {
  ServicePointer service = state_->catalogue.FindServiceByKey(spki_thumbprint);
  if (service == nullptr) {
    return absl::PermissionDeniedError(
        "the certificate belongs to no registered service");
  }
  return service;
}

std::vector<AgreementPointer> Consent::ListAgreements(
    const ServiceId& service) const {
  return state_->catalogue.AgreementsOf(service);
}

absl::StatusOr<AgreementPointer> Consent::CreateAgreement(
    const ServiceId& service, std::optional<AgreementId> agreement,
    AgreementContent content, const Publication& publication) {
  State& s = *state_;
  if (publication.grace < absl::ZeroDuration() ||
      publication.grace > kMaxGrace) {
    return absl::InvalidArgumentError(
        "reconsent_grace_days: is not between 0 and 90");
  }
  LIMPID_RETURN_IF_ERROR(CheckContent(content));
  const ServicePointer known = s.catalogue.FindService(service);
  if (known == nullptr) return absl::NotFoundError("no such service");
  LIMPID_RETURN_IF_ERROR(CheckCeiling(content, *known, s.parts.purposes));
  LIMPID_RETURN_IF_ERROR(CheckDerivations(content, s.parts.ranks));
  LIMPID_RETURN_IF_ERROR(CheckSystems(content, s.parts.systems));
  LIMPID_RETURN_IF_ERROR(CheckSources(content, SourcesOf(s)));
  return s.sequencer->Call<AgreementPointer>(
      [&s, service, agreement, content = std::move(content), publication](
          Persons& /*persons*/, Batch& batch) {
        return PublishVersion(s, service, agreement, content, publication,
                              batch);
      },
      nullptr, /*alone=*/true);
}

}  // namespace limpid::consent
