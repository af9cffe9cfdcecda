// The one time of a batch: never before any time that was used and stored, and
// not believed at all after a jump, or while the clock itself is in doubt
// (common/base/guarded_clock.h). consent.md section 2

#ifndef LIMPID_CONSENT_LEDGER_CLOCK_RULE_H_
#define LIMPID_CONSENT_LEDGER_CLOCK_RULE_H_

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace limpid::consent {

// Thread-compatible.
class ClockRule {
 public:
  struct Reading {
    // Whole milliseconds.
    absl::Time time;
    // Nothing may be released; what ends a permission still works.
    bool jumped = false;
  };

  // `clock` must outlive it. `high_water` is the newest time that was stored.
  ClockRule(const base::Clock& clock, absl::Time high_water);

  Reading Read();

 private:
  const base::Clock& clock_;
  absl::Time high_water_;
  absl::Time wall_;
  absl::Duration monotonic_;
  // The clock was in doubt at the last look.
  bool doubted_ = false;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_CLOCK_RULE_H_
