// Keeps the search index level with the store: it takes versions in by the
// order of the log and remembers how far it came, so that a start, a publish
// and a look-up after a pause are the same act, and one that was cut short goes
// on where it was.

#ifndef LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_
#define LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/entry.h"
#include "algoregister/search/index.h"
#include "algoregister/search/recent_versions.h"
#include "algoregister/version/published_version.h"
#include "common/base/mutex.h"
#include "common/base/shared_mutex.h"

namespace limpid::algoregister::search {

// Thread-safe. Who reads waits for no other reader. If there is something new
// for her and somebody takes it in already, she waits for that step, of at most
// kMostBehind versions, and for steps that come before her turn; and every
// reader waits while one version goes into the index.
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

  // Takes over what the register just published, which must be told of before
  // an erasure that comes later: it need not be read back then. Never waits for
  // who takes in; what is too much is read back after all. Whether much waits,
  // so that CatchUp should come soon.
  bool Offer(std::vector<PublishedVersion> versions) {
    return recent_.Add(std::move(versions));
  }

  // Takes in what the log has more, in small steps between which others may
  // look things up. Called at a start and from time to time.
  //
  // Errors: the store's; what was taken in stays.
  absl::Status CatchUp();

  // Takes a registration in anew, whose stored versions lost fields: what they
  // said is in no answer of Read, Snapshot or Answer that ends afterwards. Its
  // history is read beside searches, and goes in as steps do. The register
  // calls it while nobody publishes.
  //
  // Errors: the store's; what was erased may still be in the index.
  absl::Status Refresh(const RegistrationId& registration);

  // Calls `make`, which makes an answer of copies, such as a Snapshot, and
  // calls it anew if a registration was refreshed meanwhile: then the copies
  // may say what was erased.
  //
  // Errors:
  //   kUnavailable  it happened again and again; the answer must not go out.
  //   others        those of `make`.
  absl::Status Answer(absl::FunctionRef<absl::Status()> make);

  // Calls `read` with the index, which must not be kept. Before that it takes
  // in what is new, unless that is more than kMostBehind places of the log:
  // then the next CatchUp does, and the reader does not wait for it. `read` may
  // run in many threads at once, and must not call the keeper.
  //
  // Errors: the store's; `read` was not called.
  absl::Status Read(absl::FunctionRef<void(const SearchIndex&)> read);

  // All entries as they are now, after the same. What is erased later stays in
  // them: make what goes out in Answer.
  //
  // Errors: the store's.
  absl::StatusOr<EntrySnapshot> Snapshot();

 private:
  absl::Status TakeInAFew();
  // Whether there may be more.
  absl::StatusOr<bool> Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void Apply(std::vector<PublishedVersion> versions)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);

  const RegistrationStore& store_;
  // Taken from under writing_, so that what was taken is in the index before an
  // erasure looks.
  RecentVersions recent_;
  // Held by who refreshes, for the whole history: of two erasures of one
  // registration the later one is read later and goes in later.
  base::Mutex refreshing_;
  // Held by who takes in what is new, for a step from reading the store to the
  // index, and by who refreshes, for a step after reading: one at a time.
  base::Mutex writing_;
  // Held alone for moments, with writing_.
  base::SharedMutex mutex_;
  SearchIndex index_ ABSL_GUARDED_BY(mutex_);
  // Everything before this place of the log is in the index. Written under
  // writing_.
  std::atomic<std::uint64_t> next_ = 0;
  // How often a registration was taken in anew.
  std::atomic<std::uint64_t> refreshed_ = 0;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_KEEPER_H_
