// The end of a person's log beside each answer, kept and compared.

#include "clients/cpp/head_keeper.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/base/file.h"
#include "common/receipt/batch.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;

crypto::Ed25519PrivateKey Key(std::uint8_t byte) {
  base::ByteArray<32> seed{};
  seed.fill(byte);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

class HeadKeeperTest : public ::testing::Test {
 protected:
  base::Bytes Head(std::uint64_t sequence, std::uint8_t commitment,
                   std::uint64_t size = 10) {
    receipt::LogHead head;
    head.operator_name = "o";
    head.sequence = sequence;
    head.commitment.fill(commitment);
    head.checkpoint_size = size;
    const std::vector<base::Bytes> items = {head.Encode()};
    const auto proofs = receipt::SignBatch(
        receipt::BatchKind::kReceipts, 1, absl::FromUnixMillis(1), items, key_);
    return receipt::SignedHead(items[0], proofs[0]);
  }
  std::unique_ptr<HeadKeeper> Open() {
    auto keeper = HeadKeeper::Open(file_, key_.PublicKey());
    EXPECT_THAT(keeper, IsOk());
    return *std::move(keeper);
  }

  crypto::Ed25519PrivateKey key_ = Key(1);
  limpid::testing::TempDir directory_;
  std::filesystem::path file_ = directory_.path() / "seen";
};

TEST_F(HeadKeeperTest, KeepsTheNewestOverRestarts) {
  const auto keeper = Open();
  EXPECT_FALSE(keeper->kept());
  ASSERT_THAT(keeper->See(keeper->kept(), Head(2, 2)), IsOk());
  ASSERT_THAT(keeper->See(keeper->kept(), Head(5, 5)), IsOk());
  ASSERT_THAT(keeper->See(keeper->kept(), Head(5, 5, 20)), IsOk());
  EXPECT_EQ(keeper->kept()->sequence, 5U);
  EXPECT_EQ(Open()->kept()->checkpoint_size, 20U);
}

TEST_F(HeadKeeperTest, RefusesWhatContradictsAndKeepsBoth) {
  const auto keeper = Open();
  ASSERT_THAT(keeper->See({}, Head(5, 5)), IsOk());
  const auto refused = StatusIs(absl::StatusCode::kDataLoss);
  std::filesystem::path proof = file_;
  proof += ".contradicted";
  for (const base::Bytes& other : {Head(4, 4), Head(5, 6), Head(6, 6, 9)}) {
    std::filesystem::remove(proof);
    EXPECT_THAT(keeper->See(keeper->kept(), other), refused);
    EXPECT_TRUE(std::filesystem::exists(proof));
    EXPECT_EQ(keeper->kept()->sequence, 5U);
    EXPECT_EQ(Open()->kept()->commitment[0], 5U);
  }
}

// Two calls at once: the one that began first may be answered last.
TEST_F(HeadKeeperTest, AnAnswerIsComparedWithWhatItsCallKnew) {
  const auto keeper = Open();
  ASSERT_THAT(keeper->See({}, Head(5, 5)), IsOk());
  const auto before = keeper->kept();
  ASSERT_THAT(keeper->See(before, Head(7, 7)), IsOk());
  EXPECT_THAT(keeper->See(before, Head(6, 6)), IsOk());
  EXPECT_EQ(keeper->kept()->sequence, 7U);
}

// Two commands at once, each a process with a keeper of its own.
TEST_F(HeadKeeperTest, AnotherProcessTakesNothingBack) {
  const auto one = Open();
  const auto other = Open();
  const auto before = other->kept();
  ASSERT_THAT(one->See({}, Head(5, 5)), IsOk());
  // The call of the other began before.
  EXPECT_THAT(other->See(before, Head(4, 4)), IsOk());
  EXPECT_EQ(Open()->kept()->sequence, 5U);
  // Its next call knows what both saw.
  EXPECT_EQ(other->kept()->sequence, 5U);
  EXPECT_THAT(other->See(other->kept(), Head(4, 4)),
              StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_THAT(other->See(other->kept(), Head(6, 6)), IsOk());
  EXPECT_EQ(one->kept()->sequence, 6U);
}

TEST_F(HeadKeeperTest, TwoProcessesThatAreShownTwoHistoriesNoticeIt) {
  const auto one = Open();
  const auto other = Open();
  const auto before = other->kept();
  ASSERT_THAT(one->See({}, Head(5, 5)), IsOk());
  EXPECT_THAT(other->See(before, Head(5, 6)),
              StatusIs(absl::StatusCode::kDataLoss));
  std::filesystem::path proof = file_;
  proof += ".contradicted";
  EXPECT_TRUE(std::filesystem::exists(proof));
  EXPECT_EQ(Open()->kept()->commitment[0], 5U);
}

TEST_F(HeadKeeperTest, AFileThatIsNoHeadAnyMoreIsNotWrittenOver) {
  const auto keeper = Open();
  ASSERT_THAT(keeper->See({}, Head(2, 2)), IsOk());
  ASSERT_THAT(base::WriteFileAtomically(file_, base::AsBytes("x"), 0600),
              IsOk());
  EXPECT_THAT(keeper->See(keeper->kept(), Head(3, 3)),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(keeper->kept()->sequence, 2U);
  EXPECT_EQ(base::ReadFileBytes(file_, 10).value(),
            base::ToBytes(base::AsBytes("x")));
}

TEST_F(HeadKeeperTest, WaitsForAnotherProcessAndNotForEver) {
  std::filesystem::path beside = file_;
  beside += ".lock";
  const auto keeper =
      HeadKeeper::Open(file_, key_.PublicKey(), absl::Milliseconds(20)).value();
  std::optional<base::FileLock> lock = base::FileLock::Acquire(beside).value();
  EXPECT_THAT(keeper->See({}, Head(2, 2)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(keeper->kept());
  const auto patient = Open();
  std::thread waiting(
      [&] { EXPECT_THAT(patient->See({}, Head(2, 2)), IsOk()); });
  lock.reset();
  waiting.join();
  EXPECT_EQ(keeper->kept()->sequence, 2U);
}

// A code of the disk would be taken for the server's answer: "no such file" for
// "no such record", a full disk for a refusal.
TEST_F(HeadKeeperTest, WhatCannotBeKeptIsNoAnswerOfTheServer) {
  const std::filesystem::path home = directory_.path() / "home";
  std::filesystem::create_directories(home);
  file_ = home / "seen";
  const auto keeper = Open();
  std::filesystem::remove_all(home);
  const absl::Status gone = keeper->See({}, Head(2, 2));
  EXPECT_THAT(gone, StatusSays(absl::StatusCode::kUnavailable,
                               "may have been done all the same"));
  EXPECT_TRUE(IsAboutOwnFile(gone));
  // A directory in the place of what is written first.
  std::filesystem::create_directories(home / "seen.tmp" / "x");
  const absl::Status unwritten = keeper->See({}, Head(2, 2));
  EXPECT_THAT(unwritten, StatusSays(absl::StatusCode::kUnavailable,
                                    "may have been done all the same"));
  EXPECT_TRUE(IsAboutOwnFile(unwritten));
  EXPECT_FALSE(keeper->kept());
}

TEST_F(HeadKeeperTest, AContradictionIsToldWhereItsProofCannotBeKept) {
  const auto keeper = Open();
  ASSERT_THAT(keeper->See({}, Head(5, 5)), IsOk());
  std::filesystem::path proof = file_;
  proof += ".contradicted";
  std::filesystem::create_directories(proof / "x");
  EXPECT_THAT(keeper->See(keeper->kept(), Head(4, 4)),
              StatusSays(absl::StatusCode::kDataLoss, "contradicts"));
}

TEST_F(HeadKeeperTest, BelievesOnlyTheOperatorsKey) {
  const auto keeper = Open();
  base::Bytes changed = Head(2, 2);
  changed[40] ^= 1U;
  EXPECT_THAT(keeper->See({}, changed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(keeper->kept());
  ASSERT_THAT(keeper->See({}, Head(2, 2)), IsOk());
  EXPECT_THAT(HeadKeeper::Open(file_, Key(2).PublicKey()),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
