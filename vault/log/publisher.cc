#include "vault/log/publisher.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/tlog/leaf.h"

namespace limpid::vault {
namespace {

base::Bytes LeafOf(const ActRow& row) {
  return tlog::CommitmentLeaf(tlog::LeafKind::kVault, row.commitment);
}

}  // namespace

ActPublisher::ActPublisher(const VaultStore& store, VaultLog& log)
    : store_(store), log_(log) {}

absl::Status ActPublisher::CheckStore() const {
  const std::uint64_t size = log_.size();
  if (size == 0) return absl::OkStatus();
  // Act n is leaf n - 1, so the log's last leaf is the act `size`.
  LIMPID_ASSIGN_OR_RETURN(const auto acts, store_.ActsFrom(size, 1));
  if (acts.empty() || acts.front().counter != size) {
    return absl::DataLossError(
        "the vault's store is older than its log: it was rolled back");
  }
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes leaf, log_.Leaf(size - 1));
  if (leaf != LeafOf(acts.front())) {
    return absl::DataLossError(
        "the vault's store and its log do not belong together");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> ActPublisher::Tick() {
  const base::MutexLock lock(ticking_);
  LIMPID_RETURN_IF_ERROR(CheckStore());
  std::uint64_t published = 0;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto acts,
                            store_.ActsFrom(log_.size() + 1, kBatch));
    if (acts.empty()) return published;
    std::vector<base::Bytes> leaves;
    leaves.reserve(acts.size());
    for (const ActRow& row : acts) {
      if (row.counter != log_.size() + 1 + leaves.size()) {
        return absl::DataLossError("an act is missing from the vault's store");
      }
      leaves.push_back(LeafOf(row));
    }
    LIMPID_RETURN_IF_ERROR(log_.Append(leaves));
    published += leaves.size();
  }
}

absl::StatusOr<bool> ActPublisher::Pending() const {
  LIMPID_ASSIGN_OR_RETURN(const LogHead head, store_.Head());
  return head.counter > log_.size();
}

absl::StatusOr<std::optional<LeafProof>> ActPublisher::Prove(
    std::uint64_t counter) const {
  if (counter == 0 || counter > log_.size()) {
    return std::optional<LeafProof>();
  }
  LIMPID_ASSIGN_OR_RETURN(LeafProof proof, log_.Prove(counter - 1));
  return std::optional<LeafProof>(std::move(proof));
}

}  // namespace limpid::vault
