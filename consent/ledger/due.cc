#include "consent/ledger/due.h"

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/duty/opening.h"
#include "consent/embargo/entering.h"
#include "consent/log/denials.h"

namespace limpid::consent {
namespace {

receipt::AccessEntry EntryFor(const Revision& next, const Agreement& agreement,
                              RecordEvent event) {
  receipt::AccessEntry entry;
  entry.kind = KindOf(event);
  entry.actor = receipt::Actor::kSystem;
  entry.service = next.service.bytes();
  entry.record = next.record.bytes();
  entry.revision = next.number;
  entry.basis = agreement.content.basis;
  entry.purpose = agreement.content.purposes.front();
  return entry;
}

// Expiry or lapse.
absl::Status EndRecord(Persons& persons, PersonState& person,
                       const RecordId& id, const Catalogue& catalogue,
                       Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(LiveRecord * record, persons.LoadRecord(person, id));
  const Revision& current = record->revision;
  if (EffectiveState(current, batch.time()) == current.state) {
    return absl::OkStatus();
  }
  const RecordEvent event =
      IsInForce(current.state) ? RecordEvent::kExpire : RecordEvent::kLapse;
  LIMPID_ASSIGN_OR_RETURN(
      Revision next,
      NextRevision(current, event, receipt::Actor::kSystem, batch.time()));
  const AgreementPointer agreement =
      catalogue.FindAgreement(current.agreement, current.agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  batch.Append(person, EntryFor(next, *agreement, event));
  batch.Apply(person, *record, std::move(next), event, *agreement);
  return absl::OkStatus();
}

class DueTask final : public Task {
 public:
  DueTask(const RowKey& row, const ErasingParts& erasing,
          const Catalogue& catalogue, FailedRows& failed,
          const Noticed& noticed)
      : row_(row),
        erasing_(erasing),
        store_(erasing.store),
        catalogue_(catalogue),
        failed_(failed),
        noticed_(noticed) {}

  absl::Status Prepare(Persons& persons, Batch& batch) override {
    absl::Status done = Do(persons, batch);
    if (!done.ok()) failed_.Add(row_, done);
    return done;
  }
  void Finish(const absl::Status& /*status*/,
              const BatchProofs& /*proofs*/) override {}

 private:
  absl::Status Do(Persons& persons, Batch& batch) {
    if (batch.clock_jumped()) return absl::OkStatus();
    if (row_.kind == RowKind::kAccount) {
      LIMPID_ASSIGN_OR_RETURN(const ErasedPage page,
                              EraseNextPage(erasing_, row_.person, batch));
      failed_.Note(AboutUnreadable(page.unreadable));
      return absl::OkStatus();
    }
    LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(row_.person));
    switch (row_.kind) {
      case RowKind::kRecord:
        return EndRecord(persons, *person, RecordId(row_.id), catalogue_,
                         batch);
      case RowKind::kDeletionDuty:
        return RunDueDuty(store_, *person, row_, batch);
      case RowKind::kDenialTally:
        return RunDueTally(persons, *person, row_.id, batch);
      case RowKind::kEmbargoed:
        return Tell(persons, *person, batch);
      case RowKind::kAccount:
      case RowKind::kAccountKey:
      case RowKind::kRevision:
      case RowKind::kEntry:
      case RowKind::kPseudonym:
      case RowKind::kStanding:
      case RowKind::kDelegation:
      case RowKind::kGrantPart:
      case RowKind::kCounted:
      case RowKind::kBasisNotice:
      case RowKind::kMove:
      case RowKind::kAskedQuestion:
      case RowKind::kTrainingRead:
      case RowKind::kTrainingRelease:
      case RowKind::kDecisionNotice:
        return absl::DataLossError("a row that waits for no time is due");
    }
    return absl::DataLossError("a row of an unknown kind is due");
  }

  absl::Status Tell(Persons& persons, PersonState& person, Batch& batch) {
    const std::function<void(const absl::Status&)> alarm =
        [this](const absl::Status& met) { failed_.Note(met); };
    return TellEmbargoed({store_, catalogue_, noticed_, alarm}, persons, person,
                         row_, batch);
  }

  const RowKey row_;
  const ErasingParts erasing_;
  const LedgerStore& store_;
  const Catalogue& catalogue_;
  FailedRows& failed_;
  const Noticed& noticed_;
};

}  // namespace

std::unique_ptr<Task> MakeDueTask(const RowKey& row,
                                  const ErasingParts& erasing,
                                  const Catalogue& catalogue,
                                  FailedRows& failed, const Noticed& noticed) {
  return std::make_unique<DueTask>(row, erasing, catalogue, failed, noticed);
}

}  // namespace limpid::consent
