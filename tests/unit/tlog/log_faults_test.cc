// Every file operation of an append, a start and a creation fails once, in
// three ways, alive and as the last act of the process; then the log is opened
// anew and audited whole, by an auditor that remembers.

#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/tlog/auditor.h"
#include "common/tlog/log.h"
#include "common/tlog/tile.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/faulty_files.h"
#include "tests/unit/tlog/log_fixture.h"

namespace limpid::tlog {
namespace {

using absl::StatusCode;
using testing::IsOk;
using testing::StatusIs;

// Operations no append or start of ours reaches.
constexpr int kMoreThanAnyRun = 200;

class LogFaults : public ::testing::TestWithParam<std::tuple<Effect, bool>> {
 protected:
  LogFaults() : place_(files_) {}

  void FailAt(int number) {
    files_.FailAt(number, std::get<0>(GetParam()), std::get<1>(GetParam()));
  }
  void Heal() { files_.FailAt(-1, Effect::kNone, false); }
  // Nobody who looks at the files may ever see a fork or a gap.
  void ExpectSound() {
    Heal();
    ASSERT_THAT(place_.Reopen(), IsOk()) << "after: " << last_fault_;
    const Policy policy = Policy::ForLog(place_.log().Vkey()).value();
    DirectoryFetcher fetcher(place_.log_dir());
    const AuditReport report =
        Audit(fetcher, {policy, place_.root() / "state", {}, {}, {}});
    ASSERT_EQ(report.outcome, AuditOutcome::kPassed)
        << report.where << ": " << report.message << " after " << last_fault_;
    ASSERT_EQ(report.size, place_.log().size());
  }
  // Audits what a web server would serve at this moment, without a restart.
  void ExpectServedSound() {
    const Policy policy = Policy::ForLog(place_.log().Vkey()).value();
    DirectoryFetcher fetcher(place_.log_dir());
    const AuditReport report = Audit(fetcher, {policy, {}, {}, {}, {}});
    ASSERT_EQ(report.outcome, AuditOutcome::kPassed)
        << report.where << ": " << report.message << " after " << last_fault_;
  }

  FaultyFiles files_;
  LogPlace place_;
  std::string last_fault_;
};

TEST_P(LogFaults, AnAppendIsWholeOrAbsentWhereverItFails) {
  // Sizes so that batches fill tiles, open new ones, and do neither.
  const std::vector<std::uint64_t> batches = {3, 300, 250, 520};
  ASSERT_THAT(place_.Reopen(), IsOk());
  // Done when no batch has that many operations.
  std::size_t missed = 0;
  for (int number = 0; missed < batches.size(); ++number) {
    ASSERT_LT(number, kMoreThanAnyRun);
    const std::uint64_t old_size = place_.log().size();
    const std::uint64_t count =
        batches[static_cast<std::size_t>(number) % batches.size()];
    FailAt(number);
    const auto appended = place_.Grow(count);
    last_fault_ = files_.failed();
    missed = last_fault_.empty() ? missed + 1 : 0;
    ASSERT_NO_FATAL_FAILURE(ExpectServedSound());
    Heal();
    // An error that leaves the log running has appended nothing, and other
    // entries may take the place.
    const auto next = place_.log().Append(Entries(1'000'000, 2));
    if (!appended.ok() && next.ok()) {
      EXPECT_EQ(next->first_index, old_size) << last_fault_;
    } else if (!appended.ok()) {
      EXPECT_THAT(next, StatusIs(StatusCode::kFailedPrecondition));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSound());
    const std::uint64_t size = place_.log().size();
    const std::uint64_t extra = next.ok() ? 2 : 0;
    if (appended.ok()) {
      EXPECT_EQ(size, old_size + count + extra) << last_fault_;
    } else {
      EXPECT_TRUE(size == old_size + extra || size == old_size + count)
          << last_fault_;
    }
  }
}

TEST_P(LogFaults, AStartThatFailsHurtsNothing) {
  ASSERT_THAT(place_.Reopen(), IsOk());
  ASSERT_THAT(place_.Grow(300), IsOk());
  const std::string checkpoint =
      testing::ReadFile(place_.log_dir() / "checkpoint");
  bool reached = true;
  for (int number = 0; reached; ++number) {
    ASSERT_LT(number, kMoreThanAnyRun);
    // As after a crash between the swap of the head and the publishing.
    std::filesystem::remove(place_.log_dir() / "checkpoint");
    FailAt(number);
    const absl::Status opened = place_.Reopen();
    last_fault_ = files_.failed();
    reached = !last_fault_.empty();
    EXPECT_EQ(opened.ok(), !reached) << last_fault_;
    ASSERT_NO_FATAL_FAILURE(ExpectSound());
    EXPECT_EQ(testing::ReadFile(place_.log_dir() / "checkpoint"), checkpoint);
  }
}

TEST_P(LogFaults, ACreationThatFailsCanBeRepeated) {
  bool reached = true;
  for (int number = 0; reached; ++number) {
    ASSERT_LT(number, kMoreThanAnyRun);
    place_.Close();
    std::filesystem::remove_all(place_.log_dir());
    std::filesystem::remove_all(place_.head_dir());
    FailAt(number);
    const absl::Status opened = place_.Reopen();
    last_fault_ = files_.failed();
    reached = !last_fault_.empty();
    EXPECT_EQ(opened.ok(), !reached) << last_fault_;
    ASSERT_NO_FATAL_FAILURE(ExpectSound());
    EXPECT_EQ(place_.log().size(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, LogFaults,
                         ::testing::Combine(::testing::Values(Effect::kNone,
                                                              Effect::kHalf,
                                                              Effect::kWhole),
                                            /*then dead=*/::testing::Bool()));

// Of a file as a web server would serve it by this path.
bool IsWhole(const TileId& id, const std::filesystem::path& file) {
  const base::Bytes bytes = base::ToBytes(testing::ReadFile(file));
  return id.kind == TileKind::kEntries ? DecodeBundle(bytes, id.width).ok()
                                       : DecodeTile(bytes, id.width).ok();
}

TEST(LogFault, NoNameOfATileEverHoldsHalfOfIt) {
  FaultyFiles files;
  bool reached = true;
  for (int number = 0; reached; ++number) {
    ASSERT_LT(number, kMoreThanAnyRun);
    LogPlace place(files);
    files.FailAt(-1, Effect::kNone, /*then_dead=*/false);
    ASSERT_THAT(place.Reopen(), IsOk());
    ASSERT_THAT(place.Grow(3), IsOk());
    files.FailAt(number, Effect::kHalf, /*then_dead=*/true);
    reached = !place.Grow(600).ok();
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(place.log_dir())) {
      if (!file.is_regular_file()) continue;
      const std::string path =
          std::filesystem::relative(file.path(), place.log_dir()).string();
      const auto id = ParseTilePath(path);
      if (!id.ok()) continue;
      EXPECT_TRUE(IsWhole(*id, file.path()))
          << path << " after " << files.failed();
    }
  }
}

TEST(LogFault, AFailedSyncIsNeverRetried) {
  FaultyFiles files;
  LogPlace place(files);
  ASSERT_THAT(place.Reopen(), IsOk());
  for (int number = 0; files.failed() != "sync file system "; ++number) {
    ASSERT_LT(number, kMoreThanAnyRun);
    ASSERT_THAT(place.Reopen(), IsOk());
    files.FailAt(number, Effect::kNone, /*then_dead=*/false);
    (void)place.Grow(1);
  }
  EXPECT_THAT(place.Grow(1), StatusIs(StatusCode::kFailedPrecondition));
  ASSERT_THAT(place.Reopen(), IsOk());
  EXPECT_THAT(place.Grow(1), IsOk());
}

TEST(LogFault, AFullDiskFailsTheBatchAndTheNextOneFits) {
  FaultyFiles files;
  files.set_code(StatusCode::kResourceExhausted);
  LogPlace place(files);
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(3), IsOk());
  // The first operation makes a directory, the second writes into it.
  files.FailAt(1, Effect::kHalf, /*then_dead=*/false);
  EXPECT_THAT(place.Grow(5), StatusIs(StatusCode::kResourceExhausted));
  EXPECT_THAT(place.Grow(5), IsOk());
  EXPECT_EQ(place.log().size(), 8U);
}

TEST(LogFault, AFlippedBitOnDiskIsSeenBeforeSigning) {
  for (const char* part : {"tile/entries/000.p", "tile/0/000.p",
                           "tile/entries/000", "tile/0/000", "tile/1/000.p"}) {
    FaultyFiles files;
    LogPlace place(files);
    ASSERT_THAT(place.Reopen(), IsOk());
    ASSERT_THAT(place.Grow(3), IsOk());
    const std::string signed_before = place.log().SignedCheckpoint();
    files.set_rotten(part);
    const std::uint64_t count = std::string(part).ends_with(".p") ? 4 : 300;
    const bool upper = std::string(part) == "tile/1/000.p";
    EXPECT_THAT(place.Grow(upper ? 300 : count),
                StatusIs(StatusCode::kDataLoss))
        << part;
    EXPECT_THAT(place.Grow(1), StatusIs(StatusCode::kFailedPrecondition));
    EXPECT_EQ(place.log().SignedCheckpoint(), signed_before);
    files.set_rotten("");
    ASSERT_THAT(place.Reopen(), IsOk());
    EXPECT_EQ(place.log().SignedCheckpoint(), signed_before);
  }
}

TEST(LogFault, AFileThatVanishedBeforeItWasReadBackStopsTheLog) {
  FaultyFiles files;
  LogPlace place(files);
  ASSERT_THAT(place.Reopen(), IsOk());
  files.set_vanishing("/tile/");
  EXPECT_THAT(place.Grow(3), StatusIs(StatusCode::kDataLoss));
  files.set_vanishing("");
  EXPECT_THAT(place.Grow(3), StatusIs(StatusCode::kFailedPrecondition));
}

TEST(LogFault, AFileThatIsTooLongIsDamage) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(3), IsOk());
  std::filesystem::resize_file(place.log_dir() / "tile/0/000.p/3",
                               kMaxTileBytes + 1);
  EXPECT_THAT(place.log().Prove(0), StatusIs(StatusCode::kDataLoss));
}

// Whatever these say may reach anybody who calls.
TEST(LogFault, ReadsSayNoPathToCallers) {
  const testing::TempDir folder;
  const auto file = folder.path() / "file";
  std::ofstream(file) << "1234";
  FileSystem& files = PosixFileSystem();
  const auto absent = files.Read(folder.path() / "none", 9).status();
  const auto long_one = files.Read(file, 3).status();
  EXPECT_THAT(absent, StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(long_one, StatusIs(StatusCode::kResourceExhausted));
  // Every byte into this device is one too many.
  const auto full = files.Write("/dev/full", base::AsBytes("1"));
  EXPECT_THAT(full, StatusIs(StatusCode::kResourceExhausted));
  for (const absl::Status& status : {absent, long_one, full}) {
    EXPECT_EQ(status.ToString().find('/'), std::string::npos) << status;
  }
  // A directory, what may not be read and a sick disk are ours to mend.
  EXPECT_THAT(files.Read(folder.path(), 9), StatusIs(StatusCode::kInternal));
}

TEST(LogFault, ABatchCostsAtMostSixSyncs) {
  FaultyFiles files;
  LogPlace place(files);
  ASSERT_THAT(place.Reopen(), IsOk());
  for (const std::uint64_t batch : {1U, 64U, 1'024U, 5'000U}) {
    const int before = files.sync_count();
    ASSERT_THAT(place.Grow(batch), IsOk());
    EXPECT_LE(files.sync_count() - before, 6);
  }
}

}  // namespace
}  // namespace limpid::tlog
