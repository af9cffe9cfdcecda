// Agreements and services between the wire and the domain.

#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/convert_service_key.h"

namespace limpid::consent {
namespace {

std::string Path(std::string_view path, std::string_view field) {
  return absl::StrCat(base::ToAbsl(path), ".", base::ToAbsl(field));
}

std::string Path(std::string_view path, std::string_view field, int index) {
  return absl::StrCat(base::ToAbsl(path), ".", base::ToAbsl(field), "[", index,
                      "]");
}

absl::StatusOr<receipt::LegalBasis> BasisFromProto(std::string_view path,
                                                   int basis) {
  if (basis == v1::LEGAL_BASIS_UNSPECIFIED || !v1::LegalBasis_IsValid(basis)) {
    return rpc::FieldError(path, "is not a legal basis");
  }
  return static_cast<receipt::LegalBasis>(basis);
}

absl::Status ReadForm(const std::string& path, const v1::AgreementLine& line,
                      AgreementLine& out) {
  if (line.form() == v1::FORM_UNSPECIFIED || !v1::Form_IsValid(line.form())) {
    return rpc::FieldError(Path(path, "form"), "is not a form");
  }
  out.form = static_cast<receipt::Form>(line.form());
  if (!receipt::HasDerivation(out.form)) {
    if (!line.has_derivation()) return absl::OkStatus();
    return rpc::FieldError(Path(path, "derivation"),
                           "stands with another form");
  }
  const v1::Derivation& derivation = line.derivation();
  out.derivation = absl::StrCat(derivation.name(), "/", derivation.version());
  json::ParseLimits limits;
  limits.max_bytes = 1'024;
  const auto parsed = json::ParseStrict(derivation.parameters_json(), limits);
  if (!parsed.ok() || !parsed->is_object()) {
    return rpc::FieldError(Path(path, "derivation.parameters_json"),
                           "is not one JSON object");
  }
  out.parameters = json::Canonical(*parsed);
  return absl::OkStatus();
}

absl::StatusOr<AgreementLine> LineFromProto(const std::string& path,
                                            const v1::AgreementLine& line) {
  AgreementLine out;
  out.attribute = line.attribute();
  switch (line.necessity()) {
    case v1::NECESSITY_REQUIRED:
      out.necessity = Necessity::kRequired;
      break;
    case v1::NECESSITY_OPTIONAL:
      out.necessity = Necessity::kOptional;
      break;
    case v1::NECESSITY_UNSPECIFIED:
    case v1::Necessity_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Necessity_INT_MAX_SENTINEL_DO_NOT_USE_:
    default:
      return rpc::FieldError(Path(path, "necessity"), "is not a necessity");
  }
  LIMPID_RETURN_IF_ERROR(ReadForm(path, line, out));
  out.operations = {line.operations().begin(), line.operations().end()};
  if (!line.source_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        out.source,
        rpc::ParseId<SourceId>(Path(path, "source_id"), line.source_id()));
  }
  return out;
}

v1::AgreementLine LineToProto(const AgreementLine& line) {
  v1::AgreementLine out;
  out.set_attribute(line.attribute);
  out.set_necessity(line.necessity == Necessity::kRequired
                        ? v1::NECESSITY_REQUIRED
                        : v1::NECESSITY_OPTIONAL);
  out.set_form(static_cast<v1::Form>(line.form));
  if (!line.derivation.empty()) {
    const std::size_t slash = line.derivation.find('/');
    v1::Derivation& derivation = *out.mutable_derivation();
    derivation.set_name(line.derivation.substr(0, slash));
    derivation.set_version(static_cast<std::uint32_t>(
        std::stoul(line.derivation.substr(slash + 1))));
    derivation.set_parameters_json(line.parameters);
  }
  for (const std::string& operation : line.operations) {
    out.add_operations(operation);
  }
  if (!line.source.none()) out.set_source_id(line.source.Text());
  return out;
}

void FillLimits(const AgreementContent& content, v1::AgreementContent& out) {
  out.set_atomic(content.atomic);
  out.set_embargo_days(content.embargo_days);
  if (content.frequency != UseFrequency{}) {
    v1::UseFrequency& frequency = *out.mutable_use_frequency();
    frequency.set_use_count_max(content.frequency.use_count_max);
    frequency.set_period_seconds(content.frequency.period_seconds);
  }
  if (!content.data_range.open()) {
    out.mutable_data_range()->set_from_date(content.data_range.from);
    out.mutable_data_range()->set_to_date(content.data_range.to);
  }
}

// A limit that is there but says nothing is a mistake, not an absence.
absl::Status ReadLimits(std::string_view path,
                        const v1::AgreementContent& content,
                        AgreementContent& out) {
  out.atomic = content.atomic();
  out.embargo_days = content.embargo_days();
  if (content.has_use_frequency()) {
    out.frequency = {content.use_frequency().use_count_max(),
                     content.use_frequency().period_seconds()};
    if (out.frequency == UseFrequency{}) {
      return rpc::FieldError(Path(path, "use_frequency"), "is empty");
    }
  }
  if (content.has_data_range()) {
    out.data_range = {content.data_range().from_date(),
                      content.data_range().to_date()};
    if (out.data_range.open()) {
      return rpc::FieldError(Path(path, "data_range"), "is empty");
    }
  }
  return absl::OkStatus();
}

void FillContent(const AgreementContent& content, v1::AgreementContent& out) {
  for (const LocalizedText& title : content.titles) {
    v1::LocalizedText& to = *out.add_titles();
    to.set_language(title.language);
    to.set_text(title.text);
  }
  for (const std::string& purpose : content.purposes) out.add_purposes(purpose);
  out.set_legal_basis(static_cast<v1::LegalBasis>(content.basis));
  for (const AgreementLine& line : content.lines) {
    *out.add_lines() = LineToProto(line);
  }
  for (const std::string& name : content.recipients) out.add_recipients(name);
  out.set_retention_days(content.retention_days);
  out.set_storage_location(content.storage_location);
  out.set_validity_days(content.validity_days);
  out.set_use_count_max(content.use_count_max);
  for (const LocalizedText& notice : content.notices) {
    v1::Notice& to = *out.add_notices();
    to.set_language(notice.language);
    to.set_text(notice.text);
    to.set_hash(ToProto(NoticeHash(notice.text)));
  }
  for (const SystemId& system : content.systems) {
    out.add_system_ids(system.Text());
  }
  out.set_ai_training(content.ai_training);
  FillLimits(content, out);
}

absl::Status ReadLists(std::string_view path,
                       const v1::AgreementContent& content,
                       AgreementContent& out) {
  for (int i = 0; i < content.lines_size(); ++i) {
    LIMPID_ASSIGN_OR_RETURN(
        AgreementLine line,
        LineFromProto(Path(path, "lines", i), content.lines(i)));
    out.lines.push_back(std::move(line));
  }
  for (int i = 0; i < content.system_ids_size(); ++i) {
    LIMPID_ASSIGN_OR_RETURN(const SystemId system,
                            rpc::ParseId<SystemId>(Path(path, "system_ids", i),
                                                   content.system_ids(i)));
    out.systems.push_back(system);
  }
  for (const v1::LocalizedText& title : content.titles()) {
    out.titles.push_back({title.language(), title.text()});
  }
  for (const v1::Notice& notice : content.notices()) {
    out.notices.push_back({notice.language(), notice.text()});
  }
  return absl::OkStatus();
}

}  // namespace

v1::Agreement ToProto(const Agreement& agreement) {
  v1::Agreement out;
  out.set_agreement_id(agreement.id.Text());
  out.set_version(agreement.version);
  out.set_hash(ToProto(agreement.hash));
  out.set_service_id(agreement.service.Text());
  FillContent(agreement.content, *out.mutable_content());
  out.set_canonical_json(agreement.canonical);
  *out.mutable_create_time() = ToProto(agreement.created);
  return out;
}

v1::Service ToProto(const Service& service) {
  v1::Service out;
  out.set_service_id(service.id.Text());
  out.set_organisation(service.organisation);
  out.set_contact(service.contact);
  out.set_data_protection_officer(service.data_protection_officer);
  out.set_jurisdiction(service.jurisdiction);
  for (const base::Digest32& key : service.keys) {
    out.add_spki_thumbprints(ToProto(key));
  }
  for (const auto& name : service.ceiling_purposes) {
    out.add_ceiling_purposes(name);
  }
  for (const auto& name : service.ceiling_attributes) {
    out.add_ceiling_attributes(name);
  }
  for (const auto basis : service.bases) {
    out.add_legal_bases(static_cast<v1::LegalBasis>(basis));
  }
  *out.mutable_create_time() = ToProto(service.created);
  for (const ServicePublicKey& key : service.public_keys) {
    *out.add_public_keys() = ToProto(key);
  }
  out.set_embargo_days_max(service.embargo_days);
  return out;
}

absl::StatusOr<Service> FromProto(const v1::CreateServiceRequest& request) {
  Service out;
  out.organisation = request.organisation();
  out.contact = request.contact();
  out.data_protection_officer = request.data_protection_officer();
  out.jurisdiction = request.jurisdiction();
  for (const std::string& thumbprint : request.spki_thumbprints()) {
    LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("spki_thumbprints", thumbprint, 32));
    LIMPID_ASSIGN_OR_RETURN(const base::Digest32 key,
                            base::ToArray<32>(base::AsBytes(thumbprint)));
    out.keys.push_back(key);
  }
  out.ceiling_purposes = {request.ceiling_purposes().begin(),
                          request.ceiling_purposes().end()};
  out.ceiling_attributes = {request.ceiling_attributes().begin(),
                            request.ceiling_attributes().end()};
  for (const int basis : request.legal_bases()) {
    LIMPID_ASSIGN_OR_RETURN(const auto parsed,
                            BasisFromProto("legal_bases", basis));
    out.bases.push_back(parsed);
  }
  return out;
}

absl::StatusOr<AgreementContent> FromProto(
    std::string_view path, const v1::AgreementContent& content) {
  AgreementContent out;
  LIMPID_ASSIGN_OR_RETURN(out.basis, BasisFromProto(Path(path, "legal_basis"),
                                                    content.legal_basis()));
  LIMPID_RETURN_IF_ERROR(ReadLists(path, content, out));
  LIMPID_RETURN_IF_ERROR(ReadLimits(path, content, out));
  out.purposes = {content.purposes().begin(), content.purposes().end()};
  out.recipients = {content.recipients().begin(), content.recipients().end()};
  out.retention_days = content.retention_days();
  out.storage_location = content.storage_location();
  out.validity_days = content.validity_days();
  out.use_count_max = content.use_count_max();
  out.ai_training = content.ai_training();
  return out;
}

absl::StatusOr<ReadRequest> FromProto(
    const v1::ExplainDecisionRequest& request) {
  ReadRequest out;
  out.purpose = request.purpose();
  out.attributes = {request.attributes().begin(), request.attributes().end()};
  if (!request.has_training()) return out;
  TrainingUse training;
  LIMPID_ASSIGN_OR_RETURN(
      training.system, rpc::ParseId<SystemId>("training.system_id",
                                              request.training().system_id()));
  LIMPID_ASSIGN_OR_RETURN(
      training.snapshot,
      rpc::ParseId<SnapshotId>("training.snapshot_id",
                               request.training().snapshot_id()));
  out.training = training;
  return out;
}

absl::StatusOr<receipt::SignedStatement> FromProto(
    const v1::GrantRecordRequest& request) {
  constexpr std::size_t kMaxStatementBytes = 65'536;
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText("statement", request.statement(), kMaxStatementBytes));
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("signature", request.signature(), 64));
  receipt::SignedStatement out;
  out.canonical_json = request.statement();
  LIMPID_ASSIGN_OR_RETURN(
      out.signature, base::ToArray<64>(base::AsBytes(request.signature())));
  return out;
}

}  // namespace limpid::consent
