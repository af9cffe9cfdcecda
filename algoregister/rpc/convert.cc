#include "algoregister/rpc/convert.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

constexpr std::string_view kTokenLabel = "limpid-register-page/1";

absl::StatusOr<FieldDisclosure> FromProto(std::string_view path,
                                          const v1::FieldDisclosure& field) {
  FieldDisclosure out;
  const auto salt = base::ToArray<32>(base::AsBytes(field.salt()));
  if (!salt.ok()) return rpc::FieldError(path, "a salt has 32 bytes");
  out.salt = *salt;
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText(path, field.pointer(), /*max_bytes=*/1'000));
  out.pointer = field.pointer();
  auto value = json::ParseStrict(field.value_json());
  if (!value.ok()) return rpc::AtField(path, value.status());
  out.value = *std::move(value);
  return out;
}

v1::ImportFinding ToProto(const Finding& finding) {
  v1::ImportFinding out;
  out.set_field(finding.field);
  out.set_repaired(finding.repaired);
  out.set_message(finding.message);
  return out;
}

std::int64_t Signed(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

}  // namespace

v1::FieldDisclosure ToProto(const FieldDisclosure& field) {
  v1::FieldDisclosure out;
  out.set_pointer(field.pointer);
  out.set_salt(base::ToText(field.salt));
  out.set_value_json(json::Canonical(field.value));
  return out;
}

v1::RegistrationKind ToProto(RegistrationKind kind) {
  switch (kind) {
    case RegistrationKind::kOrganisation:
      return v1::REGISTRATION_KIND_ORGANISATION;
    case RegistrationKind::kSystem:
      return v1::REGISTRATION_KIND_SYSTEM;
    case RegistrationKind::kDeployment:
      return v1::REGISTRATION_KIND_DEPLOYMENT;
    case RegistrationKind::kModel:
      return v1::REGISTRATION_KIND_MODEL;
    case RegistrationKind::kDataset:
      return v1::REGISTRATION_KIND_DATASET;
    case RegistrationKind::kEvaluation:
      return v1::REGISTRATION_KIND_EVALUATION;
    case RegistrationKind::kAssessment:
      return v1::REGISTRATION_KIND_ASSESSMENT;
    case RegistrationKind::kCertification:
      return v1::REGISTRATION_KIND_CERTIFICATION;
    case RegistrationKind::kIncident:
      return v1::REGISTRATION_KIND_INCIDENT;
  }
  return v1::REGISTRATION_KIND_UNSPECIFIED;
}

v1::RegistrationState ToProto(RegistrationState state) {
  switch (state) {
    case RegistrationState::kActive:
      return v1::REGISTRATION_STATE_ACTIVE;
    case RegistrationState::kRetired:
      return v1::REGISTRATION_STATE_RETIRED;
  }
  return v1::REGISTRATION_STATE_UNSPECIFIED;
}

v1::AuthorRole ToProto(AuthorRole role) {
  switch (role) {
    case AuthorRole::kPublisher:
      return v1::AUTHOR_ROLE_PUBLISHER;
    case AuthorRole::kImporter:
      return v1::AUTHOR_ROLE_IMPORTER;
  }
  return v1::AUTHOR_ROLE_UNSPECIFIED;
}

v1::ImportOutcome ToProto(ImportOutcome outcome) {
  switch (outcome) {
    case ImportOutcome::kNew:
      return v1::IMPORT_OUTCOME_NEW;
    case ImportOutcome::kChanged:
      return v1::IMPORT_OUTCOME_CHANGED;
    case ImportOutcome::kUnchanged:
      return v1::IMPORT_OUTCOME_UNCHANGED;
    case ImportOutcome::kRejected:
      return v1::IMPORT_OUTCOME_REJECTED;
    case ImportOutcome::kRemoved:
      return v1::IMPORT_OUTCOME_REMOVED;
  }
  return v1::IMPORT_OUTCOME_UNSPECIFIED;
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  constexpr std::int64_t kMillisPerSecond = 1'000;
  constexpr std::int64_t kNanosPerMilli = 1'000'000;
  // The register's times are after 1970.
  const std::int64_t millis = absl::ToUnixMillis(time);
  google::protobuf::Timestamp out;
  out.set_seconds(millis / kMillisPerSecond);
  out.set_nanos(
      static_cast<std::int32_t>(millis % kMillisPerSecond * kNanosPerMilli));
  return out;
}

v1::RegistrationVersion ToProto(const Version& version) {
  const json::Value content = ContentOf(version);
  v1::RegistrationVersion out;
  out.set_registration_id(version.registration.Text());
  out.set_version(version.number);
  out.set_kind(ToProto(version.registration.kind));
  out.set_state(ToProto(version.state));
  out.set_author_role(ToProto(version.author_role));
  *out.mutable_draft_time() = ToProto(version.draft_time);
  out.set_title(TitleOf(content));
  out.set_content_json(json::Canonical(content));
  out.set_content_sha256(base::ToText(receipt::ContentHash(content)));
  std::int32_t restricted = 0;
  for (const FieldDisclosure& field : version.fields) {
    if (receipt::IsRestricted(field)) {
      ++restricted;
    } else {
      *out.add_disclosures() = ToProto(field);
    }
  }
  out.set_restricted_field_count(restricted);
  out.set_leaf(base::ToText(version.leaf));
  out.set_leaf_index(Signed(version.leaf_index.value_or(0)));
  const auto leaf = receipt::VerifyRegistrationLeaf(version.leaf);
  if (leaf.ok()) {
    out.set_erased_field_count(static_cast<std::int32_t>(
        leaf->digests.size() - version.fields.size()));
  }
  return out;
}

v1::VersionSummary ToSummary(const Version& version) {
  const json::Value content = ContentOf(version);
  v1::VersionSummary out;
  out.set_version(version.number);
  out.set_state(ToProto(version.state));
  out.set_author_role(ToProto(version.author_role));
  *out.mutable_draft_time() = ToProto(version.draft_time);
  out.set_reason(ReasonOf(content));
  const auto leaf = receipt::VerifyRegistrationLeaf(version.leaf);
  if (leaf.ok()) {
    out.set_author_public_key(base::ToText(leaf->author.bytes));
  }
  out.set_leaf_index(Signed(version.leaf_index.value_or(0)));
  out.set_content_sha256(base::ToText(receipt::ContentHash(content)));
  *out.mutable_publish_time() = ToProto(version.logged_time);
  return out;
}

v1::FieldErasure ToProto(const FieldErasure& erasure) {
  v1::FieldErasure out;
  out.set_version(erasure.number);
  out.set_pointer(erasure.pointer);
  *out.mutable_erase_time() = ToProto(erasure.time);
  out.set_ground(erasure.ground);
  switch (erasure.role) {
    case ErasureRole::kAdministrator:
      out.set_role(v1::ERASURE_ROLE_ADMINISTRATOR);
      break;
  }
  return out;
}

v1::RegistrationSummary ToProto(const Head& head) {
  v1::RegistrationSummary out;
  out.set_registration_id(head.registration.Text());
  out.set_kind(ToProto(head.registration.kind));
  out.set_state(ToProto(head.state));
  out.set_version(head.number);
  out.set_title(head.title);
  if (head.organisation) out.set_organisation_id(head.organisation->Text());
  *out.mutable_update_time() = ToProto(head.draft_time);
  return out;
}

v1::Publisher ToProto(const Publisher& publisher) {
  v1::Publisher out;
  out.set_publisher_id(publisher.id.Text());
  out.set_name(publisher.name);
  out.set_importer(publisher.importer);
  for (const base::Digest32& thumbprint : publisher.certificate_thumbprints) {
    out.add_certificate_thumbprints(base::ToText(thumbprint));
  }
  for (const crypto::Ed25519PublicKey& key : publisher.signing_keys) {
    out.add_signing_public_keys(base::ToText(key.bytes));
  }
  return out;
}

v1::VersionDraft ToProto(const Draft& draft) {
  v1::VersionDraft out;
  const RegistrationId id{.kind = draft.leaf.kind,
                          .bytes = draft.leaf.registration};
  out.set_registration_id(id.Text());
  out.set_version(draft.leaf.version);
  out.set_leaf_body(base::ToText(receipt::RegistrationLeafBody(draft.leaf)));
  for (const FieldDisclosure& field : draft.fields) {
    *out.add_disclosures() = ToProto(field);
  }
  return out;
}

v1::ImportRow ToProto(const PlannedRow& row) {
  v1::ImportRow out;
  out.set_row_index(Signed(row.index));
  out.set_line(Signed(row.line));
  out.set_foreign_id(row.foreign_id);
  out.set_natural_key(row.natural_key);
  out.set_outcome(ToProto(row.outcome));
  if (row.outcome != ImportOutcome::kRejected) {
    out.set_registration_id(row.registration.Text());
  }
  for (const Finding& finding : row.findings) {
    *out.add_findings() = ToProto(finding);
  }
  for (const CheckedDraft& draft : row.drafts) {
    *out.add_drafts() = ToProto(draft.draft());
  }
  return out;
}

v1::ImportSummary ToSummary(const ImportPlan& plan) {
  v1::ImportSummary out;
  out.set_import_id(plan.id.Text());
  out.set_new_count(Signed(plan.counts.added));
  out.set_changed_count(Signed(plan.counts.changed));
  out.set_unchanged_count(Signed(plan.counts.unchanged));
  out.set_rejected_count(Signed(plan.counts.rejected));
  out.set_repaired_count(Signed(plan.counts.repaired));
  out.set_absent_count(Signed(plan.counts.absent));
  out.set_removed_count(Signed(plan.counts.removed));
  out.set_new_organisation_count(Signed(plan.counts.organisations));
  out.set_draft_count(Signed(plan.counts.drafts));
  for (const Finding& finding : plan.findings) {
    *out.add_findings() = ToProto(finding);
  }
  return out;
}

limpid::log::v1::SignedCheckpoint HeadOfLog(const tlog::Log& log) {
  limpid::log::v1::SignedCheckpoint out;
  out.set_note(log.SignedCheckpoint());
  const auto parsed = tlog::ParseNote(out.note());
  const auto checkpoint =
      parsed.ok() ? tlog::ParseCheckpoint(parsed->text) : parsed.status();
  if (checkpoint.ok()) out.set_tree_size(Signed(checkpoint->size));
  return out;
}

absl::StatusOr<RegistrationKind> FromProto(std::string_view path,
                                           v1::RegistrationKind kind) {
  switch (kind) {
    case v1::REGISTRATION_KIND_ORGANISATION:
      return RegistrationKind::kOrganisation;
    case v1::REGISTRATION_KIND_SYSTEM:
      return RegistrationKind::kSystem;
    case v1::REGISTRATION_KIND_DEPLOYMENT:
      return RegistrationKind::kDeployment;
    case v1::REGISTRATION_KIND_MODEL:
      return RegistrationKind::kModel;
    case v1::REGISTRATION_KIND_DATASET:
      return RegistrationKind::kDataset;
    case v1::REGISTRATION_KIND_EVALUATION:
      return RegistrationKind::kEvaluation;
    case v1::REGISTRATION_KIND_ASSESSMENT:
      return RegistrationKind::kAssessment;
    case v1::REGISTRATION_KIND_CERTIFICATION:
      return RegistrationKind::kCertification;
    case v1::REGISTRATION_KIND_INCIDENT:
      return RegistrationKind::kIncident;
    case v1::REGISTRATION_KIND_UNSPECIFIED:
    case v1::RegistrationKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::RegistrationKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError(path, "unknown kind");
}

absl::StatusOr<RegistrationId> ReadId(std::string_view path,
                                      std::string_view text) {
  auto id = RegistrationId::Parse(text);
  if (!id.ok()) return rpc::AtField(path, id.status());
  return id;
}

absl::StatusOr<RegistrationId> ReadId(std::string_view path,
                                      std::string_view text,
                                      RegistrationKind kind) {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id, ReadId(path, text));
  if (id.kind == kind) return id;
  const std::string reason = "must be the id of a registered " +
                             std::string(receipt::RegistrationKindName(kind));
  return rpc::FieldError(path, reason);
}

absl::StatusOr<std::uint32_t> ReadVersion(std::string_view path,
                                          std::int64_t version) {
  if (version < 0 || version > std::numeric_limits<std::uint32_t>::max()) {
    return rpc::FieldError(path, "out of range");
  }
  return static_cast<std::uint32_t>(version);
}

absl::StatusOr<absl::Time> ReadTime(std::string_view path,
                                    const google::protobuf::Timestamp& time) {
  // Year 9999, as in google.protobuf.Timestamp.
  constexpr std::int64_t kLastSecond = 253'402'300'799;
  constexpr std::int32_t kLastNano = 999'999'999;
  if (time.seconds() < 0 || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() > kLastNano) {
    return rpc::FieldError(path, "must be a time from 1970 to 9999");
  }
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

absl::StatusOr<Draft> FromProto(const v1::VersionDraft& draft) {
  Draft out;
  auto leaf =
      receipt::ParseRegistrationLeafBody(base::AsBytes(draft.leaf_body()));
  if (!leaf.ok()) return rpc::AtField("draft.leaf_body", leaf.status());
  out.leaf = *std::move(leaf);
  const RegistrationId id{.kind = out.leaf.kind,
                          .bytes = out.leaf.registration};
  if (draft.registration_id() != id.Text() ||
      draft.version() != out.leaf.version) {
    return rpc::FieldError("draft", "not the registration or version signed");
  }
  if (static_cast<std::size_t>(draft.disclosures_size()) >
      receipt::kMaxRegistrationFields) {
    return rpc::FieldError("draft.disclosures", "too many");
  }
  int index = 0;
  for (const v1::FieldDisclosure& field : draft.disclosures()) {
    const std::string path = absl::StrCat("draft.disclosures[", index++, "]");
    LIMPID_ASSIGN_OR_RETURN(FieldDisclosure read, FromProto(path, field));
    out.fields.push_back(std::move(read));
  }
  return out;
}

absl::StatusOr<crypto::Ed25519Signature> ReadSignature(std::string_view path,
                                                       std::string_view bytes) {
  const auto array =
      base::ToArray<crypto::kEd25519SignatureBytes>(base::AsBytes(bytes));
  if (!array.ok()) return rpc::FieldError(path, "must be 64 bytes");
  return *array;
}

absl::StatusOr<crypto::Ed25519PublicKey> ReadKey(std::string_view path,
                                                 std::string_view bytes) {
  auto key = crypto::Ed25519PublicKey::FromBytes(base::AsBytes(bytes));
  if (!key.ok()) return rpc::FieldError(path, "must be 32 bytes");
  return key;
}

absl::StatusOr<Publisher> FromProto(const v1::Publisher& publisher) {
  Publisher out;
  out.name = publisher.name();
  out.importer = publisher.importer();
  for (const std::string& bytes : publisher.certificate_thumbprints()) {
    const auto thumbprint = base::ToArray<32>(base::AsBytes(bytes));
    if (!thumbprint.ok()) {
      return rpc::FieldError("publisher.certificate_thumbprints",
                             "must be 32 bytes each");
    }
    out.certificate_thumbprints.push_back(*thumbprint);
  }
  for (const std::string& bytes : publisher.signing_public_keys()) {
    LIMPID_ASSIGN_OR_RETURN(const crypto::Ed25519PublicKey key,
                            ReadKey("publisher.signing_public_keys", bytes));
    out.signing_keys.push_back(key);
  }
  LIMPID_RETURN_IF_ERROR(rpc::AtField("publisher", ValidatePublisher(out)));
  return out;
}

std::string ToToken(const ListCursor& cursor) {
  base::ByteWriter writer(kTokenLabel);
  writer.Lp(cursor.title_key)
      .U8(static_cast<std::uint8_t>(cursor.registration.kind))
      .Raw(cursor.registration.bytes);
  return base::ToText(writer.bytes());
}

absl::StatusOr<std::optional<ListCursor>> ReadToken(std::string_view token) {
  if (token.empty()) return std::optional<ListCursor>();
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kTokenLabel);
  ListCursor cursor;
  cursor.title_key = reader.LpText();
  cursor.registration.kind = static_cast<RegistrationKind>(reader.U8());
  cursor.registration.bytes = reader.Array<base::kIdBytes>();
  if (!reader.Finish().ok()) return rpc::FieldError("page_token", "malformed");
  return std::optional(cursor);
}

}  // namespace limpid::algoregister
