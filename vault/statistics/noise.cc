#include "vault/statistics/noise.h"

#include <array>
#include <limits>

#include "common/base/check.h"
#include "common/base/wire.h"

namespace limpid::vault {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{1} << 32U;

std::uint64_t Draw(crypto::RandomSource& random) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random.Fill(bytes);
  return base::ByteReader(bytes).U64();
}

}  // namespace

std::uint64_t UniformBelow(crypto::RandomSource& random, std::uint64_t bound) {
  LIMPID_CHECK(bound > 0);
  // The first 2^64 mod bound values are one too many for their remainders.
  const std::uint64_t surplus =
      (std::numeric_limits<std::uint64_t>::max() % bound + 1) % bound;
  std::uint64_t out = Draw(random);
  while (out < surplus) out = Draw(random);
  return out % bound;
}

bool BernoulliExp(crypto::RandomSource& random, std::uint64_t numerator,
                  std::uint64_t denominator) {
  LIMPID_CHECK(denominator > 0 && denominator < kLimit &&
               numerator <= denominator);
  // "K <- 1 ... while A_K ~ Bernoulli(gamma / K) is 1: K <- K + 1", and the
  // answer is whether K is odd. K beyond 2^31 has probability below 1 / 2^31!.
  std::uint64_t k = 1;
  while (UniformBelow(random, denominator * k) < numerator) {
    ++k;
    LIMPID_CHECK(k < kLimit / 2);
  }
  return k % 2 == 1;
}

std::int64_t DiscreteLaplace(crypto::RandomSource& random,
                             std::uint64_t scale) {
  LIMPID_CHECK(scale > 0 && scale < kLimit);
  for (;;) {
    const std::uint64_t rest = UniformBelow(random, scale);
    if (!BernoulliExp(random, rest, scale)) continue;
    std::uint64_t whole = 0;
    while (BernoulliExp(random, 1, 1)) {
      ++whole;
      LIMPID_CHECK(whole < kLimit / 4);
    }
    const bool negative = UniformBelow(random, 2) == 1;
    const auto size = static_cast<std::int64_t>(rest + scale * whole);
    // Zero has no sign: it would come twice as often.
    if (negative && size == 0) continue;
    return negative ? -size : size;
  }
}

}  // namespace limpid::vault
