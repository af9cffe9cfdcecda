#include "consent/identity/account_erasure_desk.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

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

// What is in force: what she can withdraw, and until when the rest lasts.
struct InForce {
  std::size_t hers = 0;
  std::size_t of_law = 0;
  absl::Time law_until = absl::InfinitePast();
};

absl::StatusOr<InForce> CountInForce(const Consent::State& s, Persons& persons,
                                     PersonState& person, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(person.shard, person.id, RowKind::kRecord));
  InForce out;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const LiveRecord* record,
                            persons.LoadRecord(person, RecordId(row.key.id)));
    const Revision& revision = record->revision;
    if (!IsInForce(EffectiveState(revision, now))) continue;
    const AgreementPointer agreement = s.catalogue.FindAgreement(
        revision.agreement, revision.agreement_version);
    if (agreement == nullptr) {
      return absl::DataLossError("a record's agreement is missing");
    }
    if (CheckPersonMay(agreement->content.basis, RecordEvent::kWithdraw).ok()) {
      ++out.hers;
    } else {
      ++out.of_law;
      out.law_until = std::max(out.law_until, revision.until);
    }
  }
  return out;
}

absl::Status CheckNothingInForce(const Consent::State& s, Persons& persons,
                                 PersonState& person, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const InForce found,
                          CountInForce(s, persons, person, now));
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
  return why.empty() ? absl::OkStatus() : absl::FailedPreconditionError(why);
}

absl::Status CheckNoDutyRuns(const Consent::State& s, const PersonState& person,
                             absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(person.shard, person.id, RowKind::kDeletionDuty));
  std::size_t running = 0;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const Duty duty, OpenDuty(*person.key, row));
    const DutyState state = StateAt(duty, now);
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

// What one call hands from the sequencer's thread to the caller's.
struct Begun {
  BegunErasure answer;
  // Place of the confirmation in the batch's receipts.
  std::size_t receipt = 0;
};

struct Beginning {
  Consent::State& s;
  const PersonId& owner;
  const receipt::SignedAccountErasure& erasure;
  const receipt::AccountErasureRequest& terms;

  [[nodiscard]] ErasingParts Parts() const {
    return {s.parts.store, s.person_keys, s.blinder, s.row_key};
  }
  absl::StatusOr<Begun> Run(Persons& persons, Batch& batch) const;
  // Whether all is done.
  [[nodiscard]] bool GoOn() const;
};

absl::StatusOr<Begun> Beginning::Run(Persons& persons, Batch& batch) const {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  if (person->account.keys.empty() ||
      !receipt::AccountErasureIsSigned(erasure, person->account.keys.front())) {
    return Wrong("signature");
  }
  const absl::Time now = batch.time();
  LIMPID_RETURN_IF_ERROR(CheckTerms(s, terms, owner, now));
  LIMPID_RETURN_IF_ERROR(CheckNothingInForce(s, persons, *person, now));
  if (!terms.give_up_duties) {
    LIMPID_RETURN_IF_ERROR(CheckNoDutyRuns(s, *person, now));
  }
  LIMPID_RETURN_IF_ERROR(BeginErasing(Parts(), owner, batch));
  batch.AddAccountErased(owner);
  batch.AfterCommit([&persons, id = owner] { persons.Forget(id); });
  Begun out;
  // As it is signed.
  out.answer.time = absl::FromUnixMillis(absl::ToUnixMillis(now));
  out.receipt = batch.AddReceipt(receipt::AccountErasedItem(
      owner.bytes(), out.answer.time, erasure.canonical_json));
  return out;
}

bool Beginning::GoOn() const {
  for (std::size_t page = 0; page < AccountErasureDesk::kMostPages; ++page) {
    const auto done = s.sequencer->Call<bool>(
        [this](Persons& /*persons*/, Batch& batch) {
          return EraseNextPage(Parts(), owner, batch);
        },
        nullptr, /*alone=*/true);
    // Its row is due: the sequencer tries again by itself.
    if (!done.ok()) return false;
    if (*done) return true;
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
  begun.answer.finished = beginning.GoOn();
  return std::move(begun.answer);
}

}  // namespace limpid::consent
