#include "common/crypto/slip39_cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/base/wire.h"

namespace limpid::crypto::slip39 {
namespace {

using base::SecretAccess;
using base::SecretBytes;

constexpr std::uint8_t kRounds = 4;
constexpr int kIterationsPerRound = 2500;
constexpr std::string_view kSaltLabel = "shamir";

struct Halves {
  SecretBytes left;
  SecretBytes right;
};

Halves Divide(const SecretBytes& whole) {
  const base::ByteView bytes = whole.Reveal(SecretAccess::Get());
  LIMPID_CHECK(bytes.size() % 2 == 0);
  const std::size_t half = bytes.size() / 2;
  return {.left = SecretBytes::Copy(bytes.first(half)),
          .right = SecretBytes::Copy(bytes.subspan(half))};
}

// The right half comes first: the last round's exchange is undone.
SecretBytes Unite(const Halves& halves) {
  SecretBytes whole(halves.left.size() * 2);
  const base::ByteView right = halves.right.Reveal(SecretAccess::Get());
  const base::ByteView left = halves.left.Reveal(SecretAccess::Get());
  const std::span<std::uint8_t> out = whole.RevealMutable(SecretAccess::Get());
  std::copy(left.begin(), left.end(),
            std::copy(right.begin(), right.end(), out.begin()));
  return whole;
}

SecretBytes Salt(const CipherSettings& settings, const SecretBytes& half) {
  base::ByteWriter prefix;
  if (!settings.extendable) {
    prefix.Raw(base::AsBytes(kSaltLabel)).U16(settings.identifier);
  }
  base::Bytes joined =
      base::Concat({prefix.bytes(), half.Reveal(SecretAccess::Get())});
  SecretBytes salt = SecretBytes::Copy(joined);
  base::Wipe(joined);
  return salt;
}

SecretBytes Password(std::uint8_t round, std::string_view passphrase) {
  SecretBytes password(1 + passphrase.size());
  const std::span<std::uint8_t> out =
      password.RevealMutable(SecretAccess::Get());
  out.front() = round;
  std::copy(passphrase.begin(), passphrase.end(), out.subspan(1).begin());
  return password;
}

SecretBytes RoundKey(std::uint8_t round, const CipherSettings& settings,
                     const SecretBytes& half) {
  const SecretBytes secret_password = Password(round, settings.passphrase);
  const SecretBytes secret_salt = Salt(settings, half);
  const base::ByteView password = secret_password.Reveal(SecretAccess::Get());
  const base::ByteView salt = secret_salt.Reveal(SecretAccess::Get());
  SecretBytes key(half.size());
  const std::span<std::uint8_t> out = key.RevealMutable(SecretAccess::Get());
  // OpenSSL wants characters; the bytes are the same.
  const int done = PKCS5_PBKDF2_HMAC(
      base::AsText(password).data(), static_cast<int>(password.size()),
      salt.data(), static_cast<int>(salt.size()),
      kIterationsPerRound << settings.iteration_exponent, EVP_sha256(),
      static_cast<int>(out.size()), out.data());
  LIMPID_CHECK(done == 1);
  return key;
}

void Round(std::uint8_t round, const CipherSettings& settings, Halves& halves) {
  const SecretBytes key = RoundKey(round, settings, halves.right);
  const base::ByteView mask = key.Reveal(SecretAccess::Get());
  const std::span<std::uint8_t> left =
      halves.left.RevealMutable(SecretAccess::Get());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] ^= mask[i];
  std::swap(halves.left, halves.right);
}

}  // namespace

SecretBytes Encrypt(const SecretBytes& secret, const CipherSettings& settings) {
  Halves halves = Divide(secret);
  for (std::uint8_t round = 0; round < kRounds; ++round) {
    Round(round, settings, halves);
  }
  return Unite(halves);
}

SecretBytes Decrypt(const SecretBytes& encrypted,
                    const CipherSettings& settings) {
  Halves halves = Divide(encrypted);
  for (std::uint8_t round = kRounds; round > 0; --round) {
    Round(static_cast<std::uint8_t>(round - 1), settings, halves);
  }
  return Unite(halves);
}

}  // namespace limpid::crypto::slip39
