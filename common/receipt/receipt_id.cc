#include "common/receipt/receipt_id.h"

#include "common/base/id.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::receipt {

std::string ReceiptIdText(const base::ByteArray<16>& access) {
  base::ByteWriter out("limpid/receipt-id/1");
  out.Raw(access);
  const base::Digest32 hash = crypto::Sha256(out.bytes());
  return base::FormatIdText("rcp", base::ByteView(hash).first(base::kIdBytes));
}

}  // namespace limpid::receipt
