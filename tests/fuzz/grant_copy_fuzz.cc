// A grant copy, which a vault takes from any person and a service from any
// vault: what parses is written back byte for byte.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/receipt/grant_copy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace receipt = limpid::receipt;
  const limpid::base::ByteView bytes(data, size);
  const auto copy = receipt::GrantCopy::Decode(bytes);
  if (copy.ok()) {
    LIMPID_CHECK(copy->Encode() == limpid::base::ToBytes(bytes));
    (void)receipt::GrantCopyIsSigned(*copy);
  }
  return 0;
}
