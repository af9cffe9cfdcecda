// The id of a receipt, which follows from the access it is of.
// docs/formats/receipt.md, "Body"

#ifndef LIMPID_COMMON_RECEIPT_RECEIPT_ID_H_
#define LIMPID_COMMON_RECEIPT_RECEIPT_ID_H_

#include <string>

#include "common/base/bytes.h"

namespace limpid::receipt {

// "rcp_" and 26 characters; `access` are the 16 bytes of its id. The receipt of
// an access has one id however often it is asked for, and does not tell which
// access that is to who does not know it.
std::string ReceiptIdText(const base::ByteArray<16>& access);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_RECEIPT_ID_H_
