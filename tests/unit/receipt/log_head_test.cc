#include "common/receipt/log_head.h"

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

LogHead Example() {
  LogHead out;
  out.operator_name = "o";
  out.log.fill(1);
  out.sequence = 2;
  out.commitment.fill(2);
  out.checkpoint_size = 3;
  out.time = absl::FromUnixMillis(1'767'225'600'000);
  return out;
}

base::Digest32 Digest(std::uint8_t fill) {
  base::Digest32 out{};
  out.fill(fill);
  return out;
}

// Entries 3, 2, 1 whose commitments are 3, 2, 1 in every byte.
std::vector<ChainLink> Links() {
  return {{3, Digest(2), Digest(3)},
          {2, Digest(1), Digest(2)},
          {1, Digest(0), Digest(1)}};
}

LogHead HeadAt(std::uint8_t sequence) {
  LogHead out = Example();
  out.sequence = sequence;
  out.commitment = Digest(sequence);
  return out;
}

TEST(LogHead, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(base::HexEncode(Example().Encode()),
            "116c696d7069642f6c6f672d686561642f31000000016f01010101010101010101"
            "010101010101000000000000000202020202020202020202020202020202020202"
            "0202020202020202020202020200000000000000030000019b76daa800");
  EXPECT_EQ(LogHead::Decode(Example().Encode()).value(), Example());
}

TEST(LogHead, EveryBitOfASignedHeadCounts) {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  const std::vector<base::Bytes> items = {Example().Encode(), {1}};
  const auto proofs =
      SignBatch(BatchKind::kReceipts, 1, Example().time, items, key);
  const base::Bytes good = SignedHead(items[0], proofs[0]);
  ASSERT_THAT(VerifyHead(good, key.PublicKey()), IsOk());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    base::Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(VerifyHead(bad, key.PublicKey()).ok()) << bit;
  }
  const auto permits =
      SignBatch(BatchKind::kPermits, 1, Example().time, items, key);
  EXPECT_FALSE(
      VerifyHead(SignedHead(items[0], permits[0]), key.PublicKey()).ok());
}

TEST(LogHead, HeadsThatContradictEachOther) {
  EXPECT_THAT(CheckHeads(HeadAt(2), HeadAt(3)), IsOk());
  EXPECT_THAT(CheckHeads(HeadAt(2), HeadAt(2)), IsOk());
  EXPECT_THAT(CheckHeads(HeadAt(3), HeadAt(2)),
              StatusIs(absl::StatusCode::kDataLoss));
  LogHead fork = HeadAt(2);
  fork.commitment = Digest(9);
  EXPECT_THAT(CheckHeads(HeadAt(2), fork),
              StatusIs(absl::StatusCode::kDataLoss));
  LogHead cut = HeadAt(2);
  cut.checkpoint_size = 1;
  EXPECT_THAT(CheckHeads(HeadAt(2), cut),
              StatusIs(absl::StatusCode::kDataLoss));
  LogHead other = HeadAt(2);
  other.log.fill(7);
  EXPECT_THAT(CheckHeads(HeadAt(2), other),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(LogHead, AChainLeadsFromTheHeadToTheKeptOneOrTheBeginning) {
  const auto links = Links();
  EXPECT_THAT(CheckChain(nullptr, links, HeadAt(3)), IsOk());
  const LogHead kept = HeadAt(1);
  EXPECT_THAT(CheckChain(&kept, {links.data(), 2}, HeadAt(3)), IsOk());
  const LogHead same = HeadAt(3);
  EXPECT_THAT(CheckChain(&same, {}, HeadAt(3)), IsOk());
}

TEST(LogHead, ABrokenChainNamesTheEntry) {
  const auto fails = [](const std::vector<ChainLink>& links) {
    const absl::Status checked = CheckChain(nullptr, links, HeadAt(3));
    EXPECT_THAT(checked, StatusIs(absl::StatusCode::kDataLoss));
    return std::string(checked.message());
  };
  auto links = Links();
  links.erase(links.begin() + 1);
  EXPECT_EQ(fails(links), "entry 2 is missing");
  links = Links();
  links.pop_back();
  EXPECT_EQ(fails(links), "entry 1 is missing");
  links = Links();
  links[1].commitment = Digest(9);
  EXPECT_EQ(fails(links), "entry 2 is not the one that what follows it names");
  links = Links();
  links[2].previous = Digest(9);
  EXPECT_EQ(fails(links), "entry 1 does not follow the one before it");
  links = Links();
  links.push_back({0, Digest(0), Digest(0)});
  EXPECT_EQ(fails(links), "entry 0 is listed, and the head does not know it");
}

TEST(LogHead, AKeptHeadMustBeTheRoot) {
  const auto links = Links();
  LogHead forged = HeadAt(1);
  forged.commitment = Digest(8);
  EXPECT_THAT(CheckChain(&forged, {links.data(), 2}, HeadAt(3)),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::receipt
