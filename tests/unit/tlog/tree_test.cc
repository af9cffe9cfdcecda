#include "common/tlog/tree.h"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/reference_tree.h"

namespace limpid::tlog {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Every node of a tree, in memory.
class MemoryTree {
 public:
  void Append(base::ByteView entry) { Set({0, size_++}, LeafHash(entry)); }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  absl::StatusOr<std::vector<Digest32>> Read(
      std::span<const NodeId> nodes) const {
    std::vector<Digest32> hashes;
    for (const NodeId& node : nodes) {
      if (node.level >= levels_.size() ||
          node.index >= levels_[node.level].size()) {
        return absl::InternalError("asked for an incomplete subtree");
      }
      hashes.push_back(levels_[node.level][node.index]);
    }
    return hashes;
  }
  std::vector<Digest32> Inclusion(std::uint64_t index,
                                  std::uint64_t size) const {
    return MakeInclusionProof(index, size, Reader()).value();
  }
  std::vector<Digest32> Consistency(std::uint64_t old_size,
                                    std::uint64_t size) const {
    return MakeConsistencyProof(old_size, size, Reader()).value();
  }
  Digest32 Root(std::uint64_t size) const {
    return CompactRange::FromPeaks(size, Read(PeakNodes(size)).value())->Root();
  }

 private:
  std::function<absl::StatusOr<std::vector<Digest32>>(std::span<const NodeId>)>
  Reader() const {
    return [this](std::span<const NodeId> nodes) { return Read(nodes); };
  }
  void Set(NodeId node, const Digest32& hash) {
    if (node.level == levels_.size()) levels_.emplace_back();
    levels_[node.level].push_back(hash);
    if (node.index % 2 == 1) {
      Set({node.level + 1, node.index / 2},
          NodeHash(levels_[node.level][node.index - 1], hash));
    }
  }

  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest32>> levels_;
};

base::Bytes Leaf(std::uint64_t index) {
  return base::ToBytes(absl::StrCat("entry ", index));
}

// Against the recursion of the RFC, for every size people can get wrong.
TEST(Tree, RootsAreThoseOfTheNaiveRecursionUpTo600) {
  std::vector<base::Bytes> leaves;
  CompactRange range;
  for (std::uint64_t size = 0; size <= 600; ++size) {
    ASSERT_EQ(range.Root(), reference::Root(leaves)) << size;
    leaves.push_back(Leaf(size));
    range.Append(LeafHash(leaves.back()));
  }
}

TEST(Tree, ProofsAreThoseOfTheNaiveRecursion) {
  MemoryTree tree;
  std::vector<base::Bytes> leaves;
  for (std::uint64_t size = 1; size <= 600; ++size) {
    leaves.push_back(Leaf(size - 1));
    tree.Append(leaves.back());
    // All pairs up to 70, then pairs around the interesting places.
    const std::uint64_t step = size <= 70 ? 1 : 1 + size / 6;
    for (std::uint64_t i = size % step; i < size; i += step) {
      ASSERT_EQ(tree.Inclusion(i, size), reference::Path(i, leaves))
          << i << " in " << size;
      ASSERT_EQ(tree.Consistency(i + 1, size),
                reference::Consistency(i + 1, leaves))
          << i + 1 << " to " << size;
    }
  }
}

TEST(Tree, EveryProofUpTo600VerifiesAndFitsNoOtherPlace) {
  MemoryTree tree;
  for (std::uint64_t size = 1; size <= 600; ++size) {
    tree.Append(Leaf(size - 1));
    const Digest32 root = tree.Root(size);
    const std::uint64_t step = size <= 40 ? 1 : 1 + size / 9;
    for (std::uint64_t i = 0; i < size; i += step) {
      const auto proof = tree.Inclusion(i, size);
      const Digest32 leaf = LeafHash(Leaf(i));
      ASSERT_THAT(VerifyInclusion(i, size, leaf, proof, root), IsOk());
      ASSERT_FALSE(VerifyInclusion(i + 1, size, leaf, proof, root).ok());
      const auto growth = tree.Consistency(i + 1, size);
      const Digest32 old_root = tree.Root(i + 1);
      ASSERT_THAT(VerifyConsistency(i + 1, size, growth, old_root, root),
                  IsOk());
      ASSERT_FALSE(VerifyConsistency(i, size, growth, old_root, root).ok());
    }
  }
}

TEST(Tree, RandomPairsUpToAMillionVerifyAndAFlippedHashDoesNot) {
  constexpr std::uint64_t kSize = std::uint64_t{1} << 20;
  MemoryTree tree;
  for (std::uint64_t i = 0; i < kSize; ++i) tree.Append(Leaf(i));
  std::mt19937_64 random(20261120);
  for (int round = 0; round < 2'000; ++round) {
    const std::uint64_t size = 2 + random() % (kSize - 1);
    const std::uint64_t index = random() % size;
    const Digest32 root = tree.Root(size);
    auto proof = tree.Inclusion(index, size);
    const Digest32 leaf = LeafHash(Leaf(index));
    ASSERT_THAT(VerifyInclusion(index, size, leaf, proof, root), IsOk());
    proof[random() % proof.size()][random() % 32] ^= 1;
    ASSERT_THAT(VerifyInclusion(index, size, leaf, proof, root),
                StatusIs(absl::StatusCode::kDataLoss));
    const std::uint64_t old_size = 1 + random() % (size - 1);
    auto growth = tree.Consistency(old_size, size);
    const Digest32 old_root = tree.Root(old_size);
    ASSERT_THAT(VerifyConsistency(old_size, size, growth, old_root, root),
                IsOk());
    growth[random() % growth.size()][random() % 32] ^= 1;
    ASSERT_THAT(VerifyConsistency(old_size, size, growth, old_root, root),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(Tree, ProofsOneHashShortOrLongAreRefused) {
  MemoryTree tree;
  for (std::uint64_t i = 0; i < 21; ++i) tree.Append(Leaf(i));
  const Digest32 root = tree.Root(21);
  for (std::uint64_t i = 0; i < 21; ++i) {
    auto proof = tree.Inclusion(i, 21);
    proof.push_back(Digest32{});
    EXPECT_FALSE(VerifyInclusion(i, 21, LeafHash(Leaf(i)), proof, root).ok());
    proof.resize(proof.size() - 2);
    EXPECT_FALSE(VerifyInclusion(i, 21, LeafHash(Leaf(i)), proof, root).ok());
  }
  for (std::uint64_t i = 1; i < 21; ++i) {
    auto proof = tree.Consistency(i, 21);
    proof.push_back(Digest32{});
    EXPECT_FALSE(VerifyConsistency(i, 21, proof, tree.Root(i), root).ok());
    proof.resize(proof.size() - 2);
    EXPECT_FALSE(VerifyConsistency(i, 21, proof, tree.Root(i), root).ok());
  }
}

TEST(Tree, SizeZeroIsNeverProven) {
  MemoryTree tree;
  tree.Append(Leaf(0));
  const Digest32 root = tree.Root(1);
  EXPECT_FALSE(VerifyConsistency(0, 1, {}, EmptyRoot(), root).ok());
  EXPECT_FALSE(VerifyConsistency(0, 0, {}, EmptyRoot(), EmptyRoot()).ok());
  EXPECT_FALSE(VerifyInclusion(0, 0, LeafHash(Leaf(0)), {}, EmptyRoot()).ok());
  EXPECT_TRUE(tree.Consistency(0, 1).empty());
  EXPECT_THAT(VerifyConsistency(1, 1, {}, root, root), IsOk());
  EXPECT_FALSE(VerifyConsistency(1, 1, {}, EmptyRoot(), root).ok());
}

TEST(Tree, AsksOutsideTheTreeAreRefused) {
  MemoryTree tree;
  tree.Append(Leaf(0));
  const auto read = [&](std::span<const NodeId> nodes) {
    return tree.Read(nodes);
  };
  EXPECT_THAT(MakeInclusionProof(1, 1, read),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeConsistencyProof(2, 1, read),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CompactRange::FromPeaks(3, {Digest32{}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Constants of the RFC's authors' test suite.
TEST(Tree, HashesHaveTheirPrefixes) {
  const auto hex = [](const Digest32& hash) { return base::HexEncode(hash); };
  EXPECT_EQ(hex(EmptyRoot()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(LeafHash({})).substr(0, 8), "6e340b9c");
  EXPECT_EQ(hex(LeafHash(base::AsBytes("L123456"))).substr(0, 8), "395aa064");
}

}  // namespace
}  // namespace limpid::tlog
