#include "common/crypto/aead.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/primitives.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::ByteWriter;
using base::Digest32;
using base::SecretAccess;
using base::SecretBytes;

constexpr std::string_view kKeysLabel = "limpid/envelope/keys/v1";
constexpr std::string_view kNonceLabel = "limpid/envelope/nonce/v1";
constexpr std::string_view kCommitmentLabel = "limpid/envelope/commitment/v1";

constexpr std::size_t kSuiteBytes = 1;
constexpr std::size_t kCommitmentBytes = 32;
constexpr std::size_t kSeedBytes = 32;

// What is bound besides the message: which suite, under which name.
struct Header {
  Suite suite;
  const KeyId& key_id;

  [[nodiscard]] ByteWriter Begin(std::string_view label) const {
    ByteWriter writer(label);
    writer.U8(static_cast<std::uint8_t>(suite)).Raw(key_id);
    return writer;
  }
};

// K_enc and K_com, wiped with the object.
class RecordKeys {
 public:
  RecordKeys(const Header& header, const SecretBytes& key) {
    LIMPID_CHECK(key.size() == kAeadKeyBytes);
    const ByteView raw = key.Reveal(SecretAccess::Get());
    const Bytes info = header.Begin(kKeysLabel).Take();
    if (header.suite == Suite::kAes256Gcm) {
      ExpandHkdf(raw, info);
    } else {
      LIMPID_CHECK(crypto_generichash(both_.data(), both_.size(), info.data(),
                                      info.size(), raw.data(),
                                      raw.size()) == 0);
    }
  }
  ~RecordKeys() { base::Wipe(both_); }
  RecordKeys(const RecordKeys&) = delete;
  RecordKeys& operator=(const RecordKeys&) = delete;

  [[nodiscard]] ByteView encryption() const {
    return ByteView(both_).first(kAeadKeyBytes);
  }
  [[nodiscard]] ByteView commitment() const {
    return ByteView(both_).subspan(kAeadKeyBytes);
  }

 private:
  // RFC 5869 section 2.3 for 64 bytes; the key is already uniform, so there is
  // nothing to extract.
  void ExpandHkdf(ByteView key, ByteView info) {
    constexpr std::uint8_t kFirst = 1;
    constexpr std::uint8_t kSecond = 2;
    const Digest32 first = HmacSha256(key, {info, {&kFirst, 1}});
    const Digest32 second = HmacSha256(key, {first, info, {&kSecond, 1}});
    std::copy(first.begin(), first.end(), both_.begin());
    std::copy(second.begin(), second.end(), both_.begin() + kAeadKeyBytes);
  }

  std::array<std::uint8_t, 2 * kAeadKeyBytes> both_{};
};

Digest32 Hash(Suite suite, ByteView bytes) {
  return suite == Suite::kAes256Gcm ? Sha256(bytes) : Blake2b256({bytes});
}

Digest32 Mac(Suite suite, ByteView key, ByteView bytes) {
  if (suite == Suite::kAes256Gcm) return HmacSha256(key, {bytes});
  Digest32 out{};
  LIMPID_CHECK(crypto_generichash(out.data(), out.size(), bytes.data(),
                                  bytes.size(), key.data(), key.size()) == 0);
  return out;
}

Digest32 Commitment(const Header& header, const RecordKeys& keys,
                    ByteView nonce, const Digest32& aad_digest) {
  ByteWriter writer = header.Begin(kCommitmentLabel);
  writer.Raw(nonce).Raw(aad_digest);
  return Mac(header.suite, keys.commitment(), writer.bytes());
}

// Random, and different for different messages when the randomness repeats.
Digest32 HedgedNonce(const Header& header, const RecordKeys& keys,
                     const Digest32& aad_digest, ByteView plaintext,
                     RandomSource& random) {
  std::array<std::uint8_t, kSeedBytes> seed{};
  random.Fill(seed);
  ByteWriter writer = header.Begin(kNonceLabel);
  writer.Raw(seed).Raw(aad_digest).Raw(Hash(header.suite, plaintext));
  return Mac(header.suite, keys.commitment(), writer.bytes());
}

absl::Status CannotOpen() {
  return absl::DataLossError("the sealed bytes cannot be opened");
}

// An envelope taken apart. Views into the envelope.
struct Parts {
  Suite suite;
  ByteView nonce;
  ByteView commitment;
  ByteView ciphertext;  // With its tag.

  [[nodiscard]] std::size_t plaintext_bytes() const {
    return ciphertext.size() - primitives::kTagBytes;
  }
};

absl::StatusOr<Parts> Split(ByteView envelope) {
  const auto suite = SuiteOf(envelope);
  if (!suite.ok()) return CannotOpen();
  const std::size_t overhead = EnvelopeOverhead(*suite);
  if (envelope.size() < overhead ||
      envelope.size() > overhead + kMaxPlaintextBytes) {
    return CannotOpen();
  }
  const std::size_t nonce_bytes = primitives::NonceBytes(*suite);
  const ByteView after_suite = envelope.subspan(kSuiteBytes);
  const ByteView after_nonce = after_suite.subspan(nonce_bytes);
  return Parts{*suite, after_suite.first(nonce_bytes),
               after_nonce.first(kCommitmentBytes),
               after_nonce.subspan(kCommitmentBytes)};
}

// Which message, under which key. Gathers what Open and OpenSecret share.
struct Opening {
  const SecretBytes& key;
  const KeyId& key_id;
  ByteView aad;
};

absl::Status OpenInto(const Opening& opening, const Parts& parts,
                      std::span<std::uint8_t> out) {
  const Header header{parts.suite, opening.key_id};
  const RecordKeys keys(header, opening.key);
  const Digest32 expected =
      Commitment(header, keys, parts.nonce, Hash(parts.suite, opening.aad));
  if (!base::ConstantTimeEqual(expected, parts.commitment)) {
    return CannotOpen();
  }
  if (!primitives::Decrypt(parts.suite,
                           {keys.encryption(), parts.nonce, opening.aad},
                           parts.ciphertext, out)) {
    return CannotOpen();
  }
  return absl::OkStatus();
}

}  // namespace

std::size_t EnvelopeOverhead(Suite suite) {
  return kSuiteBytes + primitives::NonceBytes(suite) + kCommitmentBytes +
         primitives::kTagBytes;
}

absl::StatusOr<Suite> ParseSuite(std::uint8_t number) {
  switch (number) {
    case static_cast<std::uint8_t>(Suite::kXChaCha20Poly1305):
      return Suite::kXChaCha20Poly1305;
    case static_cast<std::uint8_t>(Suite::kAes256Gcm):
      return Suite::kAes256Gcm;
    default:
      return absl::InvalidArgumentError("no such suite");
  }
}

absl::StatusOr<Suite> SuiteOf(ByteView envelope) {
  if (envelope.empty()) {
    return absl::InvalidArgumentError("the envelope is empty");
  }
  return ParseSuite(envelope.front());
}

Bytes Seal(Suite suite, const SecretBytes& key, const KeyId& key_id,
           ByteView aad, ByteView plaintext) {
  return Seal(suite, key, key_id, aad, plaintext, SystemRandom());
}

Bytes Seal(Suite suite, const SecretBytes& key, const KeyId& key_id,
           ByteView aad, ByteView plaintext, RandomSource& random) {
  LIMPID_CHECK(plaintext.size() <= kMaxPlaintextBytes);
  const Header header{suite, key_id};
  const RecordKeys keys(header, key);
  const Digest32 aad_digest = Hash(suite, aad);
  const Digest32 hedged =
      HedgedNonce(header, keys, aad_digest, plaintext, random);
  const ByteView nonce = ByteView(hedged).first(primitives::NonceBytes(suite));
  const Digest32 commitment = Commitment(header, keys, nonce, aad_digest);
  Bytes out(EnvelopeOverhead(suite) + plaintext.size());
  out.front() = static_cast<std::uint8_t>(suite);
  auto end = std::copy(nonce.begin(), nonce.end(), out.begin() + kSuiteBytes);
  end = std::copy(commitment.begin(), commitment.end(), end);
  primitives::Encrypt(suite, {keys.encryption(), nonce, aad}, plaintext,
                      {end, out.end()});
  return out;
}

absl::StatusOr<Bytes> Open(const SecretBytes& key, const KeyId& key_id,
                           ByteView aad, ByteView envelope) {
  LIMPID_ASSIGN_OR_RETURN(const Parts parts, Split(envelope));
  Bytes out(parts.plaintext_bytes());
  LIMPID_RETURN_IF_ERROR(OpenInto({key, key_id, aad}, parts, out));
  return out;
}

Bytes SealSecret(Suite suite, const SecretBytes& key, const KeyId& key_id,
                 ByteView aad, const SecretBytes& secret) {
  return Seal(suite, key, key_id, aad, secret.Reveal(SecretAccess::Get()));
}

absl::StatusOr<SecretBytes> OpenSecret(const SecretBytes& key,
                                       const KeyId& key_id, ByteView aad,
                                       ByteView envelope) {
  LIMPID_ASSIGN_OR_RETURN(const Parts parts, Split(envelope));
  SecretBytes out(parts.plaintext_bytes());
  LIMPID_RETURN_IF_ERROR(OpenInto({key, key_id, aad}, parts,
                                  out.RevealMutable(SecretAccess::Get())));
  return out;
}

}  // namespace limpid::crypto
