#include "consent/training/facts_turn.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>

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

// No attempt of this month changes it: it stays, and reading every person for
// it again helps nobody.
absl::Status TooMany(State& s, absl::Time now) {
  const absl::Time next =
      absl::FromCivil(FactsMonth(now) + 1, absl::UTCTimeZone());
  s.facts.RestTurns(s.parts.clock.Monotonic() + (next - now));
  return absl::FailedPreconditionError(
      "more snapshots have consent facts than one entry of the log holds: no "
      "further month is published");
}

// What the facts will have at least, without anybody being counted.
std::size_t Appearing(const State& s,
                      const std::optional<ConsentFacts>& published) {
  std::set<SnapshotId> out;
  if (published) {
    for (const SnapshotFacts& one : published->snapshots) {
      out.insert(SnapshotId(one.snapshot));
    }
  }
  for (const TrainingSnapshotPointer& one : s.training.All()) {
    if (!one->dataset.none() && one->stage == SnapshotStage::kPublished) {
      out.insert(one->id);
    }
  }
  return out.size();
}

absl::Status Turn(State& s, absl::Time now) {
  const std::optional<ConsentFacts> published = FactsOf(s.facts.Newest());
  if (Appearing(s, published) > receipt::kMaxFactsSnapshots) {
    return TooMany(s, now);
  }
  LIMPID_ASSIGN_OR_RETURN(const Counting counted, CountPersons(s));
  const ConsentFacts facts =
      NextFacts(published, FactsMonth(now), counted.snapshots);
  if (facts.snapshots.size() > receipt::kMaxFactsSnapshots) {
    return TooMany(s, now);
  }
  LIMPID_RETURN_IF_ERROR(Store(s, facts));
  // Now that it is so, and once.
  if (counted.unreadable > 0) {
    s.Alarm(absl::DataLossError(
        "persons with damaged rows were left out of the consent facts"));
  }
  return absl::OkStatus();
}

// Facts without a snapshot are kept and not told: they would say that
// something was released for one that has not appeared.
absl::Status PublishMonth(const State& s, const PublicRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const StoredFacts stored, OpenFacts(s.row_key, row));
  if (stored.facts.snapshots.empty()) return absl::OkStatus();
  return s.algorithms.load()->PublishFacts(stored.entry).status();
}

// Every stored month, the earliest first: the log takes none before one that
// it has, and the same again is no second one. One that does not open, or that
// it refuses for good, keeps no later one back.
absl::Status Publish(State& s) {
  if (s.facts.IsInLog() || s.facts.Newest() == nullptr) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          s.parts.store.ListPublic(PublicKind::kConsentFacts));
  absl::Status out;
  for (const PublicRow& row : rows) {
    const absl::Status told = PublishMonth(s, row);
    if (!told.ok() && !absl::IsAlreadyExists(told) && !absl::IsDataLoss(told)) {
      return told;
    }
    out.Update(told);
  }
  s.facts.SetInLog();
  return out;
}

absl::Status DoDue(State& s) {
  // A clock that went back is in the month where it was last.
  LIMPID_ASSIGN_OR_RETURN(const LedgerHead head, s.parts.store.Head());
  const absl::Time now =
      std::max(s.parts.clock.Now(), absl::FromUnixMillis(head.clock_ms));
  // Before a turn, which may fail, and after it.
  absl::Status told = Publish(s);
  if (!IsFactsTurn(FactsOf(s.facts.Newest()), FactsMonth(now)) ||
      !s.facts.MayTurn(s.parts.clock.Monotonic())) {
    return told;
  }
  absl::Status turned = Turn(s, now);
  // A register that is away is asked again; a turn may rest for the month, and
  // its own trouble must be seen.
  if (turned.ok()) told.Update(Publish(s));
  turned.Update(told);
  return turned;
}

}  // namespace

absl::Status RunFactsTurn(State& state) {
  const absl::Duration now = state.parts.clock.Monotonic();
  if (state.algorithms == nullptr || !state.facts.MayTry(now)) {
    return absl::OkStatus();
  }
  absl::Status done = DoDue(state);
  if (done.ok()) {
    state.facts.SetWell();
  } else {
    state.facts.Rest(now + kFactsRest);
  }
  return done;
}

}  // namespace limpid::consent
