#include "consent/record/basis.h"

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "consent/agreement/agreement.h"

namespace limpid::consent {
namespace {

using receipt::LegalBasis;

// What ends or restrains a permission at the person's will alone.
bool NeedsConsentAsBasis(RecordEvent event) {
  return event == RecordEvent::kWithdraw || event == RecordEvent::kPause ||
         event == RecordEvent::kNarrow;
}

}  // namespace

absl::Status CheckPersonMay(LegalBasis basis, RecordEvent event) {
  if (basis == LegalBasis::kConsent || !NeedsConsentAsBasis(event)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the legal basis is ", base::ToAbsl(LegalBasisName(basis)),
                   ", not consent: ", base::ToAbsl(EventName(event)),
                   " is not possible; object to the record instead"));
}

std::string_view ObjectionRefusal(LegalBasis basis) {
  switch (basis) {
    case LegalBasis::kConsent:
      return "The basis is your consent: withdraw it, no objection is needed.";
    case LegalBasis::kContract:
      return "The basis is a contract with you (GDPR Article 6(1)(b)); the "
             "right to object of Article 21(1) does not reach it. Ending the "
             "contract does.";
    case LegalBasis::kLegalObligation:
      return "The basis is a legal obligation (GDPR Article 6(1)(c)); the "
             "right to object of Article 21(1) does not reach it. You can "
             "complain to the supervisory authority (Article 77).";
    case LegalBasis::kVitalInterests:
      return "The basis is somebody's vital interests (GDPR Article 6(1)(d)); "
             "the right to object of Article 21(1) does not reach it. You can "
             "complain to the supervisory authority (Article 77).";
    case LegalBasis::kPublicTask:
    case LegalBasis::kLegitimateInterests:
      return "";
  }
  return "No right to object is known for this basis.";
}

std::string_view LawOf(LegalBasis basis) {
  switch (basis) {
    case LegalBasis::kConsent:
      return "GDPR Article 6(1)(a)";
    case LegalBasis::kContract:
      return "GDPR Article 6(1)(b)";
    case LegalBasis::kLegalObligation:
      return "GDPR Article 6(1)(c)";
    case LegalBasis::kVitalInterests:
      return "GDPR Article 6(1)(d)";
    case LegalBasis::kPublicTask:
      return "GDPR Article 6(1)(e)";
    case LegalBasis::kLegitimateInterests:
      return "GDPR Article 6(1)(f)";
  }
  return "";
}

bool MayObject(LegalBasis basis) {
  return basis == LegalBasis::kPublicTask ||
         basis == LegalBasis::kLegitimateInterests;
}

std::string_view RemedyOf(LegalBasis basis) {
  if (!MayObject(basis)) return ObjectionRefusal(basis);
  return "You can object, for reasons of your own situation (GDPR Article "
         "21(1)); the record is paused at once. You can also complain to the "
         "supervisory authority (Article 77).";
}

}  // namespace limpid::consent
