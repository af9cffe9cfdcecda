#include "consent/record/asked_question.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "consent/duty/duty_rows.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kQuestionBlind = 110;

const AgreementLine* DerivedLine(const Agreement& agreement,
                                 std::uint16_t line) {
  const AgreementLine& out = agreement.content.lines.at(line);
  return out.form == receipt::Form::kDerived ? &out : nullptr;
}

bool IsSame(const AskedQuestion& asked, const AgreementLine& line) {
  return asked.derivation == line.derivation &&
         asked.parameters == line.parameters;
}

// Whether anything was or may still be released under the record.
absl::StatusOr<bool> Counts(const Asking& asking, PersonState& person,
                            const RecordId& id) {
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord* record,
                          asking.persons.LoadRecord(person, id));
  if (IsInForce(record->revision.state)) return true;
  if (person.release_days.contains(id)) return true;
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<PersonalRow> duties,
      DutyRowsOf(asking.store, person.shard, person.id, id));
  // Days of releases come behind every revision.
  return !duties.empty() && duties.front().key.sequence >= kFirstLifeSequence;
}

}  // namespace

absl::StatusOr<Asking> AskingOf(const Consent::State& s,
                                const ServiceId& service, Persons& persons) {
  Asking out{s.parts.store, s.blinder, s.catalogue.FindService(service),
             persons};
  if (out.service == nullptr) {
    return absl::DataLossError("a record's service is missing");
  }
  return out;
}

RowKey QuestionRowKey(const Blinder& blinder, const PersonState& person,
                      std::string_view organisation,
                      std::string_view attribute) {
  // The person goes in, so that equal questions to two persons do not show.
  const RowId id = blinder.Blind(
      kQuestionBlind, {person.id.bytes(), base::AsBytes(organisation),
                       base::AsBytes(attribute)});
  return {person.shard, person.id, RowKind::kAskedQuestion, id, 0};
}

absl::Status CheckQuestions(const Asking& asking,
                            const std::vector<std::uint16_t>& lines,
                            const Agreement& agreement, PersonState& person) {
  for (const std::uint16_t at : lines) {
    const AgreementLine* const line = DerivedLine(agreement, at);
    if (line == nullptr) continue;
    LIMPID_ASSIGN_OR_RETURN(
        const AskedQuestion* asked,
        asking.persons.LoadQuestion(
            person,
            QuestionRowKey(asking.blinder, person, asking.service->organisation,
                           line->attribute)));
    if (asked->none() || IsSame(*asked, *line)) continue;
    LIMPID_ASSIGN_OR_RETURN(const bool counts,
                            Counts(asking, person, asked->record));
    if (!counts) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "lines[", at,
        "]: this organisation was answered another question about the same "
        "attribute before; both answers together would say more than the "
        "agreement shows"));
  }
  return absl::OkStatus();
}

absl::Status NoteQuestions(const Asking& asking, const RecordId& record,
                           const std::vector<std::uint16_t>& lines,
                           const Agreement& agreement, PersonState& person,
                           Batch& batch) {
  for (const std::uint16_t at : lines) {
    const AgreementLine* const line = DerivedLine(agreement, at);
    if (line == nullptr) continue;
    PersonalRow row;
    row.key = QuestionRowKey(asking.blinder, person,
                             asking.service->organisation, line->attribute);
    LIMPID_ASSIGN_OR_RETURN(AskedQuestion* const asked,
                            asking.persons.LoadQuestion(person, row.key));
    // The first to be granted stays: its record may have been used.
    if (!asked->none() && IsSame(*asked, *line)) continue;
    *asked = {record, line->derivation, line->parameters};
    row.created_ms = absl::ToUnixMillis(batch.time());
    row.payload = SealRow(*person.key, row.key, asked->Encode());
    batch.Replace(std::move(row));
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
