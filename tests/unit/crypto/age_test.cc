#include "common/crypto/age.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/age_header.h"
#include "common/crypto/bech32.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr std::size_t kChunk = std::size_t{64} << 10U;

// A key of age-keygen and a file of age 1.1.1 to it, of no other use.
constexpr std::string_view kRecipient =
    "age1zjly0jy9ugyv7u2dz7fwn8rr64y0zqv4ed8sym7dl6eadhuar35seech4e";
constexpr std::string_view kIdentity =
    "AGE-SECRET-KEY-"
    "135MRKZDDKSL6SZR3W9P4VYFQ7GPSXQHAA25FACKSEWGPU88RP4ZQJUZCY5";
constexpr std::string_view kFile =
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBRa2hZcXlYeE5wNHRUZEJsb1d0TXJu"
    "aTAyVmFDNGluVlR4L1haMU9QMGpVCnB5T01Rc1JjU0hqc2JwMUhHaUdCUlVMd0o1U2lodE9h"
    "bFZVR1JMZHJScXMKLS0tIC9uVkd2UXRnQVpnS0JhMmVmcFJKR0EyS3loc3BTb3AwR3RGMkww"
    "cGlQZG8KrVkdCXfsxTIhHv7l3uaNoMRrWhkhUy9vQzGm8MBC/aqnLPtSRsY=";

base::Bytes Pattern(std::size_t size) {
  base::Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  }
  return out;
}

std::vector<X25519PrivateKey> Keys(std::size_t count) {
  std::vector<X25519PrivateKey> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(X25519PrivateKey::Generate());
  }
  return out;
}

std::vector<X25519PublicKey> PublicOf(
    const std::vector<X25519PrivateKey>& keys) {
  std::vector<X25519PublicKey> out;
  for (const X25519PrivateKey& key : keys) out.push_back(key.PublicKey());
  return out;
}

TEST(Age, OpensAFileOfAnotherProgram) {
  const auto identities =
      ParseAgeIdentities("# created: today\n\n" + std::string(kIdentity));
  ASSERT_THAT(identities, IsOk());
  ASSERT_EQ(identities->size(), 1U);
  EXPECT_EQ(AgeRecipientText(identities->front().PublicKey()), kRecipient);
  const auto opened =
      AgeDecrypt(base::Base64Decode(kFile).value(), *identities);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(base::AsText(*opened), "hello\n");
}

TEST(Age, EveryRecipientOpensEverySize) {
  const auto keys = Keys(3);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1,
        2 * kChunk, 5 * kChunk + 17}) {
    const base::Bytes text = Pattern(size);
    const auto file = AgeEncrypt(text, PublicOf(keys));
    ASSERT_THAT(file, IsOk());
    for (const X25519PrivateKey& key : keys) {
      const auto opened = AgeDecrypt(*file, {&key, 1});
      ASSERT_THAT(opened, IsOk()) << size;
      EXPECT_EQ(*opened, text);
    }
  }
}

TEST(Age, TheSameTextTwiceIsTwoFiles) {
  const auto keys = Keys(1);
  const auto first = AgeEncrypt(Pattern(100), PublicOf(keys));
  const auto second = AgeEncrypt(Pattern(100), PublicOf(keys));
  EXPECT_NE(*first, *second);
}

TEST(Age, NobodyElseOpensIt) {
  const auto file = AgeEncrypt(Pattern(100), PublicOf(Keys(2)));
  EXPECT_THAT(AgeDecrypt(*file, Keys(3)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(Age, EveryFlippedBitIsRefused) {
  const auto keys = Keys(1);
  const base::Bytes file = AgeEncrypt(Pattern(40), PublicOf(keys)).value();
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    base::Bytes changed = file;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(AgeDecrypt(changed, keys).ok()) << "bit " << bit;
  }
}

TEST(Age, WhatIsCutOffOrAppendedIsRefused) {
  const auto keys = Keys(1);
  const base::Bytes text = Pattern(2 * kChunk);
  const base::Bytes file = AgeEncrypt(text, PublicOf(keys)).value();
  const std::size_t header = ReadAgeHeader(file).value().size;
  // Also at the ends of chunks, where what is left is whole chunks.
  for (const std::size_t size :
       {header, header + 16, header + 32, header + 16 + kChunk + 16,
        file.size() - 1, std::size_t{0}, std::size_t{10}}) {
    EXPECT_FALSE(AgeDecrypt(base::ByteView(file).first(size), keys).ok())
        << size;
  }
  base::Bytes longer = file;
  longer.push_back(0);
  EXPECT_THAT(AgeDecrypt(longer, keys), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Age, ChunksChangePlacesForNobody) {
  const auto keys = Keys(1);
  base::Bytes file = AgeEncrypt(Pattern(3 * kChunk), PublicOf(keys)).value();
  const auto first =
      file.begin() + std::ptrdiff_t(ReadAgeHeader(file).value().size + 16);
  const auto size = std::ptrdiff_t(kChunk + 16);
  std::swap_ranges(first, first + size, first + size);
  EXPECT_THAT(AgeDecrypt(file, keys), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Age, NothingIsEncryptedToNobodyOrToAPointOfSmallOrder) {
  EXPECT_THAT(AgeEncrypt({}, {}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(AgeEncrypt({}, std::vector<X25519PublicKey>(1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(AgeEncrypt({}, PublicOf(Keys(kMaxAgeKeys + 1))),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AgeRecipient, IsReadAsItIsWritten) {
  const auto read = ParseAgeRecipient(kRecipient);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(AgeRecipientText(*read), kRecipient);
}

TEST(AgeRecipient, RefusesEachMistypedCharacter) {
  for (std::size_t i = 0; i < kRecipient.size(); ++i) {
    std::string typed(kRecipient);
    typed[i] = typed[i] == 'q' ? 'p' : 'q';
    EXPECT_FALSE(ParseAgeRecipient(typed).ok()) << i;
  }
  std::string upper(kRecipient);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_FALSE(ParseAgeRecipient(upper).ok());
  EXPECT_FALSE(ParseAgeRecipient(kIdentity).ok());
  EXPECT_FALSE(ParseAgeRecipient("").ok());
  // Another kind of key, as long as its checksum is right.
  EXPECT_FALSE(ParseAgeRecipient(Bech32Encode("age", Pattern(31))).ok());
  EXPECT_FALSE(ParseAgeRecipient(Bech32Encode("agx", Pattern(32))).ok());
}

TEST(AgeIdentities, SayWhichLineIsNone) {
  const std::string key(kIdentity);
  EXPECT_THAT(ParseAgeIdentities(key + "\r\n" + key + "\n"), IsOk());
  const auto refused = ParseAgeIdentities("#\n" + key + "\nage1abc\n");
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_NE(refused.status().message().find("line 3"), std::string::npos);
  EXPECT_EQ(refused.status().message().find("abc"), std::string::npos);
  EXPECT_FALSE(ParseAgeIdentities("# nothing\n").ok());
  EXPECT_FALSE(ParseAgeIdentities("").ok());
  std::string many;
  for (std::size_t i = 0; i <= kMaxAgeKeys; ++i) many += key + "\n";
  EXPECT_FALSE(ParseAgeIdentities(many).ok());
}

}  // namespace
}  // namespace limpid::crypto
