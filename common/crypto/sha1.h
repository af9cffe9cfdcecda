// SHA-1, for the one format of others that has a member for it: GovStack's
// `serializedHash`. Proves nothing; nothing of ours is ever checked with it.

#ifndef LIMPID_COMMON_CRYPTO_SHA1_H_
#define LIMPID_COMMON_CRYPTO_SHA1_H_

#include "common/base/bytes.h"

namespace limpid::crypto {

// FIPS 180-4 SHA-1. Collisions are cheap to make.
base::ByteArray<20> LegacySha1(base::ByteView bytes);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_SHA1_H_
