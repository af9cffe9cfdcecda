#include "common/base/status_macros.h"
#include "common/tlog/log.h"
#include "vault/log/vault_log.h"

namespace limpid::vault {

std::uint64_t TlogVaultLog::size() const { return log_.size(); }

absl::Status TlogVaultLog::Append(std::span<const base::Bytes> leaves) {
  return log_.Append(leaves).status();
}

absl::StatusOr<LeafProof> TlogVaultLog::Prove(std::uint64_t index) const {
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof, log_.Prove(index));
  return LeafProof{proof.index, proof.hashes, proof.checkpoint};
}

absl::StatusOr<base::Bytes> TlogVaultLog::Leaf(std::uint64_t index) const {
  LIMPID_ASSIGN_OR_RETURN(const auto entries, log_.ReadEntries(index, 1));
  if (entries.size() != 1) return absl::DataLossError("a leaf is missing");
  return entries.front();
}

}  // namespace limpid::vault
