#include "consent/push/push_desk.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/push/push_hub.h"
#include "consent/push/push_url.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

absl::Status AtField(std::string_view field, const absl::Status& status) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(field), ": ", status.message()));
}

PushEntry EntryOf(const State& s, const ServiceId& service) {
  PushEntry out = s.push.Find(service).value_or(PushEntry());
  out.endpoint.service = service;
  out.progress.service = service;
  return out;
}

PushEndpointView ViewOf(const State& s, const ServiceId& service) {
  const PushEntry entry = EntryOf(s, service);
  PushEndpointView out;
  out.endpoint = entry.endpoint;
  if (entry.endpoint.active()) out.trouble = entry.progress.trouble;
  out.dead_letter_count = s.push.Letters(LetterState::kDead, service).size();
  return out;
}

void Notify(const State& s) {
  if (s.push_hub != nullptr) s.push_hub->Notify();
}

void Store(State& s, const PushEndpoint& endpoint, Batch& batch) {
  batch.Replace(RowOf(s.row_key, endpoint));
  batch.AfterCommit([&s, endpoint] {
    s.push.Put(endpoint);
    Notify(s);
  });
}

void Store(State& s, const PushProgress& progress, Batch& batch) {
  batch.Replace(RowOf(s.row_key, s.blinder, progress));
  batch.AfterCommit([&s, progress] { s.push.Put(progress); });
}

void Store(State& s, const PushLetter& letter, Batch& batch) {
  batch.Replace(RowOf(s.row_key, s.blinder, letter));
  batch.AfterCommit([&s, letter] {
    s.push.Put(letter);
    if (letter.state == LetterState::kRequeued) Notify(s);
  });
}

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

void Deactivate(PushEndpoint& endpoint) {
  endpoint.url.clear();
  ++endpoint.generation;
}

absl::Status PutOrigin(State& s, const AdministratorKey& administrator,
                       const ServiceId& service, const std::string& origin,
                       Batch& batch) {
  if (s.catalogue.FindService(service) == nullptr) {
    return absl::NotFoundError("no such service");
  }
  PushEndpoint endpoint = EntryOf(s, service).endpoint;
  if (endpoint.origin == origin) return absl::OkStatus();
  endpoint.origin = origin;
  endpoint.set_by = administrator;
  endpoint.origin_set = batch.time();
  if (endpoint.active()) Deactivate(endpoint);
  Store(s, endpoint, batch);
  return absl::OkStatus();
}

absl::Status PutUrl(State& s, const ServiceId& service, const PushUrl& url,
                    Batch& batch) {
  const PushEntry entry = EntryOf(s, service);
  PushEndpoint endpoint = entry.endpoint;
  if (endpoint.origin.empty()) {
    return absl::FailedPreconditionError(
        "url: an administrator must register the service's push origin first");
  }
  if (url.Origin() != endpoint.origin) {
    return absl::InvalidArgumentError(
        "url: is not on the push origin that is registered for the service");
  }
  if (endpoint.url == url.Text()) return absl::OkStatus();
  PushProgress progress = entry.progress;
  if (!endpoint.active()) {
    progress.Begin(batch.commit().head.event);
    endpoint.registered = batch.time();
  }
  progress.trouble.reset();
  endpoint.url = url.Text();
  ++endpoint.generation;
  Store(s, progress, batch);
  Store(s, endpoint, batch);
  return absl::OkStatus();
}

absl::Status PutTurn(State& s, const PushTurn& turn, Batch& batch) {
  for (const PushLetter& letter : turn.letters) Store(s, letter, batch);
  const PushEntry entry = EntryOf(s, turn.service);
  // Removed, or registered anew, while it was under way.
  if (!entry.endpoint.active() || entry.progress.since != turn.since) {
    return absl::OkStatus();
  }
  PushProgress progress = turn.progress;
  // What went wrong at the last address says nothing about the new one.
  if (entry.endpoint.generation != turn.generation) progress.trouble.reset();
  Store(s, progress, batch);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PushEndpointView> PushDesk::SetOrigin(
    const AdministratorKey& administrator, const ServiceId& service,
    std::string_view origin) {
  State& s = state_;
  std::string text;
  if (!origin.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const PushUrl url,
                            ParsePushOrigin("origin", origin));
    if (s.parts.push != nullptr) {
      const absl::Status allowed = s.parts.push->CheckHost(url);
      if (!allowed.ok()) return AtField("origin", allowed);
    }
    text = url.Origin();
  }
  LIMPID_RETURN_IF_ERROR(Run(s, [&](Batch& batch) {
    return PutOrigin(s, administrator, service, text, batch);
  }));
  return ViewOf(s, service);
}

absl::StatusOr<PushEndpointView> PushDesk::SetEndpoint(
    const ServiceId& service, std::string_view url_text) {
  State& s = state_;
  if (s.parts.push == nullptr) {
    return absl::FailedPreconditionError("this server does not push events");
  }
  LIMPID_ASSIGN_OR_RETURN(const PushUrl url, ParsePushUrl("url", url_text));
  const absl::Status allowed = s.parts.push->CheckHost(url);
  if (!allowed.ok()) return AtField("url", allowed);
  LIMPID_RETURN_IF_ERROR(
      Run(s, [&](Batch& batch) { return PutUrl(s, service, url, batch); }));
  return ViewOf(s, service);
}

absl::StatusOr<PushEndpointView> PushDesk::GetEndpoint(
    const ServiceId& service) const {
  if (!state_.push.Find(service)) {
    return absl::NotFoundError("no push origin or endpoint is registered");
  }
  return ViewOf(state_, service);
}

absl::Status PushDesk::RemoveEndpoint(const ServiceId& service) {
  State& s = state_;
  return Run(s, [&](Batch& batch) {
    PushEndpoint endpoint = EntryOf(s, service).endpoint;
    if (!endpoint.active()) return absl::OkStatus();
    Deactivate(endpoint);
    Store(s, endpoint, batch);
    return absl::OkStatus();
  });
}

std::vector<PushLetterView> PushDesk::ListDeadLetters(
    std::optional<ServiceId> service) const {
  std::vector<PushLetterView> out;
  for (const PushLetter& letter :
       state_.push.Letters(LetterState::kDead, service)) {
    out.push_back({letter, state_.catalogue.FindService(letter.service)});
  }
  return out;
}

absl::StatusOr<std::uint64_t> PushDesk::RetryDeadLetters(
    std::optional<ServiceId> service) {
  State& s = state_;
  std::uint64_t count = 0;
  LIMPID_RETURN_IF_ERROR(Run(s, [&](Batch& batch) {
    for (PushLetter letter : s.push.Letters(LetterState::kDead, service)) {
      if (count == kMaxRetriedLetters) break;
      // Nobody is there to take it.
      if (!EntryOf(s, letter.service).endpoint.active()) continue;
      letter.state = LetterState::kRequeued;
      Store(s, letter, batch);
      ++count;
    }
    return absl::OkStatus();
  }));
  return count;
}

void PushDesk::RunDue() const {
  if (state_.push_hub != nullptr) state_.push_hub->RunDue();
}

absl::Status CommitPushTurn(State& s, const PushTurn& turn) {
  return Run(s, [&](Batch& batch) { return PutTurn(s, turn, batch); });
}

}  // namespace limpid::consent
