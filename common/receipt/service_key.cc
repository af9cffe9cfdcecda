#include "common/receipt/service_key.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"
#include "common/tlog/tree.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kEntryLabel = "limpid/service-key/1";
constexpr std::string_view kProofLabel = "limpid/service-key-proof/1";
constexpr std::string_view kSignatureLabel = "limpid/service-key-signature/1";
constexpr std::uint8_t kKinds = 3;

absl::Status NotAnEntry() {
  return absl::DataLossError("not an entry of a service's key");
}

absl::Status BrokenChain() {
  return absl::DataLossError(
      "the chain of a service's keys has a gap or a fork");
}

base::Bytes ProvedBytes(const ServiceIdBytes& service, ServiceKeyKind kind,
                        const ServiceKeyBytes& key) {
  return base::ByteWriter(kProofLabel)
      .Raw(service)
      .U8(static_cast<std::uint8_t>(kind))
      .Raw(key)
      .Take();
}

base::Bytes SignedBytes(base::ByteView body) {
  return base::ByteWriter(kSignatureLabel).Raw(crypto::Sha256(body)).Take();
}

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

base::Bytes BodyOf(const ServiceKeyEntry& entry) {
  base::ByteWriter writer;
  writer.U8(static_cast<std::uint8_t>(tlog::LeafKind::kServiceKey))
      .Raw(base::ByteWriter(kEntryLabel).bytes())
      .Raw(entry.service)
      .U8(static_cast<std::uint8_t>(entry.kind))
      .U32(entry.number)
      .Raw(entry.predecessor)
      .Raw(entry.key)
      .U64(Millis(entry.valid_from))
      .U64(entry.retired ? Millis(*entry.retired) : 0)
      .Raw(entry.prover.bytes)
      .Raw(entry.proof);
  return writer.Take();
}

// Whether it needs the service's proof, and has it; or needs none, and has
// none.
bool ProofIsRight(const ServiceKeyEntry& entry) {
  if (entry.retired || entry.kind == ServiceKeyKind::kCertificate) {
    return entry.prover == crypto::Ed25519PublicKey{} &&
           entry.proof == crypto::Ed25519Signature{};
  }
  if (entry.kind == ServiceKeyKind::kSigning &&
      entry.prover.bytes != entry.key) {
    return false;
  }
  return VerifyServiceKeyProof(entry.service, entry.kind, entry.key,
                               entry.prover, entry.proof);
}

bool KeepsTheRules(const ServiceKeyEntry& entry) {
  const bool first = entry.number == 1;
  return entry.service != ServiceIdBytes{} && entry.number >= 1 &&
         first == (entry.predecessor == base::Digest32{}) &&
         entry.key != ServiceKeyBytes{} && !(first && entry.retired) &&
         (!entry.retired || *entry.retired >= entry.valid_from) &&
         ProofIsRight(entry);
}

absl::StatusOr<ServiceKeyEntry> ParseBody(base::ByteView body) {
  // Year 9999, far below what absl::Time and JSON integers hold.
  constexpr std::uint64_t kLastMillisecond = 253'402'300'799'999;
  base::ByteReader reader(body);
  ServiceKeyEntry entry;
  const std::uint8_t type = reader.U8();
  reader.Label(kEntryLabel);
  entry.service = reader.Array<base::kIdBytes>();
  const std::uint8_t kind = reader.U8();
  entry.number = reader.U32();
  entry.predecessor = reader.Array<32>();
  entry.key = reader.Array<32>();
  const std::uint64_t valid_from = reader.U64();
  const std::uint64_t retired = reader.U64();
  entry.prover.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  entry.proof = reader.Array<crypto::kEd25519SignatureBytes>();
  const bool read = reader.Finish().ok();
  if (!read || type != static_cast<std::uint8_t>(tlog::LeafKind::kServiceKey) ||
      kind < 1 || kind > kKinds || valid_from == 0 ||
      valid_from > kLastMillisecond || retired > kLastMillisecond) {
    return NotAnEntry();
  }
  entry.kind = static_cast<ServiceKeyKind>(kind);
  entry.valid_from =
      absl::FromUnixMillis(static_cast<std::int64_t>(valid_from));
  if (retired != 0) {
    entry.retired = absl::FromUnixMillis(static_cast<std::int64_t>(retired));
  }
  if (!KeepsTheRules(entry)) return NotAnEntry();
  return entry;
}

bool InForce(const ServiceKeys::Key& key, absl::Time at) {
  return at >= key.valid_from && at < key.retired;
}

}  // namespace

crypto::Ed25519Signature ProveServiceKey(
    const ServiceIdBytes& service, ServiceKeyKind kind,
    const ServiceKeyBytes& key, const crypto::Ed25519PrivateKey& with) {
  return with.Sign(ProvedBytes(service, kind, key));
}

bool VerifyServiceKeyProof(const ServiceIdBytes& service, ServiceKeyKind kind,
                           const ServiceKeyBytes& key,
                           const crypto::Ed25519PublicKey& prover,
                           const crypto::Ed25519Signature& proof) {
  return prover.Verify(ProvedBytes(service, kind, key), proof);
}

base::Bytes SignServiceKeyEntry(const ServiceKeyEntry& entry,
                                const crypto::Ed25519PrivateKey& operator_key) {
  base::Bytes out = BodyOf(entry);
  const crypto::Ed25519Signature signature =
      operator_key.Sign(SignedBytes(out));
  out.insert(out.end(), signature.begin(), signature.end());
  LIMPID_CHECK(out.size() == kServiceKeyEntryBytes);
  return out;
}

bool IsServiceKeyEntry(base::ByteView entry) {
  return !entry.empty() && entry.front() == static_cast<std::uint8_t>(
                                                tlog::LeafKind::kServiceKey);
}

absl::StatusOr<ServiceKeyEntry> ParseServiceKeyEntry(base::ByteView entry) {
  if (entry.size() != kServiceKeyEntryBytes) return NotAnEntry();
  return ParseBody(
      entry.first(kServiceKeyEntryBytes - crypto::kEd25519SignatureBytes));
}

absl::StatusOr<ServiceKeyEntry> VerifyServiceKeyEntry(
    base::ByteView entry, const crypto::Ed25519PublicKey& operator_key) {
  LIMPID_ASSIGN_OR_RETURN(ServiceKeyEntry parsed, ParseServiceKeyEntry(entry));
  const std::size_t body_size = entry.size() - crypto::kEd25519SignatureBytes;
  if (!operator_key.Verify(SignedBytes(entry.first(body_size)),
                           entry.subspan(body_size))) {
    return absl::DataLossError("a service's key is not signed by the operator");
  }
  return parsed;
}

absl::Status ServiceKeyChains::Take(base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(const ServiceKeyEntry parsed,
                          ParseServiceKeyEntry(entry));
  Newest& newest = newest_[parsed.service];
  if (parsed.number != newest.number + 1 || parsed.predecessor != newest.hash) {
    return BrokenChain();
  }
  newest = {parsed.number, tlog::LeafHash(entry)};
  return absl::OkStatus();
}

absl::StatusOr<ServiceKeys> ServiceKeys::Follow(
    const ServiceIdBytes& service, const crypto::Ed25519PublicKey& operator_key,
    std::span<const base::Bytes> entries) {
  ServiceKeys out;
  base::Digest32 newest{};
  std::uint32_t number = 0;
  for (const base::Bytes& bytes : entries) {
    LIMPID_ASSIGN_OR_RETURN(const ServiceKeyEntry entry,
                            VerifyServiceKeyEntry(bytes, operator_key));
    if (entry.service != service) {
      return absl::DataLossError("a key of another service is in the chain");
    }
    if (entry.number != number + 1 || entry.predecessor != newest) {
      return BrokenChain();
    }
    LIMPID_RETURN_IF_ERROR(out.Take(entry));
    newest = tlog::LeafHash(bytes);
    number = entry.number;
  }
  return out;
}

absl::Status ServiceKeys::Take(const ServiceKeyEntry& entry) {
  if (!entry.retired) return Add(entry);
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&entry](const Key& key) {
        return key.kind == entry.kind && key.bytes == entry.key;
      });
  if (found == keys_.end() || found->retired != absl::InfiniteFuture() ||
      found->valid_from != entry.valid_from) {
    return absl::DataLossError("a key is retired that is not in force");
  }
  found->retired = *entry.retired;
  return absl::OkStatus();
}

absl::Status ServiceKeys::Add(const ServiceKeyEntry& entry) {
  if (Find(entry.kind, entry.key) != nullptr) {
    return absl::DataLossError("a service's key comes back");
  }
  if (entry.kind == ServiceKeyKind::kEncryption) {
    const Key* const prover =
        Find(ServiceKeyKind::kSigning, entry.prover.bytes);
    if (prover == nullptr || !InForce(*prover, entry.valid_from)) {
      return absl::DataLossError(
          "an encryption key is not proved by a signing key of its service");
    }
  }
  keys_.push_back({entry.kind, entry.key, entry.valid_from,
                   absl::InfiniteFuture(), entry.prover});
  return absl::OkStatus();
}

const ServiceKeys::Key* ServiceKeys::Find(ServiceKeyKind kind,
                                          const ServiceKeyBytes& key) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& known) {
        return known.kind == kind && known.bytes == key;
      });
  return found == keys_.end() ? nullptr : &*found;
}

absl::Status ServiceKeys::CheckUsable(ServiceKeyKind kind,
                                      const ServiceKeyBytes& key,
                                      absl::Time at) const {
  const Key* const found = Find(kind, key);
  if (found == nullptr) {
    return absl::NotFoundError("the key is not in the service's chain");
  }
  if (at < found->valid_from) {
    return absl::FailedPreconditionError("the key is not in force yet");
  }
  if (at >= found->retired) {
    return absl::FailedPreconditionError("the key was retired");
  }
  if (kind != ServiceKeyKind::kEncryption) return absl::OkStatus();
  const Key* const prover = Find(ServiceKeyKind::kSigning, found->prover.bytes);
  if (prover == nullptr || !InForce(*prover, at)) {
    return absl::FailedPreconditionError(
        "the signing key that proved this key was retired");
  }
  return absl::OkStatus();
}

}  // namespace limpid::receipt
