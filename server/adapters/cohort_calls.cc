#include "server/adapters/cohort_calls.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "limpid/consent/v1/decision_service.grpc.pb.h"

namespace limpid::server {
namespace {

namespace v1 = limpid::consent::v1;

constexpr std::size_t kMaxCalls = 32;
constexpr std::chrono::minutes kPatience{5};

absl::Status Unreachable() {
  return absl::UnavailableError(
      "consent cannot be reached, or could not store it; nothing is counted");
}

v1::AuthorizeCohortRequest ToProto(const vault::CohortQuestion& question) {
  v1::AuthorizeCohortRequest out;
  out.set_service_spki_thumbprint(base::ToText(question.caller_thumbprint));
  out.set_agreement_id(question.fields.agreement);
  out.set_purpose(question.fields.purpose);
  out.set_attribute(question.fields.attribute);
  out.set_epoch(question.fields.epoch);
  out.set_source_nonce(base::ToText(question.vault_nonce));
  out.set_request_hash(base::ToText(question.request_hash));
  out.set_answered(question.answered);
  return out;
}

absl::StatusOr<std::optional<CohortParts>> FromProto(
    const v1::AuthorizeCohortResponse& response) {
  if (response.permit().empty()) return std::optional<CohortParts>();
  CohortParts out;
  out.item = base::ToBytes(base::AsBytes(response.permit()));
  LIMPID_ASSIGN_OR_RETURN(
      out.proof,
      receipt::BatchProof::Decode(base::AsBytes(response.batch_proof())));
  const base::ByteView members = base::AsBytes(response.members());
  if (members.size() % base::kIdBytes != 0 ||
      members.size() > receipt::kMaxCohort * base::kIdBytes) {
    return absl::DataLossError("a cohort is damaged");
  }
  for (std::size_t at = 0; at < members.size(); at += base::kIdBytes) {
    receipt::CohortMember& member = out.members.emplace_back();
    std::copy_n(members.begin() + static_cast<std::ptrdiff_t>(at),
                base::kIdBytes, member.begin());
  }
  return std::optional(std::move(out));
}

// Of a call that failed.
absl::Status FromGrpc(const grpc::Status& status) {
  // What gRPC says of a broken connection has addresses in it.
  if (status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
      status.error_code() == grpc::StatusCode::CANCELLED ||
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return Unreachable();
  }
  // The codes agree by number.
  return {static_cast<absl::StatusCode>(status.error_code()),
          status.error_message()};
}

}  // namespace

struct CohortCalls::State {
  base::Mutex mutex;
  base::ConditionVariable changed;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  // Contexts of the calls under way, to cancel them by.
  std::set<grpc::ClientContext*> calls ABSL_GUARDED_BY(mutex);
  // Under way, or with their answer still being given.
  std::size_t count ABSL_GUARDED_BY(mutex) = 0;
};

// One call; deletes itself when gRPC has done with it.
class CohortCalls::Call {
 public:
  Call(std::shared_ptr<State> state,
       const std::shared_ptr<grpc::Channel>& channel,
       const vault::CohortQuestion& question, CohortPartsCallback callback)
      : state_(std::move(state)),
        stub_(v1::DecisionService::NewStub(channel)),
        request_(ToProto(question)),
        callback_(std::move(callback)) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  }

  grpc::ClientContext& context() { return context_; }

  void Begin() {
    stub_->async()->AuthorizeCohort(
        &context_, &request_, &response_,
        [this](const grpc::Status& status) { Done(status); });
  }

 private:
  void Done(const grpc::Status& status) {
    const std::shared_ptr<State> state = std::move(state_);
    CohortPartsCallback callback = std::move(callback_);
    absl::StatusOr<std::optional<CohortParts>> answer = FromGrpc(status);
    if (status.ok()) answer = FromProto(response_);
    {
      const base::MutexLock lock(state->mutex);
      state->calls.erase(&context_);
    }
    // Gone before Stop is told: its caller lets go of the channel then, and a
    // thread of gRPC must not be the last to do so.
    delete this;
    callback(std::move(answer));
    const base::MutexLock lock(state->mutex);
    --state->count;
    state->changed.NotifyAll();
  }

  std::shared_ptr<State> state_;
  std::unique_ptr<v1::DecisionService::Stub> stub_;
  grpc::ClientContext context_;
  v1::AuthorizeCohortRequest request_;
  v1::AuthorizeCohortResponse response_;
  CohortPartsCallback callback_;
};

CohortCalls::CohortCalls() : state_(std::make_shared<State>()) {}

CohortCalls::~CohortCalls() { Stop(); }

void CohortCalls::Ask(const std::shared_ptr<grpc::Channel>& channel,
                      const vault::CohortQuestion& question,
                      CohortPartsCallback callback) {
  absl::Status refused;
  {
    const base::MutexLock lock(state_->mutex);
    if (state_->stopping) {
      refused = Unreachable();
    } else if (state_->count >= kMaxCalls) {
      refused = absl::ResourceExhaustedError("too many statistics at once");
    } else {
      ++state_->count;
    }
  }
  if (!refused.ok()) return callback(refused);
  auto* const call = new Call(state_, channel, question, std::move(callback));
  {
    const base::MutexLock lock(state_->mutex);
    state_->calls.insert(&call->context());
    // Cancelled before it began, it ends as soon as it begins.
    if (state_->stopping) call->context().TryCancel();
  }
  call->Begin();
}

void CohortCalls::Stop() {
  const base::MutexLock lock(state_->mutex);
  state_->stopping = true;
  for (grpc::ClientContext* const call : state_->calls) call->TryCancel();
  while (state_->count > 0) state_->changed.Wait(state_->mutex);
}

}  // namespace limpid::server
