#include "common/crypto/random.h"

#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/base/check.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::crypto {
namespace {

using base::SecretAccess;
using base::SecretBytes;

class KernelRandom final : public RandomSource {
 public:
  KernelRandom() { LIMPID_CHECK(sodium_init() >= 0); }
  void Fill(std::span<std::uint8_t> out) override {
    randombytes_buf(out.data(), out.size());
  }
};

}  // namespace

RandomSource& SystemRandom() {
  static KernelRandom random;
  return random;
}

void FillRandom(std::span<std::uint8_t> out) { SystemRandom().Fill(out); }

SecretBytes RandomSecret(std::size_t size) {
  SecretBytes out(size);
  FillRandom(out.RevealMutable(SecretAccess::Get()));
  return out;
}

SecretBytes HedgedKey(std::string_view label, base::ByteView aad,
                      base::ByteView plaintext) {
  return HedgedKey(label, aad, plaintext, SystemRandom());
}

SecretBytes HedgedKey(std::string_view label, base::ByteView aad,
                      base::ByteView plaintext, RandomSource& random) {
  constexpr std::size_t kSeedBytes = 32;
  SecretBytes seed(kSeedBytes);
  random.Fill(seed.RevealMutable(SecretAccess::Get()));
  const base::Digest32 digest = Blake2b256({plaintext});
  base::ByteWriter context("limpid/hedged-key/v1");
  context.Lp(label).Lp(aad).Raw(digest);
  base::Digest32 key = KeyedBlake2b256(seed, {context.bytes()});
  SecretBytes out = SecretBytes::Copy(key);
  base::Wipe(key);
  return out;
}

}  // namespace limpid::crypto
