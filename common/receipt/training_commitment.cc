#include "common/receipt/training_commitment.h"

#include <bit>
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

constexpr std::string_view kEntryLabel = "limpid/training-commitment/1";
constexpr std::string_view kLeafLabel = "limpid/training-leaf/1";
constexpr std::string_view kSignatureLabel =
    "limpid/training-commitment-signature/1";

absl::Status NotAnEntry() {
  return absl::DataLossError("not a commitment to the releases of a snapshot");
}

base::Bytes SignedBytes(base::ByteView body) {
  return base::ByteWriter(kSignatureLabel).Raw(crypto::Sha256(body)).Take();
}

base::Bytes BodyOf(const TrainingCommitment& commitment) {
  return base::ByteWriter()
      .U8(static_cast<std::uint8_t>(tlog::LeafKind::kTrainingCommitment))
      .Raw(base::ByteWriter(kEntryLabel).bytes())
      .Raw(commitment.snapshot)
      .Raw(commitment.operator_key.bytes)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(commitment.time)))
      .U32(commitment.size)
      .Raw(commitment.root)
      .Take();
}

bool KeepsTheRules(const TrainingCommitment& commitment) {
  return commitment.snapshot != base::ByteArray<16>{} &&
         commitment.size >= kMinTrainingLeaves &&
         commitment.size <= kMaxTrainingLeaves &&
         std::has_single_bit(commitment.size);
}

absl::StatusOr<TrainingCommitment> ParseBody(base::ByteView body) {
  // Year 9999, far below what absl::Time and JSON integers hold.
  constexpr std::uint64_t kLastMillisecond = 253'402'300'799'999;
  base::ByteReader reader(body);
  TrainingCommitment out;
  const std::uint8_t type = reader.U8();
  reader.Label(kEntryLabel);
  out.snapshot = reader.Array<16>();
  out.operator_key.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  const std::uint64_t time = reader.U64();
  out.size = reader.U32();
  out.root = reader.Array<32>();
  if (!reader.Finish().ok() ||
      type != static_cast<std::uint8_t>(tlog::LeafKind::kTrainingCommitment) ||
      time == 0 || time > kLastMillisecond) {
    return NotAnEntry();
  }
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(time));
  if (!KeepsTheRules(out)) return NotAnEntry();
  return out;
}

base::Digest32 RootOf(std::span<const base::Digest32> reads) {
  tlog::CompactRange range;
  for (const base::Digest32& read : reads) range.Append(tlog::LeafHash(read));
  return range.Root();
}

}  // namespace

base::Digest32 TrainingLeaf(const base::ByteArray<32>& opening,
                            const TrainingRelease& release) {
  base::ByteWriter message(kLeafLabel);
  message.Raw(release.snapshot)
      .Raw(release.system)
      .Raw(release.pseudonym)
      .U32(static_cast<std::uint32_t>(release.reads.size()))
      .Raw(RootOf(release.reads));
  return crypto::HmacSha256(opening, {message.bytes()});
}

base::Bytes SignTrainingCommitment(
    TrainingCommitment commitment,
    const crypto::Ed25519PrivateKey& operator_key) {
  commitment.operator_key = operator_key.PublicKey();
  LIMPID_CHECK(KeepsTheRules(commitment));
  base::Bytes out = BodyOf(commitment);
  const crypto::Ed25519Signature signature =
      operator_key.Sign(SignedBytes(out));
  out.insert(out.end(), signature.begin(), signature.end());
  LIMPID_CHECK(out.size() == kTrainingCommitmentBytes);
  return out;
}

bool IsTrainingCommitment(base::ByteView entry) {
  return !entry.empty() &&
         entry.front() ==
             static_cast<std::uint8_t>(tlog::LeafKind::kTrainingCommitment);
}

absl::StatusOr<TrainingCommitment> ParseTrainingCommitment(
    base::ByteView entry) {
  if (entry.size() != kTrainingCommitmentBytes) return NotAnEntry();
  const base::ByteView body =
      entry.first(kTrainingCommitmentBytes - crypto::kEd25519SignatureBytes);
  LIMPID_ASSIGN_OR_RETURN(const TrainingCommitment out, ParseBody(body));
  LIMPID_ASSIGN_OR_RETURN(const auto signature,
                          base::ToArray<crypto::kEd25519SignatureBytes>(
                              entry.subspan(body.size())));
  if (!out.operator_key.Verify(SignedBytes(body), signature)) {
    return NotAnEntry();
  }
  return out;
}

absl::Status VerifyTrainingRelease(const TrainingCommitment& commitment,
                                   const TrainingRelease& release,
                                   const base::ByteArray<32>& opening,
                                   std::uint32_t index,
                                   std::span<const base::Digest32> path) {
  if (release.snapshot != commitment.snapshot) {
    return absl::DataLossError("the proof is about another snapshot");
  }
  if (release.reads.empty() || release.reads.size() > kMaxTrainingReads) {
    return absl::DataLossError("a release names 1 to 1,024 reads");
  }
  return tlog::VerifyInclusion(index, commitment.size,
                               tlog::LeafHash(TrainingLeaf(opening, release)),
                               path, commitment.root);
}

absl::Status TrainingCommitments::Take(base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(const TrainingCommitment one,
                          ParseTrainingCommitment(entry));
  if (!seen_.insert({one.snapshot, one.operator_key.bytes}).second) {
    return absl::DataLossError(
        "an operator committed twice to the releases of one snapshot");
  }
  return absl::OkStatus();
}

}  // namespace limpid::receipt
