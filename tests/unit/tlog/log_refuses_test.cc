// The bad days on which a log must not sign: each with one sentence.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/tlog/auditor.h"
#include "common/tlog/log.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"
#include "tests/unit/tlog/memory_head_store.h"

namespace limpid::tlog {
namespace {

using absl::StatusCode;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kRecursive = std::filesystem::copy_options::recursive;

class LogRefuses : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(place_.Reopen(), IsOk());
    ASSERT_THAT(place_.Grow(300), IsOk());
    place_.Close();
  }
  std::filesystem::path Backup(const char* name) {
    return place_.root() / (std::string(name) + ".backup");
  }
  void BackUp() {
    std::filesystem::copy(place_.log_dir(), Backup("log"), kRecursive);
    std::filesystem::copy(place_.head_dir(), Backup("head"), kRecursive);
  }
  void Restore(const char* name) {
    std::filesystem::remove_all(place_.root() / name);
    std::filesystem::copy(Backup(name), place_.root() / name, kRecursive);
  }
  void GrowOn(std::uint64_t count) {
    ASSERT_THAT(place_.Reopen(), IsOk());
    ASSERT_THAT(place_.Grow(count), IsOk());
    place_.Close();
  }
  // Makes the restored head pass for the original, as an administrator would.
  void Adopt() {
    place_.Close();
    auto head = FileHeadStore::Open(place_.head_dir());
    ASSERT_THAT(head, IsOk());
    ASSERT_THAT((*head)->Adopt(), IsOk());
  }
  void Flip(const std::string& file, int offset) {
    std::fstream stream(place_.log_dir() / file,
                        std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(offset);
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(offset);
    stream.put(byte);
  }

  LogPlace place_;
};

TEST_F(LogRefuses, ARestoredBackupOfEverything) {
  BackUp();
  GrowOn(5);
  Restore("log");
  Restore("head");
  EXPECT_THAT(place_.Reopen(),
              StatusSays(StatusCode::kFailedPrecondition, "restored backup"));
}

TEST_F(LogRefuses, ARestoredHeadAlone) {
  BackUp();
  GrowOn(5);
  Restore("head");
  EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kFailedPrecondition));
  // Even one that was declared the original: others have seen a later one.
  Adopt();
  EXPECT_THAT(place_.Reopen(), StatusSays(StatusCode::kFailedPrecondition,
                                          "newer than the head"));
}

TEST_F(LogRefuses, AnOldHeadCopiedOverTheFileItself) {
  BackUp();
  // Several times: file systems hand the same inode out again at once.
  for (int i = 0; i < 4; ++i) {
    GrowOn(1);
    const std::string good = testing::ReadFile(place_.head_dir() / "head");
    std::ofstream(place_.head_dir() / "head", std::ios::binary)
        << testing::ReadFile(Backup("head") / "head");
    EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kFailedPrecondition));
    std::ofstream(place_.head_dir() / "head", std::ios::binary) << good;
  }
}

TEST_F(LogRefuses, ARestoredLogAlone) {
  BackUp();
  GrowOn(5);
  Restore("log");
  EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kDataLoss));
}

TEST_F(LogRefuses, AClonedDirectoryUntilItIsAdopted) {
  BackUp();
  Restore("log");
  Restore("head");
  EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kFailedPrecondition));
  Adopt();
  EXPECT_THAT(place_.Reopen(), IsOk());
}

TEST_F(LogRefuses, AMissingHeadBesideALog) {
  std::filesystem::remove_all(place_.head_dir());
  EXPECT_THAT(place_.Reopen(),
              StatusSays(StatusCode::kAlreadyExists, "would fork it"));
}

TEST_F(LogRefuses, AHeadOfAnotherKey) {
  EXPECT_THAT(place_.Reopen(TestKey(8)),
              StatusIs(StatusCode::kFailedPrecondition));
}

TEST_F(LogRefuses, APublishedCheckpointThatContradictsTheHead) {
  LogPlace other;
  ASSERT_THAT(other.Reopen(), IsOk());
  ASSERT_THAT(other.log().Append(Entries(1, 300)), IsOk());
  std::filesystem::copy_file(other.log_dir() / "checkpoint",
                             place_.log_dir() / "checkpoint",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(place_.Reopen(), StatusSays(StatusCode::kDataLoss, "forked"));
}

TEST_F(LogRefuses, AnOlderPublishedCheckpointOfAnotherHistory) {
  LogPlace other;
  ASSERT_THAT(other.Reopen(), IsOk());
  ASSERT_THAT(other.log().Append(Entries(1, 200)), IsOk());
  std::filesystem::copy_file(other.log_dir() / "checkpoint",
                             place_.log_dir() / "checkpoint",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(place_.Reopen(), StatusSays(StatusCode::kDataLoss, "forked"));
}

TEST_F(LogRefuses, ADamagedCheckpointUntilItIsRemoved) {
  Flip("checkpoint", 3);
  EXPECT_THAT(place_.Reopen(), StatusSays(StatusCode::kDataLoss, "damaged"));
  std::filesystem::remove(place_.log_dir() / "checkpoint");
  EXPECT_THAT(place_.Reopen(), IsOk());
}

TEST_F(LogRefuses, ADamagedRightEdge) {
  for (const char* file :
       {"tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"}) {
    Flip(file, 20);
    EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kDataLoss)) << file;
    Flip(file, 20);
    EXPECT_THAT(place_.Reopen(), IsOk()) << file;
    place_.Close();
  }
}

TEST_F(LogRefuses, ADamagedLastTileThatIsFull) {
  GrowOn(212);
  for (const char* file : {"tile/0/001", "tile/entries/001"}) {
    Flip(file, 20);
    EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kDataLoss)) << file;
    Flip(file, 20);
    EXPECT_THAT(place_.Reopen(), IsOk()) << file;
    place_.Close();
  }
}

TEST_F(LogRefuses, AClockSetBack) {
  const absl::Time now = place_.clock().Now();
  place_.clock().SetWall(now - absl::Hours(1));
  EXPECT_THAT(place_.Reopen(),
              StatusSays(StatusCode::kFailedPrecondition, "clock"));
  place_.clock().SetWall(now - absl::Seconds(1));
  ASSERT_THAT(place_.Reopen(), IsOk());
  place_.clock().SetWall(now - absl::Hours(1));
  EXPECT_THAT(place_.Grow(1),
              StatusSays(StatusCode::kFailedPrecondition, "clock"));
  // A clock set right again is enough: nothing was signed meanwhile.
  place_.clock().SetWall(now);
  EXPECT_THAT(place_.Grow(1), IsOk());
}

// It may have been made before anybody judged the clock.
TEST(EmptyLog, SaysNothingAboutTheClock) {
  LogPlace place;
  const absl::Time now = place.clock().Now();
  place.clock().SetWall(now + absl::Hours(24 * 3650));
  ASSERT_THAT(place.Reopen(), IsOk());
  place.Close();
  place.clock().SetWall(now);
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.Grow(1), IsOk());
  EXPECT_EQ(place.log().signed_at(), now);
  place.clock().SetWall(now - absl::Hours(1));
  EXPECT_THAT(place.Grow(1),
              StatusSays(StatusCode::kFailedPrecondition, "clock"));
}

TEST_F(LogRefuses, ADamagedHead) {
  std::ofstream(place_.head_dir() / "head", std::ios::binary) << "";
  EXPECT_THAT(place_.Reopen(), StatusIs(StatusCode::kDataLoss));
}

TEST_F(LogRefuses, ASecondProcess) {
  ASSERT_THAT(place_.Reopen(), IsOk());
  EXPECT_THAT(FileHeadStore::Open(place_.head_dir()),
              StatusSays(StatusCode::kFailedPrecondition, "in use"));
  const auto other_head = FileHeadStore::Open(place_.root() / "other-head");
  testing::FakeClock clock;
  ASSERT_THAT(other_head, IsOk());
  EXPECT_FALSE(Log::OpenOrCreate({place_.log_dir(), kTestOrigin, **other_head,
                                  TestKey(), clock})
                   .ok());
}

// Two machines with a directory each and one head store: exactly one signs.
TEST(LogWriters, OfTwoWithOneHeadExactlyOneSigns) {
  for (int round = 0; round < 10; ++round) {
    const testing::TempDir temp;
    const testing::FakeClock clock;
    MemoryHeadStore head;
    std::vector<std::unique_ptr<Log>> logs;
    logs.push_back(
        Log::Create({temp.path() / "0", kTestOrigin, head, TestKey(), clock})
            .value());
    std::filesystem::copy(temp.path() / "0", temp.path() / "1", kRecursive);
    logs.push_back(
        Log::Open({temp.path() / "1", kTestOrigin, head, TestKey(), clock})
            .value());
    std::atomic<int> signed_count = 0;
    {
      std::vector<std::jthread> writers;
      for (std::uint64_t i = 0; i < 2; ++i) {
        writers.emplace_back([&, i] {
          if (logs[i]->Append(Entries(100 * i, 3)).ok()) ++signed_count;
        });
      }
    }
    EXPECT_EQ(signed_count, 1);
    // The loser is stopped for good.
    signed_count = 0;
    for (auto& log : logs) {
      if (log->Append(Entries(0, 1)).ok()) ++signed_count;
    }
    EXPECT_EQ(signed_count, 1);
  }
}

// Appends until it is killed; tells the size after each append.
[[noreturn]] void AppendForEver(LogPlace& place, int pipe) {
  if (!place.Reopen().ok()) _exit(1);
  for (std::uint64_t batch = 1;; batch = batch * 7 % 311) {
    const auto appended = place.Grow(batch);
    if (!appended.ok()) _exit(2);
    const std::uint64_t size = appended->checkpoint.size;
    if (::write(pipe, &size, sizeof size) != sizeof size) _exit(3);
  }
}

// Forks a writer, kills it after a while; the size it acknowledged last.
std::uint64_t KillAWriter(LogPlace& place, int milliseconds) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) AppendForEver(place, pipe[1]);
  ::close(pipe[1]);
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
  std::uint64_t last = 0;
  for (std::uint64_t size = 0;
       ::read(pipe[0], &size, sizeof size) == sizeof size;) {
    last = size;
  }
  ::close(pipe[0]);
  return last;
}

TEST(LogKill, LosesNothingAcknowledgedAndForksNever) {
  const char* const rounds = std::getenv("LIMPID_KILL_ROUNDS");
  LogPlace place;
  std::uint64_t size = 0;
  for (int round = 0; round < (rounds == nullptr ? 20 : std::atoi(rounds));
       ++round) {
    const std::uint64_t acknowledged = KillAWriter(place, 5 + round * 7 % 60);
    ASSERT_THAT(place.Reopen(), IsOk());
    EXPECT_GE(place.log().size(), std::max(size, acknowledged));
    size = place.log().size();
    const Policy policy = Policy::ForLog(place.log().Vkey()).value();
    DirectoryFetcher fetcher(place.log_dir());
    const AuditReport report =
        Audit(fetcher, {policy, place.root() / "state", {}, {}, {}});
    ASSERT_EQ(report.outcome, AuditOutcome::kPassed) << report.message;
    EXPECT_EQ(place.log().ReadEntries(0, size).value(), Entries(0, size));
    place.Close();
  }
  EXPECT_GT(size, 0U);
}

}  // namespace
}  // namespace limpid::tlog
