#include "consent/rpc/convert.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/validate.h"
#include "consent/ledger/batch.h"
#include "consent/standing/match.h"

namespace limpid::consent {
namespace {

v1::ReceiptStage StageToProto(ReceiptStage stage) {
  switch (stage) {
    case ReceiptStage::kDurable:
      return v1::RECEIPT_STAGE_DURABLE;
    case ReceiptStage::kLogged:
      return v1::RECEIPT_STAGE_LOGGED;
    case ReceiptStage::kWitnessed:
      return v1::RECEIPT_STAGE_WITNESSED;
  }
  return v1::RECEIPT_STAGE_UNSPECIFIED;
}

v1::EvidenceLevel EvidenceToProto(Evidence evidence) {
  switch (evidence) {
    case Evidence::kNone:
      return v1::EVIDENCE_LEVEL_UNSPECIFIED;
    case Evidence::kKey:
      return v1::EVIDENCE_LEVEL_KEY;
    case Evidence::kPasskey:
      return v1::EVIDENCE_LEVEL_PASSKEY;
    case Evidence::kSession:
      return v1::EVIDENCE_LEVEL_SESSION;
  }
  return v1::EVIDENCE_LEVEL_UNSPECIFIED;
}

// Both lists are append-only with the same numbers; a test walks them.
v1::Reason ReasonToProto(receipt::Reason reason) {
  return static_cast<v1::Reason>(reason);
}

v1::AttributeDecision LineToProto(const receipt::AccessLine& line) {
  v1::AttributeDecision out;
  out.set_attribute(line.attribute);
  out.set_allowed(line.reason == receipt::Reason::kReleased);
  out.set_form(static_cast<v1::Form>(line.form));
  out.set_reason(ReasonToProto(line.reason));
  return out;
}

void FillValidity(const Revision& revision, v1::Record& out) {
  if (revision.until == absl::UnixEpoch()) return;
  *out.mutable_from_time() = ToProto(revision.from);
  *out.mutable_until_time() = ToProto(revision.until);
  if (revision.grant_key != base::Digest32{}) {
    out.set_grant_key(ToProto(revision.grant_key));
  }
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const std::int64_t millis = absl::ToUnixMillis(time);
  out.set_seconds(millis / 1'000);
  out.set_nanos(static_cast<std::int32_t>(millis % 1'000) * 1'000'000);
  return out;
}

std::string ToProto(base::ByteView bytes) { return base::ToText(bytes); }

v1::Account ToProto(const AccountView& account) {
  v1::Account out;
  out.set_person_id(account.person.Text());
  for (const auto& key : account.account.keys) out.add_key_ids(KeyIdOf(key));
  *out.mutable_create_time() = ToProto(account.account.created);
  return out;
}

v1::Source ToProto(const SourceView& source) {
  v1::Source out;
  out.set_source_id(source.id.Text());
  out.set_name(source.name);
  out.set_address(source.address);
  out.set_linked(source.linked);
  return out;
}

v1::RecordState ToProto(RecordState state) {
  // Same numbers, as signed in revisions.
  return static_cast<v1::RecordState>(state);
}

v1::Record ToProto(const RecordView& record) {
  const Revision& revision = record.revision;
  v1::Record out;
  out.set_record_id(revision.record.Text());
  out.set_state(ToProto(record.state));
  v1::ServiceSummary& service = *out.mutable_service();
  service.set_service_id(record.service->id.Text());
  service.set_organisation(record.service->organisation);
  service.set_contact(record.service->contact);
  out.set_agreement_id(revision.agreement.Text());
  out.set_agreement_version(revision.agreement_version);
  out.set_agreement_hash(ToProto(revision.agreement_hash));
  for (const auto& name : ChosenAttributes(revision, *record.agreement)) {
    out.add_attributes(name);
  }
  for (const std::uint16_t line : record.asked_lines) {
    out.add_asked_attributes(
        record.agreement->content.lines.at(line).attribute);
  }
  FillValidity(revision, out);
  out.set_revision(revision.number);
  out.set_revision_hash(ToProto(record.revision_hash));
  *out.mutable_state_time() = ToProto(revision.time);
  out.set_evidence_level(EvidenceToProto(revision.evidence));
  out.set_use_count(record.use_count);
  out.set_reason(revision.reason);
  *out.mutable_answer_by_time() = ToProto(revision.answer_by);
  if (!record.standing.none()) {
    out.set_standing_permission_id(record.standing.Text());
  }
  if (record.standing_mismatch != 0) {
    out.set_asks_because(std::string(
        MismatchSentence(static_cast<Mismatch>(record.standing_mismatch))));
  }
  if (!revision.follows.none()) {
    out.set_follows_record_id(revision.follows.Text());
  }
  return out;
}

v1::RecordRevision ToProto(const Revision& revision) {
  v1::RecordRevision out;
  out.set_revision(revision.number);
  out.set_state(ToProto(revision.state));
  *out.mutable_time() = ToProto(revision.time);
  out.set_canonical(ToProto(revision.Encode()));
  out.set_hash(ToProto(revision.Hash()));
  return out;
}

v1::Receipt ToProto(const ReceiptView& receipt) {
  v1::Receipt out;
  out.set_stage(StageToProto(receipt.stage));
  out.set_file_json(receipt.file);
  return out;
}

v1::EntryErasure ToProto(const EntryErasure& erasure) {
  v1::EntryErasure out;
  *out.mutable_time() = ToProto(erasure.time);
  out.set_told_in_sequence(erasure.told_in);
  if (erasure.request.canonical_json.empty()) return out;
  out.set_canonical_json(erasure.request.canonical_json);
  out.set_signature(ToProto(erasure.request.signature));
  return out;
}

v1::AccessEntry ToProto(const AccessView& access) {
  const receipt::AccessEntry& entry = access.entry;
  v1::AccessEntry out;
  out.set_sequence(entry.sequence);
  *out.mutable_time() = ToProto(entry.time);
  out.set_previous_commitment(ToProto(entry.previous));
  out.set_stage(StageToProto(access.stage));
  out.set_leaf(ToProto(access.leaf));
  if (access.erasure) *out.mutable_erasure() = ToProto(*access.erasure);
  out.set_missing(access.missing);
  if (access.erasure || access.missing) return out;
  out.set_access_id(AccessId(entry.access).Text());
  out.set_kind(static_cast<v1::AccessKind>(entry.kind));
  if (const ServiceId service(entry.service); !service.none()) {
    out.set_service_id(service.Text());
  }
  if (access.service != nullptr) {
    out.set_organisation(access.service->organisation);
  }
  out.set_purpose(entry.purpose);
  for (const auto& line : entry.lines) *out.add_decisions() = LineToProto(line);
  if (const RecordId record(entry.record); !record.none()) {
    out.set_record_id(record.Text());
  }
  if (entry.kind == receipt::AccessKind::kDenialsCounted) {
    out.set_denial_count(entry.revision);
  } else if (entry.kind == receipt::AccessKind::kEntryErased) {
    out.set_erased_sequence(entry.revision);
  } else {
    out.set_record_revision(entry.revision);
  }
  // The same numbers on both sides.
  out.set_outcome(static_cast<v1::AccessOutcome>(access.outcome));
  for (const receipt::Completion& one : entry.completions) {
    v1::AccessCompletion& to = *out.add_completions();
    to.set_sequence(one.sequence);
    to.set_outcome(static_cast<v1::AccessOutcome>(one.outcome));
  }
  if (const SystemId system(entry.system); !system.none()) {
    out.mutable_training()->set_system_id(system.Text());
    out.mutable_training()->set_snapshot_id(SnapshotId(entry.snapshot).Text());
  }
  return out;
}

absl::StatusOr<absl::Time> FromProto(std::string_view path,
                                     const google::protobuf::Timestamp& time) {
  constexpr std::int64_t kMaxSeconds = 253'402'300'799;
  if (time.seconds() < 0 || time.seconds() > kMaxSeconds || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return rpc::FieldError(path, "is not a time");
  }
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

absl::StatusOr<AccessFilter> FromProto(const v1::ListAccessesRequest& request) {
  AccessFilter out;
  if (!request.record_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        out.record, rpc::ParseId<RecordId>("record_id", request.record_id()));
  }
  if (!request.service_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        out.service,
        rpc::ParseId<ServiceId>("service_id", request.service_id()));
  }
  out.purpose = request.purpose();
  if (request.has_from_time()) {
    LIMPID_ASSIGN_OR_RETURN(out.from,
                            FromProto("from_time", request.from_time()));
  }
  if (request.has_until_time()) {
    LIMPID_ASSIGN_OR_RETURN(out.until,
                            FromProto("until_time", request.until_time()));
  }
  return out;
}

v1::ExplainedDecision ToProto(const receipt::AccessLine& line) {
  v1::ExplainedDecision out;
  *out.mutable_decision() = LineToProto(line);
  out.set_rule(base::ToText(base::AsBytes(RuleOf(line.reason))));
  return out;
}

v1::GetRequestStatusResponse ToProto(const RequestStatus& status) {
  v1::GetRequestStatusResponse out;
  out.set_state(ToProto(status.state));
  if (status.record) out.set_record_id(status.record->Text());
  if (status.pseudonym) out.set_pseudonym(ToProto(*status.pseudonym));
  for (const auto& attribute : status.attributes) out.add_attributes(attribute);
  if (status.until != absl::UnixEpoch()) {
    *out.mutable_from_time() = ToProto(status.from);
    *out.mutable_until_time() = ToProto(status.until);
  }
  return out;
}

v1::WatchResponse ToProto(const WatchItem& item) {
  v1::WatchResponse out;
  out.set_cursor(ToProto(item.cursor));
  *out.mutable_send_time() = ToProto(item.sent);
  if (!item.event) return out;
  const StreamEvent& event = *item.event;
  v1::RecordEvent& to = *out.mutable_event();
  to.set_record_id(event.record.Text());
  to.set_state(ToProto(event.state));
  to.set_revision(event.revision);
  *to.mutable_time() = ToProto(event.time);
  if (event.erased()) return out;
  to.set_pseudonym(ToProto(event.pseudonym));
  to.set_agreement_id(event.agreement.Text());
  to.set_agreement_version(event.agreement_version);
  for (const auto& attribute : event.attributes) to.add_attributes(attribute);
  return out;
}

std::string RecordToken(const std::optional<RecordCursor>& cursor) {
  if (!cursor) return "";
  base::ByteWriter out;
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(cursor->time)))
      .Raw(cursor->record.bytes());
  return base::ToText(out.bytes());
}

absl::StatusOr<std::optional<RecordCursor>> ParseRecordToken(
    std::string_view token) {
  if (token.empty()) return std::optional<RecordCursor>();
  base::ByteReader reader(base::AsBytes(token));
  RecordCursor out;
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.record = RecordId(reader.Array<16>());
  if (!reader.Finish().ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return std::optional<RecordCursor>(out);
}

std::string NumberToken(std::uint64_t number) {
  if (number == 0) return "";
  base::ByteWriter out;
  out.U64(number);
  return base::ToText(out.bytes());
}

absl::StatusOr<std::uint64_t> ParseNumberToken(std::string_view token) {
  if (token.empty()) return 0;
  base::ByteReader reader(base::AsBytes(token));
  const std::uint64_t number = reader.U64();
  if (!reader.Finish().ok() || number == 0 || number > INT64_MAX) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return number;
}

}  // namespace limpid::consent
