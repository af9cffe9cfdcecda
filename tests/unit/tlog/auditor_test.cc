#include "common/tlog/auditor.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/tlog/note.h"
#include "common/tlog/tile.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"

namespace limpid::tlog {
namespace {

using testing::IsOk;

// The files of a log in memory, so that a test can change one and put it back.
class MemoryFetcher final : public Fetcher {
 public:
  static MemoryFetcher Of(const std::filesystem::path& directory) {
    MemoryFetcher fetcher;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(directory)) {
      if (!file.is_regular_file()) continue;
      const std::string path =
          std::filesystem::relative(file.path(), directory).string();
      fetcher.files[path] = base::ToBytes(testing::ReadFile(file.path()));
    }
    return fetcher;
  }
  absl::StatusOr<base::Bytes> Fetch(std::string_view path,
                                    std::size_t max_bytes) override {
    const auto file = files.find(std::string(path));
    if (file == files.end()) return absl::NotFoundError("no such file");
    if (file->second.size() > max_bytes) {
      return absl::ResourceExhaustedError("too long");
    }
    return file->second;
  }

  std::map<std::string, base::Bytes> files;
};

constexpr char kOtherOrigin[] = "log.example/other";

class AuditorTest : public ::testing::Test {
 protected:
  void Grow(std::uint64_t count) {
    ASSERT_THAT(place_.Reopen(), IsOk());
    ASSERT_THAT(place_.Grow(count), IsOk());
    policy_ = Policy::ForLog(place_.log().Vkey()).value();
    served_ = MemoryFetcher::Of(place_.log_dir());
  }
  AuditReport Run() { return Audit(served_, {*policy_, state_, {}, {}, {}}); }
  AuditOutcome Outcome() { return Run().outcome; }
  // Another log of the same key and name, with its own entries.
  void ServeAnotherHistory(std::uint64_t count) {
    LogPlace other;
    ASSERT_THAT(other.Reopen(), IsOk());
    ASSERT_THAT(other.log().Append(Entries(1, count)), IsOk());
    served_ = MemoryFetcher::Of(other.log_dir());
  }
  // Another log that the policy names too.
  void ServeAnotherLog() {
    const auto head = FileHeadStore::Open(place_.root() / "other-head").value();
    const auto other = Log::OpenOrCreate({place_.root() / "other", kOtherOrigin,
                                          *head, TestKey(8), place_.clock()})
                           .value();
    ASSERT_THAT(other->Append(Entries(0, 20)), IsOk());
    policy_ = Policy::Parse(absl::StrCat("log ", place_.log().Vkey(), "\nlog ",
                                         other->Vkey(), "\nquorum none\n"))
                  .value();
    served_ = MemoryFetcher::Of(place_.root() / "other");
  }
  AuditReport RunFor(const std::string& origin) {
    return Audit(served_, {*policy_, state_, {}, {}, {}, origin});
  }
  std::filesystem::path StateFile() {
    return state_ = place_.root() / "auditor-state";
  }

  LogPlace place_;
  std::optional<Policy> policy_;
  MemoryFetcher served_;
  std::filesystem::path state_;
};

TEST_F(AuditorTest, PassesAnHonestLogOfEverySizeNearATileBoundary) {
  for (const std::uint64_t step : {1U, 1U, 253U, 1U, 1U, 254U, 1U, 1U, 900U}) {
    Grow(step);
    const AuditReport report = Run();
    EXPECT_EQ(report.outcome, AuditOutcome::kPassed) << report.message;
    EXPECT_EQ(report.entry_count, place_.log().size());
    EXPECT_EQ(report.root, place_.log().checkpoint().root);
  }
}

TEST_F(AuditorTest, PassesTheEmptyLog) {
  Grow(0);
  EXPECT_EQ(Outcome(), AuditOutcome::kPassed);
}

TEST_F(AuditorTest, ReadsAFullTileWhereThePartialOneHasGone) {
  Grow(200);
  const base::Bytes old_checkpoint = served_.files["checkpoint"];
  Grow(100);
  served_.files["checkpoint"] = old_checkpoint;
  ASSERT_FALSE(served_.files.contains("tile/0/000.p/200"));
  EXPECT_EQ(Outcome(), AuditOutcome::kPassed);
}

TEST_F(AuditorTest, GivesNoCreditToAnotherKey) {
  Grow(3);
  const auto other = NoteVerifier::Create(kTestOrigin, NoteAlgorithm::kEd25519,
                                          TestKey(8).PublicKey());
  policy_ = Policy::ForLog(other->Vkey()).value();
  const AuditReport report = Run();
  EXPECT_EQ(report.outcome, AuditOutcome::kLogLied);
  EXPECT_EQ(report.where, "checkpoint");
}

TEST_F(AuditorTest, AMissingFileIsALieAndAnUnreachableLogIsNot) {
  Grow(600);
  served_.files.erase("tile/0/001");
  AuditReport report = Run();
  EXPECT_EQ(report.outcome, AuditOutcome::kLogLied);
  EXPECT_EQ(report.where, "tile/0/001");
  served_.files.clear();
  EXPECT_EQ(Outcome(), AuditOutcome::kUnavailable);
}

TEST_F(AuditorTest, RemembersTheLargestCheckpointThatPassed) {
  Grow(5);
  StateFile();
  EXPECT_FALSE(Run().previous_size.has_value());
  EXPECT_EQ(testing::ReadFile(state_), place_.log().SignedCheckpoint());
  Grow(300);
  EXPECT_EQ(Run().previous_size, 5U);
  EXPECT_EQ(testing::ReadFile(state_), place_.log().SignedCheckpoint());
}

TEST_F(AuditorTest, CatchesARewrittenPastASmallerTreeAndAnotherRoot) {
  Grow(300);
  StateFile();
  ASSERT_EQ(Outcome(), AuditOutcome::kPassed);
  const std::string kept = testing::ReadFile(state_);
  for (const std::uint64_t size : {700U, 300U, 20U}) {
    ServeAnotherHistory(size);
    EXPECT_EQ(Outcome(), AuditOutcome::kLogLied) << size;
    EXPECT_EQ(testing::ReadFile(state_), kept);
    // Without its memory the auditor cannot know.
    const std::filesystem::path state = std::exchange(state_, {});
    EXPECT_EQ(Outcome(), AuditOutcome::kPassed);
    state_ = state;
  }
}

TEST_F(AuditorTest, ABrokenStateIsNotTheLogsFault) {
  Grow(10);
  StateFile();
  ASSERT_EQ(Outcome(), AuditOutcome::kPassed);
  const std::string good = testing::ReadFile(state_);
  const std::string zeros(good.size(), '\0');
  for (const std::string& bad :
       {std::string(), zeros, good.substr(0, good.size() - 1), "x" + good}) {
    std::ofstream(state_, std::ios::binary) << bad;
    EXPECT_EQ(Outcome(), AuditOutcome::kStateBroken);
    EXPECT_EQ(testing::ReadFile(state_), bad) << "must not be repaired";
  }
  state_ = place_.root() / "no-such-directory" / "state";
  EXPECT_EQ(Outcome(), AuditOutcome::kStateBroken);
}

TEST_F(AuditorTest, AnotherLogOfThePolicyInItsPlaceIsALie) {
  Grow(10);
  StateFile();
  ASSERT_EQ(Outcome(), AuditOutcome::kPassed);
  const std::string kept = testing::ReadFile(state_);
  ServeAnotherLog();
  for (const std::string& origin : {std::string(), std::string(kTestOrigin)}) {
    const AuditReport report = RunFor(origin);
    EXPECT_EQ(report.outcome, AuditOutcome::kLogLied) << origin;
    EXPECT_EQ(report.where, "checkpoint");
    EXPECT_EQ(testing::ReadFile(state_), kept);
  }
  // Who asks for the other one has brought the wrong state.
  EXPECT_EQ(RunFor(kOtherOrigin).outcome, AuditOutcome::kStateBroken);
  state_.clear();
  EXPECT_EQ(RunFor(kTestOrigin).outcome, AuditOutcome::kLogLied);
  EXPECT_EQ(RunFor(kOtherOrigin).outcome, AuditOutcome::kPassed);
}

TEST_F(AuditorTest, ChecksTheKindOfEveryEntry) {
  ASSERT_THAT(place_.Reopen(), IsOk());
  std::vector<base::Bytes> entries(
      300, CommitmentLeaf(LeafKind::kAccess, Digest32{}));
  ASSERT_THAT(place_.log().Append(entries), IsOk());
  Grow(0);
  AuditOptions options{*policy_, {}, LeafKind::kAccess, {}, {}};
  EXPECT_EQ(Audit(served_, options).outcome, AuditOutcome::kPassed);
  options.leaf_kind = LeafKind::kVault;
  EXPECT_EQ(Audit(served_, options).where, "tile/entries/000");
  options.leaf_kind.reset();
  options.check_entry = [](std::uint64_t index, base::ByteView) {
    return index == 299 ? absl::DataLossError("odd") : absl::OkStatus();
  };
  const AuditReport report = Audit(served_, options);
  EXPECT_EQ(report.outcome, AuditOutcome::kLogLied);
  EXPECT_EQ(report.message, "entry 299: odd");
  EXPECT_EQ(report.where, "tile/entries/001.p/44");
}

TEST_F(AuditorTest, AsksForTheQuorumOfItsPolicy) {
  Grow(3);
  const auto witness = NoteVerifier::Create(
      "w.example", NoteAlgorithm::kCosignatureV1, TestKey(9).PublicKey());
  policy_ =
      Policy::Parse(absl::StrCat("log ", place_.log().Vkey(), "\nwitness w ",
                                 witness->Vkey(), "\nquorum w\n"))
          .value();
  EXPECT_EQ(Outcome(), AuditOutcome::kLogLied);
}

// Flips bytes of served files; the audit must fail each time. `step` 1 flips
// every byte, a larger one samples.
void FlipBytes(MemoryFetcher& served, const Policy& policy, std::size_t step) {
  for (auto& [path, bytes] : served.files) {
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      const auto bit = static_cast<std::uint8_t>(1U << (i % 8));
      bytes[i] ^= bit;
      ASSERT_EQ(Audit(served, {policy, {}, {}, {}, {}}).outcome,
                AuditOutcome::kLogLied)
          << path << " byte " << i;
      bytes[i] ^= bit;
    }
  }
  ASSERT_EQ(Audit(served, {policy, {}, {}, {}, {}}).outcome,
            AuditOutcome::kPassed);
}

// Changes an entry together with its leaf hash, and each hash of level 0
// together with its parent where there is one: a verifier that compares
// neighbours only would be content.
void TamperConsistently(MemoryFetcher& served, const Policy& policy,
                        std::uint64_t size, std::size_t step) {
  for (std::uint64_t index = 0; index < size; index += step) {
    const std::uint64_t tile = index / kTileWidth;
    const TileId leaf = *TileAt(TileKind::kHashes, 0, tile, size);
    TileId entry = leaf;
    entry.kind = TileKind::kEntries;
    const auto before = served.files;
    base::Bytes& bundle = served.files[TilePath(entry)];
    const auto entries = DecodeBundle(bundle, entry.width);
    std::vector<Digest32> hashes =
        *DecodeTile(served.files[TilePath(leaf)], leaf.width);
    const base::ByteView old_entry = (*entries)[index % kTileWidth];
    bundle[static_cast<std::size_t>(old_entry.data() - bundle.data())] ^= 1;
    hashes[index % kTileWidth] = LeafHash(old_entry);
    served.files[TilePath(leaf)] = EncodeTile(hashes);
    ASSERT_EQ(Audit(served, {policy, {}, {}, {}, {}}).outcome,
              AuditOutcome::kLogLied)
        << index;
    if (leaf.width == kTileWidth) {
      const TileId parent =
          *TileAt(TileKind::kHashes, 1, tile / kTileWidth, size);
      auto parents = *DecodeTile(served.files[TilePath(parent)], parent.width);
      parents[tile % kTileWidth] = SpanRoot(hashes);
      served.files[TilePath(parent)] = EncodeTile(parents);
      ASSERT_EQ(Audit(served, {policy, {}, {}, {}, {}}).outcome,
                AuditOutcome::kLogLied)
          << index;
    }
    served.files = before;
  }
}

// Whatever the outcome of the files on disk that the checkpoint does not lead
// to (older partial tiles), flipping them proves nothing: drop them.
void KeepReachable(MemoryFetcher& served, std::uint64_t size) {
  std::erase_if(served.files, [size](const auto& file) {
    const auto id = ParseTilePath(file.first);
    return id.ok() && TileAt(id->kind, id->level, id->index, size) != *id;
  });
}

class AuditorFlips : public AuditorTest,
                     public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(AuditorFlips, EverySampledByteAndEveryConsistentTamperIsCaught) {
  Grow(GetParam());
  KeepReachable(served_, GetParam());
  FlipBytes(served_, *policy_, /*step=*/9);
  TamperConsistently(served_, *policy_, GetParam(), /*step=*/37);
}

// Sizes whose binary form has many ones, across three tile levels.
TEST_F(AuditorTest, ConsistentTamperingOfLargeLogsIsCaught) {
  for (const std::uint64_t size : {65'535U, 70'000U}) {
    Grow(size - (size == 70'000U ? 65'535U : 0U));
    TamperConsistently(served_, *policy_, size, /*step=*/6'007);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, AuditorFlips,
                         ::testing::Values(1U, 2U, 255U, 256U, 257U, 511U));

}  // namespace
}  // namespace limpid::tlog
