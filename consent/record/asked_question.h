// One question per organisation about one of a person's attributes. Two
// thresholds about one birth date say more than either, and a dozen say the
// date: a grant whose derived line differs from an earlier one of the same
// organisation is refused. docs/formats/asked-question.md

#ifndef LIMPID_CONSENT_RECORD_ASKED_QUESTION_H_
#define LIMPID_CONSENT_RECORD_ASKED_QUESTION_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/agreement/agreement.h"
#include "consent/consent_state.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Where the question of an organisation about an attribute is kept.
RowKey QuestionRowKey(const Blinder& blinder, const PersonState& person,
                      std::string_view organisation,
                      std::string_view attribute);

// Who asks, and where what was asked is found.
struct Asking {
  const LedgerStore& store;
  const Blinder& blinder;
  const Catalogue& catalogue;
  // Shared with the catalogue; its organisation is what counts.
  ServicePointer service;
  Persons& persons;
};

// Errors:
//   kDataLoss  no such service.
absl::StatusOr<Asking> AskingOf(const Consent::State& s,
                                const ServiceId& service, Persons& persons);

// Whether what the lines of a grant would derive was not asked otherwise
// before. It counts while any record of hers with the organisation that asks it
// is in force, or something was released under one that asked it. Where another
// question is asked it opens the record that asked first, and only where that
// one does not count each of her records, once.
//
// Errors:
//   kFailedPrecondition  it was; the message names the line.
//   kDataLoss            the service or agreement of a record is missing.
absl::Status CheckQuestions(const Asking& asking,
                            const std::vector<std::uint16_t>& lines,
                            const Agreement& agreement, PersonState& person);

// Remembers them, in the commit of the grant of `record`. CheckQuestions said
// yes in the same batch.
absl::Status NoteQuestions(const Asking& asking, const RecordId& record,
                           const std::vector<std::uint16_t>& lines,
                           const Agreement& agreement, PersonState& person,
                           Batch& batch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_ASKED_QUESTION_H_
