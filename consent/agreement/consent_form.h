// The consent form of an agreement, or of one person's record: modular per
// purpose and operation, with its withdrawal part, for machines as JSON and for
// people as text and HTML. Data Governance Act Art. 25. Shows, decides nothing.
// docs/formats/consent-form.md

#ifndef LIMPID_CONSENT_AGREEMENT_CONSENT_FORM_H_
#define LIMPID_CONSENT_AGREEMENT_CONSENT_FORM_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/json/value.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"
#include "consent/record/revision.h"

namespace limpid::consent {

struct FormFacts {
  const std::string& operator_name;
  const Agreement& agreement;
  const Service& service;
  // Null for the empty form of the agreement.
  const Revision* record = nullptr;
  // BCP 47, what the reader asked for; PickText.
  std::string_view language;
  // For the state of a record whose time has come.
  absl::Time now;
};

// The text in `language`, else in its primary language ("nl" for "nl-BE"), else
// the first. `texts` is not empty.
const LocalizedText& PickText(const std::vector<LocalizedText>& texts,
                              std::string_view language);

// docs/schemas/consent-form-1.json
json::Value MakeForm(const FormFacts& facts);

// A form that MakeForm made, to print. Labels are English; the notice is in the
// form's language.
std::string FormText(const json::Value& form);
// One self-contained HTML5 document: no script, nothing fetched, every text of
// the form escaped.
std::string FormHtml(const json::Value& form);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_CONSENT_FORM_H_
