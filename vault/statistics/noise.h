// Noise that is exact: integers from random bits, no floating point, so that
// the stated distribution is the one that is drawn. Canonne, Kamath, Steinke,
// "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1 and 2.

#ifndef LIMPID_VAULT_STATISTICS_NOISE_H_
#define LIMPID_VAULT_STATISTICS_NOISE_H_

#include <cstdint>

#include "common/crypto/random.h"

namespace limpid::vault {

// Uniform in [0, bound), `bound` > 0. Draws again what would not be even.
std::uint64_t UniformBelow(crypto::RandomSource& random, std::uint64_t bound);

// True with probability exp(-numerator / denominator), exactly; 0 <= numerator
// <= denominator < 2^32, denominator > 0.
bool BernoulliExp(crypto::RandomSource& random, std::uint64_t numerator,
                  std::uint64_t denominator);

// A whole number z with probability proportional to exp(-|z| / scale); 0 <
// scale < 2^32. Adding it to a whole number that one person changes by at most
// d is (d / scale)-differentially private. How long it takes depends a little
// on what it draws.
std::int64_t DiscreteLaplace(crypto::RandomSource& random, std::uint64_t scale);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STATISTICS_NOISE_H_
