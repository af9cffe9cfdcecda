// Keeps the search index level with the store: it takes versions in by the
// order of the log and remembers how far it came, so that a start, a publish
// and a look-up after a pause are the same act, and one that was cut short goes
// on where it was.

#ifndef LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_
#define LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/index.h"
#include "common/base/mutex.h"

namespace limpid::algoregister::search {

// Thread-safe.
class IndexKeeper {
 public:
  // `store` must outlive the keeper. Reads nothing yet.
  explicit IndexKeeper(const RegistrationStore& store) : store_(store) {}
  IndexKeeper(const IndexKeeper&) = delete;
  IndexKeeper& operator=(const IndexKeeper&) = delete;
  ~IndexKeeper() = default;

  // Takes in what the log has more, in small steps between which others may
  // look things up. Called at a start and from time to time.
  //
  // Errors: the store's; what was taken in stays.
  absl::Status CatchUp();

  // Takes a registration in anew, whose stored versions lost fields: what they
  // said is in no answer afterwards.
  //
  // Errors: the store's.
  absl::Status Refresh(const RegistrationId& registration);

  // Catches up, then calls `read` with the index, which must not be kept.
  //
  // Errors: the store's; `read` was not called.
  absl::Status Read(absl::FunctionRef<void(const SearchIndex&)> read);

 private:
  // Whether there may be more.
  absl::StatusOr<bool> Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RegistrationStore& store_;
  base::Mutex mutex_;
  SearchIndex index_ ABSL_GUARDED_BY(mutex_);
  // Everything before this place of the log is in the index.
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_
