#include "consent/campaign/sweeping.h"

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "consent/agreement/service_change_desk.h"
#include "consent/campaign/campaign_desk.h"
#include "consent/consent_state.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// What one step of each has come to.
struct Lap {
  bool moved = false;
  absl::Status failed;

  void Note(const absl::StatusOr<bool>& stepped) {
    moved = moved || (stepped.ok() && *stepped);
    failed.Update(stepped.status());
  }
};

using Stop = absl::FunctionRef<bool()>;

void StepCampaigns(State& s, Stop stopping, Lap& lap) {
  for (const Campaign& one : s.campaigns.All()) {
    if (stopping()) return;
    lap.Note(StepCampaign(s, one.agreement, one.version));
  }
}

void StepServiceChanges(State& s, Stop stopping, Lap& lap) {
  for (const ServiceChange& one : s.service_changes.All()) {
    if (stopping()) return;
    lap.Note(StepServiceChange(s, one.id));
  }
}

// Until none is further than before; then what still fails.
absl::Status RunAll(State& s,
                    absl::FunctionRef<void(State&, Stop, Lap&)> step) {
  for (;;) {
    Lap lap;
    step(
        s, [] { return false; }, lap);
    if (!lap.moved) return lap.failed;
  }
}

}  // namespace

bool Sweeper::RunLap() {
  Lap lap;
  StepCampaigns(s_, stopping_, lap);
  StepServiceChanges(s_, stopping_, lap);
  if (!lap.failed.ok() && lap.failed != failed_) {
    // Whatever made it fail: others, as that a store is away, would be let out
    // to callers, and are no alarm by themselves.
    s_.Alarm(absl::InternalError(
        absl::StrCat("a re-consent campaign or a change of a service stands "
                     "still: ",
                     lap.failed.message())));
  }
  failed_ = lap.failed;
  return lap.moved && !stopping_();
}

absl::Status Consent::RunCampaigns() { return RunAll(*state_, StepCampaigns); }

absl::Status Consent::RunServiceChanges() {
  return RunAll(*state_, StepServiceChanges);
}

}  // namespace limpid::consent
