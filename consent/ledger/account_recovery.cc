// What the sequencer does at a start about persons who were erased: before
// anything is paused or replayed, so that nothing of theirs is touched. What is
// damaged is told, and keeps nobody else from being served.
// docs/formats/account-erasure.md

#include <cstddef>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/sequencer.h"

namespace limpid::consent {
namespace {

absl::Status DamagedMarker(bool begun_again) {
  return absl::DataLossError(
      begun_again
          ? "the marker of an erased account does not open: the stop ledger "
            "has it, and its erasing begins again"
          : "the marker of an erased account does not open, and the stop "
            "ledger does not have it: nobody is let into that account, and "
            "nothing more of it is erased; look for what damaged the store");
}

}  // namespace

ErasingParts Sequencer::Erasing() const {
  return {parts_.store, parts_.keys, parts_.blinder, parts_.row_key,
          parts_.catalogue};
}

void Sequencer::Alarm(const absl::Status& what) const {
  if (!what.ok() && parts_.alarm) parts_.alarm(what);
}

absl::Status Sequencer::EraseAgain(const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto marker,
      parts_.store.GetPublic(PublicKind::kErasedAccount, person.bytes()));
  if (marker) {
    if (ParseErasedAccount(*marker, parts_.row_key).ok()) {
      return absl::OkStatus();
    }
    // How far it came is not known; each step may be done again.
    Alarm(DamagedMarker(/*begun_again=*/true));
  }
  Batch batch(head_, clock_rule_.Read(), parts_.blinder);
  LIMPID_ASSIGN_OR_RETURN(const std::size_t untold,
                          BeginErasing(Erasing(), person, batch));
  LIMPID_RETURN_IF_ERROR(CommitBatch(batch));
  persons_.Forget(person);
  Alarm(AboutUntold(untold));
  return absl::OkStatus();
}

absl::Status Sequencer::FinishAccountErasure(const PublicRow& marker) {
  const auto erased = ParseErasedAccount(marker, parts_.row_key);
  if (!erased.ok()) {
    // That the row is there is enough to keep everybody out.
    Alarm(DamagedMarker(/*begun_again=*/false));
    return absl::OkStatus();
  }
  if (erased->stage != ErasingStage::kFinished) return absl::OkStatus();
  absl::Status destroyed = DestroyLeftKeys(parts_.keys, erased->person);
  if (!absl::IsDataLoss(destroyed)) return destroyed;
  Alarm(destroyed);
  return absl::OkStatus();
}

absl::Status Sequencer::FinishAccountErasures() {
  LIMPID_RETURN_IF_ERROR(parts_.stops.ForEach(0, [&](const StopEntry& stop) {
    if (stop.kind != StopKind::kErased) return absl::OkStatus();
    // An older copy of the store holds her; what is begun here goes on when
    // the thread runs what is due.
    return EraseAgain(PersonId(stop.subject));
  }));
  LIMPID_ASSIGN_OR_RETURN(const auto markers,
                          parts_.store.ListPublic(PublicKind::kErasedAccount));
  for (const PublicRow& row : markers) {
    LIMPID_RETURN_IF_ERROR(FinishAccountErasure(row));
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
