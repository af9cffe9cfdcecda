#include "server/adapters/consent_gate.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/permit.h"
#include "consent/consent.h"
#include "consent/decision/decide.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "consent/ledger/permits.h"
#include "vault/gate/consent_gate.h"
#include "vault/gate/release_permit.h"

namespace limpid::server {
namespace {

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

void LocalConsentGate::Authorize(vault::ReleaseRequest request,
                                 vault::DecisionCallback callback) {
  absl::StatusOr<consent::AuthoriseRequest> question =
      Translate(request, source_);
  if (!question.ok()) {
    callback(question.status());
    return;
  }
  consent_.Authorise(
      *std::move(question),
      [callback = std::move(callback)](
          absl::StatusOr<consent::Authorisation> answer) mutable {
        if (!answer.ok()) {
          callback(answer.status());
          return;
        }
        vault::Decision decision;
        decision.access_id = answer->access.Text();
        decision.access_promise = std::move(answer->promise);
        for (consent::Outcome& outcome : answer->outcomes) {
          if (outcome.reason == receipt::Reason::kReleased) continue;
          decision.refused.push_back(
              {std::move(outcome.attribute), outcome.reason});
        }
        if (answer->release.has_value()) {
          consent::Release& release = *answer->release;
          decision.permit.emplace(
              MakePermit({std::move(release.item), std::move(release.proof)},
                         std::make_unique<Hold>(std::move(release.hold))));
        }
        callback(std::move(decision));
      });
}

}  // namespace limpid::server
