// What a person, or the administrator, does to a record: grant, refuse, pause,
// resume, withdraw, revoke. Each is one task of the sequencer: it checks,
// writes the revision and its entry, and is answered when both are durable and
// no permit that it ended can hand out another byte.

#include "consent/record/acts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/campaign/campaign_desk.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/delegation/acting.h"
#include "consent/receipt/receipts.h"
#include "consent/receipt/withdrawal_receipt.h"
#include "consent/record/asked_question.h"
#include "consent/record/basis.h"
#include "consent/record/room.h"
#include "consent/record/statement_check.h"
#include "consent/sharing/sharing_desk.h"

namespace limpid::consent {
namespace {

// A reason is read by a person, not by a machine.
constexpr std::size_t kMaxReasonBytes = 1'024;

// What an act left behind, before its receipt is signed.
struct Acted {
  LiveRecord record;
  absl::Time time;
  std::optional<AppendedEntry> entry;
  std::string receipt_json;
  std::size_t receipt_index = 0;
  std::string receipt_file;
};

receipt::Reason ReasonOf(RecordEvent event) {
  switch (event) {
    case RecordEvent::kGrant:
    case RecordEvent::kResume:
    case RecordEvent::kNarrow:
      return receipt::Reason::kReleased;
    case RecordEvent::kPause:
      return receipt::Reason::kPaused;
    case RecordEvent::kWithdraw:
      return receipt::Reason::kWithdrawn;
    case RecordEvent::kRevoke:
      return receipt::Reason::kRevoked;
    case RecordEvent::kRequest:
    case RecordEvent::kSignInPart:
    case RecordEvent::kRefuse:
    case RecordEvent::kDefer:
    case RecordEvent::kLapse:
    case RecordEvent::kRestore:
    case RecordEvent::kExpire:
    case RecordEvent::kExhaust:
    case RecordEvent::kInvalidate:
    case RecordEvent::kSupersede:
    case RecordEvent::kTerminate:
      return receipt::Reason::kNoConsent;
  }
  return receipt::Reason::kNoConsent;
}

// Nobody gives more than the request showed her.
absl::Status CheckAskedFor(const Revision& granted, const LiveRecord& record) {
  const auto& asked = record.asked_lines;
  if (asked.empty() ||
      std::includes(asked.begin(), asked.end(), granted.lines.begin(),
                    granted.lines.end())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "statement.lines: has a line that the service did not ask for");
}

// What an act is done to, and by whom.
struct Scene {
  const PersonState& person;
  const LiveRecord& record;
  const Agreement& agreement;
  const Mandate& mandate;
  absl::Time now;
};

// The revision that a signed answer makes, or one signature of several.
absl::StatusOr<Revision> SignedFor(const Consent::State& s, const Act& act,
                                   const Scene& scene) {
  const Mandate& mandate = scene.mandate;
  const Agreement& agreement = scene.agreement;
  const Account& signer =
      mandate.signer != nullptr ? *mandate.signer : scene.person.account;
  if (signer.keys.empty()) {
    return absl::FailedPreconditionError("the account has no key");
  }
  std::optional<ActingFor> acting;
  if (mandate.held != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        const ActingFor next,
        NextSignature(*mandate.held, act.representative, scene.record));
    acting.emplace(next);
  }
  LIMPID_ASSIGN_OR_RETURN(
      Revision granted,
      GrantedRevision(
          {s.options.operator_name, scene.record.revision, agreement,
           signer.keys.front(), scene.now, acting ? &*acting : nullptr},
          *act.statement));
  LIMPID_RETURN_IF_ERROR(CheckGrantIsShared(s, granted, agreement, scene.now));
  LIMPID_RETURN_IF_ERROR(CheckNotOutdated(s, agreement.id, agreement.version));
  LIMPID_RETURN_IF_ERROR(CheckAskedFor(granted, scene.record));
  return granted;
}

// Nothing when the record is already what the act makes it.
absl::StatusOr<std::optional<Revision>> NextFor(const Consent::State& s,
                                                const Act& act,
                                                const Scene& scene) {
  const LiveRecord& record = scene.record;
  const Revision& current = record.revision;
  // What the clock has ended is over, whether or not it was written yet.
  LIMPID_RETURN_IF_ERROR(
      Advance(EffectiveState(current, scene.now), act.event).status());
  if (act.actor != receipt::Actor::kStaff && !act.objection) {
    LIMPID_RETURN_IF_ERROR(
        CheckPersonMay(scene.agreement.content.basis, act.event));
  }
  LIMPID_RETURN_IF_ERROR(CheckNotReserved(s, act, scene.person, record,
                                          scene.agreement, scene.now));
  if (act.statement != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(Revision granted, SignedFor(s, act, scene));
    return granted;
  }
  if (act.check) {
    LIMPID_RETURN_IF_ERROR(
        act.check(scene.person, record, scene.agreement, scene.now));
  }
  std::optional<Revision> next;
  if (act.make) {
    LIMPID_ASSIGN_OR_RETURN(next, act.make(record, scene.agreement, scene.now));
  } else {
    LIMPID_ASSIGN_OR_RETURN(
        next, NextRevision(current, act.event, act.actor, scene.now));
  }
  if (!next) return next;
  LIMPID_RETURN_IF_ERROR(CheckRoomForRevision(current, *next, act.event));
  next->use_count = record.use_count;
  next->reason = act.reason;
  if (act.actor != receipt::Actor::kStaff) {
    next->representative = act.representative;
  }
  return next;
}

receipt::AccessEntry EntryFor(const Revision& next, const Agreement& agreement,
                              RecordEvent event) {
  receipt::AccessEntry entry;
  entry.kind = next.event;
  entry.actor = next.actor;
  entry.service = next.service.bytes();
  entry.record = next.record.bytes();
  entry.revision = next.number;
  entry.basis = agreement.content.basis;
  entry.purpose = agreement.content.purposes.front();
  entry.lines = LinesOf(next, agreement, ReasonOf(event));
  return entry;
}

void PromiseReceipt(const Consent::State& s, const Revision& next, Batch& batch,
                    Acted& acted) {
  const auto entry = receipt::AccessEntry::Decode(acted.entry->encoded);
  acted.receipt_json =
      BodyOf({*entry, acted.entry->commitment, &next, s.options.operator_name,
              batch.time() + s.authorise->log_promise})
          .Canonical();
  acted.receipt_index =
      batch.AddReceipt(receipt::ReceiptItem(acted.receipt_json));
}

// Whose questions a signed answer grants, checked. None for every other act:
// ending a permission needs nothing of a service.
absl::StatusOr<std::optional<Asking>> CheckedAsking(
    const Consent::State& s, const Act& act, const Revision& next,
    const Agreement& agreement, PersonState& person, Persons& persons) {
  std::optional<Asking> out;
  if (act.statement == nullptr) return out;
  LIMPID_ASSIGN_OR_RETURN(const Asking asking,
                          AskingOf(s, next.service, persons));
  LIMPID_RETURN_IF_ERROR(CheckQuestions(asking, next.lines, agreement, person));
  out.emplace(asking);
  return out;
}

// The act finds done what it asks for. It promises what the first one did.
Acted Repeated(const LiveRecord& record, Acted out, Batch& batch) {
  out.record = record;
  batch.RepeatStop(record.revision.record, record.revision.number);
  return out;
}

absl::StatusOr<Acted> Perform(const Consent::State& s, const PersonId& owner,
                              const RecordId& id, const Act& act,
                              Persons& persons, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord * record, persons.LoadRecord(*person, id));
  Acted out;
  out.time = batch.time();
  // Before anything is told about the record.
  LIMPID_ASSIGN_OR_RETURN(const Mandate mandate,
                          MandateFor(s, act, *person, *record, persons, batch));
  const bool repeated = act.event == RecordEvent::kWithdraw &&
                        record->revision.state == RecordState::kWithdrawn;
  // The first one may still wait for bytes on their way, or be of this batch.
  if (repeated) return Repeated(*record, std::move(out), batch);
  const AgreementPointer agreement = s.catalogue.FindAgreement(
      record->revision.agreement, record->revision.agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  LIMPID_ASSIGN_OR_RETURN(
      std::optional<Revision> next,
      NextFor(s, act, {*person, *record, *agreement, mandate, batch.time()}));
  if (!next) return Repeated(*record, std::move(out), batch);
  LIMPID_ASSIGN_OR_RETURN(
      const std::optional<Asking> asking,
      CheckedAsking(s, act, *next, *agreement, *person, persons));
  // One signature of several grants nothing, and ends nothing yet.
  const RecordEvent event = next->state == RecordState::kAwaitingOthers
                                ? RecordEvent::kSignInPart
                                : act.event;
  LIMPID_ASSIGN_OR_RETURN(LiveRecord* const followed,
                          FollowedBy(persons, *person, *record));
  if (asking && event == RecordEvent::kGrant) {
    LIMPID_RETURN_IF_ERROR(
        NoteQuestions(*asking, id, next->lines, *agreement, *person, batch));
  }
  out.entry = batch.Append(*person, EntryFor(*next, *agreement, event));
  if (ReceiptTypeOf(next->event)) {
    record->receipt_sequence = out.entry->sequence;
    PromiseReceipt(s, *next, batch, out);
  }
  if (act.event == RecordEvent::kRefuse) {
    record->ask_not_before = act.ask_not_before;
  }
  if (act.statement != nullptr) {
    record->statement = act.statement->canonical_json;
    record->standing_mismatch = 0;
  }
  NoteMandate(act, mandate, *next, *person, *record, batch);
  batch.Apply(*person, *record, *std::move(next), event, *agreement);
  EndFollowed(s, *person, followed, *record, event, batch);
  if (act.with) act.with(*person, batch);
  out.record = *record;
  return out;
}

void SignReceipt(Acted& acted, const BatchProofs& proofs) {
  if (acted.receipt_json.empty()) return;
  receipt::Receipt file;
  file.body_json = acted.receipt_json;
  file.proof = proofs.receipts.at(acted.receipt_index);
  file.entry = acted.entry->encoded;
  file.opening = acted.entry->opening;
  acted.receipt_file = file.ToFile();
}

}  // namespace

absl::StatusOr<ChangedRecord> RunAct(Consent::State& s, const PersonId& person,
                                     const RecordId& record, const Act& act) {
  // `act` outlives the task: Call waits.
  LIMPID_ASSIGN_OR_RETURN(const Acted acted,
                          s.sequencer->Call<Acted>(
                              [&](Persons& persons, Batch& batch) {
                                return Perform(s, person, record, act, persons,
                                               batch);
                              },
                              SignReceipt));
  ChangedRecord out;
  LIMPID_ASSIGN_OR_RETURN(out.record, s.ViewOf(acted.record, acted.time));
  if (!acted.receipt_file.empty()) {
    out.receipt = ReceiptView{ReceiptStage::kDurable, acted.receipt_file};
  }
  return out;
}

absl::StatusOr<ChangedRecord> Consent::Grant(
    const PersonId& person, const RecordId& record,
    const receipt::SignedStatement& statement) {
  Act act;
  act.event = RecordEvent::kGrant;
  act.statement = &statement;
  return RunAct(*state_, person, record, act);
}

absl::StatusOr<ChangedRecord> Consent::Refuse(const PersonId& person,
                                              const RecordId& record,
                                              absl::Time ask_not_before) {
  Act act;
  act.event = RecordEvent::kRefuse;
  act.ask_not_before = ask_not_before;
  return RunAct(*state_, person, record, act);
}

absl::StatusOr<ChangedRecord> Consent::Pause(const PersonId& person,
                                             const RecordId& record) {
  Act act;
  act.event = RecordEvent::kPause;
  return RunAct(*state_, person, record, act);
}

absl::StatusOr<ChangedRecord> Consent::Resume(const PersonId& person,
                                              const RecordId& record) {
  Act act;
  act.event = RecordEvent::kResume;
  return RunAct(*state_, person, record, act);
}

absl::StatusOr<ChangedRecord> Consent::Withdraw(const PersonId& person,
                                                const RecordId& record) {
  Act act;
  act.event = RecordEvent::kWithdraw;
  LIMPID_ASSIGN_OR_RETURN(ChangedRecord out,
                          RunAct(*state_, person, record, act));
  // A repeated call made no new receipt; the first one's stands, if it has one.
  if (!out.receipt) {
    LIMPID_ASSIGN_OR_RETURN(out.receipt,
                            WithdrawalReceipt(*this, person, record));
  }
  return out;
}

absl::StatusOr<Revision> Consent::Revoke(const RecordId& record,
                                         const std::string& reason) {
  if (reason.empty() || reason.size() > kMaxReasonBytes ||
      !base::IsUtf8(reason)) {
    return absl::InvalidArgumentError(
        "reason: is empty, too long or not UTF-8");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      state_->parts.store.Find(RowKind::kRecord, record.bytes()));
  if (!row) return absl::NotFoundError("no such record");
  Act act;
  act.event = RecordEvent::kRevoke;
  act.actor = receipt::Actor::kStaff;
  act.reason = reason;
  LIMPID_ASSIGN_OR_RETURN(const ChangedRecord out,
                          RunAct(*state_, row->key.person, record, act));
  return out.record.revision;
}

}  // namespace limpid::consent
