#include "consent/identity/account_erasure_desk.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/receipt/statement.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_rows.h"
#include "consent/ledger/account_erasing.h"
#include "consent/record/basis.h"

namespace limpid::consent {
namespace {

absl::Status Wrong(std::string_view member) {
  return absl::InvalidArgumentError(
      absl::StrCat("erasure.", base::ToAbsl(member), ": does not fit"));
}

absl::Status CheckTerms(const Consent::State& s,
                        const receipt::AccountErasureRequest& terms,
                        const PersonId& person, absl::Time now) {
  if (terms.operator_name != s.options.operator_name) return Wrong("operator");
  if (terms.person != person.Text()) return Wrong("person");
  const absl::Duration age = now - terms.time;
  if (age > receipt::kStatementSkew || age < -receipt::kStatementSkew) {
    return Wrong("time");
  }
  return absl::OkStatus();
}

// Whose account it is. Nothing of hers that is damaged keeps her here for ever,
// but for the account itself: her key stands in it.
struct Owner {
  PersonId id;
  std::uint16_t shard = 0;
  PersonKey key;
  Account account;
  // Null where something else of hers is damaged.
  PersonState* state = nullptr;
};

absl::StatusOr<Owner> LoadOwner(Consent::State& s, Persons& persons,
                                const PersonId& person) {
  const auto loaded = persons.Load(person);
  Owner out;
  out.id = person;
  out.shard = s.blinder.ShardOf(person);
  if (loaded.ok()) {
    out.state = *loaded;
    out.key = out.state->key;
    out.account = out.state->account;
    return out;
  }
  if (!absl::IsDataLoss(loaded.status())) return loaded.status();
  LIMPID_ASSIGN_OR_RETURN(out.key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(out.account, s.ReadAccount(person));
  return out;
}

// As it stands: what is in memory goes before the store.
absl::StatusOr<LiveRecord> ReadRecord(Persons& persons, const Owner& owner,
                                      const PersonalRow& row) {
  if (owner.state != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        const LiveRecord* record,
        persons.LoadRecord(*owner.state, RecordId(row.key.id)));
    return *record;
  }
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*owner.key, row));
  return LiveRecord::Decode(opened);
}

// What is in force: what she can withdraw, and until when the rest lasts.
struct InForce {
  std::size_t hers = 0;
  std::size_t of_law = 0;
  absl::Time law_until = absl::InfinitePast();
  // Nobody can read them, use them or withdraw them.
  std::size_t unreadable = 0;
  // What is not in force, and the revision below which no permit may be left.
  std::vector<std::pair<RecordId, std::uint64_t>> over;
};

absl::StatusOr<InForce> CountInForce(const Consent::State& s, Persons& persons,
                                     const Owner& owner, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(owner.shard, owner.id, RowKind::kRecord));
  InForce out;
  for (const PersonalRow& row : rows) {
    const auto record = ReadRecord(persons, owner, row);
    if (absl::IsDataLoss(record.status())) {
      ++out.unreadable;
      out.over.emplace_back(row.key.id, UINT64_MAX);
      continue;
    }
    LIMPID_RETURN_IF_ERROR(record.status());
    const Revision& revision = record->revision;
    if (!IsInForce(EffectiveState(revision, now))) {
      out.over.emplace_back(revision.record, revision.number);
      continue;
    }
    const AgreementPointer agreement = s.catalogue.FindAgreement(
        revision.agreement, revision.agreement_version);
    if (agreement == nullptr) {
      ++out.unreadable;
      out.over.emplace_back(revision.record, UINT64_MAX);
    } else if (CheckPersonMay(agreement->content.basis, RecordEvent::kWithdraw)
                   .ok()) {
      ++out.hers;
    } else {
      ++out.of_law;
      out.law_until = std::max(out.law_until, revision.until);
    }
  }
  return out;
}

absl::StatusOr<InForce> CheckNothingInForce(const Consent::State& s,
                                            Persons& persons,
                                            const Owner& owner,
                                            absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(InForce found, CountInForce(s, persons, owner, now));
  std::string why;
  if (found.hers != 0) {
    absl::StrAppend(&why, found.hers,
                    " consent(s) are in force: withdraw them first");
  }
  if (found.of_law != 0) {
    absl::StrAppend(&why, why.empty() ? "" : "; ", found.of_law,
                    " record(s) rest on a law and not on your consent: the "
                    "account can be erased after ",
                    base::TimeText(found.law_until));
  }
  if (!why.empty()) return absl::FailedPreconditionError(why);
  return found;
}

// Adds to `unreadable`: a duty that nobody can read is evidence of nothing.
absl::Status CheckNoDutyRuns(const Consent::State& s, const Owner& owner,
                             absl::Time now, std::size_t& unreadable) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(owner.shard, owner.id, RowKind::kDeletionDuty));
  std::size_t running = 0;
  for (const PersonalRow& row : rows) {
    const auto duty = OpenDuty(*owner.key, row);
    if (!duty.ok()) {
      ++unreadable;
      continue;
    }
    const DutyState state = StateAt(*duty, now);
    running +=
        state == DutyState::kOpen || state == DutyState::kOverdue ? 1U : 0U;
  }
  if (running == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      running,
      " deletion(s) by services are still to come, and your account holds the "
      "evidence of what must go: wait for their answers, or sign that you give "
      "it up"));
}

void Tell(const Consent::State& s, const absl::Status& what) {
  if (!what.ok()) s.Alarm(what);
}

// What one call hands from the sequencer's thread to the caller's.
struct Begun {
  BegunErasure answer;
  // Place of the confirmation in the batch's receipts.
  std::size_t receipt = 0;
  // Records of whose services nothing is known any more.
  std::size_t untold = 0;
};

struct Beginning {
  Consent::State& s;
  const PersonId& id;
  const receipt::SignedAccountErasure& erasure;
  const receipt::AccountErasureRequest& terms;

  [[nodiscard]] ErasingParts Parts() const {
    return {s.parts.store, s.person_keys, s.blinder, s.row_key, s.catalogue};
  }
  absl::StatusOr<Begun> Run(Persons& persons, Batch& batch) const;
  // Whether all is done.
  [[nodiscard]] bool GoOn() const;
};

absl::StatusOr<Begun> Beginning::Run(Persons& persons, Batch& batch) const {
  LIMPID_ASSIGN_OR_RETURN(const Owner owner, LoadOwner(s, persons, id));
  if (owner.account.keys.empty() ||
      !receipt::AccountErasureIsSigned(erasure, owner.account.keys.front())) {
    return Wrong("signature");
  }
  const absl::Time now = batch.time();
  LIMPID_RETURN_IF_ERROR(CheckTerms(s, terms, id, now));
  Begun out;
  LIMPID_ASSIGN_OR_RETURN(const InForce found,
                          CheckNothingInForce(s, persons, owner, now));
  std::size_t& unreadable = out.answer.unreadable_count;
  unreadable = found.unreadable;
  if (!terms.give_up_duties) {
    LIMPID_RETURN_IF_ERROR(CheckNoDutyRuns(s, owner, now, unreadable));
  }
  LIMPID_ASSIGN_OR_RETURN(out.untold, BeginErasing(Parts(), id, batch));
  batch.AddAccountErased(id);
  // Who withdrew a moment ago may wait still for bytes on their way.
  for (const auto& [record, revision] : found.over) {
    batch.RepeatStop(record, revision);
  }
  batch.AfterCommit([&persons, person = id] { persons.Forget(person); });
  // As it is signed.
  out.answer.time = absl::FromUnixMillis(absl::ToUnixMillis(now));
  out.receipt = batch.AddReceipt(receipt::AccountErasedItem(
      id.bytes(), out.answer.time, erasure.canonical_json));
  return out;
}

bool Beginning::GoOn() const {
  for (std::size_t page = 0; page < AccountErasureDesk::kMostPages; ++page) {
    const auto done = s.sequencer->Call<ErasedPage>(
        [this](Persons& /*persons*/, Batch& batch) {
          return EraseNextPage(Parts(), id, batch);
        },
        nullptr, /*alone=*/true);
    // Its row is due: the sequencer tries again by itself.
    if (!done.ok()) return false;
    Tell(s, AboutUnreadable(done->unreadable));
    if (done->last) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<BegunErasure> AccountErasureDesk::Erase(
    const PersonId& person, const receipt::SignedAccountErasure& erasure) {
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::AccountErasureRequest terms,
      receipt::AccountErasureRequest::Parse(erasure.canonical_json));
  Consent::State& s = consent_.state();
  const Beginning beginning{s, person, erasure, terms};
  LIMPID_ASSIGN_OR_RETURN(
      Begun begun, s.sequencer->Call<Begun>(
                       [&](Persons& persons, Batch& batch) {
                         return beginning.Run(persons, batch);
                       },
                       [](Begun& out, const BatchProofs& proofs) {
                         out.answer.proof = proofs.receipts.at(out.receipt);
                       },
                       /*alone=*/true));
  Tell(s, AboutUnreadable(begun.answer.unreadable_count));
  Tell(s, AboutUntold(begun.untold));
  begun.answer.finished = beginning.GoOn();
  return std::move(begun.answer);
}

}  // namespace limpid::consent
