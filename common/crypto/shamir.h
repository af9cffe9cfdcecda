// Polynomials over GF(256), byte by byte: the arithmetic under Shamir's secret
// sharing. The field is that of AES (x^8 + x^4 + x^3 + x + 1). Times depend on
// indices and lengths only, never on a secret byte: there are no tables.
// Checks nothing about who may know a point; slip39.h is the door.

#ifndef LIMPID_COMMON_CRYPTO_SHAMIR_H_
#define LIMPID_COMMON_CRYPTO_SHAMIR_H_

#include <cstdint>
#include <span>

#include "common/base/secret.h"

namespace limpid::crypto {

// One point: a public place and the secret bytes there.
struct ShamirPoint {
  std::uint8_t x = 0;
  base::SecretBytes y;
};

// The bytes at `x` of the polynomials of least degree through `points`. Aborts
// when there is no point, when two have one place or when lengths differ: the
// caller has checked.
base::SecretBytes Interpolate(std::span<const ShamirPoint> points,
                              std::uint8_t x);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_SHAMIR_H_
