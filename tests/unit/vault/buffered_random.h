// Randomness for tests: real and in larger pieces for those that draw millions,
// or the same in every run.

#ifndef LIMPID_TESTS_UNIT_VAULT_BUFFERED_RANDOM_H_
#define LIMPID_TESTS_UNIT_VAULT_BUFFERED_RANDOM_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>

#include "common/crypto/random.h"

namespace limpid::vault {

// For pieces far smaller than the buffer.
class BufferedRandom final : public crypto::RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    if (buffer_.size() - next_ < out.size()) {
      crypto::SystemRandom().Fill(buffer_);
      next_ = 0;
    }
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(next_),
                out.size(), out.begin());
    next_ += out.size();
  }

 private:
  std::array<std::uint8_t, 65'536> buffer_{};
  std::size_t next_ = buffer_.size();
};

// The same draws in every run, for tests that must not fail by chance.
class SeededRandom final : public crypto::RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = static_cast<std::uint8_t>(engine_());
    }
  }

 private:
  // NOLINTNEXTLINE(cert-msc51-cpp): being predictable is what it is for.
  std::mt19937_64 engine_{7};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_BUFFERED_RANDOM_H_
