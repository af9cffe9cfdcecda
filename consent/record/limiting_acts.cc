// The acts of a person beside granting and ending: put the answer off, give
// less, object where the basis is not consent, let a refused service ask again.

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/record/acts.h"
#include "consent/record/basis.h"
#include "consent/record/narrowing.h"

namespace limpid::consent {
namespace {

// How the reason of a pause begins that an objection brought.
constexpr std::string_view kObjection = "objection under GDPR Article 21(1)";
constexpr std::size_t kMaxObjectionBytes = 900;

absl::StatusOr<LiveRecord> Lift(const PersonId& owner, const RecordId& id,
                                Persons& persons, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord * record, persons.LoadRecord(*person, id));
  if (record->revision.state != RecordState::kRefused) {
    return absl::FailedPreconditionError("the record was not refused");
  }
  if (record->ask_not_before != absl::UnixEpoch()) {
    record->ask_not_before = absl::UnixEpoch();
    batch.Put(*person, *record);
  }
  return *record;
}

}  // namespace

absl::StatusOr<ChangedRecord> Consent::Defer(const PersonId& person,
                                             const RecordId& record) {
  Act act;
  act.event = RecordEvent::kDefer;
  return RunAct(*state_, person, record, act);
}

absl::StatusOr<ChangedRecord> Consent::Narrow(const PersonId& person,
                                              const RecordId& record,
                                              const Narrowing& narrowing) {
  LIMPID_ASSIGN_OR_RETURN(const RecordView view, GetRecord(person, record));
  // The lines stand or fall together; which agreement it is never changes.
  if (view.agreement->content.atomic && IsInForce(view.state) &&
      DropsLines(narrowing, view.revision, *view.agreement)) {
    return Withdraw(person, record);
  }
  Act act;
  act.event = RecordEvent::kNarrow;
  act.make = [&narrowing](const LiveRecord& live, const Agreement& agreement,
                          absl::Time now) {
    return NarrowedRevision(narrowing, live.revision, agreement, now);
  };
  return RunAct(*state_, person, record, act);
}

absl::StatusOr<Objection> Consent::ObjectTo(const PersonId& person,
                                            const RecordId& record,
                                            const std::string& grounds) {
  if (grounds.size() > kMaxObjectionBytes || !base::IsUtf8(grounds)) {
    return absl::InvalidArgumentError("grounds: is too long or not UTF-8");
  }
  LIMPID_ASSIGN_OR_RETURN(RecordView view, GetRecord(person, record));
  Objection out;
  out.refusal = ObjectionRefusal(view.agreement->content.basis);
  if (!out.refusal.empty()) {
    out.record = std::move(view);
    return out;
  }
  Act act;
  act.event = RecordEvent::kPause;
  act.objection = true;
  act.reason = absl::StrCat(base::ToAbsl(kObjection),
                            grounds.empty() ? "" : ": ", grounds);
  LIMPID_ASSIGN_OR_RETURN(ChangedRecord changed,
                          RunAct(*state_, person, record, act));
  out.record = std::move(changed.record);
  return out;
}

absl::StatusOr<RecordView> Consent::AllowAskingAgain(const PersonId& person,
                                                     const RecordId& record) {
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(
      const LiveRecord live,
      s.sequencer->Call<LiveRecord>([&](Persons& persons, Batch& batch) {
        return Lift(person, record, persons, batch);
      }));
  return s.ViewOf(live, s.parts.clock.Now());
}

}  // namespace limpid::consent
