// A register that takes keys of services in memory, as the real one does, and
// can be away, or lose its answer.

#ifndef LIMPID_TESTS_UNIT_CONSENT_FAKE_KEYS_H_
#define LIMPID_TESTS_UNIT_CONSENT_FAKE_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/receipt/service_key.h"
#include "consent/ids.h"
#include "consent/service_key/key_directory.h"

namespace limpid::consent::testing {

// Thread-safe.
class FakeKeyDirectory final : public KeyDirectory {
 public:
  absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) override {
    const base::MutexLock lock(mutex_);
    ++attempt_count_;
    if (away_) return absl::UnavailableError("the register is away");
    const auto parsed = receipt::ParseServiceKeyEntry(entry);
    if (!parsed.ok()) return absl::InvalidArgumentError("no entry");
    std::vector<base::Bytes>& chain = chains_[ServiceId(parsed->service)];
    const base::Bytes bytes = base::ToBytes(entry);
    if (parsed->number <= chain.size()) {
      if (chain[parsed->number - 1] == bytes) return 0;
      return absl::AlreadyExistsError("another entry is there");
    }
    if (refuses_ || parsed->number > chain.size() + 1) {
      return absl::FailedPreconditionError("a gap");
    }
    chain.push_back(bytes);
    ++logged_count_;
    if (loses_answer_) return absl::DeadlineExceededError("no answer");
    return logged_count_ - 1;
  }
  absl::StatusOr<std::vector<base::Bytes>> Read(
      const ServiceId& service) override {
    const base::MutexLock lock(mutex_);
    ++attempt_count_;
    if (away_) return absl::UnavailableError("the register is away");
    return chains_[service];
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
  // Every new entry.
  void Refuse(bool refuse) {
    const base::MutexLock lock(mutex_);
    refuses_ = refuse;
  }
  [[nodiscard]] std::vector<base::Bytes> Chain(const ServiceId& service) {
    const base::MutexLock lock(mutex_);
    return chains_[service];
  }
  // Calls so far.
  [[nodiscard]] std::size_t attempt_count() const {
    const base::MutexLock lock(mutex_);
    return attempt_count_;
  }

 private:
  mutable base::Mutex mutex_;
  std::map<ServiceId, std::vector<base::Bytes>> chains_ ABSL_GUARDED_BY(mutex_);
  std::size_t attempt_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t logged_count_ ABSL_GUARDED_BY(mutex_) = 0;
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  bool loses_answer_ ABSL_GUARDED_BY(mutex_) = false;
  bool refuses_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_FAKE_KEYS_H_
