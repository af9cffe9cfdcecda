// What became of the releases on one page of a person's log: completions come
// after what they complete, so whoever reads a log from its end downwards has
// met them before.

#ifndef LIMPID_CONSENT_LOG_COMPLETIONS_SEEN_H_
#define LIMPID_CONSENT_LOG_COMPLETIONS_SEEN_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "consent/ledger/store.h"
#include "consent/log/entry_reader.h"
#include "consent/views.h"

namespace limpid::consent {

// Thread-compatible.
class CompletionsSeen {
 public:
  // Entries read above a page for its completions: one moment of a service
  // that reads a hundred times a second. What is not found among them is not
  // called unfinished.
  static constexpr std::size_t kMaxNewer = 4'096;

  // `now`: what is pending then is not unfinished.
  explicit CompletionsSeen(absl::Time now) : now_(now) {}

  // For a page that does not begin at the end of the log: reads the entries
  // from the sequence of `from` on, as far as a completion of an earlier one
  // can be (kCompletionWindow).
  //
  // Errors: those of the store and the reader.
  absl::Status ReadNewer(const LedgerStore& store, EntryReader& reader,
                         const RowKey& from);
  // The next entry downwards.
  void Note(const receipt::AccessEntry& entry);
  // Of a release of which something was allowed, after Note of every entry
  // above it; kNone for every other entry.
  [[nodiscard]] ShownOutcome OutcomeOf(const receipt::AccessEntry& entry) const;

 private:
  const absl::Time now_;
  std::map<std::uint64_t, receipt::AccessOutcome> seen_;
  // There were more than kMaxNewer.
  bool cut_short_ = false;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_COMPLETIONS_SEEN_H_
