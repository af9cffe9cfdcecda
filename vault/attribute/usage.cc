#include "vault/attribute/usage.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::vault {

absl::Status UsageBook::CheckRoom(const VaultReads& reads, const Owner& owner,
                                  std::uint64_t bytes) {
  std::optional<Usage> usage;
  {
    const base::MutexLock lock(mutex_);
    const auto found = known_.find(owner);
    if (found != known_.end()) usage = found->second;
  }
  if (!usage) {
    LIMPID_ASSIGN_OR_RETURN(usage, reads.UsageOf(owner));
    const base::MutexLock lock(mutex_);
    if (known_.size() >= kCapacity) known_.clear();
    known_[owner] = *usage;
  }
  if (usage->versions >= limits_.versions) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "you have stored ", limits_.versions,
        " versions, which is the most (vault.person_versions), erased ones "
        "included; ask the operator"));
  }
  if (bytes > limits_.bytes || usage->bytes > limits_.bytes - bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "this would be more than the ", limits_.bytes,
        " encrypted bytes that one person may keep (vault.person_mib); erase "
        "versions that you do not need first"));
  }
  return absl::OkStatus();
}

void UsageBook::Stored(const Owner& owner, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  const auto found = known_.find(owner);
  if (found == known_.end()) return;
  ++found->second.versions;
  found->second.bytes += bytes;
}

void UsageBook::Erased(const Owner& owner, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  const auto found = known_.find(owner);
  if (found == known_.end()) return;
  found->second.bytes -= std::min(bytes, found->second.bytes);
}

void UsageBook::Forget(const Owner& owner) {
  const base::MutexLock lock(mutex_);
  known_.erase(owner);
}

}  // namespace limpid::vault
