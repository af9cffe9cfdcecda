#include "vault/rpc/convert.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/rpc/validate.h"

namespace limpid::vault {
namespace {

constexpr std::size_t kNonceBytes = 16;
// "rec_" and 26 characters, with room for a mistake to be told as one.
constexpr std::size_t kMaxIdTextBytes = 64;
constexpr std::size_t kMaxPurposeBytes = 200;
constexpr std::string_view kTokenLabel = "limpid/vault/page/1";

v1::Sensitivity SensitivityToProto(Sensitivity sensitivity) {
  switch (sensitivity) {
    case Sensitivity::kOrdinary:
      return v1::SENSITIVITY_ORDINARY;
    case Sensitivity::kSpecial:
      return v1::SENSITIVITY_SPECIAL;
    case Sensitivity::kCriminal:
      return v1::SENSITIVITY_CRIMINAL;
  }
  return v1::SENSITIVITY_UNSPECIFIED;
}

absl::StatusOr<Sensitivity> SensitivityFromProto(v1::Sensitivity sensitivity) {
  switch (sensitivity) {
    case v1::SENSITIVITY_ORDINARY:
      return Sensitivity::kOrdinary;
    case v1::SENSITIVITY_SPECIAL:
      return Sensitivity::kSpecial;
    case v1::SENSITIVITY_CRIMINAL:
      return Sensitivity::kCriminal;
    case v1::SENSITIVITY_UNSPECIFIED:
    case v1::Sensitivity_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Sensitivity_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError("definition.sensitivity", "unknown value");
}

// Days that nobody said are left out.
void FillAbout(const About& about, v1::AttributeVersion& out) {
  switch (about.kind) {
    case AboutKind::kUnsaid:
      return;
    case AboutKind::kDays:
      out.mutable_about()->set_from_date(base::DayText(about.days.from));
      out.mutable_about()->set_to_date(base::DayText(about.days.to));
      return;
    case AboutKind::kNoDay:
      out.mutable_about()->set_no_day(true);
      return;
  }
}

void FillLine(const ReadLine& line, v1::AttributeResult& out) {
  out.set_attribute(line.attribute);
  if (line.reason != ReadReason::kReleased) {
    out.set_verdict(v1::VERDICT_REFUSED);
    out.set_reason(ToProto(line.reason));
    return;
  }
  out.set_verdict(v1::VERDICT_ALLOWED);
  out.set_form(ToProto(line.form));
  out.set_derivation(line.derivation);
  out.set_parameters_json(line.parameters);
  out.set_value_json(line.value_json);
  out.set_attestation(line.attestation);
  out.set_sealed_copy(base::ToText(line.sealed_copy));
  out.set_version(line.version);
  if (line.source.empty()) return;
  out.mutable_source()->set_source(line.source);
  if (line.as_of)
    *out.mutable_source()->mutable_as_of_time() = ToProto(*line.as_of);
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<std::int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

v1::Form ToProto(receipt::Form form) {
  switch (form) {
    case receipt::Form::kFull:
      return v1::FORM_FULL;
    case receipt::Form::kDerived:
      return v1::FORM_DERIVED;
    case receipt::Form::kPseudonymous:
      return v1::FORM_PSEUDONYMOUS;
    case receipt::Form::kAttested:
      return v1::FORM_ATTESTED;
    case receipt::Form::kAggregate:
      break;  // Never released line by line.
  }
  return v1::FORM_UNSPECIFIED;
}

v1::Reason ToProto(ReadReason reason) {
  switch (reason) {
    case ReadReason::kReleased:
      return v1::REASON_UNSPECIFIED;
    case ReadReason::kNoConsent:
      return v1::REASON_NO_CONSENT;
    case ReadReason::kPurpose:
      return v1::REASON_PURPOSE;
    case ReadReason::kExpired:
      return v1::REASON_EXPIRED;
    case ReadReason::kPaused:
      return v1::REASON_PAUSED;
    case ReadReason::kWithdrawn:
      return v1::REASON_WITHDRAWN;
    case ReadReason::kRevoked:
      return v1::REASON_REVOKED;
    case ReadReason::kInvalidated:
      return v1::REASON_INVALIDATED;
    case ReadReason::kLimit:
      return v1::REASON_LIMIT;
    case ReadReason::kPolicy:
      return v1::REASON_POLICY;
    case ReadReason::kForm:
      return v1::REASON_FORM;
    case ReadReason::kCaller:
      return v1::REASON_CALLER;
    case ReadReason::kNoticeOutdated:
      return v1::REASON_NOTICE_OUTDATED;
    case ReadReason::kRepresentative:
      return v1::REASON_REPRESENTATIVE;
    case ReadReason::kNoValue:
      return v1::REASON_NO_VALUE;
    case ReadReason::kSealed:
      return v1::REASON_SEALED;
    case ReadReason::kMoved:
      return v1::REASON_MOVED;
    case ReadReason::kSourceUnavailable:
      return v1::REASON_SOURCE_UNAVAILABLE;
  }
  return v1::REASON_NO_CONSENT;
}

v1::AttributeDefinition ToProto(const Definition& definition) {
  v1::AttributeDefinition out;
  out.set_id(definition.id);
  out.set_schema_version(definition.schema_version);
  out.set_schema_json(json::Canonical(definition.schema));
  out.set_title(definition.title);
  out.set_category_iri(definition.category_iri);
  out.set_sensitivity(SensitivityToProto(definition.sensitivity));
  out.set_direct_identifier(definition.direct_identifier);
  for (const std::string& name : definition.derivations) {
    out.add_derivations(name);
  }
  out.set_external_term_iri(definition.external_term_iri);
  out.set_assisted_only(definition.assisted_only);
  return out;
}

v1::AttributeVersion ToProto(const VersionInfo& info) {
  v1::AttributeVersion out;
  out.set_attribute(info.attribute);
  out.set_version(info.version);
  out.set_schema_version(info.schema_version);
  *out.mutable_put_time() = ToProto(info.put_time);
  if (info.erase_time) *out.mutable_erase_time() = ToProto(*info.erase_time);
  out.set_custody(info.custody == Custody::kSealed ? v1::CUSTODY_SEALED
                                                   : v1::CUSTODY_ASSISTED);
  FillAbout(info.about, out);
  return out;
}

v1::Provenance ToProto(const Provenance& provenance) {
  v1::Provenance out;
  out.set_kind(provenance.kind == ProvenanceKind::kPersonSigned
                   ? v1::PROVENANCE_KIND_PERSON_SIGNED
                   : v1::PROVENANCE_KIND_PERSON);
  out.set_key_thumbprint(base::ToText(provenance.key_thumbprint));
  out.set_signature(base::ToText(provenance.signature));
  return out;
}

v1::MovedTo ToProto(const NewOperator& to) {
  v1::MovedTo out;
  out.set_operator_name(to.name);
  out.set_evidence_key(base::ToText(to.evidence_key));
  return out;
}

v1::SealedOrigin ToProto(const SealedOrigin& origin) {
  v1::SealedOrigin out;
  out.set_operator_name(origin.vault.operator_name);
  out.set_source_id(origin.vault.source.Text());
  out.set_holder_id(base::ToText(origin.holder.bytes()));
  return out;
}

v1::SealedValue ToProto(const SealedParts& parts) {
  v1::SealedValue out;
  out.set_dek_id(base::ToText(parts.id));
  out.set_generation(parts.generation);
  out.set_label(base::ToText(parts.label));
  out.set_wrap(base::ToText(parts.wrap));
  out.set_payload(base::ToText(parts.payload));
  if (parts.origin) *out.mutable_origin() = ToProto(*parts.origin);
  return out;
}

void Fill(const ReadAnswer& answer, v1::ReadAttributesResponse& out) {
  for (const ReadLine& line : answer.lines) FillLine(line, *out.add_results());
  out.set_access_id(answer.access_id);
  out.set_access_promise(base::ToText(answer.access_promise));
  out.set_pseudonym(base::ToText(answer.pseudonym()));
  out.set_request_hash(base::ToText(answer.request_hash));
  if (const auto until = answer.valid_until()) {
    *out.mutable_valid_until_time() = ToProto(*until);
  }
  if (const auto to = answer.moved_to()) *out.mutable_moved_to() = ToProto(*to);
}

absl::StatusOr<Definition> FromProto(const v1::AttributeDefinition& message) {
  Definition out;
  out.id = message.id();
  const auto schema = json::ParseStrict(message.schema_json());
  if (!schema.ok()) {
    return rpc::AtField("definition.schema_json", schema.status());
  }
  out.schema = *schema;
  out.title = message.title();
  out.category_iri = message.category_iri();
  LIMPID_ASSIGN_OR_RETURN(out.sensitivity,
                          SensitivityFromProto(message.sensitivity()));
  out.direct_identifier = message.direct_identifier();
  out.derivations.assign(message.derivations().begin(),
                         message.derivations().end());
  out.external_term_iri = message.external_term_iri();
  out.assisted_only = message.assisted_only();
  LIMPID_RETURN_IF_ERROR(rpc::CheckText("definition.title", out.title,
                                        Definition::kMaxTitleBytes));
  return out;
}

absl::StatusOr<About> FromProto(const v1::About& message) {
  About out;
  if (message.no_day()) {
    out.kind = AboutKind::kNoDay;
    if (!message.from_date().empty() || !message.to_date().empty()) {
      return rpc::FieldError("about.no_day", "stands beside days");
    }
    return out;
  }
  out.kind = AboutKind::kDays;
  const auto from = base::ParseDay(message.from_date());
  if (!from.ok()) return rpc::AtField("about.from_date", from.status());
  const auto to = base::ParseDay(message.to_date());
  if (!to.ok()) return rpc::AtField("about.to_date", to.status());
  if (*to < *from) {
    return rpc::FieldError("about.to_date", "is before from_date");
  }
  out.days = {*from, *to};
  return out;
}

absl::StatusOr<ActKind> FromProto(v1::VaultAct act) {
  switch (act) {
    case v1::VAULT_ACT_PUT:
      return ActKind::kPut;
    case v1::VAULT_ACT_ERASE:
      return ActKind::kErase;
    case v1::VAULT_ACT_SLOT_ADD:
      return ActKind::kSlotAdd;
    case v1::VAULT_ACT_SLOT_REMOVE:
      return ActKind::kSlotRemove;
    case v1::VAULT_ACT_RECOVERY_START:
      return ActKind::kRecoveryStart;
    case v1::VAULT_ACT_RECOVERY_CANCEL:
      return ActKind::kRecoveryCancel;
    case v1::VAULT_ACT_RECOVERY_HAND_OUT:
      return ActKind::kRecoveryHandOut;
    case v1::VAULT_ACT_RECOVERY_ALLOW:
      return ActKind::kRecoveryAllow;
    case v1::VAULT_ACT_SOURCE_LINK:
      return ActKind::kSourceLink;
    case v1::VAULT_ACT_SOURCE_UNLINK:
      return ActKind::kSourceUnlink;
    case v1::VAULT_ACT_RESEAL:
      return ActKind::kReseal;
    case v1::VAULT_ACT_KEY:
    case v1::VAULT_ACT_ADMIN:
    case v1::VAULT_ACT_DESTROY:
    case v1::VAULT_ACT_EXPORT:
    case v1::VAULT_ACT_IMPORT:
    case v1::VAULT_ACT_MOVE:
    case v1::VAULT_ACT_MOVE_BACK:
    case v1::VAULT_ACT_EPOCH_START:
    case v1::VAULT_ACT_EPOCH_END:
      return rpc::FieldError("act", "is not an act on a version or a slot");
    case v1::VAULT_ACT_UNSPECIFIED:
    case v1::VaultAct_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::VaultAct_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError("act", "unknown value");
}

absl::StatusOr<ReadRequest> FromProto(const v1::ReadAttributesRequest& message,
                                      const base::Digest32& caller) {
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText("record_id", message.record_id(), kMaxIdTextBytes));
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText("purpose_iri", message.purpose_iri(), kMaxPurposeBytes));
  LIMPID_RETURN_IF_ERROR(rpc::CheckCount("attributes",
                                         message.attributes_size(),
                                         static_cast<int>(receipt::kMaxLines)));
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckBytes("request_nonce", message.request_nonce(), kNonceBytes));
  ReadRequest out;
  out.caller_thumbprint = caller;
  out.fields.record = message.record_id();
  out.fields.purpose = message.purpose_iri();
  out.fields.attributes.assign(message.attributes().begin(),
                               message.attributes().end());
  if (message.has_training()) {
    LIMPID_RETURN_IF_ERROR(rpc::CheckText(
        "training.system_id", message.training().system_id(), kMaxIdTextBytes));
    LIMPID_RETURN_IF_ERROR(rpc::CheckText("training.snapshot_id",
                                          message.training().snapshot_id(),
                                          kMaxIdTextBytes));
    out.fields.system = message.training().system_id();
    out.fields.snapshot = message.training().snapshot_id();
  }
  std::copy(message.request_nonce().begin(), message.request_nonce().end(),
            out.fields.nonce.begin());
  return out;
}

std::string VersionToken(std::uint64_t version) {
  base::ByteWriter writer(kTokenLabel);
  return base::ToText(writer.U64(version).bytes());
}

absl::StatusOr<std::uint64_t> ParseVersionToken(std::string_view token) {
  if (token.empty()) return std::uint64_t{0};
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kTokenLabel);
  const std::uint64_t version = reader.U64();
  if (!reader.Finish().ok() || version == 0) {
    return rpc::FieldError("page_token", "was not made by this method");
  }
  return version;
}

absl::StatusOr<std::string> ParseAttributeToken(std::string_view token) {
  if (!token.empty() && !IsAttributeId(token)) {
    return rpc::FieldError("page_token", "was not made by this method");
  }
  return std::string(token);
}

}  // namespace limpid::vault
