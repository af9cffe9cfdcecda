#include "algoregister/search/keeper.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister::search {
namespace {

// About 10 ms of work, which is what a search may have to wait for.
constexpr std::size_t kStep = 64;

}  // namespace

absl::StatusOr<bool> IndexKeeper::Step() {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> versions,
                          store_.LoggedFrom(next_, kStep));
  for (const Version& version : versions) {
    index_.Apply(version);
    next_ = version.leaf_index.value_or(next_) + 1;
  }
  return versions.size() == kStep;
}

absl::Status IndexKeeper::CatchUp() {
  bool more = true;
  while (more) {
    const base::MutexLock lock(mutex_);
    LIMPID_ASSIGN_OR_RETURN(more, Step());
  }
  return absl::OkStatus();
}

absl::Status IndexKeeper::Refresh(const RegistrationId& registration) {
  const base::MutexLock lock(mutex_);
  std::uint32_t after = 0;
  while (true) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> versions,
                            store_.History(registration, after, kStep));
    for (const Version& version : versions) {
      // What is not in the index yet comes in its turn.
      if (version.leaf_index && *version.leaf_index < next_) {
        index_.Apply(version);
      }
      after = version.number;
    }
    if (versions.size() < kStep) return absl::OkStatus();
  }
}

absl::Status IndexKeeper::Read(
    absl::FunctionRef<void(const SearchIndex&)> read) {
  LIMPID_RETURN_IF_ERROR(CatchUp());
  const base::MutexLock lock(mutex_);
  read(index_);
  return absl::OkStatus();
}

}  // namespace limpid::algoregister::search
