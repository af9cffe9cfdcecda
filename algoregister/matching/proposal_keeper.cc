#include "algoregister/matching/proposal_keeper.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {

absl::StatusOr<KeptProposals> ProposalKeeper::Newest() {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t logged, store_.LoggedSize());
  // Taken first: what changes meanwhile is computed again.
  const State now{.logged = logged, .erasures = registrations_.erasure_count()};
  const absl::Duration begun = clock_.Monotonic();
  if (auto kept = Begin(now)) return *std::move(kept);
  absl::StatusOr<KeptProposals> answer = Compute();
  const absl::Duration rest =
      answer.ok() ? std::min(kInterval, (clock_.Monotonic() - begun) * kShare)
                  : kInterval;
  {
    const base::MutexLock lock(mutex_);
    computing_ = false;
    kept_ = Kept{.state = now, .until = begun + rest, .answer = answer};
  }
  if (registrations_.erasure_count() != now.erasures) {
    return absl::UnavailableError(
        "a field was erased while proposals were computed; ask again");
  }
  return answer;
}

std::optional<absl::StatusOr<KeptProposals>> ProposalKeeper::Begin(
    const State& now) {
  const base::MutexLock lock(mutex_);
  // Copies of what was erased go at once.
  if (kept_ && kept_->state.erasures != now.erasures) kept_.reset();
  if (kept_) {
    // A fault may have passed though nothing was published.
    const bool same = kept_->answer.ok() && kept_->state.logged == now.logged;
    const bool recent = clock_.Monotonic() < kept_->until;
    if (same || recent || computing_) return kept_->answer;
  } else if (computing_) {
    return absl::UnavailableError(
        "proposals are being computed; ask again in a minute");
  }
  computing_ = true;
  return std::nullopt;
}

absl::StatusOr<KeptProposals> ProposalKeeper::Compute() const {
  KeptProposals out;
  out.time = clock_.Now();
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                          CandidatesOf(store_));
  out.proposals = std::make_shared<const Proposals>(Match(candidates));
  return out;
}

}  // namespace limpid::algoregister
