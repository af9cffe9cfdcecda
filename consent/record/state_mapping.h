// What the states of a record are called elsewhere, as one table per
// vocabulary, read both ways. Other vocabularies know fewer states, so an
// export carries our own name beside theirs; without it, an import chooses an
// ended state before one that could come back into force.

#ifndef LIMPID_CONSENT_RECORD_STATE_MAPPING_H_
#define LIMPID_CONSENT_RECORD_STATE_MAPPING_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/record/revision.h"
#include "consent/record/state.h"

namespace limpid::consent {

enum class Vocabulary : std::uint8_t {
  // GovStack Consent BB 1.1: `optIn` ("true", "false") and `state`.
  kGovStack,
  // W3C DPV 2: consent status IRI.
  kDpv,
  // ReBIT Account Aggregator 2.0: consent `status` and, behind it, the status
  // of the consent handle.
  kAccountAggregator,
  // HL7 FHIR R6 Consent.status.
  kFhir,
  // CAMARA Consent Info: `statusValidForProcessing` and `statusReason`.
  kCamara,
  // Google Cloud Healthcare Consent.state.
  kGoogleHealthcare,
};

inline constexpr std::array kAllVocabularies = {
    Vocabulary::kGovStack, Vocabulary::kDpv,    Vocabulary::kAccountAggregator,
    Vocabulary::kFhir,     Vocabulary::kCamara, Vocabulary::kGoogleHealthcare};

struct ForeignState {
  // The first of the vocabulary's two members; empty where it has no word.
  std::string_view code;
  // The second; empty where there is none.
  std::string_view detail;

  friend bool operator==(const ForeignState&, const ForeignState&) = default;
};

// What to show, with StateName(state) as the extension beside it. `state` is an
// effective one.
ForeignState ExportState(Vocabulary vocabulary, RecordState state);
// The same of a revision at `now`: an expiry that nobody wrote yet shows.
ForeignState ExportState(Vocabulary vocabulary, const Revision& revision,
                         absl::Time now);

// The state that `foreign` means. `extension` is our own name, or empty.
//
// Errors:
//   kInvalidArgument  the vocabulary has no such words, or they do not fit the
//                     extension.
absl::StatusOr<RecordState> ImportState(Vocabulary vocabulary,
                                        const ForeignState& foreign,
                                        std::string_view extension);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_STATE_MAPPING_H_
