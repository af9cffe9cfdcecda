#include "consent/consent.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/receipt/permit.h"
#include "consent/campaign/sweeping.h"
#include "consent/consent_state.h"
#include "consent/log/completion_writing.h"
#include "consent/notice/notice_desk.h"
#include "consent/push/push_desk.h"
#include "consent/request/lapsed_requests.h"
#include "consent/service_key/key_desk.h"

namespace limpid::consent {
namespace {

// Separates the name of nobody from other blinded values.
constexpr std::uint8_t kNobodyBlind = 65;
// How soon a pending entry is looked for when ticks follow the work.
constexpr absl::Duration kPendingInterval = absl::Milliseconds(100);
// A promise holds over one missed tick, and over the time that the ticks take:
// each goes on until nothing waits.
constexpr int kPromisedTicks = 2;
constexpr absl::Duration kTickSlack = absl::Minutes(1);
// How often it is looked whether a tick has used that up.
constexpr absl::Duration kTickLook = absl::Seconds(1);

// How often the role looks by itself for something to do.
absl::Duration RoundOf(const ConsentOptions& options) {
  return options.tick_when_pending ? kPendingInterval : options.log_interval;
}

// Waits for `time`, less when the role stops; whether it stops.
bool WaitForStop(Consent::State& s, absl::Duration time) {
  const base::MutexLock lock(s.stop_mutex);
  if (!s.stopping) (void)s.stop_changed.WaitFor(s.stop_mutex, time);
  return s.stopping;
}

bool IsStopping(Consent::State& s) {
  const base::MutexLock lock(s.stop_mutex);
  return s.stopping;
}

// What fails is tried again at the next round: its place is stored.
void RunSweeps(Consent::State& s) {
  Sweeper sweeper(s, [&s] { return IsStopping(s); });
  LapsedRequests lapsed(s);
  while (!WaitForStop(s, RoundOf(s.options))) {
    while (sweeper.RunLap()) {
    }
    // A page a round: there are as many as records, and nobody waits for it.
    (void)lapsed.Step();
  }
}

absl::StatusOr<DerivedKeys> Derive(const base::SecretBytes& root) {
  const auto derive = [&](std::string_view label) {
    return crypto::HkdfSha256(root.Reveal(base::SecretAccess::Get()), {},
                              base::AsBytes(label), 32);
  };
  DerivedKeys out;
  LIMPID_ASSIGN_OR_RETURN(out.index, derive("limpid/consent-index-key/1"));
  LIMPID_ASSIGN_OR_RETURN(out.access_id,
                          derive("limpid/consent-access-id-key/1"));
  LIMPID_ASSIGN_OR_RETURN(out.row, derive("limpid/consent-row-key/1"));
  LIMPID_ASSIGN_OR_RETURN(out.cursor, derive("limpid/consent-cursor-key/1"));
  LIMPID_ASSIGN_OR_RETURN(out.code, derive("limpid/consent-code-key/1"));
  return out;
}

// Before the sequencer, which notifies them; pushing starts behind it.
void MakeHubs(Consent::State& s) {
  s.hub = std::make_unique<WatchHub>(WatchParts{
      s.parts.store, s.person_keys, s.blinder, s.parts.clock, s.cursor_key,
      [&s](const ServiceId& service, const base::Digest32& key) {
        const ServicePointer owner = s.catalogue.FindServiceByKey(key);
        return owner != nullptr && owner->id == service;
      }});
  s.notice_hub = std::make_unique<NoticeHub>(
      s.parts.clock,
      [&s](const PersonId& person) { return ReadUnread(s, person); },
      [&s](const PersonId& person, const BasisNoticeId& notice) {
        return ReadNotice(s, person, notice);
      });
  if (s.parts.key_directory != nullptr) {
    s.key_sender = std::make_unique<ServiceKeySender>(
        ServiceKeySender::Parts{*s.parts.key_directory, s.service_keys,
                                s.parts.clock},
        KeyCommitsOf(s));
  }
  if (s.parts.push == nullptr) return;
  s.push_hub = std::make_unique<PushHub>(
      PushParts{s.parts.store, s.person_keys, s.blinder, s.parts.clock,
                s.keys.evidence, s.options.operator_name, s.push,
                *s.parts.push},
      [&s](const PushTurn& turn) { return CommitPushTurn(s, turn); });
}

// Sources in other processes may go on with permits of a process before this
// one, of which nothing is known here. That one committed nothing after this
// one's epoch was taken, and a source counts a lease from before the commit.
void HoldFencesOfBefore(Consent::State& s) {
  const auto& sources = s.options.sources;
  const bool remote = std::any_of(
      sources.begin(), sources.end(),
      [](const SourceInfo& source) { return source.key != base::Digest32{}; });
  if (remote) s.permits.HoldFences(receipt::kMaxLease);
}

void NotifyHubs(const Consent::State& s) {
  s.hub->Notify();
  if (s.push_hub != nullptr) s.push_hub->Notify();
}

}  // namespace

Consent::State::State(ConsentParts consent_parts, ConsentKeys consent_keys,
                      ConsentOptions consent_options, DerivedKeys derived)
    : parts(consent_parts),
      keys(std::move(consent_keys)),
      options(std::move(consent_options)),
      row_key(std::move(derived.row)),
      cursor_key(std::move(derived.cursor)),
      code_key(std::move(derived.code)),
      blinder(std::move(derived.index), std::move(derived.access_id)),
      nobody(blinder.Blind(kNobodyBlind, {base::AsBytes("nobody")})),
      person_keys(parts.person_keys, parts.keks),
      campaigns(catalogue, parts.purposes),
      permits(parts.clock),
      tick_watch(parts.clock, kTickSlack, options.alarm),
      completions(std::make_shared<CompletionBook>(parts.clock)) {
  if (!options.executor) {
    options.executor = [](absl::AnyInvocable<void()> work) { work(); };
  }
}

Consent::State::~State() {
  {
    const base::MutexLock lock(stop_mutex);
    stopping = true;
    stop_changed.NotifyAll();
  }
  if (ticker.joinable()) ticker.join();
  if (completer.joinable()) completer.join();
  // Their workers wait for the sequencer, which tells them and the other hub of
  // its last events.
  if (push_hub != nullptr) push_hub->Stop();
  if (key_sender != nullptr) key_sender->Stop();
  sequencer.reset();
  key_sender.reset();
  push_hub.reset();
  notice_hub.reset();
  hub.reset();
}

absl::StatusOr<std::size_t> Consent::State::Tick(bool even_if_empty) {
  tick_watch.Begin();
  absl::StatusOr<std::size_t> out = TickAll(even_if_empty);
  tick_watch.End(out.status());
  return out;
}

absl::StatusOr<std::size_t> Consent::State::TickAll(bool even_if_empty) {
  const base::MutexLock lock(tick_mutex);
  std::size_t logged = 0;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::size_t more,
                            tick->RunOnce(even_if_empty && logged == 0));
    logged += more;
    // Full: what waits still must not wait for the next interval, which would
    // leave as much behind again.
    if (more < tick->most_leaves() || IsStopping(*this)) return logged;
  }
}

void Consent::State::RunTicks() {
  // What was promised to be in the log by a time must not wait for a sweep over
  // everybody.
  std::thread sweeps([this] { RunSweeps(*this); });
  std::thread looks([this] {
    while (!WaitForStop(*this, kTickLook)) tick_watch.Look();
  });
  std::uint64_t seen = UINT64_MAX;
  bool keys_signed = false;
  while (!WaitForStop(*this, RoundOf(options))) {
    if (!keys_signed) keys_signed = SignFirstKeys(*this).ok();
    const std::uint64_t batches = sequencer->batch_count();
    if (options.tick_when_pending && batches == seen) continue;
    // A tick that fails is tried again: its plan stands.
    if (Tick(/*even_if_empty=*/!options.tick_when_pending).ok()) {
      seen = batches;
    }
  }
  sweeps.join();
  looks.join();
}

void Consent::State::RunCompletions() {
  for (;;) {
    const bool last = WaitForStop(*this, options.completion_interval);
    WriteCompletions(*this, /*all=*/last);
    if (last) return;
  }
}

absl::StatusOr<std::unique_ptr<Consent>> Consent::Open(ConsentParts parts,
                                                       ConsentKeys keys,
                                                       ConsentOptions options) {
  LIMPID_ASSIGN_OR_RETURN(DerivedKeys derived, Derive(keys.root));
  auto state = std::make_unique<State>(parts, std::move(keys),
                                       std::move(options), std::move(derived));
  State& s = *state;
  const auto nobody = s.person_keys.Get(s.nobody);
  if (absl::IsNotFound(nobody.status())) {
    LIMPID_RETURN_IF_ERROR(s.person_keys.Create(s.nobody).status());
  } else {
    LIMPID_RETURN_IF_ERROR(nobody.status());
  }
  LIMPID_RETURN_IF_ERROR(s.catalogue.Load(parts.store));
  LIMPID_RETURN_IF_ERROR(s.sharing.Load(parts.store, s.row_key));
  LIMPID_RETURN_IF_ERROR(s.campaigns.Load(parts.store, s.row_key));
  LIMPID_RETURN_IF_ERROR(s.service_changes.Load(parts.store, s.row_key));
  LIMPID_RETURN_IF_ERROR(s.push.Load(parts.store, s.row_key));
  LIMPID_RETURN_IF_ERROR(
      s.service_keys.Load(parts.store, s.row_key, s.keys.evidence.PublicKey()));
  LIMPID_RETURN_IF_ERROR(s.training.Load(parts.store, s.row_key));
  LIMPID_RETURN_IF_ERROR(s.facts.Load(parts.store, s.row_key));
  MakeHubs(s);
  s.permits.Listen([&s](const RecordId& record, std::uint64_t revision) {
    s.cohorts.Fence(record, revision);
    return true;
  });
  LIMPID_ASSIGN_OR_RETURN(
      s.sequencer,
      Sequencer::Start(
          {parts.store, s.person_keys, parts.stops, parts.log, s.blinder,
           s.catalogue, s.permits, parts.clock, s.keys.evidence, s.row_key,
           [&s] { NotifyHubs(s); }, s.options.persons_in_memory,
           s.options.store_is_older,
           [&s](const PersonId& person, const BasisNoticeId& notice) {
             s.notice_hub->Notify(person, notice);
           },
           s.options.alarm}));
  HoldFencesOfBefore(s);
  s.authorise.emplace(
      AuthoriseParts{*s.sequencer, s.catalogue, parts.purposes, parts.systems,
                     s.permits, s.nobody, s.options.operator_name,
                     s.options.log_interval * kPromisedTicks + kTickSlack,
                     s.options.executor, s.sharing, s.campaigns,
                     [&s](const PersonId& person, const BasisNoticeId& notice) {
                       s.notice_hub->Notify(person, notice);
                     },
                     s.completions, s.training, s.row_key});
  {
    const base::MutexLock lock(s.tick_mutex);
    s.tick.emplace(parts.store, parts.log, s.blinder, s.sequencer->epoch(),
                   s.options.tick_leaves_max);
  }
  if (s.push_hub != nullptr) s.push_hub->Start(s.options.push_worker_count);
  if (s.key_sender != nullptr && s.options.key_worker) s.key_sender->Start();
  s.ticker = std::thread([&s] { s.RunTicks(); });
  s.completer = std::thread([&s] { s.RunCompletions(); });
  return std::unique_ptr<Consent>(new Consent(std::move(state)));
}

Consent::Consent(std::unique_ptr<State> state) : state_(std::move(state)) {}

Consent::~Consent() = default;

void Consent::Authorise(AuthoriseRequest request, AuthoriseCallback callback) {
  consent::Authorise(*state_->authorise, std::move(request),
                     std::move(callback));
}

absl::Status Consent::Watch(const ServiceId& service, base::ByteView cursor,
                            WatchSink sink, WatchListener listener) {
  return state_->hub->Subscribe(service, cursor, std::move(sink),
                                std::move(listener));
}

const std::string& Consent::operator_name() const {
  return state_->options.operator_name;
}

crypto::Ed25519PublicKey Consent::evidence_key() const {
  return state_->keys.evidence.PublicKey();
}

crypto::Ed25519PublicKey Consent::token_key() const {
  return state_->keys.token.PublicKey();
}

std::size_t Consent::restored_count() const {
  return state_->sequencer->restored_count();
}

bool Consent::stop_ledger_lost() const {
  return state_->sequencer->stop_ledger_lost();
}

std::uint64_t Consent::read_ahead_count() const {
  return state_->sequencer->read_ahead_count();
}

std::uint64_t Consent::batch_count() const {
  return state_->sequencer->batch_count();
}

absl::StatusOr<std::size_t> Consent::TickLog() {
  return state_->Tick(/*even_if_empty=*/!state_->options.tick_when_pending);
}

void Consent::RunDue() { state_->sequencer->RunDue(); }

}  // namespace limpid::consent
