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

// Remembers a yes for a moment, because it is asked on the sequencer's thread.
// What cannot be read counts as unknown: a read that names it is refused.
// Thread-safe.
class RegisterSystemDirectory final : public consent::SystemDirectory {
 public:
  // A retired system, and a sealed snapshot, are known for this time at most.
  static constexpr absl::Duration kRemember = absl::Seconds(5);

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

  [[nodiscard]] bool Remembered(const Known& known) const;
  void Remember(const Known& known) const;

  // Forgets everything at once when it is full.
  static constexpr std::size_t kCapacity = 10'000;

  const algoregister::Register& registrations_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  // Until when, on the monotonic clock.
  mutable std::map<Known, absl::Duration> known_ ABSL_GUARDED_BY(mutex_);
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
