// What sources say about the releases they got permits for, until it is
// written into the persons' logs. In memory: what a crash takes away leaves the
// access unfinished, which the person sees. docs/formats/access-completion.md

#ifndef LIMPID_CONSENT_LOG_COMPLETION_BOOK_H_
#define LIMPID_CONSENT_LOG_COMPLETION_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"
#include "consent/ledger/permits.h"

namespace limpid::consent {

// Completions of one record wait so long for each other: one entry for all of
// a busy moment, and still there when the person looks.
inline constexpr absl::Duration kCompletionDelay = absl::Seconds(2);
// No completion is written later than this after the decision, so that whoever
// looks for one knows where the log need not be read.
inline constexpr absl::Duration kCompletionWindow = absl::Seconds(30);
// From when on an access without completion is called unfinished: 2 s of lease
// (receipt::kMaxLease), kCompletionDelay, and a second to write it.
inline constexpr absl::Duration kUnfinishedAfter = absl::Seconds(5);

// An access that a permit is out for.
struct PermittedAccess {
  PersonId person;
  RecordId record;
  // Of the entry, in the person's chain.
  std::uint64_t sequence = 0;
  absl::Time decided;
  // Of the chain under embargo that it is in; 0 for the visible one.
  std::uint16_t embargo_days = 0;
};

struct SaidOutcome {
  std::uint64_t sequence = 0;
  absl::Time decided;
  std::uint16_t embargo_days = 0;
  receipt::AccessOutcome outcome = receipt::AccessOutcome::kFailed;
};

// What was said under one record of one person.
struct SaidOfRecord {
  PersonId person;
  RecordId record;
  std::vector<SaidOutcome> said;
};

// Thread-safe.
class CompletionBook {
 public:
  // About 60 bytes each; more are dropped, and those accesses stay unfinished.
  static constexpr std::size_t kMaxWaiting = 262'144;

  // `clock` must outlive it.
  explicit CompletionBook(const base::Clock& clock) : clock_(clock) {}

  // The source of the permit says it, once.
  void Add(const PermittedAccess& access, receipt::AccessOutcome outcome);

  // Takes out, of at most `limit` records, what has waited kCompletionDelay;
  // with `all`, whatever waits.
  std::vector<SaidOfRecord> Take(std::size_t limit, bool all);

  [[nodiscard]] std::size_t waiting_count() const;

 private:
  using Key = std::pair<PersonId, RecordId>;

  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::map<Key, std::vector<SaidOutcome>> waiting_ ABSL_GUARDED_BY(mutex_);
  // Since when each of them waits.
  std::deque<std::pair<absl::Duration, Key>> order_ ABSL_GUARDED_BY(mutex_);
  std::size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// `permit`, whose first CloseWith is what `book` learns of `access`. Closed
// without an outcome, nothing is said.
std::unique_ptr<OpenPermit> CompletingPermit(
    std::unique_ptr<OpenPermit> permit, std::shared_ptr<CompletionBook> book,
    const PermittedAccess& access);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_COMPLETION_BOOK_H_
