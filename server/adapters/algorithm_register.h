// Consent asks the register of this process about snapshots and deployments,
// and publishes its commitments in the register's log.

#ifndef LIMPID_SERVER_ADAPTERS_ALGORITHM_REGISTER_H_
#define LIMPID_SERVER_ADAPTERS_ALGORITHM_REGISTER_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/log.h"
#include "consent/training/algorithm_register.h"

namespace limpid::server {

// Thread-safe.
class LocalAlgorithmRegister final : public consent::AlgorithmRegister {
 public:
  // All must outlive it; `log` is the register's. `operator_key` signs the
  // entries.
  LocalAlgorithmRegister(algoregister::Register& registrations,
                         const algoregister::PublisherStore& publishers,
                         const tlog::Log& log,
                         const crypto::Ed25519PublicKey& operator_key)
      : register_(registrations),
        publishers_(publishers),
        log_(log),
        operator_key_(operator_key) {}

  [[nodiscard]] absl::StatusOr<consent::RegisteredSnapshot> FindSnapshot(
      const consent::SnapshotId& snapshot) const override;
  absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) override;
  absl::StatusOr<std::uint64_t> PublishFacts(base::ByteView entry) override;
  [[nodiscard]] absl::StatusOr<std::string> Prove(
      std::uint64_t index) const override;
  [[nodiscard]] absl::StatusOr<consent::DeploymentStanding> FindDeployment(
      const consent::DeploymentId& deployment, std::uint32_t version,
      std::span<const base::Digest32> keys) const override;

 private:
  algoregister::Register& register_;
  const algoregister::PublisherStore& publishers_;
  const tlog::Log& log_;
  const crypto::Ed25519PublicKey operator_key_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_ALGORITHM_REGISTER_H_
