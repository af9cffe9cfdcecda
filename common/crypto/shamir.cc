#include "common/crypto/shamir.h"

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"

namespace limpid::crypto {
namespace {

using base::SecretAccess;

constexpr unsigned kReduction = 0x11B;
constexpr unsigned kTopBit = 7;

// All ones when the lowest bit of `bits` is set, otherwise zero: a choice
// without a branch.
constexpr unsigned MaskOf(unsigned bits) { return 0U - (bits & 1U); }

std::uint8_t Multiply(std::uint8_t left, std::uint8_t right) {
  unsigned product = 0;
  unsigned shifted = left;
  for (unsigned bit = 0; bit <= kTopBit; ++bit) {
    product ^= shifted & MaskOf(static_cast<unsigned>(right) >> bit);
    shifted = (shifted << 1U) ^ (kReduction & MaskOf(shifted >> kTopBit));
  }
  return static_cast<std::uint8_t>(product);
}

// By Fermat: the group has 255 elements, so the 254th power is the inverse.
std::uint8_t Invert(std::uint8_t value) {
  constexpr int kPower = 254;
  std::uint8_t power = 1;
  for (int i = 0; i < kPower; ++i) power = Multiply(power, value);
  return power;
}

// What the bytes of points[which] count for at `x` (Lagrange).
std::uint8_t Weight(std::span<const ShamirPoint> points, std::size_t which,
                    std::uint8_t x) {
  const std::uint8_t own = points[which].x;
  std::uint8_t above = 1;
  std::uint8_t below = 1;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == which) continue;
    LIMPID_CHECK(points[i].x != own);
    above = Multiply(above, static_cast<std::uint8_t>(x ^ points[i].x));
    below = Multiply(below, static_cast<std::uint8_t>(own ^ points[i].x));
  }
  return Multiply(above, Invert(below));
}

}  // namespace

base::SecretBytes Interpolate(std::span<const ShamirPoint> points,
                              std::uint8_t x) {
  LIMPID_CHECK(!points.empty());
  base::SecretBytes out(points.front().y.size());
  const std::span<std::uint8_t> sum = out.RevealMutable(SecretAccess::Get());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const base::ByteView bytes = points[i].y.Reveal(SecretAccess::Get());
    LIMPID_CHECK(bytes.size() == sum.size());
    const std::uint8_t weight = Weight(points, i, x);
    for (std::size_t at = 0; at < sum.size(); ++at) {
      sum[at] ^= Multiply(bytes[at], weight);
    }
  }
  return out;
}

}  // namespace limpid::crypto
