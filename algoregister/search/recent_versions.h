// What was published last, in memory, so that the index need not read it back
// and parse it. Holds less than it was given rather than more than it may, and
// never a part with a gap: what is not here is in the store.

#ifndef LIMPID_ALGOREGISTER_SEARCH_RECENT_VERSIONS_H_
#define LIMPID_ALGOREGISTER_SEARCH_RECENT_VERSIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "algoregister/version/published_version.h"
#include "common/base/mutex.h"

namespace limpid::algoregister::search {

// Thread-safe; every call is short.
class RecentVersions {
 public:
  // Several appends of an import, of registrations of usual length.
  static constexpr std::size_t kMostVersions = 4'096;
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20U;

  RecentVersions() = default;
  RecentVersions(const RecentVersions&) = delete;
  RecentVersions& operator=(const RecentVersions&) = delete;
  ~RecentVersions() = default;

  // Takes over versions whose places in the log lie side by side. Those of
  // before go if they do not lie right before these, and the first ones of all
  // as far as it takes to stay within the limits. Whether half of what may be
  // here is.
  bool Add(std::vector<PublishedVersion> versions);
  // At most `limit` versions from the place `first` on, without a gap, which
  // then are not here any more, nor is what lies before `first`. None unless
  // the one of that very place is here.
  std::vector<PublishedVersion> Take(std::uint64_t first, std::size_t limit);
  // Forgets everything: some of it may have been erased.
  void Clear();

 private:
  struct Held {
    PublishedVersion version;
    std::size_t bytes = 0;
  };

  void DropFirst() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  // In the order of the log.
  std::deque<Held> held_ ABSL_GUARDED_BY(mutex_);
  // About what the contents take.
  std::size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_RECENT_VERSIONS_H_
