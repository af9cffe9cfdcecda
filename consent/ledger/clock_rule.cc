#include "consent/ledger/clock_rule.h"

#include <algorithm>

namespace limpid::consent {
namespace {

absl::Time WholeMillis(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

}  // namespace

ClockRule::ClockRule(const base::Clock& clock, absl::Time high_water)
    : clock_(clock),
      high_water_(high_water),
      // A clock that starts behind the mark by more than the limit has jumped
      // back while nobody looked.
      wall_(std::max(clock.Now(), high_water)),
      monotonic_(clock.Monotonic()) {}

ClockRule::Reading ClockRule::Read() {
  // Before Now: a time read after it was believed is a believed one.
  const bool believed = clock_.Believed();
  const absl::Time now = clock_.Now();
  const absl::Duration monotonic = clock_.Monotonic();
  if (believed && doubted_) {
    // As at a start: what the doubted clock reckoned was too early by as long
    // as the server had been down.
    wall_ = std::max(now, high_water_);
    monotonic_ = monotonic;
  }
  doubted_ = !believed;
  const absl::Time expected = wall_ + (monotonic - monotonic_);
  const absl::Duration jump = now > expected ? now - expected : expected - now;
  Reading out;
  out.jumped = !believed || jump > base::kMaxClockJump;
  if (!out.jumped) {
    // Small corrections are followed, so that they never add up to a jump.
    wall_ = now;
    monotonic_ = monotonic;
  }
  high_water_ = std::max(high_water_, out.jumped ? expected : now);
  out.time = WholeMillis(high_water_);
  high_water_ = out.time;
  return out;
}

}  // namespace limpid::consent
