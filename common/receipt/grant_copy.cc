#include "common/receipt/grant_copy.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/pad.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kTermsLabel = "limpid/vault/grant-copy/1";
constexpr std::string_view kSignatureLabel =
    "limpid/vault/grant-copy-signature/1";
constexpr std::string_view kValueLabel = "limpid/vault/grant-copy-value/1";
constexpr std::string_view kKeyLabel = "vault-grant-copy";
constexpr std::size_t kBucketLimitBytes = 4096;

absl::Status Broken() {
  return absl::DataLossError("a grant copy does not open");
}

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

absl::Time FromMillis(std::uint64_t millis) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(millis));
}

base::Bytes Signed(const GrantCopy& copy) {
  base::ByteWriter writer(kSignatureLabel);
  return writer.Raw(crypto::Sha256(copy.terms.Encode()))
      .Raw(crypto::Sha256(copy.box))
      .Raw(crypto::Sha256(copy.envelope))
      .Take();
}

// Plaintext on its way; wiped when it goes.
class Plain {
 public:
  explicit Plain(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  ~Plain() { base::Wipe(bytes_); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  [[nodiscard]] const base::Bytes& bytes() const { return bytes_; }

 private:
  base::Bytes bytes_;
};

base::Bytes PaddedContents(const GrantCopyValue& value, std::size_t floor) {
  base::ByteWriter writer(kValueLabel);
  const Plain contents(
      writer.U64(Millis(value.put_time)).Lp(value.value_json).Take());
  const std::size_t bytes = value.value_json.size();
  const std::size_t size =
      contents.bytes().size() + (floor > bytes ? floor - bytes : 0);
  auto padded = crypto::PadToSize(
      contents.bytes(), size < kBucketLimitBytes ? crypto::BucketLength(size)
                                                 : crypto::PadmeLength(size));
  LIMPID_CHECK(padded.ok());
  return *std::move(padded);
}

}  // namespace

base::Bytes GrantCopyTerms::Encode() const {
  base::ByteWriter writer(kTermsLabel);
  return writer.Raw(source)
      .Raw(service)
      .Raw(service_key.bytes)
      .Raw(record)
      .U64(revision)
      .Lp(attribute)
      .U32(schema_version)
      .U64(version)
      .U8(static_cast<std::uint8_t>(form))
      .U64(Millis(made))
      .U64(Millis(not_after))
      .Raw(id)
      .Raw(grant_key.bytes)
      .Take();
}

absl::StatusOr<GrantCopyTerms> GrantCopyTerms::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kTermsLabel);
  GrantCopyTerms out;
  out.source = reader.Array<16>();
  out.service = reader.Array<16>();
  out.service_key.bytes = reader.Array<crypto::kX25519KeyBytes>();
  out.record = reader.Array<16>();
  out.revision = reader.U64();
  out.attribute = reader.LpText();
  out.schema_version = reader.U32();
  out.version = reader.U64();
  out.form = static_cast<Form>(reader.U8());
  out.made = FromMillis(reader.U64());
  out.not_after = FromMillis(reader.U64());
  out.id = reader.Array<16>();
  out.grant_key.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  if (out.form != Form::kFull && out.form != Form::kPseudonymous) {
    return absl::InvalidArgumentError("is in a form that is not copied");
  }
  if (out.attribute.empty() || out.version == 0 || out.not_after <= out.made) {
    return absl::InvalidArgumentError("names nothing, or no time");
  }
  return out;
}

base::Bytes GrantCopy::Encode() const {
  base::ByteWriter writer;
  return writer.Lp(terms.Encode()).Raw(signature).Lp(box).Lp(envelope).Take();
}

absl::StatusOr<GrantCopy> GrantCopy::Decode(base::ByteView bytes) {
  if (bytes.size() > kMaxGrantCopyBytes) {
    return absl::InvalidArgumentError("is longer than a copy can be");
  }
  base::ByteReader reader(bytes);
  GrantCopy out;
  const base::ByteView terms = reader.Lp();
  out.signature = reader.Array<crypto::kEd25519SignatureBytes>();
  out.box = base::ToBytes(reader.Lp());
  out.envelope = base::ToBytes(reader.Lp());
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  LIMPID_ASSIGN_OR_RETURN(out.terms, GrantCopyTerms::Decode(terms));
  return out;
}

absl::StatusOr<GrantCopy> MakeGrantCopy(
    const GrantCopyTerms& terms, const GrantCopyValue& value,
    std::size_t pad_floor_bytes, const crypto::Ed25519PrivateKey& grant_key,
    crypto::RandomSource& random) {
  LIMPID_CHECK(terms.grant_key == grant_key.PublicKey());
  GrantCopy out;
  out.terms = terms;
  const base::Bytes bound = terms.Encode();
  const Plain padded(PaddedContents(value, pad_floor_bytes));
  const base::SecretBytes key =
      crypto::HedgedKey(kKeyLabel, bound, padded.bytes(), random);
  out.envelope = crypto::Seal(crypto::Suite::kXChaCha20Poly1305, key, terms.id,
                              bound, padded.bytes(), random);
  LIMPID_ASSIGN_OR_RETURN(
      out.box, terms.service_key.Seal(key.Reveal(base::SecretAccess::Get())));
  out.signature = grant_key.Sign(Signed(out));
  return out;
}

bool GrantCopyIsSigned(const GrantCopy& copy) {
  return copy.terms.grant_key.Verify(Signed(copy), copy.signature);
}

absl::StatusOr<GrantCopyValue> OpenGrantCopy(
    const GrantCopy& copy, const crypto::X25519PrivateKey& service_key) {
  if (copy.terms.service_key.bytes != service_key.PublicKey().bytes ||
      !GrantCopyIsSigned(copy)) {
    return Broken();
  }
  const auto key = service_key.Open(copy.box);
  if (!key.ok() || key->size() != crypto::kAeadKeyBytes) return Broken();
  auto opened =
      crypto::Open(*key, copy.terms.id, copy.terms.Encode(), copy.envelope);
  if (!opened.ok()) return Broken();
  const Plain padded(*std::move(opened));
  auto unpadded = crypto::Unpad(padded.bytes());
  if (!unpadded.ok()) return Broken();
  const Plain contents(*std::move(unpadded));
  base::ByteReader reader(contents.bytes());
  reader.Label(kValueLabel);
  GrantCopyValue out;
  out.put_time = FromMillis(reader.U64());
  out.value_json = reader.LpText();
  if (!reader.Finish().ok()) return Broken();
  return out;
}

}  // namespace limpid::receipt
