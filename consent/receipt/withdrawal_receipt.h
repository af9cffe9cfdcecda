// The receipt that a repeated withdrawal is answered with: of the withdrawal or
// none, never of the grant that it ended.

#ifndef LIMPID_CONSENT_RECEIPT_WITHDRAWAL_RECEIPT_H_
#define LIMPID_CONSENT_RECEIPT_WITHDRAWAL_RECEIPT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "consent/consent.h"
#include "consent/ids.h"

namespace limpid::consent {

// Of a record that is withdrawn. None where the withdrawal has no receipt: it
// was replayed after an older store was put back, or the person had its entry
// erased.
//
// Errors:
//   kNotFound  the person has no such record.
absl::StatusOr<std::optional<ReceiptView>> WithdrawalReceipt(
    const Consent& consent, const PersonId& person, const RecordId& record);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECEIPT_WITHDRAWAL_RECEIPT_H_
