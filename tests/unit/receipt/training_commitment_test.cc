#include "common/receipt/training_commitment.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using limpid::testing::IsOk;
using limpid::testing::SeededKey;
using limpid::testing::StatusIs;

constexpr auto kLoss = absl::StatusCode::kDataLoss;

template <std::size_t N>
base::ByteArray<N> Filled(std::uint8_t byte) {
  base::ByteArray<N> out{};
  out.fill(byte);
  return out;
}

TrainingRelease Example() {
  return {Filled<16>(6),
          Filled<16>(8),
          Filled<16>(5),
          {Filled<32>(0x11), Filled<32>(0x12)}};
}

// The tree of the worked example.
struct Tree {
  Tree() {
    leaves.push_back(TrainingLeaf(opening, Example()));
    for (std::uint8_t i = 0; i < 63; ++i) {
      leaves.push_back(crypto::Sha256(base::Bytes{i}));
    }
    std::sort(leaves.begin(), leaves.end());
    tlog::CompactRange range;
    for (const auto& leaf : leaves) range.Append(tlog::LeafHash(leaf));
    commitment.snapshot = Filled<16>(6);
    commitment.time = absl::FromUnixSeconds(1'767'225'600);
    commitment.size = 64;
    commitment.root = range.Root();
  }

  [[nodiscard]] std::uint32_t IndexOf(const base::Digest32& leaf) const {
    return static_cast<std::uint32_t>(
        std::lower_bound(leaves.begin(), leaves.end(), leaf) - leaves.begin());
  }
  [[nodiscard]] std::vector<base::Digest32> PathOf(std::uint32_t index) const {
    const auto read = [&](std::span<const tlog::NodeId> nodes) {
      std::vector<base::Digest32> out;
      for (const tlog::NodeId& node : nodes) {
        tlog::CompactRange range;
        const std::uint64_t width = std::uint64_t{1} << node.level;
        for (std::uint64_t i = 0; i < width; ++i) {
          range.Append(tlog::LeafHash(leaves[node.index * width + i]));
        }
        out.push_back(range.Root());
      }
      return absl::StatusOr<std::vector<base::Digest32>>(out);
    };
    return tlog::MakeInclusionProof(index, leaves.size(), read).value();
  }
  [[nodiscard]] absl::Status Verify(const TrainingRelease& release) const {
    const auto index = IndexOf(TrainingLeaf(opening, Example()));
    return VerifyTrainingRelease(commitment, release, opening, index,
                                 PathOf(index));
  }

  base::ByteArray<32> opening = Filled<32>(0x0a);
  std::vector<base::Digest32> leaves;
  TrainingCommitment commitment;
};

// What the format page shows, without the spaces and line ends of the block.
std::string OnThePage() {
  std::ifstream file(std::filesystem::path(LIMPID_FORMATS) /
                     "training-commitment.md");
  std::string out;
  std::copy_if(std::istreambuf_iterator<char>(file), {},
               std::back_inserter(out),
               [](char c) { return c != ' ' && c != '\n'; });
  return out;
}

TEST(TrainingCommitment, IsTheWorkedExample) {
  const Tree tree;
  const std::string page = OnThePage();
  const base::Digest32 leaf = TrainingLeaf(tree.opening, Example());
  EXPECT_EQ(tree.IndexOf(leaf), 22U);
  const auto shows = [&page](const std::string& what) {
    return page.find(what) != std::string::npos;
  };
  EXPECT_TRUE(shows("leaf:" + base::HexEncode(leaf) + "index22"));
  EXPECT_TRUE(shows("root:" + base::HexEncode(tree.commitment.root)));
  const base::Bytes entry =
      SignTrainingCommitment(tree.commitment, SeededKey(1));
  EXPECT_TRUE(shows("entry:" + base::HexEncode(entry) +
                    "hash:" + base::HexEncode(tlog::LeafHash(entry))));
  const auto parsed = ParseTrainingCommitment(entry);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->root, tree.commitment.root);
  EXPECT_EQ(parsed->operator_key, SeededKey(1).PublicKey());
  EXPECT_THAT(tlog::CheckLeaf(tlog::LeafKind::kRegister, entry), IsOk());
  EXPECT_FALSE(tlog::CheckLeaf(tlog::LeafKind::kAccess, entry).ok());
}

TEST(TrainingCommitment, EveryBitCounts) {
  const base::Bytes entry =
      SignTrainingCommitment(Tree().commitment, SeededKey(1));
  for (std::size_t i = 0; i < entry.size() * 8; ++i) {
    base::Bytes other = entry;
    other[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_THAT(ParseTrainingCommitment(other), StatusIs(kLoss)) << i;
  }
  base::Bytes longer = entry;
  longer.push_back(0);
  EXPECT_THAT(ParseTrainingCommitment(longer), StatusIs(kLoss));
  longer.resize(entry.size() - 1);
  EXPECT_THAT(ParseTrainingCommitment(longer), StatusIs(kLoss));
}

TEST(TrainingCommitment, EveryPartOfAProofCounts) {
  const Tree tree;
  ASSERT_THAT(tree.Verify(Example()), IsOk());
  TrainingRelease other = Example();
  other.system = Filled<16>(9);
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
  other = Example();
  other.pseudonym[15] ^= 1U;
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
  other = Example();
  other.snapshot = Filled<16>(7);
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
  other = Example();
  std::swap(other.reads[0], other.reads[1]);
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
  other.reads = {Filled<32>(0x11)};
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
  other = Example();
  other.reads.push_back(Filled<32>(0x13));
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
  other.reads.clear();
  EXPECT_THAT(tree.Verify(other), StatusIs(kLoss));
}

TEST(TrainingCommitment, EveryPartOfAPathCounts) {
  const Tree tree;
  const auto verify = [&tree](const base::ByteArray<32>& opening,
                              std::uint32_t index,
                              const std::vector<base::Digest32>& path) {
    return VerifyTrainingRelease(tree.commitment, Example(), opening, index,
                                 path);
  };
  const auto path = tree.PathOf(22);
  ASSERT_THAT(verify(tree.opening, 22, path), IsOk());
  EXPECT_THAT(verify(Filled<32>(0x0b), 22, path), StatusIs(kLoss));
  for (std::uint32_t index = 0; index < 66; ++index) {
    if (index == 22) continue;
    EXPECT_THAT(verify(tree.opening, index, path), StatusIs(kLoss));
  }
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto other = path;
    other[i][0] ^= 1U;
    EXPECT_THAT(verify(tree.opening, 22, other), StatusIs(kLoss));
  }
  auto shorter = path;
  shorter.pop_back();
  EXPECT_THAT(verify(tree.opening, 22, shorter), StatusIs(kLoss));
  auto longer = path;
  longer.push_back(path.back());
  EXPECT_THAT(verify(tree.opening, 22, longer), StatusIs(kLoss));
}

TEST(TrainingCommitment, AnAuditorSeesTwoOfOneOperator) {
  TrainingCommitment first = Tree().commitment;
  TrainingCommitment second = first;
  second.root[0] ^= 1U;
  TrainingCommitments seen;
  EXPECT_THAT(seen.Take(SignTrainingCommitment(first, SeededKey(1))), IsOk());
  EXPECT_THAT(seen.Take(SignTrainingCommitment(first, SeededKey(2))), IsOk());
  EXPECT_THAT(seen.Take(SignTrainingCommitment(second, SeededKey(1))),
              StatusIs(kLoss));
  second.snapshot = Filled<16>(7);
  EXPECT_THAT(seen.Take(SignTrainingCommitment(second, SeededKey(1))), IsOk());
  EXPECT_THAT(seen.Take(base::Bytes{5}), StatusIs(kLoss));
}

}  // namespace
}  // namespace limpid::receipt
