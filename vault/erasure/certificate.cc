#include "vault/erasure/certificate.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "vault/keys/aad.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kLabel = "limpid/vault/erasure-certificate/1";
constexpr std::size_t kMostVersions = 65'535;

base::Bytes AadOf(const Identity& identity, std::uint8_t suite,
                  const Owner& owner, const CertificateId& id) {
  Aad aad;
  aad.kind = AadKind::kCertificate;
  aad.suite = suite;
  aad.operator_name = identity.operator_name;
  aad.holder = owner.id;
  aad.key_id = id;
  return aad.Encode();
}

bool KnownScope(ErasureScope scope) {
  return scope == ErasureScope::kVersions || scope == ErasureScope::kPerson;
}

}  // namespace

std::uint32_t Retention::days() const {
  return std::max({backup, wal_archive, snapshot}) + epoch;
}

absl::Time ErasureCertificate::not_before() const {
  return time + absl::Hours(24) * static_cast<std::int64_t>(retention.days());
}

base::Bytes ErasureCertificate::Encode() const {
  // An attribute has fewer versions.
  LIMPID_CHECK(versions.size() <= kMostVersions);
  base::ByteWriter out(kLabel);
  out.Raw(nonce)
      .Raw(source.bytes())
      .U8(static_cast<std::uint8_t>(scope))
      .Lp(attribute)
      .U16(static_cast<std::uint16_t>(versions.size()));
  for (const std::uint64_t version : versions) out.U64(version);
  out.U32(values)
      .U32(generation)
      .U32(epoch)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)))
      .U32(retention.backup)
      .U32(retention.wal_archive)
      .U32(retention.snapshot)
      .U32(retention.epoch)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(not_before())));
  return out.Take();
}

absl::StatusOr<ErasureCertificate> ErasureCertificate::Decode(
    base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  ErasureCertificate out;
  out.nonce = reader.Array<16>();
  out.source = SourceId(reader.Array<base::kIdBytes>());
  out.scope = static_cast<ErasureScope>(reader.U8());
  out.attribute = reader.LpText();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.versions.push_back(reader.U64());
  }
  out.values = reader.U32();
  out.generation = reader.U32();
  out.epoch = reader.U32();
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.retention.backup = reader.U32();
  out.retention.wal_archive = reader.U32();
  out.retention.snapshot = reader.U32();
  out.retention.epoch = reader.U32();
  const auto not_before =
      absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  if (!KnownScope(out.scope) || not_before != out.not_before()) {
    return absl::InvalidArgumentError("not a certificate of an erasure");
  }
  return out;
}

base::Digest32 CertificateHash(base::ByteView encoded) {
  return crypto::Sha256(encoded);
}

CertificateId CertificateIdOf(const base::Digest32& hash) {
  CertificateId out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

base::Bytes SealCertificate(const Identity& identity, crypto::Suite suite,
                            const base::SecretBytes& key, const Owner& owner,
                            base::ByteView encoded,
                            crypto::RandomSource& random) {
  const CertificateId id = CertificateIdOf(CertificateHash(encoded));
  return crypto::Seal(
      suite, key, crypto::KeyId{},
      AadOf(identity, static_cast<std::uint8_t>(suite), owner, id), encoded,
      random);
}

absl::StatusOr<base::Bytes> OpenCertificate(const Identity& identity,
                                            const base::SecretBytes& key,
                                            const CertificateRow& row) {
  LIMPID_ASSIGN_OR_RETURN(
      base::Bytes encoded,
      crypto::Open(key, crypto::KeyId{},
                   AadOf(identity, SuiteByte(row.sealed), row.owner, row.id),
                   row.sealed));
  if (CertificateIdOf(CertificateHash(encoded)) != row.id) {
    return absl::DataLossError("a certificate does not open");
  }
  return encoded;
}

}  // namespace limpid::vault
