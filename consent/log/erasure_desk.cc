#include "consent/log/erasure_desk.h"

#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/receipt/statement.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_rows.h"
#include "consent/ledger/entry_erasing.h"
#include "consent/ledger/entry_row.h"
#include "consent/training/training_rows.h"

namespace limpid::consent {
namespace {

absl::Status Wrong(std::string_view member) {
  return absl::InvalidArgumentError(
      absl::StrCat("erasure.", base::ToAbsl(member), ": does not fit"));
}

absl::Status Refused(std::string_view why) {
  return absl::FailedPreconditionError(base::ToAbsl(why));
}

absl::Status CheckTerms(const Consent::State& s,
                        const receipt::ErasureRequest& terms,
                        const PersonId& person, absl::Time now) {
  if (terms.operator_name != s.options.operator_name) return Wrong("operator");
  if (terms.person != person.Text()) return Wrong("person");
  const absl::Duration age = now - terms.time;
  if (age > receipt::kStatementSkew || age < -receipt::kStatementSkew) {
    return Wrong("time");
  }
  // The stop ledger has four bytes for it.
  if (terms.sequence > std::numeric_limits<std::uint32_t>::max()) {
    return Wrong("sequence");
  }
  return absl::OkStatus();
}

// Whether a service still has to delete, or to say why it need not, what was
// released under the record.
absl::StatusOr<bool> DutyRuns(const Consent::State& s,
                              const PersonState& person, const RecordId& record,
                              absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      DutyRowsOf(s.parts.store, person.shard, person.id, record));
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const Duty duty, OpenDuty(*person.key, row));
    const DutyState state = StateAt(duty, now);
    if (state == DutyState::kOpen || state == DutyState::kOverdue) return true;
  }
  return false;
}

// docs/adr/2026-11-28-erasing-entries.md says why these and no others.
absl::Status CheckErasable(const Consent::State& s, Persons& persons,
                           PersonState& person,
                           const receipt::AccessEntry& entry, absl::Time now) {
  if (entry.kind == receipt::AccessKind::kEntryErased) {
    return Refused(
        "an entry that tells of an erasure stays: it is what tells it from a "
        "loss");
  }
  if (entry.kind == receipt::AccessKind::kAccessCompleted) {
    return Refused(
        "an entry that says what became of others stays: without it they would "
        "look unfinished");
  }
  const RecordId record(entry.record);
  if (record.none()) return absl::OkStatus();
  const auto live = persons.LoadRecord(person, record);
  if (absl::IsNotFound(live.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(live.status());
  if ((*live)->receipt_sequence == entry.sequence &&
      IsInForce((*live)->revision.state)) {
    return Refused(
        "the receipt of a consent in force stands on this entry; withdraw the "
        "consent first");
  }
  LIMPID_ASSIGN_OR_RETURN(const bool duty, DutyRuns(s, person, record, now));
  if (duty) {
    return Refused(
        "a service still has to delete data of this consent, and this entry is "
        "evidence of what; try again when it has answered");
  }
  return absl::OkStatus();
}

// What one call hands from the sequencer's thread to the caller's.
struct Done {
  ErasedEntry erased;
  absl::Status key_destroyed;
};

struct Erasing {
  Consent::State& s;
  const PersonId& owner;
  const receipt::SignedErasure& erasure;
  const receipt::ErasureRequest& terms;

  absl::StatusOr<std::shared_ptr<Done>> Run(Persons& persons,
                                            Batch& batch) const;
  // After the commit. Waits for the key store's disk: an erasure is rare.
  void Destroy(PersonState& person, Done& done) const;
};

void Erasing::Destroy(PersonState& person, Done& done) const {
  const auto left =
      s.person_keys.DestroyEntryKey(owner, terms.sequence, person.sequence);
  done.key_destroyed = left.status();
  // Also after a failure: what is in the key store now seals the next entry.
  const auto stored = left.ok() ? left : s.person_keys.LogKeyOf(owner);
  person.entry_keys = {};
  if (!stored.ok()) return;
  person.entry_keys = EntryKeys(
      std::make_shared<const LogKey>((*stored)->From(person.sequence + 1)));
}

absl::StatusOr<std::shared_ptr<Done>> Erasing::Run(Persons& persons,
                                                   Batch& batch) const {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  if (person->account.keys.empty() ||
      !receipt::ErasureIsSigned(erasure, person->account.keys.front())) {
    return Wrong("signature");
  }
  LIMPID_RETURN_IF_ERROR(CheckTerms(s, terms, owner, batch.time()));
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      s.parts.store.Get(EntryRowKey(person->shard, owner, terms.sequence)));
  if (!row) return absl::NotFoundError("your log has no entry of this number");
  LIMPID_ASSIGN_OR_RETURN(const LogKeyPointer log_key,
                          s.person_keys.LogKeyOf(owner));
  LIMPID_ASSIGN_OR_RETURN(const OpenedEntryRow opened,
                          OpenEntryRow(*person->key, log_key.get(), *row));
  if (opened.link.commitment != terms.commitment) return Wrong("commitment");
  auto out = std::make_shared<Done>();
  out->erased.sequence = terms.sequence;
  auto* const done = out.get();
  if (opened.erasure) {
    out->erased.time = opened.erasure->time;
    out->erased.told_in = opened.erasure->told_in;
    // Perhaps the first call could not destroy it.
    Destroy(*person, *done);
    return out;
  }
  if (!opened.content) {
    return Refused("this entry does not open; that is no erasure of yours");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto entry,
                          receipt::AccessEntry::Decode(opened.content->entry));
  LIMPID_RETURN_IF_ERROR(
      CheckErasable(s, persons, *person, entry, batch.time()));
  // Refused before anything is changed.
  LIMPID_RETURN_IF_ERROR(
      log_key->Without(terms.sequence, person->sequence).status());
  const EntryErasure made = EraseEntry(batch, *person, *row, opened.link,
                                       erasure, receipt::Actor::kPerson);
  out->erased.time = made.time;
  out->erased.told_in = made.told_in;
  // Of a read for training, while its snapshot takes reads.
  batch.Delete(TrainingReadRowKey(person->shard, owner, terms.sequence));
  batch.AfterCommit([this, person, done] { Destroy(*person, *done); });
  return out;
}

}  // namespace

absl::StatusOr<ErasedEntry> ErasureDesk::Erase(
    const PersonId& person, const receipt::SignedErasure& erasure) {
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::ErasureRequest terms,
      receipt::ErasureRequest::Parse(erasure.canonical_json));
  Consent::State& s = consent_.state();
  const Erasing erasing{s, person, erasure, terms};
  LIMPID_ASSIGN_OR_RETURN(const std::shared_ptr<Done> outcome,
                          s.sequencer->Call<std::shared_ptr<Done>>(
                              [&](Persons& persons, Batch& batch) {
                                return erasing.Run(persons, batch);
                              },
                              nullptr, /*alone=*/true));
  if (!outcome->key_destroyed.ok()) {
    return absl::UnavailableError(
        "the entry is erased from the log, but its key is still there; call "
        "again");
  }
  return outcome->erased;
}

}  // namespace limpid::consent
