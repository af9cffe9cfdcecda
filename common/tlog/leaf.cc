#include "common/tlog/leaf.h"

#include "common/base/check.h"

namespace limpid::tlog {

base::Bytes CommitmentLeaf(LeafKind kind, const base::Digest32& commitment) {
  LIMPID_CHECK(kind == LeafKind::kAccess || kind == LeafKind::kVault);
  base::Bytes leaf;
  leaf.reserve(kCommitmentLeafBytes);
  leaf.push_back(static_cast<std::uint8_t>(kind));
  leaf.insert(leaf.end(), commitment.begin(), commitment.end());
  return leaf;
}

absl::Status CheckLeaf(LeafKind kind, base::ByteView entry) {
  LIMPID_CHECK(kind != LeafKind::kServiceKey &&
               kind != LeafKind::kTrainingCommitment &&
               kind != LeafKind::kConsentFacts);
  const bool is_register = kind == LeafKind::kRegister;
  const auto is = [&entry](LeafKind one) {
    return !entry.empty() && entry.front() == static_cast<std::uint8_t>(one);
  };
  const bool is_beside = is_register && (is(LeafKind::kServiceKey) ||
                                         is(LeafKind::kTrainingCommitment) ||
                                         is(LeafKind::kConsentFacts));
  if (!is(kind) && !is_beside) {
    return absl::DataLossError("an entry is not of this log's kind");
  }
  if (is_register ? entry.size() == 1 : entry.size() != kCommitmentLeafBytes) {
    return absl::DataLossError("an entry has the wrong length for its kind");
  }
  return absl::OkStatus();
}

}  // namespace limpid::tlog
