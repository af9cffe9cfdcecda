// "For which registered systems were my data released for training?", with the
// proof that only this person has, checked against the register's log, and with
// what must not be: a release without its leaf.
// docs/formats/training-commitment.md

#ifndef LIMPID_CLIENTS_CPP_TRAINING_CLIENT_H_
#define LIMPID_CLIENTS_CPP_TRAINING_CLIENT_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/register_client.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/training_commitment.h"
#include "common/tlog/policy.h"
#include "limpid/consent/v1/access.pb.h"
#include "limpid/consent/v1/training_service.pb.h"

namespace limpid::client {

// How long after a sealing a commitment may be missing before it is an alarm:
// a register can be away for a night.
inline constexpr absl::Duration kCommitmentGrace = absl::Hours(24);

// What is claimed and what is not, and what a proof does in other hands. Fixed
// texts in English.
inline constexpr std::string_view kReleasedClaim =
    "Released for the training of these systems; what was done with it "
    "afterwards cannot be seen from here.";
inline constexpr std::string_view kProofWarning =
    "Whoever has one of these proofs can show it on: it says by which "
    "pseudonym "
    "a service knows you, and that your data were released. Give it to those "
    "only who shall know that.";

// Thread-compatible. `connection` carries the person's tokens and must outlive
// it.
class TrainingClient {
 public:
  explicit TrainingClient(Connection& connection) : connection_(connection) {}

  // All pages, by the first read. Not checked.
  absl::StatusOr<std::vector<consent::v1::TrainingRelease>> List();
  // Of the last List: how many rows the server could not read.
  [[nodiscard]] std::size_t unreadable_count() const {
    return unreadable_count_;
  }

 private:
  Connection& connection_;
  std::size_t unreadable_count_ = 0;
};

// Whether the release is in the tree that `operator_key` committed to in the
// log of `policy`; the commitment.
//
// Errors:
//   kNotFound  it came without a proof.
//   kDataLoss  something does not verify; the message says what.
absl::StatusOr<receipt::TrainingCommitment> CheckRelease(
    const consent::v1::TrainingRelease& release,
    const crypto::Ed25519PublicKey& operator_key, const tlog::Policy& policy);

struct CheckedRelease {
  consent::v1::TrainingRelease release;
  // Of CheckRelease.
  absl::Status proof;
};

// When the snapshots of `releases` were sealed, as the register's datasets say,
// verified; those that are open or that it does not know are absent. Asks the
// register anonymously, by dataset.
//
// Errors: those of the register, and
//   kDataLoss  what it says about a dataset does not verify.
absl::StatusOr<std::map<std::string, absl::Time>> SealTimes(
    const std::vector<consent::v1::TrainingRelease>& releases,
    RegisterClient& algorithms, const tlog::Policy& policy);

// What is wrong, one sentence each; empty when nothing is. `entries` is her
// whole log, read before the releases were; `sealed` is from SealTimes.
//
// - A proof that does not verify.
// - A release whose snapshot is sealed, and which has no proof: at once when
//   consent says that it has published, else after kCommitmentGrace.
// - A read of her log that released something for training and is in none of
//   the releases, or not in a proved one a kCommitmentGrace after the sealing.
std::vector<std::string> TrainingAlarms(
    const std::vector<CheckedRelease>& releases,
    const std::vector<consent::v1::AccessEntry>& entries,
    const std::map<std::string, absl::Time>& sealed, absl::Time now);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_TRAINING_CLIENT_H_
