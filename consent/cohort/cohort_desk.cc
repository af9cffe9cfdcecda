#include "consent/cohort/cohort_desk.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/detached.h"
#include "common/base/status_macros.h"
#include "common/receipt/cohort_permit.h"
#include "common/receipt/permit.h"
#include "consent/consent_state.h"
#include "consent/sharing/sharing_agreement.h"

namespace limpid::consent {
namespace {

// Most questions that wait for one cohort.
constexpr std::size_t kMaxAsks = 64;

// Whether any version of the agreement has the attribute as a statistic for
// the purpose. Which records do is for Decide.
bool Offers(const std::vector<AgreementPointer>& versions,
            const CohortRequest& request, const Purposes& purposes) {
  return std::any_of(
      versions.begin(), versions.end(), [&](const AgreementPointer& version) {
        const auto at = version->FindLine(request.attribute);
        return at &&
               version->content.lines[*at].form == receipt::Form::kAggregate &&
               CoveringPurpose(request.purpose, version->content.purposes,
                               purposes) != nullptr;
      });
}

bool IsShared(const Consent::State& s, const CohortRequest& request,
              const Service& service, absl::Time now) {
  const std::vector<std::string> attributes = {request.attribute};
  const SharedLines shared =
      ResolveSharing(s.sharing.Between(request.source, service), attributes,
                     request.purpose, s.parts.purposes, now);
  return shared.allowed.front();
}

absl::Status CheckEpoch(const CohortRequest& request, absl::Time now) {
  if (request.epoch == receipt::CohortEpochAt(now)) return absl::OkStatus();
  return absl::FailedPreconditionError("epoch: is not the present one");
}

class AskTask final : public Task {
 public:
  AskTask(Consent::State& s, CohortAsk ask) : s_(s), ask_(std::move(ask)) {}

  [[nodiscard]] bool gives_way() const override { return true; }

  absl::Status Prepare(Persons& /*persons*/, Batch& batch) override {
    LIMPID_ASSIGN_OR_RETURN(service_, CheckCohort(s_, ask_.request, batch));
    return absl::OkStatus();
  }

  void Finish(const absl::Status& status,
              const BatchProofs& /*proofs*/) override {
    if (!status.ok()) {
      Reply(s_, std::move(ask_.callback), base::Detached(status));
    } else if (ask_.request.answered) {
      Reply(s_, std::move(ask_.callback), CohortAnswer());
    } else {
      Queue();
    }
  }

 private:
  void Queue() {
    const CohortKey key = KeyOf(ask_.request);
    CohortPointer cohort = s_.cohorts.Find(key, ask_.request.epoch);
    if (cohort == nullptr) {
      cohort = s_.cohorts.Open(key, ask_.request.epoch, service_->id);
    }
    if (!cohort->refused.ok()) {
      return Reply(s_, std::move(ask_.callback),
                   base::Detached(cohort->refused));
    }
    if (cohort->whole) return CloseCohort(s_, std::move(ask_));
    if (cohort->waiting.size() >= kMaxAsks) {
      return Reply(s_, std::move(ask_.callback),
                   absl::ResourceExhaustedError("too much waits; try later"));
    }
    cohort->waiting.push_back(std::move(ask_));
    if (!std::exchange(cohort->gathering, true)) Gather(s_, cohort);
  }

  Consent::State& s_;
  CohortAsk ask_;
  ServicePointer service_;
};

}  // namespace

bool IsStatistics(std::string_view purpose, const Purposes& purposes) {
  return purposes.IsSameOrNarrower(purpose, kStatisticsPurpose);
}

ReadRequest ReadOf(const CohortKey& key) {
  return {key.purpose, {key.attribute}, std::nullopt};
}

void Reply(const Consent::State& s, CohortCallback callback,
           absl::StatusOr<CohortAnswer> answer) {
  s.options.executor(
      [callback = std::move(callback), answer = std::move(answer)]() mutable {
        callback(std::move(answer));
      });
}

absl::StatusOr<ServicePointer> CheckCohort(const Consent::State& s,
                                           const CohortRequest& request,
                                           const Batch& batch) {
  if (batch.clock_jumped()) {
    return absl::UnavailableError(
        "the clock has jumped; nothing is counted until it is right");
  }
  ServicePointer service = s.catalogue.FindServiceByKey(request.caller_key);
  if (service == nullptr) {
    return absl::PermissionDeniedError(
        "the certificate belongs to no registered service");
  }
  LIMPID_RETURN_IF_ERROR(CheckReadRequest(ReadOf(KeyOf(request))));
  if (!IsStatistics(request.purpose, s.parts.purposes)) {
    return absl::InvalidArgumentError(
        "purpose: is not official statistics nor narrower");
  }
  const auto versions = s.catalogue.VersionsOf(request.agreement);
  if (versions.empty() || versions.front()->service != service->id) {
    return absl::NotFoundError("the service has no such agreement");
  }
  if (!Offers(versions, request, s.parts.purposes) ||
      !service->MayAskFor(request.attribute) ||
      !service->MayPursue(request.purpose, s.parts.purposes) ||
      !IsShared(s, request, *service, batch.time())) {
    return absl::FailedPreconditionError(
        "the agreement, the service's ceiling or the source does not cover "
        "this attribute as a statistic");
  }
  LIMPID_RETURN_IF_ERROR(CheckEpoch(request, batch.time()));
  return service;
}

void AuthoriseCohort(Consent::State& s, CohortRequest request,
                     CohortCallback callback) {
  s.sequencer->Submit(std::make_unique<AskTask>(
      s, CohortAsk{std::move(request), std::move(callback)}));
}

void Consent::AuthoriseCohort(CohortRequest request, CohortCallback callback) {
  consent::AuthoriseCohort(*state_, std::move(request), std::move(callback));
}

void Consent::StopGathering() { state_->gathering_stopped = true; }

}  // namespace limpid::consent
