// A bundle comes from a disk that the person does not watch. A header that is
// read is written back as the same bytes.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/crypto/age_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace crypto = limpid::crypto;
  const limpid::base::ByteView file(data, size);
  const auto header = crypto::ReadAgeHeader(file);
  if (!header.ok()) return 0;
  LIMPID_CHECK(crypto::WriteAgeStanzas(header->stanzas) ==
               header->authenticated);
  LIMPID_CHECK(header->size <= size);
  return 0;
}
