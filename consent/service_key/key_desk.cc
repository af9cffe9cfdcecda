#include "consent/service_key/key_desk.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// Alone: another task of the batch could be changing the same rows.
absl::Status Run(State& s, std::function<absl::Status(Batch&)> task) {
  return s.sequencer
      ->Call<bool>(
          [&](Persons& /*persons*/, Batch& batch) -> absl::StatusOr<bool> {
            LIMPID_RETURN_IF_ERROR(task(batch));
            return true;
          },
          nullptr, /*alone=*/true)
      .status();
}

absl::Status PutLogged(State& s, const ServiceId& service, std::uint32_t count,
                       Batch& batch) {
  ServiceKeyChain chain = s.service_keys.Find(service);
  // The chain was replaced meanwhile.
  if (count <= chain.logged_count || count > chain.entries.size()) {
    return absl::OkStatus();
  }
  chain.logged_count = count;
  StoreKeys(s, chain, batch);
  return absl::OkStatus();
}

bool BeginsWith(const std::vector<base::Bytes>& whole,
                const std::vector<base::Bytes>& beginning) {
  return beginning.size() <= whole.size() &&
         std::equal(beginning.begin(), beginning.end(), whole.begin());
}

// The register has a beginning of what is here.
absl::Status PutShorter(State& s, ServiceKeyChain ours, std::size_t count,
                        Batch& batch) {
  if (count == ours.logged_count) {
    return absl::FailedPreconditionError(
        "the register refuses an entry of a service's key");
  }
  ours.logged_count = static_cast<std::uint32_t>(count);
  StoreKeys(s, ours, batch);
  return absl::OkStatus();
}

// This store is an older copy, or another one signed for the service: what the
// public log has is what everybody has seen, so it goes on from there. Keys
// that it says were removed do not come back with the copy.
absl::Status PutTheirs(State& s, const ServiceId& id,
                       const std::vector<base::Bytes>& theirs, Batch& batch) {
  const ServicePointer service = s.catalogue.FindService(id);
  if (service == nullptr) return absl::NotFoundError("no such service");
  ServiceKeyChain ours = s.service_keys.Find(id);
  if (BeginsWith(ours.entries, theirs)) {
    return PutShorter(s, std::move(ours), theirs.size(), batch);
  }
  ServiceKeyChain next;
  next.service = id;
  next.entries = theirs;
  next.logged_count = static_cast<std::uint32_t>(theirs.size());
  LIMPID_RETURN_IF_ERROR(Follow(s.keys.evidence.PublicKey(), next));
  Service kept = WithoutRetired(*service, next);
  LIMPID_RETURN_IF_ERROR(CheckContinues(next, kept));
  LIMPID_ASSIGN_OR_RETURN(
      next, Continued(std::move(next), kept, batch.time(), s.keys.evidence));
  StoreKeys(s, next, batch);
  if (kept == *service) return absl::OkStatus();
  batch.Replace(consent::RowOf(kept));
  batch.Publish(std::move(kept));
  return absl::OkStatus();
}

absl::Status SignFirst(State& s, const ServiceId& id, Batch& batch) {
  if (batch.clock_jumped()) {
    return absl::UnavailableError("the clock has jumped");
  }
  const ServicePointer service = s.catalogue.FindService(id);
  if (service == nullptr || !s.service_keys.Find(id).entries.empty()) {
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(const ServiceKeyChain chain,
                          KeysAfter(s, *service, batch.time()));
  StoreKeys(s, chain, batch);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServiceKeysView> ServiceKeyDesk::Get(
    const ServiceId& service) const {
  if (state_.catalogue.FindService(service) == nullptr) {
    return absl::NotFoundError("no such service");
  }
  ServiceKeysView out;
  out.chain = state_.service_keys.Find(service);
  out.has_directory = state_.key_sender != nullptr;
  if (out.has_directory) out.trouble = state_.key_sender->TroubleOf(service);
  return out;
}

absl::Status ServiceKeyDesk::RunDue() const {
  LIMPID_RETURN_IF_ERROR(SignFirstKeys(state_));
  if (state_.key_sender != nullptr) state_.key_sender->RunDue();
  return absl::OkStatus();
}

absl::StatusOr<ServiceKeyChain> KeysAfter(const State& s, const Service& after,
                                          absl::Time now) {
  ServiceKeyChain chain = s.service_keys.Find(after.id);
  LIMPID_RETURN_IF_ERROR(CheckContinues(chain, after));
  return Continued(std::move(chain), after, now, s.keys.evidence);
}

void StoreKeys(State& s, const ServiceKeyChain& chain, Batch& batch) {
  batch.Replace(RowOf(s.row_key, chain));
  batch.AfterCommit([&s, chain] {
    s.service_keys.Put(chain);
    if (s.key_sender != nullptr) s.key_sender->Notify();
  });
}

KeyCommits KeyCommitsOf(State& s) {
  return {
      [&s](const ServiceId& service, std::uint32_t count) {
        return Run(s, [&](Batch& batch) {
          return PutLogged(s, service, count, batch);
        });
      },
      [&s](const ServiceId& service, const std::vector<base::Bytes>& theirs) {
        return Run(s, [&](Batch& batch) {
          return PutTheirs(s, service, theirs, batch);
        });
      }};
}

absl::Status SignFirstKeys(State& s) {
  for (const ServicePointer& service : s.catalogue.Services()) {
    if (!s.service_keys.Find(service->id).entries.empty()) continue;
    LIMPID_RETURN_IF_ERROR(
        Run(s, [&](Batch& batch) { return SignFirst(s, service->id, batch); }));
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
