#include "consent/log/log_heads.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/receipt/log_head.h"
#include "consent/consent_state.h"
#include "consent/ledger/entry_row.h"

namespace limpid::consent {
namespace {

// Separates log pseudonyms from other blinded values.
constexpr std::uint8_t kLogBlind = 69;

absl::StatusOr<std::optional<PersonalRow>> NewestEntry(const Consent::State& s,
                                                       const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(
      auto newest, s.parts.store.ListDown(EntryRowKey(s.blinder.ShardOf(person),
                                                      person, INT64_MAX),
                                          /*limit=*/1));
  if (newest.empty()) return std::optional<PersonalRow>();
  return std::optional<PersonalRow>(std::move(newest.front()));
}

base::Bytes Sign(const Consent::State& s, const receipt::LogHead& head) {
  const std::vector<base::Bytes> items = {head.Encode()};
  const auto proofs =
      receipt::SignBatch(receipt::BatchKind::kReceipts, s.sequencer->epoch(),
                         head.time, items, s.keys.evidence);
  return receipt::SignedHead(items.front(), proofs.front());
}

// `log_size` was read before `newest`: a head never names an entry that the
// public log of its size could not promise.
absl::StatusOr<base::Bytes> SignOver(Consent::State& s, const PersonId& person,
                                     const std::optional<PersonalRow>& newest,
                                     std::uint64_t log_size, absl::Time time) {
  receipt::LogHead head;
  head.operator_name = s.options.operator_name;
  head.log = s.blinder.Blind(kLogBlind, {person.bytes()});
  head.checkpoint_size = log_size;
  head.time = time;
  if (newest) {
    LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
    LIMPID_ASSIGN_OR_RETURN(const EntryLink link, OpenLink(*key, *newest));
    head.sequence = newest->key.sequence;
    head.commitment = link.commitment;
  }
  return Sign(s, head);
}

}  // namespace

absl::StatusOr<base::Bytes> SignLogHead(Consent::State& state,
                                        const PersonId& person) {
  const std::uint64_t log_size = state.parts.log.size();
  LIMPID_ASSIGN_OR_RETURN(const auto newest, NewestEntry(state, person));
  return SignOver(state, person, newest, log_size, state.parts.clock.Now());
}

absl::StatusOr<base::Bytes> LogHeads::HeadOf(const PersonId& person) {
  Consent::State& s = consent_.state();
  const std::uint64_t log_size = s.parts.log.size();
  LIMPID_ASSIGN_OR_RETURN(const auto newest, NewestEntry(s, person));
  const std::uint64_t sequence = newest ? newest->key.sequence : 0;
  const absl::Time now = s.parts.clock.Now();
  {
    const base::MutexLock lock(mutex_);
    const auto at = signed_.find(person);
    if (at != signed_.end() && at->second.sequence == sequence &&
        at->second.log_size == log_size && now >= at->second.time &&
        now - at->second.time < kReuse) {
      return at->second.head;
    }
  }
  LIMPID_ASSIGN_OR_RETURN(base::Bytes head,
                          SignOver(s, person, newest, log_size, now));
  const base::MutexLock lock(mutex_);
  if (signed_.size() >= kCapacity) signed_.clear();
  signed_[person] = {sequence, log_size, now, head};
  return head;
}

}  // namespace limpid::consent
