// Killed servers, lost connections, full disks, damaged pages and changed
// settings under the PostgreSQL engine: what was acknowledged is there
// afterwards, and what is not known is said.

#include <sys/mount.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fixture.h"
#include "tests/integration/storage/postgres_fixture.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

constexpr const char* kUnknown = "it is not known";
constexpr const char* kReopen = "opened again";

class PostgresConnectionLoss : public PostgresFixture {};

TEST_F(PostgresConnectionLoss, InTheMiddleOfAWriteStoresNothing) {
  CreateIt();
  EXPECT_THAT(database().Write([&](Session& session) -> absl::Status {
    LIMPID_RETURN_IF_ERROR(PutItem(session, "a", 1, {}));
    EndConnections();
    return PutItem(session, "b", 1, {});
  }),
              StatusIs(absl::StatusCode::kUnavailable));
  // The work may have ended before it noticed.
  EXPECT_THAT(database().Write([&](Session& session) -> absl::Status {
    LIMPID_RETURN_IF_ERROR(PutItem(session, "c", 1, {}));
    EndConnections();
    return absl::OkStatus();
  }),
              StatusIs(absl::StatusCode::kUnavailable));
  Reopen();
  EXPECT_EQ(Count(), 0);
}

TEST_F(PostgresConnectionLoss, BeforeTheCommitTheNextWriteConnectsAnew) {
  CreateIt();
  EXPECT_THAT(database().Write([&](Session& session) -> absl::Status {
    EndConnections();
    return PutItem(session, "a", 1, {});
  }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Put("a", 1, {}), IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(PostgresConnectionLoss, BetweenCallsIsNotNoticed) {
  CreateIt();
  for (int round = 0; round < 3; ++round) {
    EndConnections();
    ASSERT_THAT(Put(absl::StrCat(round), 1, {}), IsOk());
    EndConnections();
    ASSERT_EQ(Count(), round + 1);
  }
}

TEST_F(PostgresConnectionLoss, InTheMiddleOfAReadIsUnavailable) {
  CreateIt();
  EXPECT_THAT(database().Read([&](Session& session) -> absl::Status {
    EndConnections();
    return session.Query("SELECT id FROM item", {},
                         [](const Row&) { return absl::OkStatus(); });
  }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Count(), 0);
}

class PostgresBadDays : public HarmedPostgresFixture {
 protected:
  // Writes from several threads until the server is gone.
  void WriteUntilRefused(int round) {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this, round, thread] {
        for (int at = 0;; ++at) {
          const std::string id = absl::StrCat(round, "-", thread, "-", at);
          if (!Put(id, round, base::Bytes(500, 3)).ok()) return;
          const std::lock_guard lock(mutex_);
          acknowledged_.insert(id);
        }
      });
    }
    std::this_thread::sleep_for(
        std::chrono::milliseconds(50 + random_() % 100));
    server().StopAtOnce();
  }
  std::set<std::string> Found() {
    std::set<std::string> found;
    EXPECT_THAT(database().Read([&](Session& session) {
      return session.Query("SELECT id FROM item", {}, [&](const Row& row) {
        found.emplace(row.Text(0));
        return absl::OkStatus();
      });
    }),
                IsOk());
    return found;
  }
  // A commit that the server has made and does not confirm, for want of a
  // standby; `then` ends the wait. The process that tells commits to wait
  // reads the setting in its own time, after SHOW says it already: what is
  // confirmed until then is in `acknowledged_`.
  absl::Status CommitWithout(const std::string& id, const std::string& then) {
    server().Set("synchronous_standby_names", "nobody");
    absl::Status status;
    {
      const std::jthread writer([&](const std::stop_token& ended) {
        for (int at = 0; status.ok() && !ended.stop_requested(); ++at) {
          const std::string name = absl::StrCat(id, "-", at);
          status = Put(name, 1, {});
          if (status.ok()) acknowledged_.insert(name);
        }
      });
      EXPECT_TRUE(SomebodyWaits()) << "no commit waits for a standby";
      server().Run("SELECT " + then +
                   "(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    }
    server().Set("synchronous_standby_names", "");
    return status;
  }
  bool SomebodyWaits() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      if (server().Ask("SELECT count(*) FROM pg_stat_activity WHERE "
                       "wait_event = 'SyncRep'") == "1") {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  std::mutex mutex_;
  std::set<std::string> acknowledged_;
  // Seeded, so that a failure can be run again; the moment of death is real.
  // NOLINTNEXTLINE(cert-msc51-cpp): on purpose
  std::minstd_rand random_{1};
};

TEST_F(PostgresBadDays, AKilledServerLosesNothingThatItAcknowledged) {
  CreateIt();
  std::size_t before = 0;
  for (int round = 0; round < 6; ++round) {
    WriteUntilRefused(round);
    server().Start();
    Reopen();
    const std::set<std::string> found = Found();
    for (const std::string& id : acknowledged_) {
      ASSERT_TRUE(found.contains(id)) << "round " << round << " lost " << id;
    }
    // One unanswered work per thread and round at most.
    EXPECT_LE(found.size(),
              acknowledged_.size() + static_cast<std::size_t>(round + 1) * 4);
    EXPECT_GT(acknowledged_.size(), before);
    before = acknowledged_.size();
    ASSERT_THAT(database().CheckIntegrity(), IsOk());
  }
}

TEST_F(PostgresBadDays, ReadsAreThereAgainWhenTheServerIs) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  EXPECT_EQ(Count(), 1);
  server().StopAtOnce();
  EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Put("b", 1, {}), StatusIs(absl::StatusCode::kUnavailable));
  server().Start();
  EXPECT_EQ(Count(), 1);
  EXPECT_THAT(Put("b", 1, {}), IsOk());
}

TEST_F(PostgresBadDays, ACommitWithoutAnAnswerClosesWritesUntilReopened) {
  CreateIt();
  EXPECT_THAT(CommitWithout("a", "pg_terminate_backend"),
              StatusSays(absl::StatusCode::kUnavailable, kUnknown));
  EXPECT_THAT(Put("b", 1, {}),
              StatusSays(absl::StatusCode::kUnavailable, kReopen));
  // Reads go on: they show what the server has.
  EXPECT_EQ(Found().size(), acknowledged_.size() + 1);
  Reopen();
  EXPECT_THAT(Put("b", 1, {}), IsOk());
}

TEST_F(PostgresBadDays, ACommitThatNoStandbyConfirmedIsNotAcknowledged) {
  CreateIt();
  // The server answers COMMIT with success and a warning.
  EXPECT_THAT(CommitWithout("a", "pg_cancel_backend"),
              StatusSays(absl::StatusCode::kUnavailable, kUnknown));
  EXPECT_THAT(Put("b", 1, {}),
              StatusSays(absl::StatusCode::kUnavailable, kReopen));
}

TEST_F(PostgresBadDays, ASettingThatLosesCommitsIsNoticed) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  // A reader that was checked goes on.
  EXPECT_EQ(Count(), 1);
  for (const char* setting : {"fsync", "full_page_writes"}) {
    server().Set(setting, "off");
    EXPECT_THAT(Put("b", 1, {}),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(OpenPostgres(MakeOptions()),
                StatusSays(absl::StatusCode::kFailedPrecondition, setting));
    EXPECT_EQ(Count(), 1);
    server().Set(setting, "on");
  }
  // Of a session that was checked, a reload does not reach it.
  server().Set("synchronous_commit", "off");
  EXPECT_THAT(Put("b", 1, {}), IsOk());
  EXPECT_THAT(
      OpenPostgres(MakeOptions()),
      StatusSays(absl::StatusCode::kFailedPrecondition, "synchronous_commit"));
}

TEST_F(PostgresBadDays, AStandbyAndAnotherTimelineAreRefused) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  EXPECT_EQ(Count(), 1);
  server().StopAtOnce();
  std::ofstream(server().directory() / "data" / "standby.signal").close();
  testing::PostgresServer::Own(server().directory() / "data" /
                               "standby.signal");
  server().Start();
  EXPECT_THAT(OpenPostgres(MakeOptions()),
              StatusSays(absl::StatusCode::kFailedPrecondition, "standby"));
  EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(server().Ask("SELECT pg_promote()"), "t");
  EXPECT_THAT(Put("b", 1, {}),
              StatusSays(absl::StatusCode::kUnavailable, "open it again"));
  EXPECT_THAT(Get("a"),
              StatusSays(absl::StatusCode::kUnavailable, "open it again"));
  Reopen();
  EXPECT_THAT(Put("b", 1, {}), IsOk());
  EXPECT_EQ(Count(), 2);
}

TEST_F(PostgresBadDays, ADamagedPageIsDataLoss) {
  CreateIt();
  for (int at = 0; at < 20; ++at) {
    ASSERT_THAT(Put(absl::StrCat(at), at, base::Bytes(1500, 7)), IsOk());
  }
  ASSERT_THAT(database().CheckIntegrity(), IsOk());
  server().Run("CHECKPOINT");
  const std::string file = server().Ask(
      absl::StrCat("SELECT pg_relation_filepath('", schema(), ".item')"));
  server().StopAtOnce();
  {
    std::fstream page(server().directory() / "data" / file,
                      std::ios::in | std::ios::out | std::ios::binary);
    page.seekp(4000);
    page.put('x');
    ASSERT_TRUE(page.good());
  }
  server().Start();
  EXPECT_THAT(database().CheckIntegrity(),
              StatusIs(absl::StatusCode::kDataLoss));
}

// A file system of one's own, too small.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    // The directory has to be there first.
    // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer)
    mounted_ =
        ::mount("limpid-test", path_.c_str(), "tmpfs", 0, "size=3m") == 0;
    if (!mounted_) return;
    testing::PostgresServer::Own(path_);
    std::ofstream(path_ / "filler", std::ios::binary)
        << std::string(1 << 20, 'x');
  }
  ~SmallDisk() {
    if (mounted_) (void)::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  void MakeSpace() const { std::filesystem::remove(path_ / "filler"); }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

TEST_F(PostgresBadDays, AFullDiskRefusesAndWorksAgainWhenThereIsSpace) {
  const SmallDisk disk(server().directory() / "small");
  if (!disk.mounted()) {
    GTEST_SKIP() << "a small file system needs root and the right to mount";
  }
  server().Run(absl::StrCat("CREATE TABLESPACE small LOCATION '",
                            server().directory().string(), "/small'"));
  server().Run("GRANT CREATE ON TABLESPACE small TO limpid");
  Take(CreatePostgres(OptionsWith("options='-c default_tablespace=small'")));
  absl::Status last;
  for (int at = 0; at < 5'000 && last.ok(); ++at) {
    const std::string id = absl::StrCat(at);
    last = Put(id, at, base::Bytes(1500, 3));
    if (last.ok()) acknowledged_.insert(id);
  }
  EXPECT_THAT(last, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Found(), acknowledged_);
  disk.MakeSpace();
  EXPECT_THAT(Put("again", 1, base::Bytes(1500, 3)), IsOk());
  acknowledged_.insert("again");
  EXPECT_EQ(Found(), acknowledged_);
  Close();
  server().StopAtOnce();
}

}  // namespace
}  // namespace limpid::storage
