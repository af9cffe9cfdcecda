#include "consent/ledger/deciding.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/status_macros.h"

namespace limpid::consent {
namespace {

// Uses of the period that `now` is in.
std::uint64_t UsesInPeriod(const LiveRecord& record, const Agreement& agreement,
                           absl::Time now) {
  const std::uint64_t period =
      PeriodAt(agreement.content.frequency, record.revision.from, now);
  return record.period_uses.period == period ? record.period_uses.count : 0;
}

// Counts one use; false when the agreement sets no frequency.
bool CountInPeriod(LiveRecord& record, const Agreement& agreement,
                   absl::Time now) {
  const UseFrequency& frequency = agreement.content.frequency;
  if (frequency.use_count_max == 0) return false;
  record.period_uses = {PeriodAt(frequency, record.revision.from, now),
                        UsesInPeriod(record, agreement, now) + 1};
  return true;
}

// What the record and its person say.
void StandOn(const AuthoriseParts& parts, const Decided& decided,
             absl::Time now, Standing& standing) {
  standing.record = &decided.record->revision;
  standing.agreement = decided.agreement;
  standing.service = decided.recipient;
  standing.use_count = decided.record->use_count;
  standing.period_use_count =
      UsesInPeriod(*decided.record, *decided.agreement, now);
  standing.links = decided.person->account.links;
  standing.outdated_from = parts.campaigns.OutdatedFrom(
      decided.agreement->id, decided.agreement->version);
  standing.representative_may =
      RepresentativeMay(*decided.record, decided.person->delegations, now);
}

}  // namespace

Ruling RuleOn(const AuthoriseParts& parts, const SourceId& source,
              const Service& caller, const Decided& decided,
              const ReadRequest& read, absl::Time now) {
  Ruling out;
  Standing standing;
  standing.caller = caller.id;
  if (decided.record != nullptr) {
    StandOn(parts, decided, now, standing);
    standing.source = source;
    out.holder = decided.person->account.HolderAt(source);
    standing.linked = out.holder.has_value();
  }
  standing.may_train = decided.may_train;
  // Looked up for an unknown record too: the path costs the same.
  const SharedLines shared =
      ResolveSharing(parts.sharing.Between(source, caller), read.attributes,
                     read.purpose, parts.purposes, now);
  standing.shared = shared.allowed;
  if (decided.agreement != nullptr && decided.agreement->content.atomic) {
    standing.every_part_shared =
        EveryPartIsShared(parts.sharing, *decided.agreement, caller,
                          read.purpose, parts.purposes, now);
  }
  out.not_after = std::min(
      shared.until, standing.outdated_from.value_or(absl::InfiniteFuture()));
  out.lines = Decide(read, standing, parts.purposes, now);
  return out;
}

absl::Status CountUse(Batch& batch, PersonState& person, LiveRecord& record,
                      const Agreement& agreement, std::string_view purpose) {
  const std::uint64_t max = agreement.content.use_count_max;
  const bool counted = CountInPeriod(record, agreement, batch.time());
  if (max == 0 && !counted) return absl::OkStatus();
  ++record.use_count;
  if (max == 0 || record.use_count < max) {
    batch.Put(person, record);
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(Revision next,
                          NextRevision(record.revision, RecordEvent::kExhaust,
                                       receipt::Actor::kSystem, batch.time()));
  next.use_count = record.use_count;
  receipt::AccessEntry entry;
  entry.kind = next.event;
  entry.actor = next.actor;
  entry.service = next.service.bytes();
  entry.record = next.record.bytes();
  entry.revision = next.number;
  entry.basis = agreement.content.basis;
  entry.purpose = purpose;
  batch.Append(person, std::move(entry));
  batch.Apply(person, record, std::move(next), RecordEvent::kExhaust,
              agreement);
  return absl::OkStatus();
}

}  // namespace limpid::consent
