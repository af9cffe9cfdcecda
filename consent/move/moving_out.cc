// The old operator's side: end the record, give the export.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/consent_state.h"
#include "consent/delegation/delegation.h"
#include "consent/ledger/batch.h"
#include "consent/move/move.h"
#include "consent/move/move_desk.h"
#include "consent/move/move_rows.h"
#include "consent/record/acts.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/consent-moved-out/1";

absl::StatusOr<std::optional<std::string>> KeptStatement(
    Consent::State& s, const PersonId& person, const RecordId& record) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const auto row, s.parts.store.Get(MovedOutKey(
                                              s.blinder, person, record)));
  if (!row) return std::optional<std::string>();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, *row));
  base::ByteReader reader(opened);
  reader.Label(kLabel);
  std::string out = reader.LpText();
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored move is damaged");
  }
  return std::optional<std::string>(std::move(out));
}

PersonalRow KeptRow(const Blinder& blinder, const PersonState& person,
                    const RecordId& record, const std::string& statement,
                    absl::Time now) {
  PersonalRow row;
  row.key = MovedOutKey(blinder, person.id, record);
  row.created_ms = absl::ToUnixMillis(now);
  base::ByteWriter plain(kLabel);
  plain.Lp(statement);
  row.payload = SealRow(*person.key, row.key, plain.bytes());
  return row;
}

// A permission that is not hers alone to carry away stays.
absl::Status CheckMayLeave(const Consent::State& s,
                           const Delegations& delegations,
                           const LiveRecord& record, const Agreement& agreement,
                           absl::Time now) {
  if (agreement.content.basis != receipt::LegalBasis::kConsent) {
    return absl::FailedPreconditionError(
        "only what rests on consent can be moved");
  }
  if (!record.delegation.none() ||
      FindReserved(delegations, agreement, s.parts.purposes, now) != nullptr) {
    return absl::FailedPreconditionError(
        "the record stands under a delegation, which the new operator does not "
        "have; it cannot be moved");
  }
  return absl::OkStatus();
}

// An export is the word that nothing is handed out here any more. Who ended the
// record may wait for that still.
absl::Status AwaitItsEnd(Consent::State& s, const PersonId& person,
                         const RecordId& record) {
  return s.sequencer
      ->Call<bool>([&](Persons& persons, Batch& batch) -> absl::StatusOr<bool> {
        LIMPID_ASSIGN_OR_RETURN(PersonState * owner, persons.Load(person));
        LIMPID_ASSIGN_OR_RETURN(const LiveRecord* const live,
                                persons.LoadRecord(*owner, record));
        batch.RepeatStop(record, live->revision.number);
        return true;
      })
      .status();
}

}  // namespace

absl::StatusOr<std::string> MoveDesk::MoveOut(
    const PersonId& person, const RecordId& record,
    const receipt::SignedMove& move) const {
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(const auto kept, KeptStatement(s, person, record));
  if (kept && *kept != move.canonical_json) {
    return absl::FailedPreconditionError(
        "the record was moved by another statement");
  }
  if (kept) return GetExport(person, record);
  LIMPID_ASSIGN_OR_RETURN(const Account account, s.ReadAccount(person));
  if (account.keys.empty()) {
    return absl::FailedPreconditionError("the account has no key");
  }
  Act act;
  act.event = RecordEvent::kTerminate;
  act.reason = std::string(kMovedReason);
  act.check = [&s](const PersonState& owner, const LiveRecord& live,
                   const Agreement& agreement, absl::Time now) {
    return CheckMayLeave(s, owner.delegations, live, agreement, now);
  };
  act.make = [&](const LiveRecord& live, const Agreement& agreement,
                 absl::Time now) -> absl::StatusOr<std::optional<Revision>> {
    LIMPID_ASSIGN_OR_RETURN(
        Revision next,
        MovedRevision({s.options.operator_name, live.revision, agreement,
                       live.use_count, account.keys.front(), now},
                      move));
    return std::optional<Revision>(std::move(next));
  };
  act.with = [&](const PersonState& owner, Batch& batch) {
    batch.Insert(
        KeptRow(s.blinder, owner, record, move.canonical_json, batch.time()));
  };
  LIMPID_RETURN_IF_ERROR(RunAct(s, person, record, act).status());
  return GetExport(person, record);
}

absl::StatusOr<std::string> MoveDesk::GetExport(const PersonId& person,
                                                const RecordId& record) const {
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(const auto kept, KeptStatement(s, person, record));
  if (!kept) return absl::NotFoundError("no such move");
  LIMPID_RETURN_IF_ERROR(AwaitItsEnd(s, person, record));
  MoveExport out;
  out.statement = *kept;
  LIMPID_ASSIGN_OR_RETURN(out.revisions, consent_.GetHistory(person, record));
  const Revision& last = out.revisions.back();
  if (last.state != RecordState::kTerminated || last.reason != kMovedReason) {
    return absl::FailedPreconditionError(
        "the record is ended, but the end that was made for the move is lost");
  }
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(last.agreement, last.agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  out.agreement = *agreement;
  const std::vector<base::Bytes> items = {MoveItem(last, *agreement)};
  out.proof =
      receipt::SignBatch(receipt::BatchKind::kReceipts, s.sequencer->epoch(),
                         s.parts.clock.Now(), items, s.keys.evidence)
          .front();
  return out.ToFile();
}

}  // namespace limpid::consent
