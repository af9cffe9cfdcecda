// What consent asks of the algorithm register besides a read's question
// (ledger/ports.h), and publishes in its log. A port of consent's; what is
// behind it, server/ says.

#ifndef LIMPID_CONSENT_TRAINING_ALGORITHM_REGISTER_H_
#define LIMPID_CONSENT_TRAINING_ALGORITHM_REGISTER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "consent/ids.h"

namespace limpid::consent {

struct DatasetTag {
  static constexpr std::string_view kPrefix = "dat";
};
struct DeploymentTag {
  static constexpr std::string_view kPrefix = "dep";
};
// Of the register, as SystemId and SnapshotId.
using DatasetId = base::Id<DatasetTag>;
using DeploymentId = base::Id<DeploymentTag>;

// A snapshot, as the newest version of its dataset has it.
struct RegisteredSnapshot {
  DatasetId dataset;
  bool sealed = false;
};

// What the register says of a deployment that somebody names as her own.
enum class DeploymentStanding : std::uint8_t {
  kUnregistered,
  // Nothing speaks against it: the register may not know whose it is.
  kRegistered,
  kOfAnother,
};

// Thread-safe. May block, for ten seconds at most: never asked on the
// sequencer's thread.
class AlgorithmRegister {
 public:
  virtual ~AlgorithmRegister() = default;
  AlgorithmRegister(const AlgorithmRegister&) = delete;
  AlgorithmRegister& operator=(const AlgorithmRegister&) = delete;

  // Errors:
  //   kNotFound  no dataset lists it.
  [[nodiscard]] virtual absl::StatusOr<RegisteredSnapshot> FindSnapshot(
      const SnapshotId& snapshot) const = 0;

  // Publishes an entry (docs/formats/training-commitment.md); it is in the log
  // on return. The same entry again changes nothing. Its index in the log.
  //
  // Errors:
  //   kAlreadyExists       this operator has committed to the snapshot.
  //   kFailedPrecondition  the snapshot is not sealed.
  //   others               not known whether it was published: send it again.
  virtual absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) = 0;

  // Publishes the consent facts of a month (docs/formats/consent-facts.md), as
  // Publish does.
  //
  // Errors:
  //   kAlreadyExists  this operator has published others of this month, or of
  //                   a later one.
  //   others          not known whether it was published: send it again.
  virtual absl::StatusOr<std::uint64_t> PublishFacts(base::ByteView entry) = 0;

  // Text of the proof file (c2sp.org/tlog-proof) of the entry at `index`.
  [[nodiscard]] virtual absl::StatusOr<std::string> Prove(
      std::uint64_t index) const = 0;

  // Whether the register has this version of the deployment, and whether whose
  // it is contradicts `keys`: SHA-256 of the SubjectPublicKeyInfo of who names
  // it. It does when one of them is a publisher's certificate, none is the
  // keeper's, and the keeper published this version in its own name.
  [[nodiscard]] virtual absl::StatusOr<DeploymentStanding> FindDeployment(
      const DeploymentId& deployment, std::uint32_t version,
      std::span<const base::Digest32> keys) const = 0;

 protected:
  AlgorithmRegister() = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_ALGORITHM_REGISTER_H_
