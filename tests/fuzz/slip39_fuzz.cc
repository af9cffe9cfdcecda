// Shares are typed by people and handed over by guardians. What is read is
// written back as the same share.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/crypto/slip39_share.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace base = limpid::base;
  namespace slip39 = limpid::crypto::slip39;
  const auto share =
      slip39::FromWords(base::SecretBytes::Copy(base::ByteView(data, size)));
  if (!share.ok()) return 0;
  const auto again = slip39::FromWords(slip39::ToWords(*share));
  LIMPID_CHECK(again.ok() && again->info == share->info &&
               again->value == share->value);
  return 0;
}
