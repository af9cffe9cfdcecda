#include "common/receipt/batch.h"

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/receipt/damage.h"

namespace limpid::receipt {
namespace {

using base::Bytes;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kTime = absl::FromUnixMillis(1'767'225'600'000);

crypto::Ed25519PrivateKey TestKey(std::uint8_t fill) {
  return crypto::Ed25519PrivateKey::FromSeed(
             base::SecretBytes::Copy(Bytes(32, fill)))
      .value();
}

std::vector<Bytes> Items(std::size_t count) {
  std::vector<Bytes> items;
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back({static_cast<std::uint8_t>(i / 256),
                     static_cast<std::uint8_t>(i % 256)});
  }
  return items;
}

TEST(Batch, EveryItemOfEverySizeVerifiesAndNoOther) {
  const auto key = TestKey(1);
  for (std::size_t count = 1; count <= 65; ++count) {
    const std::vector<Bytes> items = Items(count);
    const auto proofs =
        SignBatch(BatchKind::kReceipts, /*epoch=*/1, kTime, items, key);
    ASSERT_EQ(proofs.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_THAT(VerifyBatchItem(proofs[i], BatchKind::kReceipts, items[i],
                                  key.PublicKey()),
                  IsOk());
      const std::size_t other = (i + 1) % count;
      if (other == i) continue;
      EXPECT_THAT(VerifyBatchItem(proofs[i], BatchKind::kReceipts, items[other],
                                  key.PublicKey()),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
  }
}

// The worked example of docs/formats/batch.md, its root derived by hand.
TEST(Batch, MatchesTheFormatPage) {
  const auto key = TestKey(1);
  const std::vector<Bytes> items = {{'a'}, {'b'}};
  const auto proofs =
      SignBatch(BatchKind::kReceipts, /*epoch=*/1, kTime, items, key);
  const base::Digest32 left = crypto::Sha256(Bytes{0x00, 'a'});
  const base::Digest32 right = crypto::Sha256(Bytes{0x00, 'b'});
  const Bytes prefix = {0x01};
  const base::Digest32 root =
      crypto::Sha256(base::Concat({prefix, left, right}));
  EXPECT_EQ(proofs[0].head.root, root);

  const std::string head =
      "02"
      "0000000000000001"
      "0000019b76daa800"
      "00000002" +
      base::HexEncode(root);
  const Bytes signed_bytes =
      base::HexDecode("0e" + base::HexEncode(base::AsBytes("limpid/batch/1")) +
                      head)
          .value();
  EXPECT_TRUE(key.PublicKey().Verify(signed_bytes, proofs[0].signature));
  EXPECT_EQ(base::HexEncode(proofs[0].Encode()),
            "14" + base::HexEncode(base::AsBytes("limpid/batch-proof/1")) +
                head + base::HexEncode(proofs[0].signature) + "00000000" +
                "0001" + base::HexEncode(right));
}

TEST(Batch, ProofRoundTrips) {
  const auto key = TestKey(1);
  const auto proofs =
      SignBatch(BatchKind::kPermits, /*epoch=*/7, kTime, Items(5), key);
  const BatchProof decoded = BatchProof::Decode(proofs[3].Encode()).value();
  EXPECT_EQ(decoded.head, proofs[3].head);
  EXPECT_EQ(decoded.Encode(), proofs[3].Encode());
}

TEST(Batch, RefusesEveryFlippedBitAndOtherLengths) {
  const auto key = TestKey(1);
  const std::vector<Bytes> items = Items(6);
  const auto proofs =
      SignBatch(BatchKind::kPermits, /*epoch=*/7, kTime, items, key);
  const auto accepts = [&](base::ByteView bytes) {
    const auto proof = BatchProof::Decode(bytes);
    return proof.ok() && VerifyBatchItem(*proof, BatchKind::kPermits, items[2],
                                         key.PublicKey())
                             .ok();
  };
  const Bytes encoded = proofs[2].Encode();
  ASSERT_TRUE(accepts(encoded));
  ExpectEveryFlipRefused(encoded, accepts);
  ExpectOtherLengthsRefused(encoded, accepts);
}

TEST(Batch, RefusesAnotherKindKeyAndPlace) {
  const auto key = TestKey(1);
  const std::vector<Bytes> items = Items(4);
  auto proofs = SignBatch(BatchKind::kPermits, /*epoch=*/1, kTime, items, key);
  const auto verify = [&](const BatchProof& proof, BatchKind kind,
                          const crypto::Ed25519PublicKey& by) {
    return VerifyBatchItem(proof, kind, items[0], by).ok();
  };
  EXPECT_TRUE(verify(proofs[0], BatchKind::kPermits, key.PublicKey()));
  EXPECT_FALSE(verify(proofs[0], BatchKind::kReceipts, key.PublicKey()));
  EXPECT_FALSE(verify(proofs[0], BatchKind::kPermits, TestKey(2).PublicKey()));
  BatchProof relabelled = proofs[0];
  relabelled.head.kind = BatchKind::kReceipts;
  EXPECT_FALSE(verify(relabelled, BatchKind::kReceipts, key.PublicKey()));
  proofs[0].index = 1;
  EXPECT_FALSE(verify(proofs[0], BatchKind::kPermits, key.PublicKey()));
}

}  // namespace
}  // namespace limpid::receipt
