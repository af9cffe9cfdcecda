// What a service says about a deletion duty: deleted, or kept on a legal
// ground. Each is one task of the sequencer and one entry of the person's
// chain.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/duty/duty_rows.h"

namespace limpid::consent {
namespace {

absl::Status NoDuty() { return absl::NotFoundError("no such deletion duty"); }

// A service's answer to one duty.
struct Answer {
  ServiceId service;
  DutyId duty;
  DutyState state = DutyState::kAcknowledged;
  std::optional<RefusalReason> refusal;
  std::string explanation;
};

// The service's duty as the store has it now, and where.
struct Found {
  RowKey key;
  Duty duty;
};

absl::StatusOr<Found> FindDuty(const LedgerStore& store, Persons& persons,
                               const Answer& answer) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row, store.Find(RowKind::kDeletionDuty, answer.duty.bytes()));
  if (!row) return NoDuty();
  const auto person = persons.Load(row->key.person);
  if (absl::IsNotFound(person.status())) return NoDuty();
  LIMPID_RETURN_IF_ERROR(person.status());
  LIMPID_ASSIGN_OR_RETURN(Duty duty, OpenDuty(*(*person)->key, *row));
  if (duty.service != answer.service) return NoDuty();
  return Found{row->key, std::move(duty)};
}

void Write(Batch& batch, const PersonState& person, const RowKey& key,
           Duty& duty, const Answer& answer) {
  duty.state = answer.state;
  duty.answered = batch.time();
  duty.refusal = answer.refusal;
  duty.explanation = answer.explanation;
  batch.Replace(RowOf(duty, key, *person.key));
}

// An ended consent leaves nothing to keep: its duty stands for every other one
// of the record.
absl::Status AnswerTheRest(const Consent::State& s, PersonState& person,
                           const Found& found, const Answer& answer,
                           Batch& batch) {
  if (found.duty.cause == DutyCause::kNarrowed ||
      found.duty.cause == DutyCause::kDataLife) {
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<PersonalRow> rows,
      DutyRowsOf(s.parts.store, person.shard, person.id, found.duty.record));
  absl::Status damage;
  for (const PersonalRow& row : rows) {
    if (row.key == found.key) continue;
    auto duty = OpenDuty(*person.key, row);
    if (!duty.ok()) {
      // It keeps no other from being answered.
      damage = absl::DataLossError("a deletion duty does not open");
    } else if (duty->state != DutyState::kAcknowledged) {
      Write(batch, person, row.key, *duty, answer);
    }
  }
  if (!damage.ok()) s.Alarm(damage);
  return absl::OkStatus();
}

absl::Status Enter(const Consent::State& s, PersonState& person,
                   const Duty& duty, const Answer& answer, Batch& batch) {
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(duty.agreement, duty.agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a deletion duty's agreement is missing");
  }
  receipt::AccessEntry entry;
  entry.kind = answer.state == DutyState::kAcknowledged
                   ? receipt::AccessKind::kDeletionAcknowledged
                   : receipt::AccessKind::kDeletionRefused;
  entry.actor = receipt::Actor::kService;
  entry.service = duty.service.bytes();
  entry.record = duty.record.bytes();
  entry.revision = duty.revision;
  entry.basis = agreement->content.basis;
  entry.purpose = agreement->content.purposes.front();
  batch.Append(person, std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<Duty> Perform(const Consent::State& s, const Answer& answer,
                             Persons& persons, Batch& batch) {
  const LedgerStore& store = s.parts.store;
  LIMPID_ASSIGN_OR_RETURN(Found found, FindDuty(store, persons, answer));
  Duty& duty = found.duty;
  if (duty.state == answer.state) {
    if (duty.refusal == answer.refusal &&
        duty.explanation == answer.explanation) {
      return duty;
    }
    return absl::FailedPreconditionError("the duty was refused differently");
  }
  if (duty.state == DutyState::kAcknowledged) {
    return absl::FailedPreconditionError("the deletion was acknowledged");
  }
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(found.key.person));
  if (answer.state == DutyState::kAcknowledged) {
    LIMPID_RETURN_IF_ERROR(AnswerTheRest(s, *person, found, answer, batch));
    // What is released from now on is owed anew.
    person->release_days.erase(duty.record);
  }
  LIMPID_RETURN_IF_ERROR(Enter(s, *person, duty, answer, batch));
  Write(batch, *person, found.key, duty, answer);
  return duty;
}

absl::StatusOr<DutyView> Run(Consent::State& s, const Answer& answer) {
  // Alone: another task of the batch could be writing the same duty.
  LIMPID_ASSIGN_OR_RETURN(Duty duty, s.sequencer->Call<Duty>(
                                         [&](Persons& persons, Batch& batch) {
                                           return Perform(s, answer, persons,
                                                          batch);
                                         },
                                         nullptr, /*alone=*/true));
  DutyView out;
  out.service = s.catalogue.FindService(duty.service);
  out.duty = std::move(duty);
  return out;
}

}  // namespace

absl::StatusOr<DutyView> DutyDesk::AcknowledgeDeletion(const ServiceId& service,
                                                       const DutyId& duty) {
  Answer answer;
  answer.service = service;
  answer.duty = duty;
  return Run(state_, answer);
}

absl::StatusOr<DutyView> DutyDesk::RefuseDeletion(
    const ServiceId& service, const DutyId& duty, RefusalReason reason,
    const std::string& explanation) {
  LIMPID_RETURN_IF_ERROR(CheckRefusal(reason, explanation));
  return Run(state_, {service, duty, DutyState::kRefused, reason, explanation});
}

}  // namespace limpid::consent
