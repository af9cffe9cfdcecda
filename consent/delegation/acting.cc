#include "consent/delegation/acting.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"

namespace limpid::consent {
namespace {

absl::Status NoRecord() { return absl::NotFoundError("no such record"); }

// Nothing for what no representative does.
std::optional<receipt::Power> PowerFor(RecordEvent event) {
  switch (event) {
    case RecordEvent::kGrant:
      return receipt::Power::kGrant;
    case RecordEvent::kRefuse:
    case RecordEvent::kWithdraw:
      return receipt::Power::kWithdraw;
    case RecordEvent::kRequest:
    case RecordEvent::kSignInPart:
    case RecordEvent::kDefer:
    case RecordEvent::kLapse:
    case RecordEvent::kPause:
    case RecordEvent::kRestore:
    case RecordEvent::kResume:
    case RecordEvent::kRevoke:
    case RecordEvent::kExpire:
    case RecordEvent::kExhaust:
    case RecordEvent::kInvalidate:
    case RecordEvent::kSupersede:
    case RecordEvent::kTerminate:
    case RecordEvent::kNarrow:
      return std::nullopt;
  }
  return std::nullopt;
}

// Others have signed for the same content under the same delegation.
bool Joins(const HeldDelegation& held, const LiveRecord& record) {
  return record.revision.state == RecordState::kAwaitingOthers &&
         record.delegation == held.id && !record.signers.empty();
}

}  // namespace

absl::StatusOr<Mandate> MandateFor(const Consent::State& s, const Act& act,
                                   const PersonState& person,
                                   const LiveRecord& record, Persons& persons,
                                   const Batch& batch) {
  Mandate out;
  if (act.representative.none()) return out;
  const auto power = PowerFor(act.event);
  const AgreementPointer agreement = s.catalogue.FindAgreement(
      record.revision.agreement, record.revision.agreement_version);
  if (!power || agreement == nullptr) return NoRecord();
  out.held = FindMandate(person.delegations, act.representative, *power,
                         *agreement, s.parts.purposes, batch.time());
  if (out.held == nullptr) return NoRecord();
  const auto signer = persons.Load(act.representative);
  if (absl::IsNotFound(signer.status())) return NoRecord();
  LIMPID_RETURN_IF_ERROR(signer.status());
  out.signer = &(*signer)->account;
  return out;
}

absl::Status CheckNotReserved(const Consent::State& s, const Act& act,
                              const PersonState& person,
                              const LiveRecord& record,
                              const Agreement& agreement, absl::Time now) {
  const bool gives =
      act.event == RecordEvent::kGrant || act.event == RecordEvent::kResume;
  if (!gives || act.actor != receipt::Actor::kPerson ||
      FindReserved(person.delegations, agreement, s.parts.purposes, now) ==
          nullptr) {
    return absl::OkStatus();
  }
  if (act.event == RecordEvent::kResume && !record.delegation.none() &&
      RepresentativeMay(record, person.delegations, now)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "your parents or guardians decide this: ask them to sign; you can "
      "refuse, pause and withdraw yourself");
}

absl::StatusOr<ActingFor> NextSignature(const HeldDelegation& held,
                                        const PersonId& representative,
                                        const LiveRecord& record) {
  ActingFor out{representative, held};
  out.joins = Joins(held, record);
  const auto& signers = record.signers;
  if (out.joins && std::find(signers.begin(), signers.end(), representative) !=
                       signers.end()) {
    return absl::FailedPreconditionError(
        "you have signed already; others must still sign");
  }
  const std::size_t before = out.joins ? signers.size() : 0;
  out.completes = before + 1 >= held.terms.signature_count;
  return out;
}

void NoteMandate(const Act& act, const Mandate& mandate, const Revision& next,
                 const PersonState& person, LiveRecord& record, Batch& batch) {
  const bool answered = act.event == RecordEvent::kGrant ||
                        (act.event == RecordEvent::kResume &&
                         act.actor == receipt::Actor::kPerson);
  if (!answered) return;
  if (mandate.held == nullptr) {
    const auto at = person.delegations.find(record.delegation);
    // A grant that was not hers to give does not become hers by a pause.
    if (act.event == RecordEvent::kResume && at != person.delegations.end() &&
        at->second.terms.grant_reserved && IsLive(at->second, batch.time())) {
      return;
    }
    // The person's own answer from here on.
    record.delegation = DelegationId();
    record.signers.clear();
    return;
  }
  if (!Joins(*mandate.held, record)) record.signers.clear();
  record.delegation = mandate.held->id;
  record.signers.push_back(act.representative);
  PersonalRow row;
  row.key = {person.shard, person.id, RowKind::kGrantPart, next.record.bytes(),
             next.number};
  row.created_ms = absl::ToUnixMillis(batch.time());
  row.payload = SealRow(*person.key, row.key,
                        base::AsBytes(act.statement->canonical_json));
  batch.Insert(std::move(row));
}

}  // namespace limpid::consent
