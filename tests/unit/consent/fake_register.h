// An algorithm register that a test seals snapshots in, and that can be away.

#ifndef LIMPID_TESTS_UNIT_CONSENT_FAKE_REGISTER_H_
#define LIMPID_TESTS_UNIT_CONSENT_FAKE_REGISTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/receipt/consent_facts.h"
#include "common/receipt/training_commitment.h"
#include "consent/training/algorithm_register.h"

namespace limpid::consent::testing {

// Thread-safe.
class FakeRegister final : public AlgorithmRegister {
 public:
  [[nodiscard]] absl::StatusOr<RegisteredSnapshot> FindSnapshot(
      const SnapshotId& snapshot) const override {
    const base::MutexLock lock(mutex_);
    if (away_) return absl::UnavailableError("the register is away");
    const auto found = snapshots_.find(snapshot);
    if (found == snapshots_.end()) return absl::NotFoundError("none");
    return found->second;
  }
  absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) override {
    const base::MutexLock lock(mutex_);
    if (away_) return absl::UnavailableError("the register is away");
    const auto parsed = receipt::ParseTrainingCommitment(entry);
    if (!parsed.ok()) return absl::InvalidArgumentError("no entry");
    const base::Bytes bytes = base::ToBytes(entry);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i] == bytes) return i;
      if (receipt::ParseTrainingCommitment(entries_[i])->snapshot ==
          parsed->snapshot) {
        return absl::AlreadyExistsError("another commitment is there");
      }
    }
    entries_.push_back(bytes);
    if (loses_answer_) return absl::DeadlineExceededError("no answer");
    return entries_.size() - 1;
  }
  absl::StatusOr<std::uint64_t> PublishFacts(base::ByteView entry) override {
    const base::MutexLock lock(mutex_);
    if (away_) return absl::UnavailableError("the register is away");
    const auto parsed = receipt::ParseConsentFacts(entry);
    if (!parsed.ok()) return absl::InvalidArgumentError("no facts");
    const base::Bytes bytes = base::ToBytes(entry);
    const auto same = std::find(facts_.begin(), facts_.end(), bytes);
    if (same != facts_.end()) {
      return static_cast<std::uint64_t>(same - facts_.begin());
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (receipt::ParseConsentFacts(facts_[i])->facts.month >=
          parsed->facts.month) {
        return absl::AlreadyExistsError("others of the month are there");
      }
    }
    facts_.push_back(bytes);
    if (loses_answer_) return absl::DeadlineExceededError("no answer");
    return facts_.size() - 1;
  }
  [[nodiscard]] absl::StatusOr<std::string> Prove(
      std::uint64_t index) const override {
    return "proof of " + std::to_string(index);
  }
  [[nodiscard]] absl::StatusOr<DeploymentStanding> FindDeployment(
      const DeploymentId& deployment, std::uint32_t version,
      std::span<const base::Digest32> keys) const override {
    const base::MutexLock lock(mutex_);
    if (away_) return absl::UnavailableError("the register is away");
    const auto found = deployments_.find(deployment);
    if (found == deployments_.end() || version < 1 || version > found->second) {
      return DeploymentStanding::kUnregistered;
    }
    for (const base::Digest32& key : keys) {
      if (others_.contains(key)) return DeploymentStanding::kOfAnother;
    }
    return DeploymentStanding::kRegistered;
  }

  void Put(const SnapshotId& snapshot, const RegisteredSnapshot& registered) {
    const base::MutexLock lock(mutex_);
    snapshots_[snapshot] = registered;
  }
  void PutDeployment(const DeploymentId& deployment, std::uint32_t version) {
    const base::MutexLock lock(mutex_);
    deployments_[deployment] = version;
  }
  // No deployment is this publisher's.
  void PutOther(const base::Digest32& certificate) {
    const base::MutexLock lock(mutex_);
    others_.insert(certificate);
  }
  void BeAway(bool away) {
    const base::MutexLock lock(mutex_);
    away_ = away;
  }
  // Of entries it logs.
  void LoseAnswers(bool lose) {
    const base::MutexLock lock(mutex_);
    loses_answer_ = lose;
  }
  [[nodiscard]] std::vector<base::Bytes> entries() const {
    const base::MutexLock lock(mutex_);
    return entries_;
  }
  // Entries with consent facts.
  [[nodiscard]] std::vector<base::Bytes> facts() const {
    const base::MutexLock lock(mutex_);
    return facts_;
  }

 private:
  mutable base::Mutex mutex_;
  std::map<SnapshotId, RegisteredSnapshot> snapshots_ ABSL_GUARDED_BY(mutex_);
  std::map<DeploymentId, std::uint32_t> deployments_ ABSL_GUARDED_BY(mutex_);
  std::vector<base::Bytes> facts_ ABSL_GUARDED_BY(mutex_);
  std::set<base::Digest32> others_ ABSL_GUARDED_BY(mutex_);
  std::vector<base::Bytes> entries_ ABSL_GUARDED_BY(mutex_);
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  bool loses_answer_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_FAKE_REGISTER_H_
