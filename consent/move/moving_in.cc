// The new operator's side: check what another one ended, and activate it once.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "consent/campaign/campaign_desk.h"
#include "consent/consent_state.h"
#include "consent/decision/decide.h"
#include "consent/delegation/delegation.h"
#include "consent/move/move.h"
#include "consent/move/move_desk.h"
#include "consent/move/move_rows.h"
#include "consent/receipt/receipts.h"
#include "consent/record/asked_question.h"
#include "consent/record/room.h"
#include "consent/sharing/sharing_desk.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/consent-moved-in/1";

// A checked move, and what it becomes here.
struct Arrival {
  MovedConsent consent;
  Revision last;
  std::string statement;
  std::string from_operator;
  AgreementPointer agreement;
};

// The file is the caller's: that it is damaged is no alarm of ours.
absl::Status AsInput(const absl::Status& status) {
  if (!absl::IsDataLoss(status)) return status;
  return absl::InvalidArgumentError(absl::StrCat("export: ", status.message()));
}

absl::StatusOr<const KnownOperator*> FindOperator(const Consent::State& s,
                                                  const std::string& name) {
  const auto& known = s.options.known_operators;
  const auto at =
      std::find_if(known.begin(), known.end(),
                   [&](const KnownOperator& one) { return one.name == name; });
  if (at != known.end()) return &*at;
  return absl::FailedPreconditionError(
      "the operator that the consent comes from is not known here");
}

absl::StatusOr<MovedConsent> CheckFile(Consent::State& s,
                                       const PersonId& person,
                                       const MoveExport& file,
                                       const std::string& from_operator) {
  LIMPID_ASSIGN_OR_RETURN(const Account account, s.ReadAccount(person));
  if (account.keys.empty()) {
    return absl::FailedPreconditionError("the account has no key");
  }
  LIMPID_ASSIGN_OR_RETURN(const KnownOperator* const old,
                          FindOperator(s, from_operator));
  const crypto::Ed25519PublicKey own = s.keys.evidence.PublicKey();
  auto checked =
      CheckMoveIn({old->name, old->evidence_key, s.options.operator_name, own,
                   account.keys.front(), s.parts.clock.Now()},
                  file);
  LIMPID_RETURN_IF_ERROR(AsInput(checked.status()));
  return checked;
}

// The service is this operator's own: who answers to the name was registered
// here, and the person sees it before she moves.
absl::StatusOr<AgreementPointer> SameAgreement(const Consent::State& s,
                                               const MoveIn& move,
                                               const Agreement& moved) {
  AgreementPointer out =
      s.catalogue.FindAgreement(move.agreement, move.version);
  if (out == nullptr) return absl::NotFoundError("no such agreement version");
  if (out->content == moved.content &&
      out->content.basis == receipt::LegalBasis::kConsent) {
    return out;
  }
  return absl::FailedPreconditionError(
      "agreement_id: asks for something else than what was moved");
}

absl::StatusOr<MoveExport> ParseFile(std::string_view text) {
  auto file = MoveExport::Parse(text);
  if (!file.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("export: ", file.status().message()));
  }
  return file;
}

absl::StatusOr<Arrival> Check(Consent::State& s, const PersonId& person,
                              const MoveIn& move, MoveExport file) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::MoveStatement statement,
                          receipt::MoveStatement::Parse(file.statement));
  Arrival out;
  LIMPID_ASSIGN_OR_RETURN(out.consent,
                          CheckFile(s, person, file, statement.from_operator));
  LIMPID_ASSIGN_OR_RETURN(out.agreement,
                          SameAgreement(s, move, file.agreement));
  out.last = file.revisions.back();
  out.statement = std::move(file.statement);
  out.from_operator = statement.from_operator;
  return out;
}

absl::Status CheckMayArrive(const Consent::State& s, const PersonState& person,
                            const Arrival& arrival, absl::Time now) {
  const Agreement& agreement = *arrival.agreement;
  LIMPID_RETURN_IF_ERROR(CheckNotOutdated(s, agreement.id, agreement.version));
  Revision wanted;
  wanted.service = agreement.service;
  wanted.lines = arrival.consent.lines;
  LIMPID_RETURN_IF_ERROR(CheckGrantIsShared(s, wanted, agreement, now));
  if (FindReserved(person.delegations, agreement, s.parts.purposes, now) !=
      nullptr) {
    return absl::FailedPreconditionError(
        "what the agreement asks for is reserved to your representatives");
  }
  return absl::OkStatus();
}

// Appends the entry of `next` and makes it the record's newest revision.
AppendedEntry Write(PersonState& person, LiveRecord& record, Revision next,
                    RecordEvent event, receipt::Reason reason,
                    const Agreement& agreement, Batch& batch) {
  receipt::AccessEntry entry;
  entry.kind = next.event;
  entry.actor = next.actor;
  entry.service = next.service.bytes();
  entry.record = next.record.bytes();
  entry.revision = next.number;
  entry.basis = agreement.content.basis;
  entry.purpose = agreement.content.purposes.front();
  entry.lines = LinesOf(next, agreement, reason);
  AppendedEntry out = batch.Append(person, std::move(entry));
  batch.Apply(person, record, std::move(next), event, agreement);
  return out;
}

Revision FirstRevision(const Arrival& arrival, const PersonId& person,
                       absl::Time now) {
  Revision out;
  out.event = receipt::AccessKind::kRequested;
  out.record = RecordId::Random();
  out.person = person;
  out.service = arrival.agreement->service;
  out.agreement = arrival.agreement->id;
  out.agreement_version = arrival.agreement->version;
  out.agreement_hash = arrival.agreement->hash;
  out.time = now;
  out.answer_by = arrival.consent.until;
  return out;
}

// What her signature on the move grants here.
Revision GrantedBy(const Arrival& arrival, const Revision& first,
                   absl::Time now) {
  auto next =
      NextRevision(first, RecordEvent::kGrant, receipt::Actor::kPerson, now);
  // Invariant: a record that was just requested can be granted.
  LIMPID_CHECK(next.ok());
  next->evidence = Evidence::kKey;
  next->from = arrival.consent.from;
  next->until = arrival.consent.until;
  next->lines = arrival.consent.lines;
  next->use_count = arrival.consent.use_count;
  next->grant_key = arrival.last.grant_key;
  next->notice_hash = arrival.last.notice_hash;
  next->statement_hash = crypto::Sha256(base::AsBytes(arrival.statement));
  next->signature = arrival.last.signature;
  next->reason = absl::StrCat("moved from ", arrival.from_operator);
  return *std::move(next);
}

PersonalRow ArrivedRow(const Blinder& blinder, const PersonState& person,
                       const base::Digest32& move_id, const RecordId& record,
                       absl::Time now) {
  const RowId id = MovedInId(blinder, move_id);
  PersonalRow row;
  row.key = {person.shard, person.id, RowKind::kMove, id, 0};
  row.lookup = id;
  row.created_ms = absl::ToUnixMillis(now);
  base::ByteWriter plain(kLabel);
  plain.Raw(record.bytes());
  row.payload = SealRow(*person.key, row.key, plain.bytes());
  return row;
}

// Uses of the present period elsewhere are not known: none is left of it.
void SpendPeriod(const Arrival& arrival, absl::Time now, LiveRecord& record) {
  const UseFrequency& frequency = arrival.agreement->content.frequency;
  if (frequency.use_count_max == 0) return;
  // Nothing can have been used before it began.
  if (now < arrival.consent.from) return;
  record.period_uses = {PeriodAt(frequency, arrival.consent.from, now),
                        frequency.use_count_max};
}

absl::StatusOr<LiveRecord> Make(const Consent::State& s, const Arrival& arrival,
                                PersonState& person, Batch& batch) {
  const Agreement& agreement = *arrival.agreement;
  LiveRecord made;
  for (const std::string& purpose : agreement.content.purposes) {
    LIMPID_ASSIGN_OR_RETURN(
        PurposePseudonym pseudonym,
        MintPseudonym(s, person, agreement.service, purpose, batch));
    made.pseudonyms.push_back(std::move(pseudonym));
  }
  made.use_count = arrival.consent.use_count;
  made.statement = arrival.statement;
  SpendPeriod(arrival, batch.time(), made);
  Revision first = FirstRevision(arrival, person.id, batch.time());
  const RecordId id = first.record;
  LiveRecord& record =
      person.records.emplace(id, std::move(made)).first->second;
  Write(person, record, std::move(first), RecordEvent::kRequest,
        receipt::Reason::kNoConsent, agreement, batch);
  record.receipt_sequence =
      Write(person, record, GrantedBy(arrival, record.revision, batch.time()),
            RecordEvent::kGrant, receipt::Reason::kReleased, agreement, batch)
          .sequence;
  batch.Put(person, record);
  if (arrival.consent.state == RecordState::kPaused) {
    auto paused = NextRevision(record.revision, RecordEvent::kPause,
                               receipt::Actor::kPerson, batch.time());
    LIMPID_CHECK(paused.ok());
    Write(person, record, *std::move(paused), RecordEvent::kPause,
          receipt::Reason::kPaused, agreement, batch);
  }
  return record;
}

// The record that the move of `row` became.
absl::StatusOr<RecordId> BecameOf(const PersonKey& key,
                                  const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, row));
  base::ByteReader reader(opened);
  reader.Label(kLabel);
  const RecordId id(reader.Array<16>());
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored move is damaged");
  }
  return id;
}

// What the person's own move became, by its last revision alone: that is
// answered whatever has become of it, also when it could not come any more.
absl::StatusOr<std::optional<LiveRecord>> ArrivedBefore(
    Consent::State& s, const PersonId& person, const MoveExport& file) {
  if (file.revisions.empty()) return std::optional<LiveRecord>();
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      s.parts.store.Find(RowKind::kMove,
                         MovedInId(s.blinder, file.revisions.back().Hash())));
  if (!row || row->key.person != person) return std::optional<LiveRecord>();
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const RecordId id, BecameOf(key, *row));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord record, s.ReadRecord(person, id));
  return std::optional<LiveRecord>(std::move(record));
}

// Whether it came here and an older store has forgotten it since.
absl::Status CheckNotForgotten(const Consent::State& s, const RowId& move) {
  if (!s.parts.stops.MovedIn(move)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the consent came here before, and an older copy that was put back since "
      "has lost it; grant it anew");
}

absl::StatusOr<LiveRecord> ActivateOnce(const Consent::State& s,
                                        const PersonId& person_id,
                                        const Arrival& arrival,
                                        Persons& persons, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(person_id));
  const base::Digest32& move_id = arrival.consent.move_id;
  const RowId move = MovedInId(s.blinder, move_id);
  LIMPID_ASSIGN_OR_RETURN(const auto known,
                          s.parts.store.Find(RowKind::kMove, move));
  if (known) {
    if (known->key.person != person_id) {
      return absl::NotFoundError("no such move");
    }
    LIMPID_ASSIGN_OR_RETURN(const RecordId id, BecameOf(person->key, *known));
    LIMPID_ASSIGN_OR_RETURN(const LiveRecord* const record,
                            persons.LoadRecord(*person, id));
    return *record;
  }
  LIMPID_RETURN_IF_ERROR(CheckNotForgotten(s, move));
  LIMPID_ASSIGN_OR_RETURN(
      const auto records,
      s.parts.store.ListKind(person->shard, person->id, RowKind::kRecord));
  LIMPID_RETURN_IF_ERROR(CheckRoomForRecord(records));
  LIMPID_RETURN_IF_ERROR(CheckMayArrive(s, *person, arrival, batch.time()));
  const Agreement& agreement = *arrival.agreement;
  const auto& lines = arrival.consent.lines;
  LIMPID_ASSIGN_OR_RETURN(const Asking asking,
                          AskingOf(s, agreement.service, persons));
  LIMPID_RETURN_IF_ERROR(CheckQuestions(asking, lines, agreement, *person));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord record, Make(s, arrival, *person, batch));
  LIMPID_RETURN_IF_ERROR(NoteQuestions(asking, record.revision.record, lines,
                                       agreement, *person, batch));
  batch.Insert(ArrivedRow(s.blinder, *person, move_id, record.revision.record,
                          batch.time()));
  batch.AddMovedIn(move);
  return record;
}

}  // namespace

absl::StatusOr<RecordView> MoveDesk::Activate(const PersonId& person,
                                              const MoveIn& move) const {
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(MoveExport file, ParseFile(move.file));
  LIMPID_ASSIGN_OR_RETURN(const auto before, ArrivedBefore(s, person, file));
  if (before) return s.ViewOf(*before, s.parts.clock.Now());
  LIMPID_ASSIGN_OR_RETURN(const Arrival arrival,
                          Check(s, person, move, std::move(file)));
  // Alone: it depends on a row that another activation would write.
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord record,
                          s.sequencer->Call<LiveRecord>(
                              [&](Persons& persons, Batch& batch) {
                                return ActivateOnce(s, person, arrival, persons,
                                                    batch);
                              },
                              nullptr, /*alone=*/true));
  return s.ViewOf(record, s.parts.clock.Now());
}

}  // namespace limpid::consent
