#include "common/crypto/token_root_key.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/pkcs11_session.h"
#include "common/crypto/private_file.h"
#include "common/crypto/random.h"

namespace limpid::crypto {
namespace {

using base::SecretAccess;
using base::SecretBytes;

// First byte of a wrap by a token; no suite of an envelope has this number.
constexpr std::uint8_t kTokenWrap = 0x70;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr TokenNumber kTagBits = 128;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMaxIdBytes = 256;
constexpr std::size_t kMaxTokenLabelBytes = 32;
constexpr std::size_t kMaxKeyLabelBytes = 64;
constexpr std::size_t kMaxPinFileBytes = 256;
constexpr std::string_view kIdLabel = "limpid/root-key-id/token/1";
constexpr std::string_view kWrapLabel = "limpid/keyring/token-wrap/1";
constexpr std::string_view kNonceLabel = "token-wrap-nonce";
// What a probe of the key is bound to; it is not kept.
constexpr std::string_view kProbeLabel = "limpid/root-key-probe/token/1";

using Handle = ck_object_handle_t;
using Attribute = ck_attribute;

// An attribute of the template that PKCS#11 calls take. It reads `value` and
// nothing else, whatever its type says.
template <typename T>
Attribute Of(ck_attribute_type_t type, T& value) {
  return {type, &value, sizeof(T)};
}
Attribute OfText(ck_attribute_type_t type, std::string& text) {
  return {type, text.data(), text.size()};
}

constexpr unsigned char kYes = 1;
constexpr unsigned char kNo = 0;

absl::Status CheckPlace(const TokenPlace& place) {
  if (place.token.empty() || place.token.size() > kMaxTokenLabelBytes) {
    return absl::InvalidArgumentError(
        "the label of a token has 1 to 32 characters");
  }
  if (place.key.empty() || place.key.size() > kMaxKeyLabelBytes) {
    return absl::InvalidArgumentError(
        "the label of a root key has 1 to 64 characters");
  }
  return absl::OkStatus();
}

absl::StatusOr<SecretBytes> ReadPin(const TokenPlace& place) {
  LIMPID_ASSIGN_OR_RETURN(
      const SecretBytes text,
      ReadPrivateFile(place.pin_file, "the PIN file", kMaxPinFileBytes));
  base::ByteView line = text.Reveal(SecretAccess::Get());
  if (!line.empty() && line.back() == '\n') line = line.first(line.size() - 1);
  if (line.empty() || std::ranges::find(line, '\n') != line.end()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the PIN file ", place.pin_file.string(), " is not one line"));
  }
  return SecretBytes::Copy(line);
}

absl::StatusOr<std::unique_ptr<Pkcs11Session>> LogIn(const TokenPlace& place,
                                                     bool for_writing) {
  LIMPID_RETURN_IF_ERROR(CheckPlace(place));
  LIMPID_ASSIGN_OR_RETURN(const SecretBytes pin, ReadPin(place));
  LIMPID_ASSIGN_OR_RETURN(auto module, Pkcs11Module::Load(place.module));
  return Pkcs11Session::Open(std::move(module), place.token, pin, for_writing);
}

// The one AES key of this label; none is no value.
absl::StatusOr<std::optional<Handle>> FindKey(const Pkcs11Session& session,
                                              std::string label) {
  ck_object_class_t secret_key = CKO_SECRET_KEY;
  ck_key_type_t aes = CKK_AES;
  std::array<Attribute, 3> wanted = {Of(CKA_CLASS, secret_key),
                                     Of(CKA_KEY_TYPE, aes),
                                     OfText(CKA_LABEL, label)};
  const ck_function_list& calls = session.calls();
  ck_rv_t done =
      calls.C_FindObjectsInit(session.handle(), wanted.data(), wanted.size());
  if (done != CKR_OK) return TokenSilent(done);
  std::array<Handle, 2> found{};
  TokenNumber count = 0;
  done =
      calls.C_FindObjects(session.handle(), found.data(), found.size(), &count);
  calls.C_FindObjectsFinal(session.handle());
  if (done != CKR_OK) return TokenSilent(done);
  if (count > 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the token has two keys labelled '", label, "': rename one of them"));
  }
  if (count == 0) return std::optional<Handle>();
  return std::optional<Handle>(found.front());
}

bool AttributeIs(const Pkcs11Session& session, Handle key,
                 ck_attribute_type_t type, unsigned char wanted) {
  unsigned char value = wanted == kYes ? kNo : kYes;
  Attribute asked = Of(type, value);
  return session.calls().C_GetAttributeValue(session.handle(), key, &asked,
                                             1) == CKR_OK &&
         value == wanted;
}

// A key that left the token, or could, protects what a file protects.
absl::Status CheckKept(const Pkcs11Session& session, Handle key) {
  const bool kept = AttributeIs(session, key, CKA_SENSITIVE, kYes) &&
                    AttributeIs(session, key, CKA_ALWAYS_SENSITIVE, kYes) &&
                    AttributeIs(session, key, CKA_EXTRACTABLE, kNo) &&
                    AttributeIs(session, key, CKA_NEVER_EXTRACTABLE, kYes);
  if (!kept) {
    return absl::FailedPreconditionError(
        "the root key can leave its token, or once could: let the token make "
        "another one");
  }
  TokenNumber size = 0;
  Attribute asked = Of(CKA_VALUE_LEN, size);
  if (session.calls().C_GetAttributeValue(session.handle(), key, &asked, 1) !=
          CKR_OK ||
      size != kAeadKeyBytes) {
    return absl::FailedPreconditionError("the root key is not AES-256");
  }
  return absl::OkStatus();
}

absl::StatusOr<KeyId> IdOf(const Pkcs11Session& session, Handle key) {
  base::Bytes id(kMaxIdBytes);
  Attribute asked{CKA_ID, id.data(), id.size()};
  const ck_rv_t done =
      session.calls().C_GetAttributeValue(session.handle(), key, &asked, 1);
  if (done != CKR_OK || asked.value_len == 0 || asked.value_len > id.size()) {
    return absl::FailedPreconditionError(
        "the root key has no id (CKA_ID) in its token: set a random one");
  }
  id.resize(asked.value_len);
  const base::Digest32 digest =
      Sha256(base::ByteWriter(kIdLabel).Lp(id).bytes());
  KeyId out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

absl::Status Generate(const Pkcs11Session& session, std::string label) {
  auto id = RandomArray<kIdBytes>();
  ck_object_class_t secret_key = CKO_SECRET_KEY;
  ck_key_type_t aes = CKK_AES;
  TokenNumber size = kAeadKeyBytes;
  unsigned char yes = kYes;
  unsigned char no = kNo;
  std::array attributes = {Of(CKA_CLASS, secret_key),
                           Of(CKA_KEY_TYPE, aes),
                           Of(CKA_VALUE_LEN, size),
                           OfText(CKA_LABEL, label),
                           Of(CKA_ID, id),
                           Of(CKA_TOKEN, yes),
                           Of(CKA_PRIVATE, yes),
                           Of(CKA_SENSITIVE, yes),
                           Of(CKA_EXTRACTABLE, no),
                           Of(CKA_ENCRYPT, yes),
                           Of(CKA_DECRYPT, yes),
                           Of(CKA_WRAP, no),
                           Of(CKA_UNWRAP, no)};
  ck_mechanism mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  Handle made = 0;
  const ck_rv_t done = session.calls().C_GenerateKey(
      session.handle(), &mechanism, attributes.data(), attributes.size(),
      &made);
  return done == CKR_OK ? absl::OkStatus() : TokenSilent(done);
}

// What decryption says of bytes that this key did not make.
bool MeansForeignBytes(ck_rv_t error) {
  constexpr ck_rv_t kAeadDecryptFailed = 0x35;
  return error == CKR_ENCRYPTED_DATA_INVALID ||
         error == CKR_ENCRYPTED_DATA_LEN_RANGE || error == kAeadDecryptFailed;
}

// What some tokens say of such bytes, and others when they fail.
bool SaysLittle(ck_rv_t error) {
  return error == CKR_GENERAL_ERROR || error == CKR_FUNCTION_FAILED;
}

// Randomness that repeats repeats the nonce for the same message only, as in
// envelopes.
SecretBytes NonceFor(base::ByteView aad, const SecretBytes& message) {
  const SecretBytes hedged =
      HedgedKey(kNonceLabel, aad, message.Reveal(SecretAccess::Get()));
  return SecretBytes::Copy(
      hedged.Reveal(SecretAccess::Get()).first(kNonceBytes));
}

absl::Status NotWrappedHere() {
  return absl::DataLossError("not wrapped by this root key");
}

}  // namespace

// The session and the key in it.
class TokenRootKey::Token {
 public:
  Token(std::unique_ptr<Pkcs11Session> session, Handle key)
      : session_(std::move(session)), key_(key) {}

  // AES-256-GCM; `in` is only read.
  absl::StatusOr<SecretBytes> Encrypt(base::ByteView nonce, base::ByteView aad,
                                      const SecretBytes& in) {
    SecretBytes input = in.Clone();
    Outcome got =
        Run(nonce, aad, input, in.size() + kTagBytes, /*encrypt=*/true);
    if (got.done != CKR_OK) return TokenSilent(got.done);
    return std::move(got.out);
  }
  absl::StatusOr<SecretBytes> Decrypt(base::ByteView nonce, base::ByteView aad,
                                      base::ByteView in) {
    SecretBytes input = SecretBytes::Copy(in);
    Outcome got = Run(nonce, aad, input, in.size(), /*encrypt=*/false);
    if (got.done == CKR_OK) return std::move(got.out);
    if (!got.begun) return TokenSilent(got.done);
    if (MeansForeignBytes(got.done)) return NotWrappedHere();
    // "Damaged" sends people to their backups: not for a token that is unwell.
    if (SaysLittle(got.done) && Works()) return NotWrappedHere();
    return TokenSilent(got.done);
  }

 private:
  struct Outcome {
    ck_rv_t done = CKR_OK;
    // Refused as it began, the bytes were not looked at.
    bool begun = false;
    SecretBytes out;
  };

  // Whether the key opens what it closes.
  bool Works() {
    const base::ByteView aad = base::AsBytes(kProbeLabel);
    const SecretBytes probe(kAeadKeyBytes);
    const SecretBytes nonce = NonceFor(aad, probe);
    absl::StatusOr<SecretBytes> closed =
        Encrypt(nonce.Reveal(SecretAccess::Get()), aad, probe);
    if (!closed.ok()) return false;
    const Outcome back = Run(nonce.Reveal(SecretAccess::Get()), aad, *closed,
                             closed->size(), /*encrypt=*/false);
    return back.done == CKR_OK && back.out == probe;
  }

  Outcome Run(base::ByteView nonce, base::ByteView aad, SecretBytes& input,
              std::size_t room, bool encrypt) {
    base::Bytes nonce_copy = base::ToBytes(nonce);
    base::Bytes aad_copy = base::ToBytes(aad);
    ck_gcm_params parameters{nonce_copy.data(),     nonce_copy.size(),
                             nonce_copy.size() * 8, aad_copy.data(),
                             aad_copy.size(),       kTagBits};
    ck_mechanism mechanism{CKM_AES_GCM, &parameters, sizeof(parameters)};
    const std::span<std::uint8_t> from =
        input.RevealMutable(SecretAccess::Get());
    SecretBytes out(room);
    const std::span<std::uint8_t> to = out.RevealMutable(SecretAccess::Get());
    TokenNumber size = to.size();
    Outcome got;
    const base::MutexLock lock(mutex_);
    const ck_function_list& calls = session_->calls();
    const ck_session_handle_t session = session_->handle();
    got.done = encrypt ? calls.C_EncryptInit(session, &mechanism, key_)
                       : calls.C_DecryptInit(session, &mechanism, key_);
    if (got.done != CKR_OK) return got;
    got.begun = true;
    got.done = encrypt ? calls.C_Encrypt(session, from.data(), from.size(),
                                         to.data(), &size)
                       : calls.C_Decrypt(session, from.data(), from.size(),
                                         to.data(), &size);
    if (got.done != CKR_OK) return got;
    got.out = SecretBytes::Copy(out.Reveal(SecretAccess::Get())
                                    .first(std::min<std::size_t>(size, room)));
    return got;
  }

  // Guards every call: SoftHSM 2.6 is not safe under two threads.
  base::Mutex mutex_;
  const std::unique_ptr<Pkcs11Session> session_;
  const Handle key_;
};

TokenRootKey::TokenRootKey(std::unique_ptr<Token> token, const KeyId& id)
    : token_(std::move(token)), id_(id) {}

TokenRootKey::~TokenRootKey() = default;

absl::Status TokenRootKey::CreateKey(const TokenPlace& place) {
  LIMPID_ASSIGN_OR_RETURN(const auto session,
                          LogIn(place, /*for_writing=*/true));
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Handle> found,
                          FindKey(*session, place.key));
  if (found) {
    return absl::AlreadyExistsError(
        absl::StrCat("the token has a key labelled '", place.key, "' already"));
  }
  return Generate(*session, place.key);
}

absl::StatusOr<std::unique_ptr<TokenRootKey>> TokenRootKey::Open(
    const TokenPlace& place) {
  LIMPID_ASSIGN_OR_RETURN(auto session, LogIn(place, /*for_writing=*/false));
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Handle> key,
                          FindKey(*session, place.key));
  if (!key) {
    return absl::NotFoundError(absl::StrCat(
        "the token '", place.token, "' has no key labelled '", place.key, "'"));
  }
  LIMPID_RETURN_IF_ERROR(CheckKept(*session, *key));
  LIMPID_ASSIGN_OR_RETURN(const KeyId id, IdOf(*session, *key));
  return std::unique_ptr<TokenRootKey>(
      new TokenRootKey(std::make_unique<Token>(std::move(session), *key), id));
}

absl::StatusOr<base::Bytes> TokenRootKey::Wrap(const SecretBytes& key,
                                               base::ByteView aad) const {
  const base::Bytes bound =
      base::ByteWriter(kWrapLabel).Raw(id_).Lp(aad).Take();
  const SecretBytes hidden = NonceFor(bound, key);
  const base::ByteView nonce = hidden.Reveal(SecretAccess::Get());
  LIMPID_ASSIGN_OR_RETURN(const SecretBytes sealed,
                          token_->Encrypt(nonce, bound, key));
  return base::ByteWriter()
      .U8(kTokenWrap)
      .Raw(nonce)
      .Raw(sealed.Reveal(SecretAccess::Get()))
      .Take();
}

absl::StatusOr<SecretBytes> TokenRootKey::Unwrap(base::ByteView wrapped,
                                                 base::ByteView aad) const {
  base::ByteReader reader(wrapped);
  const std::uint8_t kind = reader.U8();
  const base::ByteView nonce = reader.Raw(kNonceBytes);
  if (reader.failed() || kind != kTokenWrap ||
      reader.rest().size() <= kTagBytes) {
    return NotWrappedHere();
  }
  return token_->Decrypt(nonce,
                         base::ByteWriter(kWrapLabel).Raw(id_).Lp(aad).bytes(),
                         reader.rest());
}

}  // namespace limpid::crypto
