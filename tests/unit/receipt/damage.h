// Damage for formats: every bit flipped, every prefix.

#ifndef LIMPID_TESTS_UNIT_RECEIPT_DAMAGE_H_
#define LIMPID_TESTS_UNIT_RECEIPT_DAMAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "common/base/bytes.h"
#include "gtest/gtest.h"

namespace limpid::receipt {

// Expects `accepts` to refuse `bytes` with any one bit flipped.
inline void ExpectEveryFlipRefused(
    const base::Bytes& bytes,
    const std::function<bool(base::ByteView)>& accepts) {
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    base::Bytes damaged = bytes;
    damaged[bit / 8] =
        static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(accepts(damaged)) << "bit " << bit;
  }
}

// Expects `accepts` to refuse every proper prefix and one byte more.
inline void ExpectOtherLengthsRefused(
    const base::Bytes& bytes,
    const std::function<bool(base::ByteView)>& accepts) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(accepts(base::ByteView(bytes).first(size))) << size;
  }
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(accepts(longer));
}

}  // namespace limpid::receipt

#endif  // LIMPID_TESTS_UNIT_RECEIPT_DAMAGE_H_
