// What the sequencer does at a start about persons who were erased: before
// anything is paused or replayed, so that nothing of theirs is touched.
// docs/formats/account-erasure.md

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/sequencer.h"

namespace limpid::consent {

ErasingParts Sequencer::Erasing() const {
  return {parts_.store, parts_.keys, parts_.blinder, parts_.row_key};
}

absl::Status Sequencer::EraseAgain(const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(const bool begun, IsErased(parts_.store, person));
  if (begun) return absl::OkStatus();
  Batch batch(head_, clock_rule_.Read(), parts_.blinder);
  LIMPID_RETURN_IF_ERROR(BeginErasing(Erasing(), person, batch));
  LIMPID_RETURN_IF_ERROR(CommitBatch(batch));
  persons_.Forget(person);
  return absl::OkStatus();
}

absl::Status Sequencer::FinishAccountErasures() {
  for (const StopEntry& stop : parts_.stops.After(0)) {
    if (stop.kind != StopKind::kErased) continue;
    // An older copy of the store holds her; what is begun here goes on when
    // the thread runs what is due.
    LIMPID_RETURN_IF_ERROR(EraseAgain(PersonId(stop.subject)));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto markers,
                          parts_.store.ListPublic(PublicKind::kErasedAccount));
  for (const PublicRow& row : markers) {
    LIMPID_ASSIGN_OR_RETURN(const ErasedAccount erased,
                            ParseErasedAccount(row, parts_.row_key));
    if (erased.stage != ErasingStage::kFinished) continue;
    LIMPID_RETURN_IF_ERROR(DestroyLeftKeys(parts_.keys, erased.person));
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
