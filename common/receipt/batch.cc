#include "common/receipt/batch.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/wire.h"
#include "common/tlog/tree.h"

namespace limpid::receipt {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ByteWriter;
using base::Digest32;

constexpr std::string_view kSignedLabel = "limpid/batch/1";
constexpr std::string_view kProofLabel = "limpid/batch-proof/1";
// A batch never has more items than this; log2 bounds the path.
constexpr std::size_t kMaxPath = 32;

void AppendHead(const BatchHead& head, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(head.kind))
      .U64(head.epoch)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(head.time)))
      .U32(head.size)
      .Raw(head.root);
}

base::Bytes SigningInput(const BatchHead& head) {
  ByteWriter writer(kSignedLabel);
  AppendHead(head, writer);
  return writer.Take();
}

// Levels of the tree, leaves first. Carrying an odd last node up unchanged
// gives the tree of RFC 6962.
std::vector<std::vector<Digest32>> BuildLevels(std::vector<Digest32> leaves) {
  std::vector<std::vector<Digest32>> levels;
  levels.push_back(std::move(leaves));
  while (levels.back().size() > 1) {
    const std::vector<Digest32>& below = levels.back();
    std::vector<Digest32> above;
    above.reserve((below.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2) {
      above.push_back(tlog::NodeHash(below[i], below[i + 1]));
    }
    if (below.size() % 2 != 0) above.push_back(below.back());
    levels.push_back(std::move(above));
  }
  return levels;
}

std::vector<Digest32> PathOf(const std::vector<std::vector<Digest32>>& levels,
                             std::size_t index) {
  std::vector<Digest32> path;
  for (std::size_t level = 0; level + 1 < levels.size(); ++level) {
    const std::size_t sibling = index ^ 1U;
    if (sibling < levels[level].size()) path.push_back(levels[level][sibling]);
    index /= 2;
  }
  return path;
}

}  // namespace

base::Bytes BatchProof::Encode() const {
  ByteWriter writer(kProofLabel);
  AppendHead(head, writer);
  writer.Raw(signature).U32(index).U16(static_cast<std::uint16_t>(path.size()));
  for (const Digest32& hash : path) writer.Raw(hash);
  return writer.Take();
}

absl::StatusOr<BatchProof> BatchProof::Decode(ByteView bytes) {
  ByteReader reader(bytes);
  reader.Label(kProofLabel);
  BatchProof proof;
  const std::uint8_t kind = reader.U8();
  proof.head.epoch = reader.U64();
  const std::uint64_t millis = reader.U64();
  proof.head.size = reader.U32();
  proof.head.root = reader.Array<32>();
  proof.signature = reader.Array<64>();
  proof.index = reader.U32();
  const std::uint16_t count = reader.U16();
  if (count > kMaxPath ||
      millis > static_cast<std::uint64_t>(
                   std::numeric_limits<std::int64_t>::max())) {
    return absl::InvalidArgumentError("not a batch proof");
  }
  for (std::uint16_t i = 0; i < count; ++i) {
    proof.path.push_back(reader.Array<32>());
  }
  const bool known_kind =
      kind == static_cast<std::uint8_t>(BatchKind::kPermits) ||
      kind == static_cast<std::uint8_t>(BatchKind::kReceipts);
  if (!reader.Finish().ok() || !known_kind) {
    return absl::InvalidArgumentError("not a batch proof");
  }
  proof.head.kind = static_cast<BatchKind>(kind);
  proof.head.time = absl::FromUnixMillis(static_cast<std::int64_t>(millis));
  return proof;
}

std::vector<BatchProof> SignBatch(BatchKind kind, std::uint64_t epoch,
                                  absl::Time time,
                                  std::span<const base::Bytes> items,
                                  const crypto::Ed25519PrivateKey& key) {
  LIMPID_CHECK(!items.empty());
  LIMPID_CHECK(items.size() <= std::numeric_limits<std::uint32_t>::max());
  std::vector<Digest32> leaves;
  leaves.reserve(items.size());
  for (const base::Bytes& item : items) leaves.push_back(tlog::LeafHash(item));
  const auto levels = BuildLevels(std::move(leaves));

  const BatchHead head = {
      .kind = kind,
      .epoch = epoch,
      .time = absl::FromUnixMillis(absl::ToUnixMillis(time)),
      .size = static_cast<std::uint32_t>(items.size()),
      .root = levels.back().front()};
  const base::ByteArray<64> signature = key.Sign(SigningInput(head));
  std::vector<BatchProof> proofs;
  proofs.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    proofs.push_back({.head = head,
                      .signature = signature,
                      .index = static_cast<std::uint32_t>(i),
                      .path = PathOf(levels, i)});
  }
  return proofs;
}

bool ProofCoversItem(const BatchProof& proof, ByteView item) {
  return tlog::VerifyInclusion(proof.index, proof.head.size,
                               tlog::LeafHash(item), proof.path,
                               proof.head.root)
      .ok();
}

bool HeadIsSigned(const BatchProof& proof,
                  const crypto::Ed25519PublicKey& key) {
  return key.Verify(SigningInput(proof.head), proof.signature);
}

absl::Status VerifyBatchItem(const BatchProof& proof, BatchKind kind,
                             ByteView item,
                             const crypto::Ed25519PublicKey& key) {
  if (proof.head.kind != kind || !ProofCoversItem(proof, item) ||
      !HeadIsSigned(proof, key)) {
    return absl::DataLossError("the batch signature does not verify");
  }
  return absl::OkStatus();
}

}  // namespace limpid::receipt
