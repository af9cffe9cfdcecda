#include "algoregister/search/keeper.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/search/document.h"
#include "algoregister/version/published_version.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"
#include "common/base/shared_mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister::search {
namespace {

constexpr std::size_t kStep = IndexKeeper::kMostBehind;
// Answers of one call, each of which an erasure made stale.
constexpr int kMostAnswers = 5;

std::vector<PublishedVersion> AllOf(std::span<const Version> versions) {
  std::vector<PublishedVersion> out;
  out.reserve(versions.size());
  for (const Version& version : versions) out.push_back(PublishedOf(version));
  return out;
}

}  // namespace

// Words and facets are found without the index; only putting them in keeps
// readers out, for one version at a time.
void IndexKeeper::Apply(std::vector<PublishedVersion> versions) {
  for (PublishedVersion& version : versions) {
    Document document = MakeDocument(std::move(version));
    const base::WriterMutexLock lock(mutex_);
    index_.Apply(std::move(document));
  }
}

absl::StatusOr<bool> IndexKeeper::Step() {
  std::vector<PublishedVersion> versions = recent_.Take(next_, kStep);
  // Behind what was offered may be what was not.
  bool more = !versions.empty();
  if (!more) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> stored,
                            store_.LoggedFrom(next_, kStep));
    versions = AllOf(stored);
    more = versions.size() == kStep;
  }
  if (versions.empty()) return false;
  const std::uint64_t last = versions.back().leaf_index;
  Apply(std::move(versions));
  next_ = last + 1;
  return more;
}

absl::Status IndexKeeper::CatchUp() {
  bool more = true;
  while (more) {
    const base::MutexLock lock(writing_);
    LIMPID_ASSIGN_OR_RETURN(more, Step());
  }
  return absl::OkStatus();
}

// The store is read while others take in what is new: what they read before the
// erasure is in the index before a page of this gets writing_, and what they
// read afterwards has lost its fields already.
absl::Status IndexKeeper::Refresh(const RegistrationId& registration) {
  const base::MutexLock alone(refreshing_);
  // What waits there was said before the erasure; the store says it without.
  recent_.Clear();
  std::uint32_t after = 0;
  bool more = true;
  while (more) {
    LIMPID_ASSIGN_OR_RETURN(std::vector<Version> versions,
                            store_.History(registration, after, kStep));
    more = versions.size() == kStep;
    if (!versions.empty()) after = versions.back().number;
    const base::MutexLock lock(writing_);
    // What is not in the index yet comes in its turn.
    std::erase_if(versions, [this](const Version& version) {
      return !version.leaf_index || *version.leaf_index >= next_;
    });
    Apply(AllOf(versions));
  }
  // Last: an answer that was begun in between is made again.
  ++refreshed_;
  return absl::OkStatus();
}

absl::Status IndexKeeper::Answer(absl::FunctionRef<absl::Status()> make) {
  for (int i = 0; i < kMostAnswers; ++i) {
    const std::uint64_t before = refreshed_;
    const absl::Status made = make();
    if (refreshed_ == before) return made;
  }
  return absl::UnavailableError(
      "fields were erased again and again meanwhile; ask again");
}

absl::Status IndexKeeper::TakeInAFew() {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t logged, store_.LoggedSize());
  const std::uint64_t known = next_;
  if (logged <= known || logged - known > kMostBehind) return absl::OkStatus();
  const base::MutexLock lock(writing_);
  // Another one may have done it meanwhile.
  bool more = true;
  while (more && next_ < logged) {
    LIMPID_ASSIGN_OR_RETURN(more, Step());
  }
  return absl::OkStatus();
}

absl::Status IndexKeeper::Read(
    absl::FunctionRef<void(const SearchIndex&)> read) {
  LIMPID_RETURN_IF_ERROR(TakeInAFew());
  const base::ReaderMutexLock lock(mutex_);
  read(index_);
  return absl::OkStatus();
}

absl::StatusOr<EntrySnapshot> IndexKeeper::Snapshot() {
  Entries entries;
  LIMPID_RETURN_IF_ERROR(Read(
      [&entries](const SearchIndex& index) { entries = index.entries(); }));
  return EntrySnapshot(std::move(entries));
}

}  // namespace limpid::algoregister::search
