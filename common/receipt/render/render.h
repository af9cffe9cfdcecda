// A receipt in the words of others: ISO/IEC TS 27560 in DPV JSON-LD, Kantara
// Consent Receipt 1.1, GovStack revision and signature. Pure functions of one
// source. Every rendering carries the receipt file, so that it stays
// verifiable, and lists what its format could not say.
// docs/formats/receipt-renderings.md

#ifndef LIMPID_COMMON_RECEIPT_RENDER_RENDER_H_
#define LIMPID_COMMON_RECEIPT_RENDER_RENDER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/receipt/render/source.h"

namespace limpid::receipt {

enum class DpvProfile : std::uint8_t {
  kRecord = 1,
  kRecordEuGdpr = 2,
  kReceipt = 3,
  kReceiptEuGdpr = 4,
};

// Canonical JSON. The state stands in dpv:hasConsentStatus, and in our own
// words in limpid:state.
std::string RenderDpv(const RenderSource& source, DpvProfile profile);

// Canonical JSON of KI-CR-v1.1.0.
//
// Errors:
//   kFailedPrecondition  the record is not in force: this format has no state,
//                        so that an ended consent would look given.
absl::StatusOr<std::string> RenderKantara(const RenderSource& source);

// Canonical JSON of {revision, signature}.
std::string RenderGovStack(const RenderSource& source);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_RENDER_RENDER_H_
