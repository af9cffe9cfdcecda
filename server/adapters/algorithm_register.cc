#include "server/adapters/algorithm_register.h"

#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/ids.h"
#include "common/base/status_macros.h"
#include "common/tlog/proof.h"

namespace limpid::server {

absl::StatusOr<consent::RegisteredSnapshot>
LocalAlgorithmRegister::FindSnapshot(
    const consent::SnapshotId& snapshot) const {
  const algoregister::SnapshotId id(snapshot.bytes());
  LIMPID_ASSIGN_OR_RETURN(const algoregister::RegistrationId dataset,
                          register_.DatasetOfSnapshot(id));
  LIMPID_ASSIGN_OR_RETURN(const algoregister::SnapshotState state,
                          register_.StateOfSnapshot(id));
  return consent::RegisteredSnapshot{
      consent::DatasetId(dataset.bytes),
      state == algoregister::SnapshotState::kSealed};
}

absl::StatusOr<std::uint64_t> LocalAlgorithmRegister::Publish(
    base::ByteView entry) {
  const std::vector<crypto::Ed25519PublicKey> operators = {operator_key_};
  return register_.PublishTrainingCommitment(operators, entry);
}

absl::StatusOr<std::uint64_t> LocalAlgorithmRegister::PublishFacts(
    base::ByteView entry) {
  const std::vector<crypto::Ed25519PublicKey> operators = {operator_key_};
  return register_.PublishConsentFacts(operators, entry);
}

absl::StatusOr<std::string> LocalAlgorithmRegister::Prove(
    std::uint64_t index) const {
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof, log_.Prove(index));
  return tlog::FormatProof(proof);
}

absl::StatusOr<consent::DeploymentStanding>
LocalAlgorithmRegister::FindDeployment(
    const consent::DeploymentId& deployment, std::uint32_t version,
    std::span<const base::Digest32> keys) const {
  using consent::DeploymentStanding;
  LIMPID_ASSIGN_OR_RETURN(
      const auto keeper,
      register_.KeeperOf(
          {algoregister::RegistrationKind::kDeployment, deployment.bytes()},
          version));
  if (!keeper) return DeploymentStanding::kUnregistered;
  bool is_publisher = false;
  for (const base::Digest32& key : keys) {
    const auto publisher = publishers_.FindByCertificate(key);
    if (absl::IsNotFound(publisher.status())) continue;
    LIMPID_RETURN_IF_ERROR(publisher.status());
    if (publisher->id == keeper->publisher) {
      return DeploymentStanding::kRegistered;
    }
    is_publisher = true;
  }
  return is_publisher && keeper->in_its_own_name
             ? DeploymentStanding::kOfAnother
             : DeploymentStanding::kRegistered;
}

}  // namespace limpid::server
