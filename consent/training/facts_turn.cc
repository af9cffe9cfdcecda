#include "consent/training/facts_turn.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/training/consent_facts.h"
#include "consent/training/facts_counting.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

std::optional<ConsentFacts> FactsOf(const FactsPointer& stored) {
  return stored == nullptr ? std::optional<ConsentFacts>()
                           : std::optional(stored->facts);
}

// In one commit, which says the time: a clock that is not believed, or that
// has gone into another month since, stores nothing.
absl::Status Store(State& s, const ConsentFacts& facts) {
  return s.sequencer
      ->Call<bool>(
          [&](Persons& /*persons*/, Batch& batch) -> absl::StatusOr<bool> {
            if (batch.clock_jumped() ||
                FactsMonth(batch.time()) != facts.month) {
              return absl::UnavailableError(
                  "the clock is not in the month that was counted");
            }
            StoredFacts stored;
            stored.facts = facts;
            stored.entry = receipt::SignConsentFacts(
                {.operator_key = {}, .time = batch.time(), .facts = facts},
                s.keys.evidence);
            batch.Insert(RowOf(s.row_key, stored));
            batch.AfterCommit([&s, stored] { s.facts.Put(stored); });
            return true;
          },
          nullptr, /*alone=*/true)
      .status();
}

absl::Status Turn(State& s, absl::CivilMonth month) {
  LIMPID_ASSIGN_OR_RETURN(const Counting counted, CountPersons(s));
  if (counted.unreadable > 0) {
    s.Alarm(absl::DataLossError(
        "persons with damaged rows were left out of the consent facts"));
  }
  const ConsentFacts facts =
      NextFacts(FactsOf(s.facts.Newest()), month, counted.snapshots);
  if (facts.snapshots.size() > receipt::kMaxFactsSnapshots) {
    return absl::ResourceExhaustedError(
        "more snapshots have consent facts than one entry of the log holds");
  }
  return Store(s, facts);
}

// Facts without a snapshot are kept and not told: they would say that
// something was released for one that has not appeared.
absl::Status Publish(State& s, const StoredFacts& newest) {
  if (s.facts.IsInLog() || newest.facts.snapshots.empty()) {
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(
      s.algorithms.load()->PublishFacts(newest.entry).status());
  s.facts.SetInLog();
  return absl::OkStatus();
}

absl::Status DoDue(State& s) {
  // A clock that went back is in the month where it was last.
  LIMPID_ASSIGN_OR_RETURN(const LedgerHead head, s.parts.store.Head());
  const absl::Time now =
      std::max(s.parts.clock.Now(), absl::FromUnixMillis(head.clock_ms));
  if (IsFactsTurn(FactsOf(s.facts.Newest()), FactsMonth(now))) {
    LIMPID_RETURN_IF_ERROR(Turn(s, FactsMonth(now)));
  }
  return Publish(s, *s.facts.Newest());
}

}  // namespace

absl::Status RunFactsTurn(State& state) {
  const absl::Duration now = state.parts.clock.Monotonic();
  if (state.algorithms == nullptr || !state.facts.MayTry(now)) {
    return absl::OkStatus();
  }
  absl::Status done = DoDue(state);
  if (!done.ok()) state.facts.Rest(now + kFactsRest);
  return done;
}

}  // namespace limpid::consent
