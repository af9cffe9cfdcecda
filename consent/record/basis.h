// What a person may do under each legal basis of GDPR Article 6(1). Consent is
// hers to withdraw; the others are not, and two of them she may object to.
// docs/adr/2026-11-28-object-is-not-withdraw.md

#ifndef LIMPID_CONSENT_RECORD_BASIS_H_
#define LIMPID_CONSENT_RECORD_BASIS_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/receipt/access_entry.h"
#include "consent/record/state.h"

namespace limpid::consent {

// Errors:
//   kFailedPrecondition  the person cannot cause `event` under this basis; the
//                        message says what she can do instead.
absl::Status CheckPersonMay(receipt::LegalBasis basis, RecordEvent event);

// Why an objection changes nothing under this basis, one fixed sentence that
// names the law; empty where it pauses the record.
std::string_view ObjectionRefusal(receipt::LegalBasis basis);

// "GDPR Article 6(1)(c)".
std::string_view LawOf(receipt::LegalBasis basis);

// Whether the law lets the person object under this basis.
[[nodiscard]] bool MayObject(receipt::LegalBasis basis);

// What the person can do about processing under this basis, one fixed text that
// names the law; speaks of withdrawing for consent alone.
std::string_view RemedyOf(receipt::LegalBasis basis);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_BASIS_H_
