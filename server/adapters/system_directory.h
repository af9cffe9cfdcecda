// Consent asks whether the register knows a system, and what it trains on. Ids
// are the same bytes on both sides; nothing else passes.

#ifndef LIMPID_SERVER_ADAPTERS_SYSTEM_DIRECTORY_H_
#define LIMPID_SERVER_ADAPTERS_SYSTEM_DIRECTORY_H_

#include <cstddef>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "algoregister/registration/register.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "consent/ids.h"
#include "consent/ledger/ports.h"

namespace limpid::server {

// Remembers a yes for a moment, and whether a system may train also a no, so
// that asking again and again reads nothing: every service may ask. What cannot
// be read counts as unknown: a read that names it is refused. Thread-safe.
class RegisterSystemDirectory final : public consent::SystemDirectory {
 public:
  // A retired system, and a sealed snapshot, are known for this time at most.
  static constexpr absl::Duration kRemember = absl::Seconds(5);
  // What was published after a refused read is seen after this time at most.
  static constexpr absl::Duration kRememberNo = absl::Seconds(1);

  // Both must outlive it.
  RegisterSystemDirectory(const algoregister::Register& registrations,
                          const base::Clock& clock)
      : registrations_(registrations), clock_(clock) {}

  [[nodiscard]] bool Exists(const consent::SystemId& system) const override;
  [[nodiscard]] bool MayTrain(
      const consent::SystemId& system,
      const consent::SnapshotId& snapshot) const override;

 private:
  // A system, and a snapshot or none.
  using Known = std::pair<consent::SystemId, consent::SnapshotId>;
  // Until when, on the monotonic clock.
  using Memory = std::map<Known, absl::Duration>;

  [[nodiscard]] bool Holds(const Memory& memory, const Known& known) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Add(Memory& memory, const Known& known, absl::Duration time) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Each memory forgets everything at once when it is full: 100 bytes each.
  static constexpr std::size_t kCapacity = 10'000;

  const algoregister::Register& registrations_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  mutable Memory known_ ABSL_GUARDED_BY(mutex_);
  // Apart, so that made-up names push out no yes.
  mutable Memory refused_ ABSL_GUARDED_BY(mutex_);
};

// For a process without the register: no system is known, so no training read
// is allowed.
class NoSystemDirectory final : public consent::SystemDirectory {
 public:
  [[nodiscard]] bool Exists(
      const consent::SystemId& /*system*/) const override {
    return false;
  }
  [[nodiscard]] bool MayTrain(
      const consent::SystemId& /*system*/,
      const consent::SnapshotId& /*snapshot*/) const override {
    return false;
  }
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_SYSTEM_DIRECTORY_H_
