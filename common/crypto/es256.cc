#include "common/crypto/es256.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/openssl_ptr.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::SecretAccess;
using base::SecretBytes;

// 0x04 || x || y (SEC 1 section 2.3.3).
constexpr std::uint8_t kUncompressed = 4;
using Point = base::ByteArray<1 + 2 * kEs256CoordinateBytes>;

// SEQUENCE of two INTEGERs of at most 33 bytes.
constexpr std::size_t kMaxDerBytes = 72;

// Keys with a passphrase are for people, not for servers; never prompt.
int RefusePassphrase(char* /*buffer*/, int /*size*/, int /*writing*/,
                     void* /*context*/) {
  return -1;
}

absl::Status NotAKey() {
  // OpenSSL queues its own reasons per thread; nobody must find them later.
  ERR_clear_error();
  return absl::InvalidArgumentError("not a P-256 key");
}

bool IsP256(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) ==
             1 &&
         std::string_view(group.data()) == "prime256v1";
}

// The affine coordinate `name` of `key`.
absl::StatusOr<Es256Coordinate> CoordinateOf(const EVP_PKEY* key,
                                             const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return NotAKey();
  Es256Coordinate out{};
  const int written = BN_bn2binpad(number, out.data(), kEs256CoordinateBytes);
  BN_free(number);
  if (written != kEs256CoordinateBytes) return NotAKey();
  return out;
}

// The public half of `key`, if that is of P-256.
absl::StatusOr<Es256PublicKey> PublicOf(const EVP_PKEY* key) {
  if (!IsP256(key)) return NotAKey();
  LIMPID_ASSIGN_OR_RETURN(const auto x,
                          CoordinateOf(key, OSSL_PKEY_PARAM_EC_PUB_X));
  LIMPID_ASSIGN_OR_RETURN(const auto y,
                          CoordinateOf(key, OSSL_PKEY_PARAM_EC_PUB_Y));
  return Es256PublicKey::FromCoordinates(x, y);
}

// Checks that the point is on the curve (OpenSSL does while it imports).
absl::StatusOr<KeyPtr> KeyFromPoint(Point point) {
  const KeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  LIMPID_CHECK(context != nullptr &&
               EVP_PKEY_fromdata_init(context.get()) == 1);
  std::string group = "P-256";
  std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                       0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        parameters.data()) != 1) {
    return NotAKey();
  }
  return KeyPtr(key);
}

// r || s as DER. Zero or too large numbers are for the verifier to refuse.
Bytes ToDer(const Es256Signature& signature) {
  const EcdsaPtr parsed(ECDSA_SIG_new());
  BIGNUM* const r = BN_bin2bn(signature.data(), kEs256CoordinateBytes, nullptr);
  BIGNUM* const s = BN_bin2bn(signature.data() + kEs256CoordinateBytes,
                              kEs256CoordinateBytes, nullptr);
  LIMPID_CHECK(parsed != nullptr && r != nullptr && s != nullptr &&
               ECDSA_SIG_set0(parsed.get(), r, s) == 1);
  const int size = i2d_ECDSA_SIG(parsed.get(), nullptr);
  LIMPID_CHECK(size > 0);
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* end = out.data();
  LIMPID_CHECK(i2d_ECDSA_SIG(parsed.get(), &end) == size);
  return out;
}

Es256Signature FromDer(ByteView der) {
  const unsigned char* data = der.data();
  const EcdsaPtr parsed(
      d2i_ECDSA_SIG(nullptr, &data, static_cast<std::ptrdiff_t>(der.size())));
  LIMPID_CHECK(parsed != nullptr);
  Es256Signature out{};
  LIMPID_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out.data(),
                            kEs256CoordinateBytes) == kEs256CoordinateBytes);
  LIMPID_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()),
                            out.data() + kEs256CoordinateBytes,
                            kEs256CoordinateBytes) == kEs256CoordinateBytes);
  return out;
}

}  // namespace

struct Es256PublicKey::Impl {
  KeyPtr key;
  Es256Coordinate x{};
  Es256Coordinate y{};
};

Es256PublicKey::Es256PublicKey(std::shared_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}

absl::StatusOr<Es256PublicKey> Es256PublicKey::FromCoordinates(
    const Es256Coordinate& x, const Es256Coordinate& y) {
  Point point{kUncompressed};
  std::copy(y.begin(), y.end(),
            std::copy(x.begin(), x.end(), point.begin() + 1));
  LIMPID_ASSIGN_OR_RETURN(KeyPtr key, KeyFromPoint(point));
  return Es256PublicKey(
      std::make_shared<const Impl>(Impl{std::move(key), x, y}));
}

absl::StatusOr<Es256PublicKey> Es256PublicKey::FromSpki(ByteView der) {
  const unsigned char* data = der.data();
  const KeyPtr key(
      d2i_PUBKEY(nullptr, &data, static_cast<std::ptrdiff_t>(der.size())));
  if (key == nullptr || data != der.data() + der.size()) return NotAKey();
  return PublicOf(key.get());
}

const Es256Coordinate& Es256PublicKey::x() const { return impl_->x; }
const Es256Coordinate& Es256PublicKey::y() const { return impl_->y; }

bool Es256PublicKey::Verify(ByteView message, ByteView signature) const {
  const auto fixed = base::ToArray<kEs256SignatureBytes>(signature);
  return fixed.ok() && VerifyDer(message, ToDer(*fixed));
}

bool Es256PublicKey::VerifyDer(ByteView message, ByteView signature) const {
  const MdContextPtr context(EVP_MD_CTX_new());
  LIMPID_CHECK(context != nullptr &&
               EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256",
                                       nullptr, nullptr, impl_->key.get(),
                                       nullptr) == 1);
  const bool good =
      EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                       message.data(), message.size()) == 1;
  ERR_clear_error();
  return good;
}

struct Es256PrivateKey::Impl {
  KeyPtr key;
};

Es256PrivateKey::Es256PrivateKey(std::unique_ptr<Impl> impl,
                                 Es256PublicKey public_key)
    : impl_(std::move(impl)), public_key_(std::move(public_key)) {}
Es256PrivateKey::Es256PrivateKey(Es256PrivateKey&&) noexcept = default;
Es256PrivateKey& Es256PrivateKey::operator=(Es256PrivateKey&&) noexcept =
    default;
Es256PrivateKey::~Es256PrivateKey() = default;

Es256PrivateKey Es256PrivateKey::Generate() {
  const KeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  LIMPID_CHECK(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1 &&
               EVP_PKEY_CTX_set_group_name(context.get(), "P-256") == 1 &&
               EVP_PKEY_generate(context.get(), &made) == 1);
  KeyPtr key(made);
  auto public_key = PublicOf(key.get());
  LIMPID_CHECK(public_key.ok());
  return {std::make_unique<Impl>(Impl{std::move(key)}), *std::move(public_key)};
}

absl::StatusOr<Es256PrivateKey> Es256PrivateKey::FromPem(
    const SecretBytes& pem) {
  const BioPtr bio = ReadBio(pem.Reveal(SecretAccess::Get()));
  KeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, RefusePassphrase, nullptr));
  if (key == nullptr) return NotAKey();
  LIMPID_ASSIGN_OR_RETURN(auto public_key, PublicOf(key.get()));
  return Es256PrivateKey(std::make_unique<Impl>(Impl{std::move(key)}),
                         std::move(public_key));
}

Es256Signature Es256PrivateKey::Sign(ByteView message) const {
  const MdContextPtr context(EVP_MD_CTX_new());
  LIMPID_CHECK(context != nullptr &&
               EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr,
                                     nullptr, impl_->key.get(), nullptr) == 1);
  std::array<std::uint8_t, kMaxDerBytes> der{};
  std::size_t size = der.size();
  LIMPID_CHECK(EVP_DigestSign(context.get(), der.data(), &size, message.data(),
                              message.size()) == 1);
  return FromDer(ByteView(der).first(size));
}

SecretBytes Es256PrivateKey::Pem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  LIMPID_CHECK(bio != nullptr && PEM_write_bio_PKCS8PrivateKey(
                                     bio.get(), impl_->key.get(), nullptr,
                                     nullptr, 0, nullptr, nullptr) == 1);
  return SecretBytes::Copy(Written(bio.get()));
}

}  // namespace limpid::crypto
