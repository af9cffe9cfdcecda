// Reads entries of one person's log while the sequencer goes on: an erasure in
// between is seen as one, never as damage or a loss.

#ifndef LIMPID_CONSENT_LOG_ENTRY_READER_H_
#define LIMPID_CONSENT_LOG_ENTRY_READER_H_

#include <utility>

#include "absl/status/statusor.h"
#include "consent/consent_state.h"
#include "consent/ledger/entry_row.h"
#include "consent/ledger/log_key.h"

namespace limpid::consent {

// Used by one thread.
class EntryReader {
 public:
  // Both must outlive it.
  //
  // Errors: those of State::KeyOf and PersonKeys.
  static absl::StatusOr<EntryReader> Make(Consent::State& state,
                                          const PersonId& person);
  // For an auditor, who accounts for every leaf: also of somebody who is being
  // erased, as long as her keys are there.
  static absl::StatusOr<EntryReader> MakeForAudit(Consent::State& state,
                                                  const PersonId& person);

  // Content and erasure are both absent only when the key of the content is
  // gone and nothing says why.
  //
  // Errors:
  //   kDataLoss  the row is damaged.
  absl::StatusOr<OpenedEntryRow> Open(const PersonalRow& row);

 private:
  EntryReader(Consent::State& state, const PersonId& person, PersonKey key)
      : state_(state), person_(person), key_(std::move(key)) {}

  absl::Status ReadLogKey();

  Consent::State& state_;
  const PersonId& person_;
  PersonKey key_;
  // Null where the log has none: nothing was entered since logs have keys.
  LogKeyPointer log_key_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_ENTRY_READER_H_
