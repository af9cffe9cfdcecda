#include "consent/agreement/service_change_desk.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "consent/agreement/service_change.h"
#include "consent/consent.h"
#include "consent/service_key/key_desk.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// The same request gives the same id, so that a retry needs no memory.
ServiceChangeId IdFor(const State& s, const base::ByteArray<16>& request_id) {
  base::ByteWriter out("limpid/service-change-id/1");
  out.Raw(request_id);
  const base::Digest32 hash = crypto::HmacSha256(
      s.code_key.Reveal(base::SecretAccess::Get()), {out.bytes()});
  base::ByteArray<16> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return ServiceChangeId(id);
}

void Store(State& s, const ServiceChange& change, Batch& batch) {
  batch.Replace(RowOf(s.row_key, change));
  batch.AfterCommit([&s, change] { s.service_changes.Put(change); });
}

absl::Status CheckKeysAreFree(const State& s, const Service& service) {
  for (const base::Digest32& key : service.keys) {
    const ServicePointer holder = s.catalogue.FindServiceByKey(key);
    if (holder == nullptr || holder->id == service.id) continue;
    return absl::AlreadyExistsError(
        "spki_thumbprints: one is pinned with another service");
  }
  return absl::OkStatus();
}

void PutInEffect(State& s, Service service, ServiceChange change,
                 const ServiceKeyChain& keys, Batch& batch) {
  StoreKeys(s, keys, batch);
  change.state = ServiceChangeState::kInEffect;
  change.effective = batch.time();
  batch.Replace(consent::RowOf(service));
  batch.Publish(std::move(service));
  Store(s, change, batch);
}

// What the service is to be bound to, when it is `before` now.
ServiceLimits AfterOf(const ProposedChange& wanted,
                      const ServiceLimits& before) {
  ServiceLimits out = wanted.after;
  if (wanted.keep_public_keys) out.public_keys = before.public_keys;
  if (wanted.keep_embargo) out.embargo_days = before.embargo_days;
  return out;
}

bool IsSame(const ServiceChange& known, const ProposedChange& wanted) {
  return known.service == wanted.service &&
         known.after == AfterOf(wanted, known.before);
}

absl::Status CheckAfter(const State& s, const Service& after) {
  LIMPID_RETURN_IF_ERROR(CheckService(after, s.parts.purposes));
  LIMPID_RETURN_IF_ERROR(CheckKeysAreFree(s, after));
  return CheckContinues(s.service_keys.Find(after.id), after);
}

absl::StatusOr<ServiceChangeId> Propose(State& s, const ProposedChange& wanted,
                                        const ServiceChangeId& id,
                                        Batch& batch) {
  if (const auto known = s.service_changes.Find(id)) {
    if (IsSame(*known, wanted)) return id;
    return absl::AlreadyExistsError("request_id: was used for another change");
  }
  const ServicePointer service = s.catalogue.FindService(wanted.service);
  if (service == nullptr) return absl::NotFoundError("no such service");
  ServiceChange change;
  change.id = id;
  change.service = service->id;
  change.before = LimitsOf(*service);
  change.after = AfterOf(wanted, change.before);
  Service after = WithLimits(*service, change.after);
  LIMPID_RETURN_IF_ERROR(CheckAfter(s, after));
  if (change.before == change.after) {
    return absl::InvalidArgumentError("the change changes nothing");
  }
  change.reason = wanted.reason;
  change.proposed_by = wanted.administrator;
  change.proposed = batch.time();
  if (OnlyNarrows(change.before, change.after, s.parts.purposes)) {
    LIMPID_ASSIGN_OR_RETURN(const ServiceKeyChain keys,
                            KeysAfter(s, after, batch.time()));
    PutInEffect(s, std::move(after), std::move(change), keys, batch);
  } else {
    Store(s, change, batch);
  }
  return id;
}

absl::StatusOr<ServiceChangeId> Approve(State& s, const ServiceChangeId& id,
                                        const AdministratorKey& administrator,
                                        Batch& batch) {
  const auto known = s.service_changes.Find(id);
  if (!known) return absl::NotFoundError("no such change");
  const bool repeated = known->state == ServiceChangeState::kApproved &&
                        known->approved_by == administrator;
  if (repeated) return id;
  const ServicePointer service = s.catalogue.FindService(known->service);
  if (service == nullptr) return absl::NotFoundError("no such service");
  LIMPID_ASSIGN_OR_RETURN(
      const ServiceChange approved,
      Approved(*known, LimitsOf(*service), administrator, batch.time()));
  Store(s, approved, batch);
  return id;
}

absl::StatusOr<ServiceChangeId> Cancel(State& s, const ServiceChangeId& id,
                                       const AdministratorKey& administrator,
                                       Batch& batch) {
  const auto known = s.service_changes.Find(id);
  if (!known) return absl::NotFoundError("no such change");
  if (known->state == ServiceChangeState::kCancelled) return id;
  LIMPID_ASSIGN_OR_RETURN(const ServiceChange cancelled,
                          Cancelled(*known, administrator));
  Store(s, cancelled, batch);
  return id;
}

// An approved change whose time has come.
void Apply(State& s, const ServiceChange& change, Batch& batch) {
  const ServicePointer service = s.catalogue.FindService(change.service);
  if (service != nullptr && LimitsOf(*service) == change.before) {
    Service after = WithLimits(*service, change.after);
    const auto keys = KeysAfter(s, after, batch.time());
    if (CheckKeysAreFree(s, after).ok() && keys.ok()) {
      PutInEffect(s, std::move(after), change, *keys, batch);
      return;
    }
  }
  ServiceChange overtaken = change;
  overtaken.state = ServiceChangeState::kOvertaken;
  Store(s, overtaken, batch);
}

// One page of telling the persons whose records are in force.
absl::Status Tell(State& s, ServiceChange change, Persons& persons,
                  Batch& batch) {
  const auto visit = [&](PersonState& person,
                         LiveRecord& record) -> absl::Status {
    const Revision& revision = record.revision;
    if (revision.service != change.service) return absl::OkStatus();
    const AgreementPointer agreement = s.catalogue.FindAgreement(
        revision.agreement, revision.agreement_version);
    if (agreement == nullptr) return absl::DataLossError("no agreement");
    receipt::AccessEntry entry;
    entry.kind = receipt::AccessKind::kServiceChanged;
    entry.actor = receipt::Actor::kStaff;
    entry.service = revision.service.bytes();
    entry.record = revision.record.bytes();
    entry.revision = revision.number;
    entry.basis = agreement->content.basis;
    entry.purpose = agreement->content.purposes.front();
    batch.Append(person, std::move(entry));
    return absl::OkStatus();
  };
  LIMPID_RETURN_IF_ERROR(
      SweepPage(s.parts.store, persons, change.telling, visit));
  // Granted and paused ones were told; a third round would tell twice.
  if (change.telling.phase == 2) change.telling.done = true;
  Store(s, change, batch);
  return absl::OkStatus();
}

bool IsDue(const ServiceChange& change, absl::Time now) {
  return change.state == ServiceChangeState::kApproved &&
         now >= change.effective;
}

bool HasTelling(const ServiceChange& change) {
  return !change.telling.done &&
         (change.state == ServiceChangeState::kApproved ||
          change.state == ServiceChangeState::kInEffect);
}

// One step of one change; false when there is nothing to do.
absl::StatusOr<bool> Step(State& s, const ServiceChangeId& id, Persons& persons,
                          Batch& batch) {
  if (batch.clock_jumped()) {
    return absl::UnavailableError("the clock has jumped");
  }
  const auto change = s.service_changes.Find(id);
  if (!change) return false;
  if (IsDue(*change, batch.time())) {
    Apply(s, *change, batch);
    return true;
  }
  if (!HasTelling(*change)) return false;
  LIMPID_RETURN_IF_ERROR(Tell(s, *change, persons, batch));
  return true;
}

absl::StatusOr<ServiceChange> Run(
    State& s,
    std::function<absl::StatusOr<ServiceChangeId>(Persons&, Batch&)> task) {
  LIMPID_ASSIGN_OR_RETURN(
      const ServiceChangeId id,
      s.sequencer->Call<ServiceChangeId>(std::move(task), nullptr,
                                         /*alone=*/true));
  auto change = s.service_changes.Find(id);
  if (!change) return absl::InternalError("a change is missing");
  return *std::move(change);
}

}  // namespace

absl::StatusOr<bool> StepServiceChange(State& s, const ServiceChangeId& id) {
  const auto change = s.service_changes.Find(id);
  if (!change) return false;
  if (!IsDue(*change, s.parts.clock.Now()) && !HasTelling(*change)) {
    return false;
  }
  return s.sequencer->Call<bool>(
      [&](Persons& persons, Batch& batch) {
        return Step(s, id, persons, batch);
      },
      nullptr, /*alone=*/true);
}

absl::StatusOr<ServiceChange> Consent::ProposeServiceChange(
    const base::ByteArray<16>& request_id, const ProposedChange& wanted) {
  if (wanted.reason.empty() || wanted.reason.size() > kMaxChangeReasonBytes ||
      !base::IsUtf8(wanted.reason)) {
    return absl::InvalidArgumentError(
        "reason: is empty, too long or not UTF-8");
  }
  State& s = *state_;
  const ServiceChangeId id = IdFor(s, request_id);
  return Run(s, [&](Persons& /*persons*/, Batch& batch) {
    return Propose(s, wanted, id, batch);
  });
}

absl::StatusOr<ServiceChange> Consent::ApproveServiceChange(
    const AdministratorKey& administrator, const ServiceChangeId& change) {
  State& s = *state_;
  return Run(s, [&](Persons& /*persons*/, Batch& batch) {
    return Approve(s, change, administrator, batch);
  });
}

absl::StatusOr<ServiceChange> Consent::CancelServiceChange(
    const AdministratorKey& administrator, const ServiceChangeId& change) {
  State& s = *state_;
  return Run(s, [&](Persons& /*persons*/, Batch& batch) {
    return Cancel(s, change, administrator, batch);
  });
}

std::vector<ServiceChange> Consent::ListServiceChanges() const {
  return state_->service_changes.All();
}

}  // namespace limpid::consent
