#include "server/adapters/algorithm_register.h"

#include <vector>

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

absl::StatusOr<std::string> LocalAlgorithmRegister::Prove(
    std::uint64_t index) const {
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof, log_.Prove(index));
  return tlog::FormatProof(proof);
}

absl::StatusOr<bool> LocalAlgorithmRegister::HasDeployment(
    const consent::DeploymentId& deployment, std::uint32_t version) const {
  return register_.HasVersion(
      {algoregister::RegistrationKind::kDeployment, deployment.bytes()},
      version);
}

}  // namespace limpid::server
