// The receipt as the service may keep it: of a record that is its own, salted
// fields only. Refuses to say whether another record exists.
// docs/formats/receipt-service-copy.md

#ifndef LIMPID_CONSENT_RECEIPT_SERVICE_RECEIPT_H_
#define LIMPID_CONSENT_RECEIPT_SERVICE_RECEIPT_H_

#include <string>

#include "absl/status/statusor.h"
#include "consent/consent.h"
#include "consent/ids.h"

namespace limpid::consent {

// The file of a fresh copy for `service` of the receipt of the record's latest
// grant or withdrawal. Two calls give two files that have no salt, digest or
// signature in common. Changes nothing and is not entered in the person's log:
// the service learns nothing that its stream had not told it.
//
// What it does not promise: that a copy made before the entry was logged ever
// turns up in the log; `commitment` and `log_by` of the copy say what to look
// for and until when. An unknown record and another service's take the same
// steps up to the opening of one row of the size of a record; whether a key or
// row was in a cache is not hidden.
//
// Errors:
//   kNotFound  no record of the service, or none with a receipt; never says
//              which.
absl::StatusOr<std::string> ServiceReceipt(const Consent& consent,
                                           const ServiceId& service,
                                           const RecordId& record);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECEIPT_SERVICE_RECEIPT_H_
