// The leaf of a registration: what parses is written back byte for byte, so
// that no two entries of the register log mean the same version.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/receipt/registration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace receipt = limpid::receipt;
  const limpid::base::ByteView bytes(data, size);
  const auto leaf = receipt::ParseRegistrationLeafBody(bytes);
  if (leaf.ok()) {
    LIMPID_CHECK(receipt::RegistrationLeafBody(*leaf) ==
                 limpid::base::ToBytes(bytes));
  }
  (void)receipt::VerifyRegistrationLeaf(bytes).ok();
  return 0;
}
