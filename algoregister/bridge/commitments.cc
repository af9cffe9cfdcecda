// What consent asks of the register besides a read's question, and what it
// publishes when a snapshot is sealed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/register.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/training_commitment.h"

namespace limpid::algoregister {
namespace {

absl::StatusOr<receipt::TrainingCommitment> ParseOf(
    base::ByteView entry, std::span<const crypto::Ed25519PublicKey> operators) {
  auto parsed = receipt::ParseTrainingCommitment(entry);
  if (parsed.ok()) {
    for (const crypto::Ed25519PublicKey& key : operators) {
      if (parsed->operator_key == key) return parsed;
    }
  }
  return absl::InvalidArgumentError(
      "entry: not a commitment that an operator known here has signed");
}

}  // namespace

absl::StatusOr<RegistrationId> Register::DatasetOfSnapshot(
    const SnapshotId& snapshot) const {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> dataset,
                          parts_.store.FindSnapshot(snapshot));
  if (!dataset) return absl::NotFoundError("no such snapshot");
  return *dataset;
}

absl::StatusOr<std::optional<Register::Keeper>> Register::KeeperOf(
    const RegistrationId& registration, std::uint32_t version) const {
  if (version == 0) return std::optional<Keeper>();
  const auto found = parts_.store.Get(registration, version);
  if (absl::IsNotFound(found.status())) return std::optional<Keeper>();
  LIMPID_RETURN_IF_ERROR(found.status());
  return std::optional(
      Keeper{found->publisher, found->author_role == AuthorRole::kPublisher});
}

absl::StatusOr<std::uint64_t> Register::PublishTrainingCommitment(
    std::span<const crypto::Ed25519PublicKey> operators, base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::TrainingCommitment next,
                          ParseOf(entry, operators));
  const base::MutexLock lock(mutex_);
  LIMPID_RETURN_IF_ERROR(RecoverLocked());
  LIMPID_ASSIGN_OR_RETURN(const SnapshotState state,
                          StateOfSnapshot(SnapshotId(next.snapshot)));
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<StoredServiceKey> others,
      parts_.service_keys.List(next.snapshot, 0, kMaxTrainingOperators));
  for (const StoredServiceKey& other : others) {
    if (other.entry == base::ToBytes(entry)) {
      return other.leaf_index.value_or(0);
    }
    const auto parsed = receipt::ParseTrainingCommitment(other.entry);
    if (!parsed.ok() || parsed->operator_key == next.operator_key) {
      return absl::AlreadyExistsError(
          "this operator has committed to the snapshot's releases");
    }
  }
  if (state != SnapshotState::kSealed) {
    return absl::FailedPreconditionError("the snapshot is not sealed");
  }
  if (others.size() == kMaxTrainingOperators) {
    return absl::ResourceExhaustedError(
        "too many operators have committed to the snapshot's releases");
  }
  StoredServiceKey stored = {
      .service = next.snapshot,
      .number = static_cast<std::uint32_t>(others.size() + 1),
      .entry = base::ToBytes(entry),
      .leaf_index = {}};
  LIMPID_RETURN_IF_ERROR(Commit(stored));
  return stored.leaf_index.value_or(0);
}

}  // namespace limpid::algoregister
