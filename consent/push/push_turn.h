// One turn of one service: sends what waits, in order, until nothing does, one
// fails, or the turn is over. Reads the stream and changes nothing; what it
// found out is committed by its caller. docs/formats/push.md

#ifndef LIMPID_CONSENT_PUSH_PUSH_TURN_H_
#define LIMPID_CONSENT_PUSH_PUSH_TURN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"
#include "consent/push/push_book.h"
#include "consent/push/push_rows.h"
#include "consent/push/push_transport.h"

namespace limpid::consent {

// Events of one turn: bounds what a crash sends again.
inline constexpr std::size_t kEventsPerTurn = 32;
// When a turn that still has something to send gives way to others.
inline constexpr absl::Duration kTurnTime = absl::Seconds(10);

// All must outlive the turn.
struct PushParts {
  const LedgerStore& store;
  PersonKeys& keys;
  const Blinder& blinder;
  const base::Clock& clock;
  const crypto::Ed25519PrivateKey& evidence_key;
  const std::string& operator_name;
  PushBook& book;
  PushTransport& transport;
};

struct PushTurn {
  ServiceId service;
  // Of the endpoint that was sent to.
  std::uint32_t generation = 0;
  // Of the registration: a turn of an earlier one counts for nothing.
  std::uint64_t since = 0;
  // As it is after the turn, but for `past`.
  PushProgress progress;
  // New dead ones, and what became of those that were to be sent again.
  std::vector<PushLetter> letters;
  // Something is there to be committed.
  bool changed = false;
  // The turn ended before the stream did.
  bool more = false;
  // The store did not answer: what waits is still to be found out.
  bool interrupted = false;
  // Longest wait for one answer.
  absl::Duration slowest;
};

// Told the channel of the turn, so that another thread can cancel it; null
// right before it goes away.
using ChannelWatcher = std::function<void(PushChannel* channel)>;

// `entry` is active.
PushTurn RunPushTurn(const PushParts& parts, const PushEntry& entry,
                     const ChannelWatcher& watcher);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_TURN_H_
