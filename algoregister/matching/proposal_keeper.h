// The proposals of the register as they were computed last. Comparing every
// deployment is dear and anybody may ask: one caller at a time computes, for a
// hundredth of the time at most, and no other waits for it.

#ifndef LIMPID_ALGOREGISTER_MATCHING_PROPOSAL_KEEPER_H_
#define LIMPID_ALGOREGISTER_MATCHING_PROPOSAL_KEEPER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/matching/proposals.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Proposals, and since when they may have changed.
struct KeptProposals {
  std::shared_ptr<const Proposals> proposals;
  // When their computation began: all that was published before is in it.
  absl::Time time;
};

// Thread-safe.
class ProposalKeeper {
 public:
  // From the start of a computation to that of the next: so many times what it
  // took, at most kInterval, so that small registers hardly wait. One after an
  // erasure, which only administrators make, does not wait.
  static constexpr int kShare = 100;
  static constexpr absl::Duration kInterval = absl::Minutes(1);

  // All must outlive the keeper.
  ProposalKeeper(const RegistrationStore& store, const Register& registrations,
                 const base::Clock& clock)
      : store_(store), registrations_(registrations), clock_(clock) {}
  ProposalKeeper(const ProposalKeeper&) = delete;
  ProposalKeeper& operator=(const ProposalKeeper&) = delete;
  ~ProposalKeeper() = default;

  // Computes them, or answers what was computed last: while nothing changed,
  // for the time above, and while another caller computes. Nothing that was
  // erased before the call is in the answer.
  //
  // Errors:
  //   kUnavailable        another caller computes them for the first time or
  //                       after an erasure; or something was erased meanwhile.
  //   kResourceExhausted  as CandidatesOf; kept for kInterval.
  //   others              the store's; kept for kInterval.
  absl::StatusOr<KeptProposals> Newest();

 private:
  // What an answer was computed from.
  struct State {
    std::uint64_t logged = 0;
    std::uint64_t erasures = 0;
  };
  struct Kept {
    State state;
    // Monotonic: until then it is the answer even where something changed.
    absl::Duration until;
    absl::StatusOr<KeptProposals> answer;
  };

  // What is kept, if it may be the answer in the state `now`; else nothing, and
  // then the caller has to compute.
  std::optional<absl::StatusOr<KeptProposals>> Begin(const State& now);
  [[nodiscard]] absl::StatusOr<KeptProposals> Compute() const;

  const RegistrationStore& store_;
  const Register& registrations_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::optional<Kept> kept_ ABSL_GUARDED_BY(mutex_);
  bool computing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MATCHING_PROPOSAL_KEEPER_H_
