#include "server/adapters/consent_gate.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/permit.h"
#include "consent/cohort/cohort.h"
#include "consent/consent.h"
#include "consent/decision/decide.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "consent/ledger/permits.h"
#include "vault/gate/consent_gate.h"
#include "vault/gate/release_permit.h"

namespace limpid::server {
namespace {

// How often Stop looks whether the last answer was given.
constexpr absl::Duration kLookInterval = absl::Milliseconds(1);

absl::Status Stopping() {
  return absl::UnavailableError("the server is stopping");
}

// Consent's side of a permit as the vault holds it.
class Hold final : public vault::PermitHold {
 public:
  explicit Hold(std::unique_ptr<consent::OpenPermit> permit)
      : permit_(std::move(permit)) {}

  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    return permit_->HandOverIfLive(hand_over);
  }
  // The same numbers on both sides.
  void Close(vault::Closing closing) override {
    permit_->CloseWith(static_cast<receipt::AccessOutcome>(closing));
  }

 private:
  std::unique_ptr<consent::OpenPermit> permit_;
};

absl::StatusOr<std::optional<consent::TrainingUse>> TrainingOf(
    const receipt::ReleaseRequestFields& fields) {
  if (fields.system.empty() && fields.snapshot.empty()) return std::nullopt;
  const auto system = consent::SystemId::Parse(fields.system);
  const auto snapshot = consent::SnapshotId::Parse(fields.snapshot);
  if (!system.ok() || !snapshot.ok()) {
    return absl::InvalidArgumentError(
        "training: names a system (sys_...) and a snapshot (snp_...)");
  }
  return consent::TrainingUse{*system, *snapshot};
}

absl::StatusOr<consent::AuthoriseRequest> Translate(
    const vault::ReleaseRequest& request, const consent::SourceId& source) {
  auto training = TrainingOf(request.fields);
  if (!training.ok()) return training.status();
  consent::AuthoriseRequest out;
  out.caller_key = request.caller_thumbprint;
  out.source = source;
  // What is no id of a record is decided like a record that does not exist.
  out.record = consent::RecordId::Parse(request.fields.record)
                   .value_or(consent::RecordId());
  out.read = {request.fields.purpose, request.fields.attributes,
              *std::move(training)};
  out.nonce = request.vault_nonce;
  out.request_hash = request.request_hash;
  return out;
}

}  // namespace

absl::StatusOr<vault::Decision> LocalConsentGate::Decided(
    absl::StatusOr<consent::Authorisation> answer) {
  if (!answer.ok()) return answer.status();
  vault::Decision decision;
  decision.access_id = answer->access.Text();
  decision.access_promise = std::move(answer->promise);
  for (consent::Outcome& outcome : answer->outcomes) {
    if (outcome.reason == receipt::Reason::kReleased) continue;
    decision.refused.push_back({std::move(outcome.attribute), outcome.reason});
  }
  if (answer->release.has_value()) {
    consent::Release& release = *answer->release;
    decision.permit.emplace(
        MakePermit({std::move(release.item), std::move(release.proof)},
                   std::make_unique<Hold>(std::move(release.hold))));
  }
  return decision;
}

absl::StatusOr<vault::Cohort> LocalConsentGate::Named(
    absl::StatusOr<consent::CohortAnswer> answer) {
  if (!answer.ok()) return answer.status();
  vault::Cohort out;
  if (answer->release) {
    out.permit.emplace(MakeCohort(std::move(answer->release->item),
                                  std::move(answer->release->proof),
                                  std::move(answer->release->members)));
  }
  return out;
}

bool LocalConsentGate::Begin() {
  ++under_way_;
  if (!closed_) return true;
  End();
  return false;
}

void LocalConsentGate::Stop() {
  // A cohort of many pages would hold up the stop for minutes.
  consent_.StopGathering();
  closed_ = true;
  while (under_way_ > 0) absl::SleepFor(kLookInterval);
}

void LocalConsentGate::Authorize(vault::ReleaseRequest request,
                                 vault::DecisionCallback callback) {
  absl::StatusOr<consent::AuthoriseRequest> question =
      Translate(request, source_);
  if (!question.ok()) {
    callback(question.status());
    return;
  }
  if (!Begin()) {
    callback(Stopping());
    return;
  }
  consent_.Authorise(
      *std::move(question),
      [this, callback = std::move(callback)](
          absl::StatusOr<consent::Authorisation> answer) mutable {
        callback(Decided(std::move(answer)));
        End();
      });
}

void LocalConsentGate::AuthorizeCohort(vault::CohortQuestion question,
                                       vault::CohortCallback callback) {
  consent::CohortRequest asked;
  asked.caller_key = question.caller_thumbprint;
  asked.source = source_;
  // What is no id of an agreement is answered like one that does not exist.
  asked.agreement = consent::AgreementId::Parse(question.fields.agreement)
                        .value_or(consent::AgreementId());
  asked.purpose = std::move(question.fields.purpose);
  asked.attribute = std::move(question.fields.attribute);
  asked.epoch = question.fields.epoch;
  asked.nonce = question.vault_nonce;
  asked.request_hash = question.request_hash;
  asked.answered = question.answered;
  if (!Begin()) {
    callback(Stopping());
    return;
  }
  consent_.AuthoriseCohort(
      std::move(asked),
      [this, callback = std::move(callback)](
          absl::StatusOr<consent::CohortAnswer> answer) mutable {
        callback(Named(std::move(answer)));
        End();
      });
}

}  // namespace limpid::server
