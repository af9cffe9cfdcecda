// What campaigns and changes of services have to do among all persons, done in
// turn: one page of each, so that a long one keeps no other waiting.

#ifndef LIMPID_CONSENT_CAMPAIGN_SWEEPING_H_
#define LIMPID_CONSENT_CAMPAIGN_SWEEPING_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "consent/consent.h"

namespace limpid::consent {

// For one thread.
class Sweeper {
 public:
  // `s` must outlive it. `stopping` says when the role stops; it is asked
  // before each step.
  Sweeper(Consent::State& s, std::function<bool()> stopping)
      : s_(s), stopping_(std::move(stopping)) {}

  // One step of each that has something to do; false when none is further than
  // before, or the role stops. One that fails stops no other.
  // ConsentOptions::alarm is told what failed first, once while that stays the
  // same.
  bool RunLap();

 private:
  Consent::State& s_;
  std::function<bool()> stopping_;
  // What failed in the lap before.
  absl::Status failed_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_CAMPAIGN_SWEEPING_H_
