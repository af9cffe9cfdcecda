#include "common/crypto/primitives.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "common/base/check.h"
#include "common/base/secret.h"

namespace limpid::crypto::primitives {
namespace {

using base::ByteView;

constexpr std::size_t kXChaChaNonceBytes =
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kGcmNonceBytes = 12;

struct CipherContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

// Fetched once per process, never freed.
const EVP_CIPHER* FetchedAes256Gcm() {
  static const EVP_CIPHER* const cipher =
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  LIMPID_CHECK(cipher != nullptr);
  return cipher;
}

EVP_CIPHER_CTX* ThreadContext() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter>
      context(EVP_CIPHER_CTX_new());
  LIMPID_CHECK(context != nullptr);
  return context.get();
}

int Length(ByteView bytes) {
  LIMPID_CHECK(bytes.size() <=
               static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

void GcmEncrypt(const AeadInput& input, ByteView plaintext,
                std::span<std::uint8_t> out) {
  EVP_CIPHER_CTX* const context = ThreadContext();
  int written = 0;
  bool good = EVP_EncryptInit_ex2(context, FetchedAes256Gcm(), input.key.data(),
                                  input.nonce.data(), nullptr) == 1;
  if (!input.aad.empty()) {
    good = good && EVP_EncryptUpdate(context, nullptr, &written,
                                     input.aad.data(), Length(input.aad)) == 1;
  }
  if (!plaintext.empty()) {
    good = good && EVP_EncryptUpdate(context, out.data(), &written,
                                     plaintext.data(), Length(plaintext)) == 1;
  }
  std::array<std::uint8_t, kTagBytes> rest{};  // GCM leaves nothing over.
  good = good && EVP_EncryptFinal_ex(context, rest.data(), &written) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                     out.subspan(plaintext.size()).data()) == 1;
  LIMPID_CHECK(good);
}

bool GcmDecrypt(const AeadInput& input, ByteView ciphertext,
                std::span<std::uint8_t> out) {
  EVP_CIPHER_CTX* const context = ThreadContext();
  const ByteView body = ciphertext.first(out.size());
  std::array<std::uint8_t, kTagBytes> tag{};
  std::copy_n(ciphertext.subspan(out.size()).begin(), kTagBytes, tag.begin());
  int written = 0;
  bool good = EVP_DecryptInit_ex2(context, FetchedAes256Gcm(), input.key.data(),
                                  input.nonce.data(), nullptr) == 1;
  if (!input.aad.empty()) {
    good = good && EVP_DecryptUpdate(context, nullptr, &written,
                                     input.aad.data(), Length(input.aad)) == 1;
  }
  if (!body.empty()) {
    good = good && EVP_DecryptUpdate(context, out.data(), &written, body.data(),
                                     Length(body)) == 1;
  }
  good = good && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                                     tag.data()) == 1;
  std::array<std::uint8_t, kTagBytes> rest{};
  return good && EVP_DecryptFinal_ex(context, rest.data(), &written) == 1;
}

}  // namespace

std::size_t NonceBytes(Suite suite) {
  switch (suite) {
    case Suite::kXChaCha20Poly1305:
      return kXChaChaNonceBytes;
    case Suite::kAes256Gcm:
      return kGcmNonceBytes;
  }
  LIMPID_CHECK(false);
}

void Encrypt(Suite suite, const AeadInput& input, ByteView plaintext,
             std::span<std::uint8_t> out) {
  LIMPID_CHECK(input.key.size() == kAeadKeyBytes &&
               input.nonce.size() == NonceBytes(suite) &&
               out.size() == plaintext.size() + kTagBytes);
  if (suite == Suite::kAes256Gcm) return GcmEncrypt(input, plaintext, out);
  LIMPID_CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(
                   out.data(), nullptr, plaintext.data(), plaintext.size(),
                   input.aad.data(), input.aad.size(), nullptr,
                   input.nonce.data(), input.key.data()) == 0);
}

bool Decrypt(Suite suite, const AeadInput& input, ByteView ciphertext,
             std::span<std::uint8_t> out) {
  bool good = input.key.size() == kAeadKeyBytes &&
              input.nonce.size() == NonceBytes(suite) &&
              ciphertext.size() == out.size() + kTagBytes;
  if (good && suite == Suite::kAes256Gcm) {
    good = GcmDecrypt(input, ciphertext, out);
  } else if (good) {
    good = crypto_aead_xchacha20poly1305_ietf_decrypt(
               out.data(), nullptr, nullptr, ciphertext.data(),
               ciphertext.size(), input.aad.data(), input.aad.size(),
               input.nonce.data(), input.key.data()) == 0;
  }
  // GCM writes before it knows; nothing unauthenticated may stay.
  if (!good) base::Wipe(out);
  return good;
}

bool X25519(const base::ByteArray<32>& scalar, const base::ByteArray<32>& point,
            base::ByteArray<32>& shared) {
  if (crypto_scalarmult(shared.data(), scalar.data(), point.data()) == 0) {
    return true;
  }
  base::Wipe(shared);
  return false;
}

}  // namespace limpid::crypto::primitives
