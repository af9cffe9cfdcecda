#include "algoregister/profile/sealed_rows.h"

#include <atomic>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/version/sealed_draft.h"
#include "common/base/detached.h"
#include "common/base/in_parts.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

// A signature is some 70 us: a part of these is worth its thread.
constexpr std::size_t kLeastPerThread = 64;

// The fault that stands first, whichever part met it.
class FirstFault {
 public:
  void Note(std::size_t at, const absl::Status& status) {
    const base::MutexLock lock(mutex_);
    if (at >= first_) return;
    first_ = at;
    status_ = base::Detached(status);
  }
  // Whether what stands at `at` cannot change which is first any more.
  [[nodiscard]] bool StandsBefore(std::size_t at) const { return first_ < at; }
  // When all parts have ended.
  absl::Status Take() {
    const base::MutexLock lock(mutex_);
    return std::move(status_);
  }

 private:
  base::Mutex mutex_;
  // Written under the lock.
  std::atomic<std::size_t> first_ = std::numeric_limits<std::size_t>::max();
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

std::vector<const CheckedDraft*> DraftsOf(const ImportPlan& plan) {
  std::vector<const CheckedDraft*> out;
  out.reserve(plan.counts.drafts);
  for (const PlannedRow& row : plan.rows) {
    for (const CheckedDraft& draft : row.drafts) out.push_back(&draft);
  }
  return out;
}

absl::Status FaultAt(std::size_t at, const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("signatures[", at, "]: not the importer's over this draft"));
}

// Each draft sealed, in row order.
absl::StatusOr<std::vector<std::optional<SealedDraft>>> SealAll(
    std::span<const CheckedDraft* const> drafts, const Publisher& publisher,
    std::span<const crypto::Ed25519Signature> signatures) {
  std::vector<std::optional<SealedDraft>> out(drafts.size());
  FirstFault fault;
  base::InParts(
      drafts.size(), kLeastPerThread, [&](std::size_t first, std::size_t end) {
        for (std::size_t i = first; i < end && !fault.StandsBefore(i); ++i) {
          auto sealed = SealedDraft::Seal(*drafts[i], signatures[i], publisher);
          // What stands behind it in this part is not asked for any more.
          if (!sealed.ok()) return fault.Note(i, FaultAt(i, sealed.status()));
          out[i] = *std::move(sealed);
        }
      });
  LIMPID_RETURN_IF_ERROR(fault.Take());
  return out;
}

}  // namespace

absl::StatusOr<SealedRows> SealRows(
    const ImportPlan& plan, const Publisher& publisher,
    std::span<const crypto::Ed25519Signature> signatures) {
  const std::vector<const CheckedDraft*> drafts = DraftsOf(plan);
  if (signatures.size() != drafts.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("signatures: must be ", drafts.size()));
  }
  LIMPID_ASSIGN_OR_RETURN(std::vector<std::optional<SealedDraft>> sealed,
                          SealAll(drafts, publisher, signatures));
  SealedRows out;
  std::size_t next = 0;
  for (const PlannedRow& row : plan.rows) {
    if (row.drafts.empty()) continue;
    Register::Group group;
    group.reserve(row.drafts.size());
    for (std::size_t i = 0; i < row.drafts.size(); ++i) {
      group.push_back(*std::move(sealed[next++]));
    }
    out.groups.push_back(std::move(group));
    out.indices.push_back(row.index);
  }
  return out;
}

}  // namespace limpid::algoregister
