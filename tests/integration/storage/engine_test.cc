// What Database and Session promise, against each engine.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fixture.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

enum class Engine { kSqlCipher, kPostgres };

class EngineTest : public ItemFixture,
                   public ::testing::WithParamInterface<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::kPostgres) {
      LIMPID_NEEDS_POSTGRES();
      home_.emplace();
    }
  }
  void CreateIt() {
    if (home_) {
      Take(CreatePostgres(home_->Options(ItemMigrations())));
    } else {
      Take(Database::Create(ItemOptions(path())));
    }
  }
  void Reopen() {
    Close();
    if (home_) {
      Take(OpenPostgres(home_->Options(ItemMigrations())));
    } else {
      Take(Database::Open(ItemOptions(path())));
    }
  }

  [[nodiscard]] std::filesystem::path path() const {
    return dir_.path() / "items.db";
  }

 private:
  testing::TempDir dir_;
  std::optional<testing::PostgresHome> home_;
};

TEST_P(EngineTest, KeepsEveryKindOfValueOverAReopen) {
  CreateIt();
  const std::string nul("a\0b", 3);
  const base::Bytes bytes(100'000, 0xA5);
  ASSERT_THAT(Put("", 0, {}), IsOk());
  ASSERT_THAT(Put("case", std::numeric_limits<std::int64_t>::min(), bytes),
              IsOk());
  ASSERT_THAT(Put("CASE", std::numeric_limits<std::int64_t>::max(), {}),
              IsOk());
  ASSERT_THAT(Put("nul", -1, base::ToBytes(nul)), IsOk());
  ASSERT_THAT(Put("ünïcode", 7, base::ToBytes("x")), IsOk());
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Get("").value().payload, base::Bytes());
    EXPECT_EQ(Get("case").value().number,
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(Get("case").value().payload, bytes);
    EXPECT_EQ(Get("CASE").value().number,
              std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(Get("nul").value().payload, base::ToBytes(nul));
    EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(Get("ünïcode").value().number, 7);
    Reopen();
  }
}

TEST_P(EngineTest, TellsADuplicateFromAnotherConstraint) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  EXPECT_THAT(Put("a", 2, {}), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(
      Run("INSERT INTO child (parent) VALUES ($1)", {std::string_view("gone")}),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Run("INSERT INTO item (id, number) VALUES ($1, $2)",
                  {std::string_view("b"), std::string_view("not a number")}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(EngineTest, CountsTheRowsAStatementChanged) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  ASSERT_THAT(Put("b", 1, {}), IsOk());
  EXPECT_EQ(Run("UPDATE item SET number = $1", {std::int64_t{5}}).value(), 2);
  EXPECT_EQ(
      Run("DELETE FROM item WHERE id = $1", {std::string_view("zz")}).value(),
      0);
  EXPECT_EQ(Run("INSERT INTO item (id, number) VALUES ($1, $2) ON CONFLICT DO "
                "NOTHING",
                {std::string_view("a"), std::int64_t{9}})
                .value(),
            0);
}

TEST_P(EngineTest, UndoesAWorkThatFails) {
  CreateIt();
  EXPECT_THAT(database().Write([](Session& session) -> absl::Status {
    EXPECT_THAT(PutItem(session, "a", 1, {}), IsOk());
    return absl::AbortedError("mine");
  }),
              StatusSays(absl::StatusCode::kAborted, "mine"));
  EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(EngineTest, SeesItsOwnChangesInsideAWork) {
  CreateIt();
  ASSERT_THAT(database().Write([](Session& session) -> absl::Status {
    LIMPID_RETURN_IF_ERROR(PutItem(session, "a", 41, {}));
    return session.Query("SELECT number FROM item WHERE id = $1",
                         {std::string_view("a")}, [](const Row& row) {
                           EXPECT_EQ(row.Int(0), 41);
                           return absl::OkStatus();
                         });
  }),
              IsOk());
}

TEST_P(EngineTest, RunsTheSameTextInsideItself) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  ASSERT_THAT(Put("b", 2, {}), IsOk());
  int pairs = 0;
  const std::string_view sql = "SELECT id FROM item";
  ASSERT_THAT(database().Read([&](Session& session) {
    return session.Query(sql, {}, [&](const Row&) {
      return session.Query(sql, {}, [&](const Row&) {
        ++pairs;
        return absl::OkStatus();
      });
    });
  }),
              IsOk());
  EXPECT_EQ(pairs, 4);
}

TEST_P(EngineTest, ReadsAreSnapshotsThatCannotWrite) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  ASSERT_THAT(database().Read([&](Session& session) -> absl::Status {
    EXPECT_EQ(CountItems(session), 1);
    std::jthread([&] { EXPECT_THAT(Put("b", 2, {}), IsOk()); }).join();
    EXPECT_EQ(CountItems(session), 1);
    EXPECT_THAT(PutItem(session, "c", 3, {}),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(Count(), 2);
}

TEST_P(EngineTest, RefusesAColumnOfAnotherType) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  const auto read = [&](auto&& use) {
    return database().Read([&](Session& session) {
      return session.Query("SELECT id, number FROM item", {},
                           [&](const Row& row) {
                             use(row);
                             return absl::OkStatus();
                           });
    });
  };
  EXPECT_THAT(read([](const Row& row) { EXPECT_EQ(row.Int(0), 0); }),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(read([](const Row& row) { EXPECT_TRUE(row.Text(2).empty()); }),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(read([](const Row& row) { (void)row.Array<4>(1); }),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(read([](const Row& row) { EXPECT_EQ(row.Text(0), "a"); }),
              IsOk());
}

TEST_P(EngineTest, RefusesTheWrongNumberOfValues) {
  CreateIt();
  EXPECT_THAT(Run("DELETE FROM item WHERE id = $1", {}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Run("DELETE FROM item", {std::int64_t{1}}),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_P(EngineTest, ConcurrentWritersLoseNothingAndOneFailureStaysItsOwn) {
  CreateIt();
  constexpr int kThreads = 8;
  constexpr int kEach = 60;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int at = 0; at < kEach; ++at) {
          // Every third id is taken by every thread: one of them wins.
          const std::string id = at % 3 == 0 ? absl::StrCat("same", at)
                                             : absl::StrCat(thread, "-", at);
          const absl::Status status = database().Write([&](Session& session) {
            LIMPID_RETURN_IF_ERROR(
                PutItem(session, absl::StrCat(id, "-part"), thread, {}));
            return PutItem(session, id, thread, {});
          });
          if (absl::IsAlreadyExists(status)) ++refused;
        }
      });
    }
  }
  constexpr int kShared = kEach / 3;
  EXPECT_EQ(refused, kShared * (kThreads - 1));
  EXPECT_EQ(Count(), 2 * (kThreads * (kEach - kShared) + kShared));
  EXPECT_THAT(database().CheckIntegrity(), IsOk());
}

TEST_P(EngineTest, MoreReadersThanConnectionsWait) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(12);
    for (int thread = 0; thread < 12; ++thread) {
      threads.emplace_back([&] {
        for (int at = 0; at < 50; ++at) good += Count() == 1 ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 600);
}

// Reads wait for a checkpoint to begin, but not behind a long one.
TEST_P(EngineTest, ALongReadHoldsUpNeitherOthersNorACheckpointForEver) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  std::promise<void> running;
  std::promise<void> over;
  std::jthread reader([&] {
    EXPECT_THAT(database().Read([&](Session& session) {
      absl::Status read = session.Query(
          "SELECT 1", {}, [](const Row&) { return absl::OkStatus(); });
      running.set_value();
      over.get_future().wait();
      return read;
    }),
                IsOk());
  });
  running.get_future().wait();
  std::jthread checkpoint(
      [&] { EXPECT_THAT(database().Checkpoint(), IsOk()); });
  // Long enough for the checkpoint to have begun.
  const absl::Time until = absl::Now() + absl::Milliseconds(300);
  while (absl::Now() < until) EXPECT_EQ(Count(), 1);
  over.set_value();
}

// Nor does it hold the one writer meanwhile.
TEST_P(EngineTest, WritesGoOnWhileACheckpointWaitsForALongRead) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  std::promise<void> running;
  std::promise<void> over;
  std::jthread reader([&] {
    EXPECT_THAT(database().Read([&](Session& session) {
      absl::Status read =
          session.Query("SELECT count(*) FROM item", {},
                        [](const Row&) { return absl::OkStatus(); });
      running.set_value();
      over.get_future().wait();
      return read;
    }),
                IsOk());
  });
  running.get_future().wait();
  // What the reader does not see, so that it needs the log.
  ASSERT_THAT(Put("b", 1, {}), IsOk());
  std::jthread checkpoint(
      [&] { EXPECT_THAT(database().Checkpoint(), IsOk()); });
  int puts = 0;
  absl::Duration longest;
  const absl::Time until = absl::Now() + absl::Milliseconds(600);
  while (absl::Now() < until) {
    const absl::Time begun = absl::Now();
    EXPECT_THAT(Put(absl::StrCat("put", puts++), 1, {}), IsOk());
    longest = std::max(longest, absl::Now() - begun);
  }
  over.set_value();
  checkpoint.join();
  // A try is some 55 ms; a disk of a busy machine may take its time for the
  // rest. Polling with the writer took until the read was over.
  EXPECT_LT(longest, absl::Milliseconds(400));
  EXPECT_GT(puts, 3);
}

TEST_P(EngineTest, WhoeverAsksForACheckpointTogetherGetsOne) {
  CreateIt();
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (int at = 0; at < 10; ++at) {
          EXPECT_THAT(Put(absl::StrCat(thread, "-", at), at, {}), IsOk());
          EXPECT_THAT(database().Checkpoint(), IsOk());
        }
      });
    }
  }
  EXPECT_EQ(Count(), 80);
  std::error_code none;
  const auto log = std::filesystem::file_size(path().string() + "-wal", none);
  EXPECT_TRUE(none || log == 0);
}

TEST_P(EngineTest, ComparesTextByteByByte) {
  CreateIt();
  const std::vector<std::string> sorted = {"", "B", "a", "a b", "ab", "z", "é"};
  for (const std::string& id : sorted) ASSERT_THAT(Put(id, 1, {}), IsOk());
  std::vector<std::string> found;
  ASSERT_THAT(database().Read([&](Session& session) {
    return session.Query("SELECT id FROM item WHERE id >= $1 ORDER BY id",
                         {std::string_view()}, [&](const Row& row) {
                           found.emplace_back(row.Text(0));
                           return absl::OkStatus();
                         });
  }),
              IsOk());
  EXPECT_EQ(found, sorted);
}

TEST_P(EngineTest, ANullIsNoValueAndNoEmptyOne) {
  CreateIt();
  ASSERT_THAT(Run("INSERT INTO item (id, number, payload) VALUES ($1, $2, $3)",
                  {std::string_view("null"), std::int64_t{1}, Value()}),
              IsOk());
  ASSERT_THAT(Put("empty", 1, {}), IsOk());
  int nulls = 0;
  ASSERT_THAT(database().Read([&](Session& session) {
    return session.Query("SELECT payload FROM item", {}, [&](const Row& row) {
      nulls += row.IsNull(0) ? 1 : 0;
      EXPECT_TRUE(row.Blob(0).empty());
      return absl::OkStatus();
    });
  }),
              IsOk());
  EXPECT_EQ(nulls, 1);
  EXPECT_THAT(Run("INSERT INTO item (id, number) VALUES ($1, $2)",
                  {std::string_view("x"), Value()}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(EngineTest, ANumberThatLeavesItsRangeIsRefused) {
  CreateIt();
  ASSERT_THAT(Put("a", std::numeric_limits<std::int64_t>::max(), {}), IsOk());
  EXPECT_THAT(Run("UPDATE item SET number = number + 1", {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Get("a").value().number, std::numeric_limits<std::int64_t>::max());
}

TEST_P(EngineTest, ReturnsWhatItChanged) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  std::int64_t found = 0;
  ASSERT_THAT(database().Write([&](Session& session) {
    return session.Query(
        "INSERT INTO item (id, number) VALUES ($1, $2) ON CONFLICT (id) DO "
        "UPDATE SET number = item.number + excluded.number RETURNING number",
        {std::string_view("a"), std::int64_t{41}}, [&](const Row& row) {
          found = row.Int(0);
          return absl::OkStatus();
        });
  }),
              IsOk());
  EXPECT_EQ(found, 42);
}

TEST_P(EngineTest, AnErrorNamesNoValue) {
  CreateIt();
  const std::string needle = "needle";
  ASSERT_THAT(Put(needle, 1, {}), IsOk());
  for (const absl::Status& status :
       {Put(needle, 1, {}),
        Run("INSERT INTO item (id, number) VALUES ($1, $2)",
            {std::string_view("x"), std::string_view(needle)})
            .status(),
        Run("INSERT INTO child (parent) VALUES ($1)",
            {std::string_view("needle2")})
            .status(),
        Run("SELECT needle FROM item WHERE", {}).status()}) {
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.ToString().find(needle), std::string::npos) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, EngineTest, ::testing::Values(Engine::kSqlCipher, Engine::kPostgres),
    [](const auto& which) {
      return which.param == Engine::kPostgres ? "Postgres" : "SqlCipher";
    });

}  // namespace
}  // namespace limpid::storage
