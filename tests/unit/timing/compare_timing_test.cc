// The compare of a commitment takes as long whichever byte differs: an enemy
// who feeds ciphertexts learns nothing from how fast they are refused.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "tests/testing/dudect.h"

namespace limpid::crypto {
namespace {

using testing::CompareTimes;
using testing::TimingVerdict;

constexpr std::size_t kMeasurements = 200'000;
constexpr int kTries = 3;

// A difference shows every time, noise does not.
template <typename Operation>
TimingVerdict Smallest(std::size_t measurements, Operation operation) {
  TimingVerdict out = CompareTimes(measurements, operation);
  for (int i = 1; i < kTries && out.t >= testing::kTellingT; ++i) {
    const TimingVerdict again = CompareTimes(measurements, operation);
    if (again.t < out.t) out = again;
  }
  return out;
}

// Kept, so that no compiler leaves the work out.
volatile bool sink = false;

TEST(Dudect, FindsACompareThatStopsEarly) {
  base::Bytes secret(4096, 7);
  base::Bytes first = secret;
  first.front() ^= 1;
  base::Bytes last = secret;
  last.back() ^= 1;
  const TimingVerdict verdict = CompareTimes(20'000, [&](bool second) {
    const base::Bytes& other = second ? last : first;
    sink = std::equal(secret.begin(), secret.end(), other.begin());
  });
  EXPECT_GT(verdict.t, testing::kTellingT);
}

class CompareTiming : public ::testing::TestWithParam<Suite> {};

TEST_P(CompareTiming, ACommitmentIsRefusedAsFastWhicheverByteDiffers) {
  const base::SecretBytes key = base::SecretBytes::Copy(RandomArray<32>());
  const KeyId id{1};
  const base::Bytes whole = Seal(GetParam(), key, id, {}, base::Bytes(64, 5));
  // The commitment of 32 bytes stands before ciphertext and tag.
  const std::size_t end = whole.size() - 64 - 16;
  base::Bytes first = whole;
  first[end - 32] ^= 1;
  base::Bytes last = whole;
  last[end - 1] ^= 1;
  const TimingVerdict verdict = Smallest(kMeasurements, [&](bool second) {
    sink = Open(key, id, {}, second ? last : first).ok();
  });
  RecordProperty("t", std::to_string(verdict.t));
  EXPECT_LT(verdict.t, testing::kTellingT)
      << "medians " << verdict.first_ns << " and " << verdict.second_ns
      << " ns";
}

INSTANTIATE_TEST_SUITE_P(Suites, CompareTiming,
                         ::testing::Values(Suite::kXChaCha20Poly1305,
                                           Suite::kAes256Gcm));

TEST(SecretTiming, KeysCompareAsFastWhicheverByteDiffers) {
  const base::Bytes bytes(64, 9);
  const base::SecretBytes whole = base::SecretBytes::Copy(bytes);
  base::Bytes changed = bytes;
  changed.front() ^= 1;
  const base::SecretBytes first = base::SecretBytes::Copy(changed);
  changed = bytes;
  changed.back() ^= 1;
  const base::SecretBytes last = base::SecretBytes::Copy(changed);
  constexpr int kRepeated = 16;
  const TimingVerdict verdict = Smallest(kMeasurements, [&](bool second) {
    const base::SecretBytes& other = second ? last : first;
    for (int i = 0; i < kRepeated; ++i) sink = whole == other;
  });
  EXPECT_LT(verdict.t, testing::kTellingT)
      << "medians " << verdict.first_ns << " and " << verdict.second_ns
      << " ns";
}

}  // namespace
}  // namespace limpid::crypto
