#include "common/crypto/age.h"

#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/age_header.h"
#include "common/crypto/bech32.h"
#include "common/crypto/hash.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::SecretAccess;
using base::SecretBytes;

constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "age-secret-key-";
constexpr std::string_view kKind = "X25519";
constexpr std::string_view kWrapInfo = "age-encryption.org/v1/X25519";
constexpr std::size_t kFileKeyBytes = 16;
constexpr std::size_t kKeyBytes = crypto_aead_chacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kChunkBytes = std::size_t{64} << 10U;
constexpr std::size_t kTagBytes = crypto_aead_chacha20poly1305_ietf_ABYTES;
constexpr std::size_t kChunkNonceBytes =
    crypto_aead_chacha20poly1305_ietf_NPUBBYTES;
using ChunkNonce = base::ByteArray<kChunkNonceBytes>;

absl::Status Malformed() {
  return absl::InvalidArgumentError("is not a file of age, version 1");
}
absl::Status Changed() {
  return absl::DataLossError("the encrypted file was changed or cut off");
}

ByteView Raw(const SecretBytes& secret) {
  return secret.Reveal(SecretAccess::Get());
}

SecretBytes Derive(const SecretBytes& key, ByteView salt,
                   std::string_view info) {
  auto out = HkdfSha256(Raw(key), salt, base::AsBytes(info), kKeyBytes);
  // Invariant: 32 bytes is less than HKDF gives at most.
  LIMPID_CHECK(out.ok());
  return *std::move(out);
}

base::Digest32 HeaderMac(const SecretBytes& file_key,
                         std::string_view authenticated) {
  return HmacSha256(Raw(Derive(file_key, {}, "header")),
                    {base::AsBytes(authenticated)});
}

// The key that a file key is wrapped under, from one side's scalar and the
// other side's point.
//
// Errors:
//   kInvalidArgument  the point is of small order.
absl::StatusOr<SecretBytes> WrapKey(const SecretBytes& scalar,
                                    const X25519PublicKey& point,
                                    const X25519PublicKey& share,
                                    const X25519PublicKey& recipient) {
  SecretBytes shared(kX25519KeyBytes);
  // Fails when the result is all zero, as the specification asks.
  if (crypto_scalarmult(shared.RevealMutable(SecretAccess::Get()).data(),
                        Raw(scalar).data(), point.bytes.data()) != 0) {
    return Malformed();
  }
  return Derive(shared, base::Concat({share.bytes, recipient.bytes}),
                kWrapInfo);
}

absl::StatusOr<AgeStanza> Wrap(const SecretBytes& file_key,
                               const X25519PublicKey& recipient,
                               RandomSource& random) {
  SecretBytes scalar(kX25519KeyBytes);
  random.Fill(scalar.RevealMutable(SecretAccess::Get()));
  LIMPID_ASSIGN_OR_RETURN(const auto ephemeral,
                          X25519PrivateKey::FromBytes(scalar));
  const X25519PublicKey& share = ephemeral.PublicKey();
  const auto key = WrapKey(scalar, recipient, share, recipient);
  if (!key.ok()) {
    return absl::InvalidArgumentError(
        "nothing can be encrypted to one of the recipients");
  }
  AgeStanza out;
  out.arguments = {std::string(kKind), AgeBase64(share.bytes)};
  out.body.resize(kFileKeyBytes + kTagBytes);
  const ChunkNonce nonce{};
  crypto_aead_chacha20poly1305_ietf_encrypt(
      out.body.data(), nullptr, Raw(file_key).data(), kFileKeyBytes, nullptr, 0,
      nullptr, nonce.data(), Raw(*key).data());
  return out;
}

// The share of a stanza of our kind.
//
// Errors:
//   kInvalidArgument  the stanza is not as its kind has to be.
absl::StatusOr<X25519PublicKey> ShareOf(const AgeStanza& stanza) {
  if (stanza.arguments.size() != 2 ||
      stanza.body.size() != kFileKeyBytes + kTagBytes) {
    return Malformed();
  }
  LIMPID_ASSIGN_OR_RETURN(const Bytes share, AgeUnbase64(stanza.arguments[1]));
  auto out = X25519PublicKey::FromBytes(share);
  return out.ok() ? out : Malformed();
}

// The file key, or none when the stanza is for another identity.
absl::StatusOr<std::optional<SecretBytes>> Unwrap(
    const AgeStanza& stanza, const X25519PublicKey& share,
    const X25519PrivateKey& identity) {
  LIMPID_ASSIGN_OR_RETURN(
      const SecretBytes key,
      WrapKey(identity.Bytes(), share, share, identity.PublicKey()));
  SecretBytes out(kFileKeyBytes);
  const ChunkNonce nonce{};
  if (crypto_aead_chacha20poly1305_ietf_decrypt(
          out.RevealMutable(SecretAccess::Get()).data(), nullptr, nullptr,
          stanza.body.data(), stanza.body.size(), nullptr, 0, nonce.data(),
          Raw(key).data()) != 0) {
    return std::nullopt;
  }
  return out;
}

absl::StatusOr<SecretBytes> FileKey(
    const AgeHeader& header, std::span<const X25519PrivateKey> identities) {
  std::optional<SecretBytes> found;
  for (const AgeStanza& stanza : header.stanzas) {
    // A passphrase stands alone; other kinds are not for us.
    if (stanza.arguments.front() == "scrypt" && header.stanzas.size() != 1) {
      return Malformed();
    }
    if (stanza.arguments.front() != kKind) continue;
    // Also of those behind the one that opens: a header is right or wrong for
    // everybody.
    LIMPID_ASSIGN_OR_RETURN(const X25519PublicKey share, ShareOf(stanza));
    for (const X25519PrivateKey& identity : identities) {
      LIMPID_ASSIGN_OR_RETURN(auto key, Unwrap(stanza, share, identity));
      if (key && !found) found = std::move(key);
    }
  }
  if (found) return *std::move(found);
  return absl::PermissionDeniedError(
      "the file is not encrypted to any of these keys");
}

// Nonces of STREAM: an 11-byte big-endian counter and whether it is the last.
class ChunkNonces {
 public:
  const ChunkNonce& Next(bool last) {
    if (started_) {
      for (std::size_t i = nonce_.size() - 1; i-- > 0 && ++nonce_[i] == 0;) {
      }
    }
    started_ = true;
    nonce_.back() = last ? 1 : 0;
    return nonce_;
  }

 private:
  ChunkNonce nonce_{};
  bool started_ = false;
};

void EncryptPayload(const SecretBytes& key, ByteView plaintext, Bytes& out) {
  ChunkNonces nonces;
  std::size_t at = 0;
  do {
    const std::size_t size = std::min(kChunkBytes, plaintext.size() - at);
    const bool last = at + size == plaintext.size();
    const std::size_t begin = out.size();
    out.resize(begin + size + kTagBytes);
    crypto_aead_chacha20poly1305_ietf_encrypt(
        out.data() + begin, nullptr, plaintext.data() + at, size, nullptr, 0,
        nullptr, nonces.Next(last).data(), Raw(key).data());
    at += size;
  } while (at < plaintext.size());
}

// Whether `payload` is whole chunks that open, into `out`.
bool DecryptPayload(const SecretBytes& key, ByteView payload, Bytes& out) {
  ChunkNonces nonces;
  out.reserve(payload.size());
  for (std::size_t at = 0;;) {
    const std::size_t size =
        std::min(kChunkBytes + kTagBytes, payload.size() - at);
    if (size < kTagBytes) return false;
    // The last one is empty only where the whole is.
    if (size == kTagBytes && at != 0) return false;
    const bool last = at + size == payload.size();
    const std::size_t begin = out.size();
    out.resize(begin + size - kTagBytes);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(
            out.data() + begin, nullptr, nullptr, payload.data() + at, size,
            nullptr, 0, nonces.Next(last).data(), Raw(key).data()) != 0) {
      return false;
    }
    at += size;
    if (last) return true;
  }
}

}  // namespace

absl::StatusOr<X25519PublicKey> ParseAgeRecipient(std::string_view text) {
  const auto bytes = Bech32Decode(kRecipientPrefix, text);
  if (bytes.ok() && text.starts_with(kRecipientPrefix)) {
    auto out = X25519PublicKey::FromBytes(Raw(*bytes));
    if (out.ok()) return out;
  }
  return absl::InvalidArgumentError(
      "is not an age recipient (age1...) of an X25519 key, or is mistyped");
}

std::string AgeRecipientText(const X25519PublicKey& recipient) {
  return Bech32Encode(kRecipientPrefix, recipient.bytes);
}

absl::StatusOr<std::vector<X25519PrivateKey>> ParseAgeIdentities(
    std::string_view text) {
  std::vector<X25519PrivateKey> out;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    // Upper case, so that nobody takes it for a recipient.
    const auto scalar = line.starts_with("AGE-SECRET-KEY-1")
                            ? Bech32Decode(kIdentityPrefix, line)
                            : Malformed();
    auto key = scalar.ok() ? X25519PrivateKey::FromBytes(*scalar)
                           : absl::StatusOr<X25519PrivateKey>(scalar.status());
    if (!key.ok() || out.size() == kMaxAgeKeys) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", number, ": ",
          key.ok() ? "is one key too many" : "is no AGE-SECRET-KEY-1..."));
    }
    out.push_back(*std::move(key));
  }
  if (out.empty()) return absl::InvalidArgumentError("holds no key of age");
  return out;
}

absl::StatusOr<Bytes> AgeEncrypt(ByteView plaintext,
                                 std::span<const X25519PublicKey> recipients,
                                 RandomSource& random) {
  if (recipients.empty() || recipients.size() > kMaxAgeKeys) {
    return absl::InvalidArgumentError(
        absl::StrCat("recipients: must be 1 to ", kMaxAgeKeys));
  }
  SecretBytes file_key(kFileKeyBytes);
  random.Fill(file_key.RevealMutable(SecretAccess::Get()));
  std::vector<AgeStanza> stanzas;
  for (const X25519PublicKey& recipient : recipients) {
    LIMPID_ASSIGN_OR_RETURN(stanzas.emplace_back(),
                            Wrap(file_key, recipient, random));
  }
  std::string header = WriteAgeStanzas(stanzas);
  const std::string mac = AgeBase64(HeaderMac(file_key, header));
  header += ' ';
  header += mac;
  header += '\n';
  base::ByteArray<kNonceBytes> nonce{};
  random.Fill(nonce);
  Bytes out = base::Concat({base::AsBytes(header), nonce});
  out.reserve(out.size() + plaintext.size() +
              (plaintext.size() / kChunkBytes + 1) * kTagBytes);
  EncryptPayload(Derive(file_key, nonce, "payload"), plaintext, out);
  return out;
}

absl::StatusOr<Bytes> AgeDecrypt(ByteView file,
                                 std::span<const X25519PrivateKey> identities) {
  LIMPID_ASSIGN_OR_RETURN(const AgeHeader header, ReadAgeHeader(file));
  LIMPID_ASSIGN_OR_RETURN(const SecretBytes file_key,
                          FileKey(header, identities));
  if (!base::ConstantTimeEqual(HeaderMac(file_key, header.authenticated),
                               header.mac)) {
    return Changed();
  }
  const ByteView rest = file.subspan(header.size);
  if (rest.size() < kNonceBytes) return Malformed();
  Bytes out;
  if (!DecryptPayload(Derive(file_key, rest.first(kNonceBytes), "payload"),
                      rest.subspan(kNonceBytes), out)) {
    base::Wipe(out);
    return Changed();
  }
  return out;
}

}  // namespace limpid::crypto
