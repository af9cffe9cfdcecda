// Makes the permit of a cohort, alone in its commit: every fence of an earlier
// commit has reached the book then, and no later one has.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/detached.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/cohort_permit.h"
#include "consent/cohort/cohort_desk.h"
#include "consent/cohort/cohort_rows.h"
#include "consent/consent_state.h"
#include "consent/ledger/deciding.h"

namespace limpid::consent {
namespace {

class ClosingTask final : public Task {
 public:
  ClosingTask(Consent::State& s, CohortAsk ask)
      : s_(s), ask_(std::move(ask)), key_(KeyOf(ask_.request)) {}

  // Fences are raised after a batch, so that a withdrawal of the same batch
  // could be decided before this and not be seen here.
  [[nodiscard]] bool alone() const override { return true; }

  absl::Status Prepare(Persons& /*persons*/, Batch& batch) override {
    LIMPID_ASSIGN_OR_RETURN(service_, CheckCohort(s_, ask_.request, batch));
    cohort_ = s_.cohorts.Find(key_, ask_.request.epoch);
    if (cohort_ == nullptr || !cohort_->whole) {
      return absl::UnavailableError("the cohort is not gathered; ask again");
    }
    if (cohort_->permit_count >= kMaxCohortPermits) {
      return absl::ResourceExhaustedError(
          "too many questions about this cohort today");
    }
    LIMPID_RETURN_IF_ERROR(Lease(batch.time()));
    TakeMembers();
    AddPermit(batch);
    return absl::OkStatus();
  }

  void Finish(const absl::Status& status, const BatchProofs& proofs) override {
    if (!status.ok()) {
      return Reply(s_, std::move(ask_.callback), base::Detached(status));
    }
    ++cohort_->permit_count;
    release_.proof = proofs.permits.at(permit_index_);
    Reply(s_, std::move(ask_.callback), CohortAnswer{std::move(release_)});
  }

 private:
  // Until when the permit may stand. What changed for everybody of a version
  // since the gathering, such as a sharing agreement or a ceiling, is decided
  // again on its sample, and takes the whole version out.
  absl::Status Lease(absl::Time now) {
    not_after_ = now + receipt::kMaxCohortLease;
    for (auto at = cohort_->samples.begin(); at != cohort_->samples.end();) {
      const std::uint32_t version = at->first;
      const VersionSample& sample = at->second;
      const AgreementPointer agreement =
          s_.catalogue.FindAgreement(key_.agreement, version);
      const Ruling ruling = RuleOn(
          *s_.authorise, key_.source, *service_,
          {&sample.person, &sample.record, agreement.get(), service_.get()},
          ReadOf(key_), now);
      if (ruling.lines.front().reason == receipt::Reason::kReleased) {
        not_after_ = std::min(not_after_, ruling.not_after);
        ++at;
        continue;
      }
      std::erase_if(cohort_->contributors, [&](const auto& one) {
        return one.second.version == version;
      });
      at = cohort_->samples.erase(at);
    }
    lease_ = absl::Floor(not_after_ - now, absl::Milliseconds(1));
    if (lease_ > absl::ZeroDuration()) return absl::OkStatus();
    return absl::UnavailableError("what the cohort stands on ends now");
  }

  // None whose record ends while the permit stands.
  void TakeMembers() {
    std::erase_if(cohort_->contributors, [&](const auto& one) {
      return one.second.until < not_after_;
    });
    release_.members.reserve(cohort_->contributors.size());
    for (const auto& [record, one] : cohort_->contributors) {
      release_.members.push_back(one.holder.bytes());
    }
    std::sort(release_.members.begin(), release_.members.end());
  }

  void AddPermit(Batch& batch) {
    receipt::CohortPermit permit;
    permit.cohort = crypto::RandomArray<16>();
    permit.source = key_.source.bytes();
    permit.service_key = ask_.request.caller_key;
    permit.agreement = key_.agreement.bytes();
    permit.purpose = key_.purpose;
    permit.attribute = key_.attribute;
    permit.request_hash = ask_.request.request_hash;
    permit.nonce = ask_.request.nonce;
    permit.epoch = cohort_->epoch;
    permit.writer = batch.epoch();
    permit.lease = lease_;
    permit.not_after = not_after_;
    permit.member_count = static_cast<std::uint32_t>(release_.members.size());
    permit.members = receipt::DigestOfMembers(release_.members);
    release_.item = permit.Encode();
    permit_index_ = batch.AddPermit(release_.item);
    // The row makes the commit one that only the leading process can do.
    batch.Replace(RowOf(s_.blinder, s_.row_key, key_, batch.time(),
                        {cohort_->epoch, cohort_->permit_count + 1}));
  }

  Consent::State& s_;
  CohortAsk ask_;
  const CohortKey key_;
  ServicePointer service_;
  CohortPointer cohort_;
  absl::Time not_after_;
  absl::Duration lease_;
  CohortRelease release_;
  std::size_t permit_index_ = 0;
};

}  // namespace

void CloseCohort(Consent::State& s, CohortAsk ask) {
  s.sequencer->Submit(std::make_unique<ClosingTask>(s, std::move(ask)));
}

}  // namespace limpid::consent
