// Keeps the search index level with the store: it takes versions in by the
// order of the log and remembers how far it came, so that a start, a publish
// and a look-up after a pause are the same act, and one that was cut short goes
// on where it was.

#ifndef LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_
#define LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/entry.h"
#include "algoregister/search/index.h"
#include "common/base/mutex.h"
#include "common/base/shared_mutex.h"

namespace limpid::algoregister::search {

// Thread-safe. Who reads waits for no other reader.
class IndexKeeper {
 public:
  // What a reader takes in herself when she comes; behind more she reads what
  // there is.
  static constexpr std::uint64_t kMostBehind = 64;

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

  // Calls `read` with the index, which must not be kept. Before that it takes
  // in what is new, unless that is more than kMostBehind places of the log:
  // then the next CatchUp does, and the reader does not wait for it. `read` may
  // run in many threads at once, and must not call the keeper.
  //
  // Errors: the store's; `read` was not called.
  absl::Status Read(absl::FunctionRef<void(const SearchIndex&)> read);

  // All entries as they are now, after the same.
  //
  // Errors: the store's.
  absl::StatusOr<EntrySnapshot> Snapshot();

 private:
  absl::Status TakeInAFew();
  // Whether there may be more.
  absl::StatusOr<bool> Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void Apply(std::span<const Version> versions)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);

  const RegistrationStore& store_;
  // Held by who takes in, from reading the store to the index: one at a time.
  base::Mutex writing_;
  // Held alone for moments, with writing_.
  base::SharedMutex mutex_;
  SearchIndex index_ ABSL_GUARDED_BY(mutex_);
  // Everything before this place of the log is in the index. Written under
  // writing_.
  std::atomic<std::uint64_t> next_ = 0;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_
