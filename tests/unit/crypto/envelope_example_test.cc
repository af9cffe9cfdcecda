// The worked example of docs/formats/envelope.md, read from the page itself.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::Bytes;

// The bytes of the line "name = hex" of the page.
Bytes Example(std::string_view name) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  const auto page = std::filesystem::path(root == nullptr ? "." : root) /
                    "docs/formats/envelope.md";
  const std::string text = testing::ReadFile(page);
  std::istringstream lines(text.substr(text.find("## Worked example")));
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (equals == std::string::npos) continue;
    std::string left = line.substr(0, equals);
    left.erase(left.find_last_not_of(' ') + 1);
    if (left == name) return *base::HexDecode(line.substr(equals + 3));
  }
  ADD_FAILURE() << "no example named " << name;
  return {};
}

// Gives the page's random bytes.
class PageRandom final : public RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    const Bytes random = Example("random");
    ASSERT_EQ(random.size(), out.size());
    std::copy(random.begin(), random.end(), out.begin());
  }
};

class EnvelopeExample : public ::testing::TestWithParam<Suite> {
 protected:
  static Bytes Of(const char* part) {
    const std::string number = GetParam() == Suite::kAes256Gcm ? "2" : "1";
    return Example("suite " + number + " " + part);
  }
};

INSTANTIATE_TEST_SUITE_P(Suites, EnvelopeExample,
                         ::testing::Values(Suite::kXChaCha20Poly1305,
                                           Suite::kAes256Gcm));

TEST_P(EnvelopeExample, IsWhatSealMakesAndOpenTakes) {
  PageRandom random;
  const auto key = base::SecretBytes::Copy(Example("key"));
  const auto key_id = *base::ToArray<16>(Example("key id"));
  const Bytes aad = Example("associated data");
  const Bytes envelope = Of("envelope");
  EXPECT_EQ(Seal(GetParam(), key, key_id, aad, Example("plaintext"), random),
            envelope);
  const auto opened = Open(key, key_id, aad, envelope);
  ASSERT_THAT(opened, testing::IsOk());
  EXPECT_EQ(*opened, Example("plaintext"));
}

TEST_P(EnvelopeExample, IsItsPartsInOrder) {
  const Bytes suite = {static_cast<std::uint8_t>(GetParam())};
  EXPECT_EQ(base::Concat({suite, Of("nonce"), Of("commitment"),
                          Of("ciphertext"), Of("tag")}),
            Of("envelope"));
}

TEST(HedgedKeyExample, IsWhatHedgedKeyMakes) {
  PageRandom random;
  const auto key = HedgedKey("label", Example("associated data"),
                             Example("plaintext"), random);
  EXPECT_EQ(base::ToBytes(key.Reveal(base::SecretAccess::Get())),
            Example("hedged key, label \"label\""));
}

}  // namespace
}  // namespace limpid::crypto
