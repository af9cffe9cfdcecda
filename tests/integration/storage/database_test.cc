#include "common/storage/database.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fixture.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

class DatabaseTest : public StorageFixture {};

TEST_F(DatabaseTest, KeepsEveryKindOfValueOverAReopen) {
  CreateIt();
  const std::string nul("a\0b", 3);
  const base::Bytes bytes(100'000, 0xA5);
  ASSERT_THAT(Put("", 0, {}), IsOk());
  ASSERT_THAT(Put("case", std::numeric_limits<std::int64_t>::min(), bytes),
              IsOk());
  ASSERT_THAT(Put("CASE", std::numeric_limits<std::int64_t>::max(), {}),
              IsOk());
  ASSERT_THAT(Put(nul, -1, base::ToBytes(nul)), IsOk());
  ASSERT_THAT(Put("ünïcode", 7, base::ToBytes("x")), IsOk());
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Get("").value().payload, base::Bytes());
    EXPECT_EQ(Get("case").value().number,
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(Get("case").value().payload, bytes);
    EXPECT_EQ(Get("CASE").value().number,
              std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(Get(nul).value().payload, base::ToBytes(nul));
    EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(Get("ünïcode").value().number, 7);
    Reopen();
  }
}

TEST_F(DatabaseTest, TellsADuplicateFromAnotherConstraint) {
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

TEST_F(DatabaseTest, CountsTheRowsAStatementChanged) {
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

TEST_F(DatabaseTest, UndoesAWorkThatFails) {
  CreateIt();
  EXPECT_THAT(database().Write([](Session& session) -> absl::Status {
    EXPECT_THAT(PutItem(session, "a", 1, {}), IsOk());
    return absl::AbortedError("mine");
  }),
              StatusSays(absl::StatusCode::kAborted, "mine"));
  EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DatabaseTest, SeesItsOwnChangesInsideAWork) {
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

TEST_F(DatabaseTest, RunsTheSameTextInsideItself) {
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

TEST_F(DatabaseTest, ReadsAreSnapshotsThatCannotWrite) {
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

TEST_F(DatabaseTest, RefusesAColumnOfAnotherType) {
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

TEST_F(DatabaseTest, RefusesTheWrongNumberOfValues) {
  CreateIt();
  EXPECT_THAT(Run("DELETE FROM item WHERE id = $1", {}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Run("DELETE FROM item", {std::int64_t{1}}),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(DatabaseTest, ConcurrentWritersLoseNothingAndOneFailureStaysItsOwn) {
  CreateIt();
  constexpr int kThreads = 8;
  constexpr int kEach = 60;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
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

TEST_F(DatabaseTest, MoreReadersThanConnectionsWait) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 12; ++thread) {
      threads.emplace_back([&] {
        for (int at = 0; at < 50; ++at) good += Count() == 1 ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 600);
}

TEST_F(DatabaseTest, CreateRefusesAnExistingFileAndOpenAnAbsentOne) {
  EXPECT_THAT(Database::Open(MakeOptions()),
              StatusSays(absl::StatusCode::kNotFound, "there is no database"));
  EXPECT_FALSE(std::filesystem::exists(path()));
  CreateIt();
  Close();
  EXPECT_THAT(Database::Create(MakeOptions()),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(DatabaseTest, AFileLeftByACrashDuringCreateIsReplaced) {
  std::ofstream(path().string() + ".new") << "half";
  CreateIt();
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, ASecondOpenIsOneSentence) {
  CreateIt();
  EXPECT_THAT(Database::Open(MakeOptions()),
              StatusSays(absl::StatusCode::kUnavailable, "another process"));
  EXPECT_THAT(Put("still here", 1, {}), IsOk());
}

TEST_F(DatabaseTest, AWrongKeyIsOneSentenceAndChangesNothing) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  Close();
  const std::string before = ReadFile(path());
  // Another key altogether, and the right salt with another key.
  for (const int changed_byte : {0, 40}) {
    Options options = MakeOptions();
    const auto view = options.key.RevealMutable(base::SecretAccess::Get());
    view[static_cast<std::size_t>(changed_byte)] ^= 1U;
    const absl::Status status = Database::Open(std::move(options)).status();
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(ReadFile(path()), before);
  }
  Options options = MakeOptions();
  options.key = base::SecretBytes(kRawKeyBytes);
  EXPECT_THAT(Database::Open(std::move(options)),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "the key is not that of"));
  options = MakeOptions();
  options.key = base::SecretBytes(32);
  EXPECT_THAT(Database::Open(std::move(options)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(DatabaseTest, RefusesAnUnencryptedFile) {
  std::string plain("SQLite format 3\0", 16);
  plain.resize(8192);
  std::ofstream(path(), std::ios::binary) << plain;
  EXPECT_THAT(
      Database::Open(MakeOptions()),
      StatusSays(absl::StatusCode::kFailedPrecondition, "not encrypted"));
}

TEST_F(DatabaseTest, ANewerSchemaIsOneSentenceAndChangesNothing) {
  CreateIt();
  Close();
  const std::string before = ReadFile(path());
  Options older = MakeOptions();
  older.migrations.pop_back();
  EXPECT_THAT(Database::Open(std::move(older)),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "written by a newer version"));
  EXPECT_EQ(ReadFile(path()), before);
}

TEST_F(DatabaseTest, MigratesForwardOnceAndAllOrNothing) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  Close();
  Options broken = MakeOptions();
  broken.migrations.push_back(
      {{"CREATE TABLE more (id BIGINT)", "CREATE TABLE item (id BIGINT)"}});
  EXPECT_FALSE(Database::Open(std::move(broken)).ok());
  Options newer = MakeOptions();
  newer.migrations.push_back({{"CREATE TABLE more (id BIGINT)"}});
  OpenIt(std::move(newer));
  EXPECT_THAT(Run("INSERT INTO more (id) VALUES ($1)", {std::int64_t{1}}),
              IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, ADamagedPageIsDataLossWhereverItIs) {
  CreateIt();
  for (int at = 0; at < 50; ++at) {
    ASSERT_THAT(Put(absl::StrCat("row", at), at, base::Bytes(3000, 7)), IsOk());
  }
  Close();
  const std::string before = ReadFile(path());
  constexpr std::size_t kPage = 4096;
  for (std::size_t page = 0; page < before.size() / kPage; page += 7) {
    std::string damaged = before;
    damaged[page * kPage + 100] ^= 1;
    std::ofstream(path(), std::ios::binary) << damaged;
    Options options = MakeOptions();
    options.check_all_pages = true;
    EXPECT_THAT(
        Database::Open(std::move(options)),
        StatusSays(absl::StatusCode::kDataLoss, "a page failed authentication"))
        << "page " << page;
    EXPECT_EQ(ReadFile(path()), damaged);
  }
  std::ofstream(path(), std::ios::binary) << before.substr(0, 1000);
  EXPECT_THAT(Database::Open(MakeOptions()),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DatabaseTest, ADamagedPageMetLaterIsDataLossAndTheRestStaysReadable) {
  CreateIt();
  for (int at = 0; at < 50; ++at) {
    ASSERT_THAT(Put(absl::StrCat("row", at), at, base::Bytes(3000, 7)), IsOk());
  }
  Close();
  std::string damaged = ReadFile(path());
  damaged[damaged.size() - 2000] ^= 1;
  std::ofstream(path(), std::ios::binary) << damaged;
  OpenIt(MakeOptions());
  int good = 0;
  int lost = 0;
  for (int at = 0; at < 50; ++at) {
    const auto item = Get(absl::StrCat("row", at));
    if (item.ok()) ++good;
    if (absl::IsDataLoss(item.status())) ++lost;
  }
  EXPECT_GT(good, 0);
  EXPECT_GT(lost, 0);
  EXPECT_EQ(good + lost, 50);
}

TEST_F(DatabaseTest, NothingStoredIsReadableInTheFiles) {
  CreateIt();
  const std::string needle = "a needle of a value in a haystack";
  ASSERT_THAT(Put(needle, 1, base::ToBytes(needle)), IsOk());
  const std::string log = ReadFile(path().string() + "-wal");
  EXPECT_FALSE(log.empty());
  EXPECT_EQ(log.find(needle), std::string::npos);
  ASSERT_THAT(database().Checkpoint(), IsOk());
  EXPECT_EQ(ReadFile(path()).find(needle), std::string::npos);
  EXPECT_EQ(ReadFile(path()).find("CREATE TABLE"), std::string::npos);
}

}  // namespace
}  // namespace limpid::storage
