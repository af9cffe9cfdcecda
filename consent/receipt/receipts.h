// Makes receipt bodies from entries. Who may see one, and how it is proven, is
// decided elsewhere. docs/formats/receipt.md

#ifndef LIMPID_CONSENT_RECEIPT_RECEIPTS_H_
#define LIMPID_CONSENT_RECEIPT_RECEIPTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/receipt.h"
#include "consent/agreement/agreement.h"
#include "consent/ids.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// Every line of the agreement as an entry about the record itself lists it: the
// chosen ones in their form with `of_chosen`, the others with NO_CONSENT.
std::vector<receipt::AccessLine> LinesOf(const Revision& revision,
                                         const Agreement& agreement,
                                         receipt::Reason of_chosen);

// The type of receipt that entries of this kind have.
std::optional<receipt::ReceiptType> ReceiptTypeOf(receipt::AccessKind kind);

struct ReceiptFacts {
  const receipt::AccessEntry& entry;
  base::Digest32 commitment{};
  // Null when the entry is about no record that stands.
  const Revision* revision = nullptr;
  const std::string& operator_name;
  absl::Time log_by;
};

// The entry's kind has a type.
receipt::ReceiptBody BodyOf(const ReceiptFacts& facts);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECEIPT_RECEIPTS_H_
