// SystemRandom, fetched in larger pieces, for tests that draw millions.

#ifndef LIMPID_TESTS_UNIT_VAULT_BUFFERED_RANDOM_H_
#define LIMPID_TESTS_UNIT_VAULT_BUFFERED_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/crypto/random.h"

namespace limpid::vault {

class BufferedRandom final : public crypto::RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      if (next_ == buffer_.size()) {
        crypto::SystemRandom().Fill(buffer_);
        next_ = 0;
      }
      byte = buffer_[next_++];
    }
  }

 private:
  std::array<std::uint8_t, 65'536> buffer_{};
  std::size_t next_ = buffer_.size();
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_BUFFERED_RANDOM_H_
