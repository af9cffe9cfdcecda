#include "common/crypto/sha1.h"

#include <openssl/evp.h>

#include "common/base/check.h"

namespace limpid::crypto {

base::ByteArray<20> LegacySha1(base::ByteView bytes) {
  base::ByteArray<20> out{};
  unsigned int size = 0;
  LIMPID_CHECK(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size,
                          EVP_sha1(), nullptr) == 1);
  LIMPID_CHECK(size == out.size());
  return out;
}

}  // namespace limpid::crypto
