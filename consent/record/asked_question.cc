#include "consent/record/asked_question.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
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
// Revisions of one look at the store; most records have fewer.
constexpr std::size_t kRevisionsPerRead = 16;

const AgreementLine* DerivedLine(const Agreement& agreement,
                                 std::uint16_t line) {
  const AgreementLine& out = agreement.content.lines.at(line);
  // Signed or not, it is the same question.
  return receipt::HasDerivation(out.form) ? &out : nullptr;
}

bool IsSame(const AskedQuestion& asked, const AgreementLine& line) {
  return asked.derivation == line.derivation &&
         asked.parameters == line.parameters;
}

// Positions of the lines that ask exactly what was asked about `attribute`.
std::vector<std::uint16_t> LinesThatAsk(const Agreement& agreement,
                                        std::string_view attribute,
                                        const AskedQuestion& asked) {
  std::vector<std::uint16_t> out;
  const auto& lines = agreement.content.lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (receipt::HasDerivation(lines[i].form) &&
        lines[i].attribute == attribute && IsSame(asked, lines[i])) {
      out.push_back(static_cast<std::uint16_t>(i));
    }
  }
  return out;
}

bool HasAny(const Revision& revision,
            const std::vector<std::uint16_t>& wanted) {
  return std::find_first_of(revision.lines.begin(), revision.lines.end(),
                            wanted.begin(),
                            wanted.end()) != revision.lines.end();
}

// Whether one of `wanted` was ever granted in the record: a narrowing takes
// away what may have been answered before.
absl::StatusOr<bool> EverHadAny(const Asking& asking, const PersonState& person,
                                const Revision& newest,
                                const std::vector<std::uint16_t>& wanted) {
  if (HasAny(newest, wanted)) return true;
  RowKey below =
      RevisionRowKey(person.shard, person.id, newest.record, newest.number);
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto rows,
                            asking.store.ListDown(below, kRevisionsPerRead));
    for (const PersonalRow& row : rows) {
      LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                              OpenRow(*person.key, row));
      LIMPID_ASSIGN_OR_RETURN(const Revision revision,
                              Revision::Decode(opened));
      if (HasAny(revision, wanted)) return true;
    }
    if (rows.size() < kRevisionsPerRead) return false;
    below = rows.back().key;
  }
}

absl::StatusOr<bool> WasReleased(const Asking& asking,
                                 const PersonState& person,
                                 const RecordId& id) {
  if (person.release_days.contains(id)) return true;
  // Days of releases come behind every revision: the last row says it.
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<PersonalRow> last,
      asking.store.ListDown(DutyRowKey(person.shard, person.id, id, INT64_MAX),
                            1));
  return !last.empty() && last.front().key.sequence >= kFirstLifeSequence;
}

// Whether the question was or may still be answered under the record.
absl::StatusOr<bool> Answers(const Asking& asking, const PersonState& person,
                             const Revision& revision,
                             std::string_view attribute,
                             const AskedQuestion& asked) {
  const ServicePointer service = asking.catalogue.FindService(revision.service);
  const AgreementPointer agreement = asking.catalogue.FindAgreement(
      revision.agreement, revision.agreement_version);
  if (service == nullptr || agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  if (service->organisation != asking.service->organisation) return false;
  const auto wanted = LinesThatAsk(*agreement, attribute, asked);
  if (wanted.empty()) return false;
  if (IsInForce(revision.state) && HasAny(revision, wanted)) return true;
  LIMPID_ASSIGN_OR_RETURN(const bool released,
                          WasReleased(asking, person, revision.record));
  if (!released) return false;
  return EverHadAny(asking, person, revision, wanted);
}

// A line that would derive something else than was asked before.
struct OtherQuestion {
  // Position of the line.
  std::uint16_t at = 0;
  // Of the agreement.
  std::string_view attribute;
  AskedQuestion asked;
};

absl::StatusOr<std::vector<OtherQuestion>> OthersOf(
    const Asking& asking, const std::vector<std::uint16_t>& lines,
    const Agreement& agreement, PersonState& person) {
  std::vector<OtherQuestion> out;
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
    out.push_back({at, line->attribute, *asked});
  }
  return out;
}

// The first of `others` whose earlier question the record answers; null.
absl::StatusOr<const OtherQuestion*> AnsweredBy(
    const Asking& asking, const PersonState& person, const Revision& revision,
    const std::vector<OtherQuestion>& others) {
  for (const OtherQuestion& one : others) {
    LIMPID_ASSIGN_OR_RETURN(
        const bool answers,
        Answers(asking, person, revision, one.attribute, one.asked));
    if (answers) return &one;
  }
  return nullptr;
}

// Of those that asked first. Most often one of them stands, and no other record
// has to be opened.
absl::StatusOr<const OtherQuestion*> AnsweredByFirst(
    const Asking& asking, PersonState& person,
    const std::vector<OtherQuestion>& others) {
  for (const OtherQuestion& one : others) {
    const auto first = asking.persons.LoadRecord(person, one.asked.record);
    if (absl::IsNotFound(first.status())) continue;
    LIMPID_RETURN_IF_ERROR(first.status());
    LIMPID_ASSIGN_OR_RETURN(
        const bool answers,
        Answers(asking, person, (*first)->revision, one.attribute, one.asked));
    if (answers) return &one;
  }
  return nullptr;
}

// Of all of the person's records: the one that asked first may be dead while a
// later one answered it. Opens each once, whatever the number of lines.
absl::StatusOr<const OtherQuestion*> AnsweredByAny(
    const Asking& asking, const PersonState& person,
    const std::vector<OtherQuestion>& others) {
  // What this batch has changed is in memory only.
  for (const auto& [id, live] : person.records) {
    LIMPID_ASSIGN_OR_RETURN(const OtherQuestion* const found,
                            AnsweredBy(asking, person, live.revision, others));
    if (found != nullptr) return found;
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      asking.store.ListKind(person.shard, person.id, RowKind::kRecord));
  for (const PersonalRow& row : rows) {
    if (person.records.contains(RecordId(row.key.id))) continue;
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*person.key, row));
    LIMPID_ASSIGN_OR_RETURN(const LiveRecord live, LiveRecord::Decode(opened));
    LIMPID_ASSIGN_OR_RETURN(const OtherQuestion* const found,
                            AnsweredBy(asking, person, live.revision, others));
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Asking> AskingOf(const Consent::State& s,
                                const ServiceId& service, Persons& persons) {
  Asking out{s.parts.store, s.blinder, s.catalogue,
             s.catalogue.FindService(service), persons};
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
  LIMPID_ASSIGN_OR_RETURN(const std::vector<OtherQuestion> others,
                          OthersOf(asking, lines, agreement, person));
  if (others.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const OtherQuestion* answered,
                          AnsweredByFirst(asking, person, others));
  if (answered == nullptr) {
    LIMPID_ASSIGN_OR_RETURN(answered, AnsweredByAny(asking, person, others));
  }
  if (answered == nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "lines[", answered->at,
      "]: this organisation was answered another question about the same "
      "attribute before; both answers together would say more than the "
      "agreement shows"));
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
    // The first to be granted stays: the row says what, and CheckQuestions
    // looks at every record that asked it.
    if (!asked->none() && IsSame(*asked, *line)) continue;
    *asked = {record, line->derivation, line->parameters};
    row.created_ms = absl::ToUnixMillis(batch.time());
    row.payload = SealRow(*person.key, row.key, asked->Encode());
    batch.Replace(std::move(row));
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
