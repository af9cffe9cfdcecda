#include "vault/attribute/usage.h"

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::vault {

absl::StatusOr<UsageBook::Counted> UsageBook::Count(const VaultReads& reads,
                                                    const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const Usage usage, reads.UsageOf(owner));
  return Counted{usage.versions, usage.bytes};
}

std::optional<UsageBook::Counted> UsageBook::Known(const Owner& owner) {
  const base::MutexLock lock(mutex_);
  const auto found = known_.find(owner);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

absl::Status UsageBook::CheckBytes(const Counted& counted,
                                   std::uint64_t bytes) const {
  if (bytes <= limits_.bytes && counted.bytes <= limits_.bytes - bytes) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "this would be more than the ", limits_.bytes,
      " encrypted bytes that one person may keep (vault.person_mib), copies of "
      "sealed values for services included; erase versions that you do not "
      "need first"));
}

absl::Status UsageBook::CheckRoom(const VaultReads& reads, const Owner& owner,
                                  std::uint64_t bytes) {
  std::optional<Counted> counted = Known(owner);
  if (!counted) {
    LIMPID_ASSIGN_OR_RETURN(counted, Count(reads, owner));
    const base::MutexLock lock(mutex_);
    if (known_.size() >= kCapacity) known_.clear();
    known_[owner] = *counted;
  }
  if (counted->versions >= limits_.versions) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "you have stored ", limits_.versions,
        " versions, which is the most (vault.person_versions), erased ones "
        "included; ask the operator"));
  }
  return CheckBytes(*counted, bytes);
}

absl::Status UsageBook::CheckCopy(const VaultReads& reads, const Owner& owner,
                                  std::uint64_t bytes) {
  std::optional<Counted> counted = Known(owner);
  // Not remembered: a transaction may store more between this read and then.
  if (!counted) {
    LIMPID_ASSIGN_OR_RETURN(counted, Count(reads, owner));
  }
  return CheckBytes(*counted, bytes);
}

void UsageBook::Stored(const Owner& owner, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  const auto found = known_.find(owner);
  if (found == known_.end()) return;
  ++found->second.versions;
  found->second.bytes += bytes;
}

void UsageBook::Forget(const Owner& owner) {
  const base::MutexLock lock(mutex_);
  known_.erase(owner);
}

}  // namespace limpid::vault
