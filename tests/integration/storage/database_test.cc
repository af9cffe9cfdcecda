#include "common/storage/database.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
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
#include "absl/time/clock.h"
#include "absl/time/time.h"
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
using ::limpid::testing::TempDir;

class DatabaseTest : public StorageFixture {};

TEST_F(DatabaseTest, KeepsATextWithANulByte) {
  CreateIt();
  const std::string nul("a\0b", 3);
  ASSERT_THAT(Put(nul, -1, base::ToBytes(nul)), IsOk());
  Reopen();
  EXPECT_EQ(Get(nul).value().payload, base::ToBytes(nul));
  EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kNotFound));
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

// What a process leaves that was killed while it moved the log into the file:
// the log is whole, and some pages of the file are not what they will be.
TEST_F(DatabaseTest, AKillInACheckpointIsNoDamage) {
  CreateIt();
  for (int at = 0; at < 50; ++at) {
    ASSERT_THAT(Put(absl::StrCat("row", at), at, base::Bytes(3000, 7)), IsOk());
  }
  const TempDir killed;
  const std::filesystem::path file = killed.path() / "item.db";
  std::filesystem::copy_file(path(), file);
  std::filesystem::copy_file(path().string() + "-wal", file.string() + "-wal");
  std::filesystem::resize_file(
      file, std::filesystem::file_size(file) + (2UL * 4'096));
  Options options = ItemOptions(file);
  options.check_all_pages = true;
  Take(Database::Open(std::move(options)));
  ASSERT_THAT(database().Read([](Session& session) {
    EXPECT_EQ(CountItems(session), 50);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(database().CheckIntegrity(), IsOk());
}

TEST_F(DatabaseTest, DamageIsFoundBesideALogToo) {
  CreateIt();
  for (int at = 0; at < 50; ++at) {
    ASSERT_THAT(Put(absl::StrCat("row", at), at, base::Bytes(3000, 7)), IsOk());
  }
  ASSERT_THAT(database().Checkpoint(), IsOk());
  ASSERT_THAT(Put("last", 1, {}), IsOk());
  const TempDir killed;
  const std::filesystem::path file = killed.path() / "item.db";
  std::string damaged = ReadFile(path());
  // A page in use that the log does not have.
  damaged[10 * std::size_t{4096} + 100] ^= 1;
  std::ofstream(file, std::ios::binary) << damaged;
  std::filesystem::copy_file(path().string() + "-wal", file.string() + "-wal");
  Options options = ItemOptions(file);
  options.check_all_pages = true;
  EXPECT_THAT(Database::Open(std::move(options)),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(ReadFile(file) == damaged);
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

// Its savepoint is gone, so it cannot be undone alone: nothing of those that it
// shares a commit with is kept or acknowledged.
TEST_F(DatabaseTest, AWorkThatCannotBeUndoneTakesItsBatchWithIt) {
  CreateIt();
  std::promise<void> running;
  std::promise<void> over;
  std::jthread first([&] {
    EXPECT_THAT(database().Write([&](Session& session) {
      running.set_value();
      over.get_future().wait();
      return PutItem(session, "first", 1, {});
    }),
                IsOk());
  });
  running.get_future().wait();
  std::vector<absl::Status> put(4);
  absl::Status broken;
  {
    std::vector<std::jthread> waiting;
    waiting.emplace_back([&] {
      broken = database().Write([&](Session& session) -> absl::Status {
        EXPECT_THAT(PutItem(session, "broken", 1, {}), IsOk());
        EXPECT_THAT(session.Execute("RELEASE one", {}), IsOk());
        return absl::AbortedError("on purpose");
      });
    });
    for (std::size_t i = 0; i < put.size(); ++i) {
      waiting.emplace_back(
          [&, i] { put[i] = Put(absl::StrCat("put", i), 1, {}); });
    }
    // Until they wait for their turn, together.
    absl::SleepFor(absl::Milliseconds(500));
    over.set_value();
  }
  EXPECT_THAT(broken, StatusIs(absl::StatusCode::kAborted));
  EXPECT_FALSE(Get("broken").ok());
  EXPECT_THAT(Get("first"), IsOk());
  for (std::size_t i = 0; i < put.size(); ++i) {
    EXPECT_EQ(put[i].ok(), Get(absl::StrCat("put", i)).ok()) << put[i];
  }
  EXPECT_THAT(Put("after", 1, {}), IsOk());
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
