#include "consent/agreement/service_public_key.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/x25519.h"

namespace limpid::consent {
namespace {

using receipt::ServiceKeyKind;

absl::Status Wrong(std::size_t index, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("public_keys[", index, "]: ", base::ToAbsl(why)));
}

bool HasSigningKey(const std::vector<ServicePublicKey>& keys,
                   const crypto::Ed25519PublicKey& prover) {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& one) {
    return one.kind == ServiceKeyKind::kSigning && one.key == prover.bytes;
  });
}

// A point of small order gives everybody the same secret.
bool AnybodyCouldOpen(const receipt::ServiceKeyBytes& key) {
  return !crypto::X25519PublicKey{key}.Seal({}).ok();
}

bool IsRepeated(const std::vector<ServicePublicKey>& keys, std::size_t index) {
  const auto at = keys.begin() + static_cast<std::ptrdiff_t>(index);
  return std::any_of(keys.begin(), at, [&](const ServicePublicKey& earlier) {
    return earlier.kind == at->kind && earlier.key == at->key;
  });
}

absl::Status CheckOne(const ServiceId& service,
                      const std::vector<ServicePublicKey>& keys,
                      std::size_t index) {
  const ServicePublicKey& one = keys[index];
  if (!IsPublicKeyKind(static_cast<std::int64_t>(one.kind))) {
    return Wrong(index, "is neither a signing nor an encryption key");
  }
  if (IsRepeated(keys, index)) return Wrong(index, "is there twice");
  if (!HasSigningKey(keys, one.prover)) {
    return Wrong(index, "its prover is no signing key in the list");
  }
  if (one.kind == ServiceKeyKind::kSigning && one.key != one.prover.bytes) {
    return Wrong(index, "a signing key must prove itself");
  }
  if (!receipt::VerifyServiceKeyProof(service.bytes(), one.kind, one.key,
                                      one.prover, one.proof)) {
    return Wrong(index, "its proof is not this service's");
  }
  if (one.kind == ServiceKeyKind::kEncryption && AnybodyCouldOpen(one.key)) {
    return Wrong(index, "anybody could open what is encrypted to it");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPublicKeys(const ServiceId& service,
                             const std::vector<ServicePublicKey>& keys) {
  if (keys.size() > kMaxServicePublicKeys) {
    return absl::InvalidArgumentError("public_keys: has more than 8 values");
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    LIMPID_RETURN_IF_ERROR(CheckOne(service, keys, i));
  }
  return absl::OkStatus();
}

void WritePublicKeys(const std::vector<ServicePublicKey>& keys,
                     base::ByteWriter& out) {
  out.U16(static_cast<std::uint16_t>(keys.size()));
  for (const ServicePublicKey& one : keys) {
    out.U8(static_cast<std::uint8_t>(one.kind))
        .Raw(one.key)
        .Raw(one.prover.bytes)
        .Raw(one.proof);
  }
}

bool ReadPublicKeys(base::ByteReader& reader,
                    std::vector<ServicePublicKey>& out) {
  bool known = true;
  for (auto left = reader.U16(); left > 0 && !reader.failed(); --left) {
    ServicePublicKey& one = out.emplace_back();
    const std::uint8_t kind = reader.U8();
    known = known && IsPublicKeyKind(kind);
    one.kind = static_cast<ServiceKeyKind>(kind);
    one.key = reader.Array<32>();
    one.prover.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
    one.proof = reader.Array<crypto::kEd25519SignatureBytes>();
  }
  return known;
}

bool IsPublicKeyKind(std::int64_t number) {
  return number == static_cast<std::int64_t>(ServiceKeyKind::kSigning) ||
         number == static_cast<std::int64_t>(ServiceKeyKind::kEncryption);
}

}  // namespace limpid::consent
