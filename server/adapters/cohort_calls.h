// Questions about cohorts on their way to consent in another process: calls of
// their own beside the stream, because they take minutes and their answers are
// large.

#ifndef LIMPID_SERVER_ADAPTERS_COHORT_CALLS_H_
#define LIMPID_SERVER_ADAPTERS_COHORT_CALLS_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/receipt/batch.h"
#include "common/receipt/cohort_permit.h"
#include "vault/gate/cohort_permit.h"

namespace grpc {
class Channel;
}

namespace limpid::server {

// What consent answered, not a permit yet.
struct CohortParts {
  base::Bytes item;
  receipt::BatchProof proof;
  std::vector<receipt::CohortMember> members;
};

// Absent when the question was `answered`.
using CohortPartsCallback =
    absl::AnyInvocable<void(absl::StatusOr<std::optional<CohortParts>>)>;

// Thread-safe.
class CohortCalls {
 public:
  CohortCalls();
  // Stops.
  ~CohortCalls();
  CohortCalls(const CohortCalls&) = delete;
  CohortCalls& operator=(const CohortCalls&) = delete;

  // Calls `callback` exactly once, on any thread.
  //
  // Errors (in the callback): consent's, and
  //   kUnavailable        no connection, no answer in five minutes, stopped.
  //   kResourceExhausted  too many at once.
  void Ask(const std::shared_ptr<grpc::Channel>& channel,
           const vault::CohortQuestion& question, CohortPartsCallback callback);

  // Cancels what is under way and refuses what comes. When it returns every
  // call is over and holds the channel no more.
  void Stop();

 private:
  struct State;
  class Call;

  // Shared with the calls, which end on threads of gRPC.
  std::shared_ptr<State> state_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_COHORT_CALLS_H_
