// Bech32 (BIP 173) without its limit of 90 characters, as age writes keys with
// it. Knows no key.

#ifndef LIMPID_COMMON_CRYPTO_BECH32_H_
#define LIMPID_COMMON_CRYPTO_BECH32_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// Lower case. `prefix` is lower-case ASCII.
std::string Bech32Encode(std::string_view prefix, base::ByteView bytes);

// The bytes behind `prefix`, which is lower case; `text` may be of upper case,
// not of both. The bytes may be a secret; the caller wipes `text`.
//
// Errors:
//   kInvalidArgument  another prefix, a character or checksum that is none,
//                     both cases, bits left over. Quotes nothing.
absl::StatusOr<base::SecretBytes> Bech32Decode(std::string_view prefix,
                                               std::string_view text);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_BECH32_H_
