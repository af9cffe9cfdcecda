#include "consent/push/push_turn.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/random.h"
#include "consent/ledger/batch.h"
#include "consent/propagation/stream_event.h"
#include "consent/propagation/stream_reader.h"
#include "consent/push/push_failure.h"
#include "consent/push/security_event.h"

namespace limpid::consent {
namespace {

std::uint32_t RandomNumber() {
  const auto bytes = crypto::RandomArray<4>();
  return base::ByteReader(bytes).U32();
}

// One turn while it runs.
class Turn {
 public:
  Turn(const PushParts& parts, const PushEntry& entry,
       const ChannelWatcher& watcher)
      : parts_(parts),
        entry_(entry),
        watcher_(watcher),
        stream_(StreamOf(parts.blinder, entry.endpoint.service)),
        began_(parts.clock.Monotonic()) {
    out_.service = entry.endpoint.service;
    out_.generation = entry.endpoint.generation;
    out_.since = entry.progress.since;
    out_.progress = entry.progress;
  }
  ~Turn() {
    if (channel_ != nullptr) watcher_(nullptr);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  PushTurn Run() {
    SendAgain();
    const auto& trouble = out_.progress.trouble;
    if (!trouble || parts_.clock.Now() >= trouble->next ||
        // A clock that was set back must not stop anybody for ever.
        trouble->next - parts_.clock.Now() > kLongestPushWait) {
      SendNew();
    }
    return std::move(out_);
  }

 private:
  // None when the event cannot be read by anybody.
  [[nodiscard]] absl::StatusOr<std::optional<StreamEvent>> Read(
      const EventRow& row) const {
    return ReadStreamRow(parts_.store, parts_.keys, row);
  }

  absl::StatusOr<PushAnswer> Post(const std::string& token) {
    if (channel_ == nullptr) {
      LIMPID_ASSIGN_OR_RETURN(const PushUrl url,
                              ParsePushUrl("url", entry_.endpoint.url));
      LIMPID_ASSIGN_OR_RETURN(channel_, parts_.transport.Open(url));
      watcher_(channel_.get());
    }
    return channel_->Post(token);
  }

  // None when it was cancelled: then nothing happened.
  std::optional<PushVerdict> Send(const StreamEvent& event) {
    SecurityEventHead head;
    const std::string id = SecurityEventId(parts_.blinder, out_.service, event);
    head.issuer = parts_.operator_name;
    head.audience = out_.service;
    head.id = id;
    head.issued = parts_.clock.Now();
    const absl::Duration before = parts_.clock.Monotonic();
    const auto answer =
        Post(SignSecurityEvent(parts_.evidence_key, head, event));
    out_.slowest = std::max(out_.slowest, parts_.clock.Monotonic() - before);
    if (absl::IsCancelled(answer.status())) return std::nullopt;
    out_.changed = true;
    return JudgePush(answer);
  }

  // What an administrator wants sent again: one attempt each.
  void SendAgain() {
    if (!entry_.has_requeued) return;
    std::vector<PushLetter> letters =
        parts_.book.Letters(LetterState::kRequeued, out_.service);
    if (letters.size() > kEventsPerTurn) {
      letters.resize(kEventsPerTurn);
      out_.more = true;
    }
    for (PushLetter& letter : letters) {
      if (IsOver() || !SendAgain(letter)) return;
      out_.letters.push_back(letter);
      out_.changed = true;
    }
  }

  // False when it still is to be sent.
  bool SendAgain(PushLetter& letter) {
    const auto rows =
        parts_.store.Events(stream_, letter.position - 1, /*limit=*/1);
    absl::StatusOr<std::optional<StreamEvent>> event =
        std::optional<StreamEvent>();
    if (!rows.ok()) {
      event = rows.status();
    } else if (!rows->empty() && rows->front().position == letter.position) {
      event = Read(rows->front());
    }
    if (!event.ok()) {
      out_.interrupted = true;
      return false;
    }
    if (!event->has_value()) {
      letter.state = LetterState::kGone;
      return true;
    }
    const auto verdict = Send(**event);
    if (!verdict) return false;
    letter.last = parts_.clock.Now();
    ++letter.attempts;
    if (verdict->acknowledged()) {
      letter.state = LetterState::kAcknowledged;
    } else {
      letter.state = LetterState::kDead;
      letter.verdict = *verdict;
    }
    return true;
  }

  void SendNew() {
    const auto rows =
        parts_.store.Events(stream_, out_.progress.cursor, kEventsPerTurn);
    out_.interrupted |= !rows.ok();
    if (!rows.ok()) return;
    // The event that failed was given up, and none came after it.
    if (rows->empty()) ForgetTrouble();
    for (const EventRow& row : *rows) {
      if (IsOver()) return;
      const auto event = Read(row);
      out_.interrupted |= !event.ok();
      if (!event.ok()) return;
      if (!event->has_value()) {
        ForgetTrouble();
      } else if (!Deliver(row, **event)) {
        return;
      }
      out_.progress.cursor = row.position;
      out_.changed = true;
    }
    out_.more |= rows->size() == kEventsPerTurn;
  }

  void ForgetTrouble() {
    out_.changed |= out_.progress.trouble.has_value();
    out_.progress.trouble.reset();
  }

  // False when the turn ends here, the event still to be sent.
  bool Deliver(const EventRow& row, const StreamEvent& event) {
    std::optional<PushTrouble>& trouble = out_.progress.trouble;
    const auto sent = Send(event);
    if (!sent) return false;
    const PushVerdict& verdict = *sent;
    const absl::Time now = parts_.clock.Now();
    if (verdict.acknowledged()) {
      trouble.reset();
      out_.progress.Remember({row.position, now});
      return true;
    }
    if (verdict.final()) {
      Bury(row, verdict, trouble ? trouble->attempts + 1 : 1);
      // It answers: the series is over.
      trouble.reset();
      return true;
    }
    if (!trouble) trouble.emplace().since = now;
    ++trouble->series;
    ++trouble->attempts;
    trouble->verdict = verdict;
    trouble->next = now + PushWait(trouble->series, RandomNumber());
    const absl::Time committed = absl::FromUnixMillis(row.created_ms);
    if (now - std::max(committed, trouble->since) >= kPushLife) {
      Bury(row, verdict, std::exchange(trouble->attempts, 0));
      out_.progress.cursor = row.position;
    }
    return false;
  }

  void Bury(const EventRow& row, const PushVerdict& verdict,
            std::uint32_t attempts) {
    PushLetter letter;
    letter.service = out_.service;
    letter.position = row.position;
    letter.verdict = verdict;
    letter.attempts = attempts;
    letter.last = parts_.clock.Now();
    out_.letters.push_back(letter);
  }

  // Sets `more` when the turn's time is up.
  bool IsOver() {
    const bool over = parts_.clock.Monotonic() - began_ >= kTurnTime;
    out_.more |= over;
    return over;
  }

  const PushParts& parts_;
  const PushEntry& entry_;
  const ChannelWatcher& watcher_;
  const RowId stream_;
  const absl::Duration began_;
  std::unique_ptr<PushChannel> channel_;
  PushTurn out_;
};

}  // namespace

PushTurn RunPushTurn(const PushParts& parts, const PushEntry& entry,
                     const ChannelWatcher& watcher) {
  return Turn(parts, entry, watcher).Run();
}

}  // namespace limpid::consent
