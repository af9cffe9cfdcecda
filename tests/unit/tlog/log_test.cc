#include "common/tlog/log.h"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "common/tlog/policy.h"
#include "common/tlog/tile.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"
#include "tests/unit/tlog/reference_tree.h"

namespace limpid::tlog {
namespace {

using absl::StatusCode;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

TEST(Log, StartsWithASignedEmptyTree) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  EXPECT_EQ(place.log().size(), 0U);
  const auto policy = Policy::ForLog(place.log().Vkey());
  ASSERT_THAT(policy, IsOk());
  const auto checkpoint = policy->Open(place.log().SignedCheckpoint());
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->root, EmptyRoot());
  EXPECT_EQ(testing::ReadFile(place.log_dir() / "checkpoint"),
            place.log().SignedCheckpoint());
}

TEST(Log, RootsAreThoseOfTheReferenceWhateverTheBatches) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  for (const std::uint64_t batch :
       {1U, 2U, 60U, 64U, 128U, 1U, 255U, 257U, 600U, 1U}) {
    const std::uint64_t first = place.log().size();
    const auto appended = place.Grow(batch);
    ASSERT_THAT(appended, IsOk());
    EXPECT_EQ(appended->first_index, first);
    EXPECT_EQ(appended->checkpoint.size, first + batch);
    EXPECT_EQ(appended->checkpoint.root,
              reference::Root(Entries(0, first + batch)));
    ASSERT_THAT(place.Reopen(), IsOk());
    EXPECT_EQ(place.log().checkpoint(), appended->checkpoint);
  }
  EXPECT_EQ(place.log().ReadEntries(0, place.log().size()).value(),
            Entries(0, place.log().size()));
}

TEST(Log, ProvesEveryEntryAtOldSizesToo) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  for (int i = 0; i < 9; ++i) ASSERT_THAT(place.Grow(67), IsOk());
  const auto leaves = Entries(0, place.log().size());
  for (std::uint64_t size = 1; size <= leaves.size(); size += 13) {
    const reference::Leaves some(leaves.data(), size);
    for (std::uint64_t i = size % 7; i < size; i += 29) {
      EXPECT_EQ(place.log().InclusionProof(i, size).value(),
                reference::Path(i, some));
      EXPECT_EQ(place.log().ConsistencyProof(i + 1, size).value(),
                reference::Consistency(i + 1, some));
    }
  }
}

TEST(Log, GivesProofFilesThatVerifyWithTheVkeyAlone) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(300), IsOk());
  const auto policy = Policy::ForLog(place.log().Vkey());
  const auto proof = place.log().Prove(256);
  ASSERT_THAT(proof, IsOk());
  const auto parsed = ParseProof(FormatProof(*proof));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(VerifyProof(*parsed, Entries(256, 1)[0], *policy), IsOk());
  EXPECT_THAT(VerifyProof(*parsed, Entries(255, 1)[0], *policy),
              StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(place.log().Prove(300), StatusIs(StatusCode::kInvalidArgument));
}

TEST(Log, AnEmptyBatchChangesNothing) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(3), IsOk());
  const auto appended = place.log().Append({});
  ASSERT_THAT(appended, IsOk());
  EXPECT_EQ(appended->first_index, 3U);
  EXPECT_EQ(appended->checkpoint.size, 3U);
}

TEST(Log, RefusesAnEntryThatNoBundleCanHold) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  EXPECT_THAT(place.log().Append(
                  std::vector<base::Bytes>(1, base::Bytes(kMaxEntryBytes + 1))),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(place.log().Append(
                  std::vector<base::Bytes>(1, base::Bytes(kMaxEntryBytes))),
              IsOk());
  EXPECT_THAT(
      place.log().Append(std::vector<base::Bytes>(kMaxBatchEntries + 1)),
      StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(place.log().size(), 1U);
}

TEST(Log, DropsPartialTilesOnceTheFullOneIsPublished) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(200), IsOk());
  EXPECT_TRUE(std::filesystem::exists(place.log_dir() / "tile/0/000.p/200"));
  ASSERT_THAT(place.Grow(100), IsOk());
  EXPECT_FALSE(std::filesystem::exists(place.log_dir() / "tile/0/000.p"));
  EXPECT_FALSE(std::filesystem::exists(place.log_dir() / "tile/entries/000.p"));
  EXPECT_TRUE(std::filesystem::exists(place.log_dir() / "tile/0/000"));
  EXPECT_TRUE(std::filesystem::exists(place.log_dir() / "tile/0/001.p/44"));
}

TEST(Log, ReadersNeverWaitForOrSeeHalfAnAppend) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(1), IsOk());
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const Checkpoint now = place.log().checkpoint();
      const std::uint64_t index = now.size - 1;
      const auto proof = place.log().InclusionProof(index, now.size);
      ASSERT_THAT(proof, IsOk());
      const auto entry = place.log().ReadEntries(index, 1);
      ASSERT_THAT(entry, IsOk());
      ASSERT_THAT(VerifyInclusion(index, now.size, LeafHash((*entry)[0]),
                                  *proof, now.root),
                  IsOk());
    }
  });
  std::vector<std::jthread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&] {
      for (int i = 0; i < 40; ++i) {
        ASSERT_THAT(place.log().Append(Entries(0, 17)), IsOk());
      }
    });
  }
  writers.clear();
  reader.request_stop();
  reader.join();
  EXPECT_EQ(place.log().size(), 1U + 3 * 40 * 17);
}

}  // namespace
}  // namespace limpid::tlog
