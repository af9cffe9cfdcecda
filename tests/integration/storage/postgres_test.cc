// What is PostgreSQL's alone on a good day: who may open what, how handles
// share a schema, what cannot be stored.

#include "common/storage/postgres.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fixture.h"
#include "tests/integration/storage/postgres_fixture.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

class PostgresTest : public PostgresFixture {};

TEST_F(PostgresTest, CreateRefusesWhatIsThereAndOpenWhatIsNot) {
  EXPECT_THAT(OpenPostgres(MakeOptions()),
              StatusSays(absl::StatusCode::kNotFound, "there is no database"));
  CreateIt();
  Close();
  EXPECT_THAT(CreatePostgres(MakeOptions()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  Reopen();
  EXPECT_EQ(Count(), 0);
}

TEST_F(PostgresTest, FillsAnEmptySchemaButNotSomebodyElses) {
  // Made by an administrator, in our database, for us.
  server().Run(
      absl::StrCat("CREATE SCHEMA ", schema(), " AUTHORIZATION limpid"));
  CreateIt();
  Close();
  const std::string other = server().NewSchema();
  server().Run(absl::StrCat("CREATE SCHEMA ", other,
                            " AUTHORIZATION limpid; CREATE TABLE ", other,
                            ".somebodys (x int)"));
  PostgresOptions options = MakeOptions();
  options.schema = other;
  EXPECT_THAT(CreatePostgres(options),
              StatusSays(absl::StatusCode::kAlreadyExists, "holds something"));
  EXPECT_THAT(OpenPostgres(options), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PostgresTest, ANewerSchemaIsRefusedAndAnOlderMigratedOnce) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  Close();
  PostgresOptions older = MakeOptions();
  older.migrations.pop_back();
  EXPECT_THAT(OpenPostgres(older),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "written by a newer version"));
  PostgresOptions broken = MakeOptions();
  broken.migrations.push_back(
      {{"CREATE TABLE more (id BIGINT)", "CREATE TABLE item (id BIGINT)"}});
  EXPECT_FALSE(OpenPostgres(broken).ok());
  PostgresOptions newer = MakeOptions();
  newer.migrations.push_back({{"CREATE TABLE more (id BIGINT)"}});
  OpenIt(newer);
  EXPECT_THAT(Run("INSERT INTO more (id) VALUES ($1)", {std::int64_t{1}}),
              IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(PostgresTest, OfManyWhoMigrateAtOnceOneDoes) {
  PostgresOptions first = MakeOptions();
  first.migrations.pop_back();
  ASSERT_THAT(CreatePostgres(first), IsOk());
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&] { good += OpenPostgres(MakeOptions()).ok() ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 4);
}

TEST_F(PostgresTest, AHandleOfAnOlderVersionTakesNothingAfterAMigration) {
  CreateIt();
  PostgresOptions newer = MakeOptions();
  newer.migrations.push_back({{"CREATE TABLE more (id BIGINT)"}});
  ASSERT_THAT(OpenPostgres(newer), IsOk());
  EXPECT_THAT(Put("a", 1, {}), StatusSays(absl::StatusCode::kFailedPrecondition,
                                          "another version of this program"));
  EXPECT_THAT(Get("a"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(PostgresTest, WritersOfTwoHandlesTakeTurns) {
  CreateIt();
  ASSERT_THAT(Put("sum", 0, {}), IsOk());
  const auto another = OpenAnother();
  constexpr int kEach = 50;
  {
    std::vector<std::jthread> threads;
    for (Database* one :
         {&database(), another.get(), &database(), another.get()}) {
      threads.emplace_back([one] {
        for (int at = 0; at < kEach; ++at) {
          // Read, then write what was read: lost if a snapshot is stale.
          EXPECT_THAT(one->Write([](Session& session) -> absl::Status {
            std::int64_t sum = -1;
            LIMPID_RETURN_IF_ERROR(
                session.Query("SELECT number FROM item WHERE id = 'sum'", {},
                              [&](const Row& row) {
                                sum = row.Int(0);
                                return absl::OkStatus();
                              }));
            return session
                .Execute("UPDATE item SET number = $1 WHERE id = 'sum'",
                         {sum + 1})
                .status();
          }),
                      IsOk());
        }
      });
    }
  }
  EXPECT_EQ(Get("sum").value().number, 4 * kEach);
}

TEST_F(PostgresTest, AReadSeesWhatAnotherHandleWasAcknowledged) {
  CreateIt();
  const auto another = OpenAnother();
  for (int at = 0; at < 20; ++at) {
    ASSERT_THAT(another->Write([&](Session& session) {
      return PutItem(session, absl::StrCat(at), at, {});
    }),
                IsOk());
    ASSERT_EQ(Count(), at + 1);
  }
}

TEST_F(PostgresTest, WhoIsHeldUpTooLongIsToldThatItIsBusy) {
  CreateIt();
  const auto another = OpenAnother();
  absl::Status second;
  ASSERT_THAT(another->Write([&](Session& session) {
    second = Put("late", 1, {});
    return PutItem(session, "first", 1, {});
  }),
              IsOk());
  EXPECT_THAT(second, StatusSays(absl::StatusCode::kUnavailable, "busy"));
  EXPECT_THAT(Put("late", 1, {}), IsOk());
}

TEST_F(PostgresTest, AWriterWhoTookNoTurnCostsTheCallAndNothingElse) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  EXPECT_THAT(database().Write([&](Session& session) -> absl::Status {
    EXPECT_EQ(CountItems(session), 1);
    server().Run(absl::StrCat("UPDATE ", schema(), ".item SET number = 7"));
    return session.Execute("UPDATE item SET number = number + 1").status();
  }),
              StatusSays(absl::StatusCode::kUnavailable, "another program"));
  EXPECT_EQ(Get("a").value().number, 7);
  EXPECT_THAT(Put("b", 1, {}), IsOk());
}

TEST_F(PostgresTest, AWorkThatSwallowsAnErrorIsNotStored) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  EXPECT_THAT(database().Write([](Session& session) -> absl::Status {
    LIMPID_RETURN_IF_ERROR(PutItem(session, "b", 1, {}));
    EXPECT_THAT(PutItem(session, "a", 2, {}),
                StatusIs(absl::StatusCode::kAlreadyExists));
    // Its later statements are answered with the same.
    EXPECT_THAT(PutItem(session, "c", 3, {}),
                StatusIs(absl::StatusCode::kAlreadyExists));
    return absl::OkStatus();
  }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count(), 1);
  EXPECT_THAT(Put("c", 3, {}), IsOk());
}

TEST_F(PostgresTest, TextThatItCannotStoreIsOneStatus) {
  CreateIt();
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\0", 1), std::string("\xFF\xFE"),
        std::string("\xC3")}) {
    EXPECT_THAT(Put(text, 1, {}), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Get(text), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Put("bytes", 1, base::ToBytes(text)), IsOk());
    EXPECT_EQ(Get("bytes").value().payload, base::ToBytes(text));
    ASSERT_THAT(
        Run("DELETE FROM item WHERE id = $1", {std::string_view("bytes")}),
        IsOk());
  }
  EXPECT_EQ(Count(), 0);
}

TEST_F(PostgresTest, RefusesSessionsThatCouldLoseACommit) {
  CreateIt();
  Close();
  EXPECT_THAT(OpenPostgres(OptionsWith("options='-c synchronous_commit=off'")),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "synchronous_commit is off"));
}

TEST_F(PostgresTest, RefusesDatabasesThatCompareTextOtherwise) {
  server().Run(
      "CREATE DATABASE otherwise TEMPLATE template0 LC_COLLATE 'C.UTF-8' "
      "LC_CTYPE 'C.UTF-8'");
  server().Run(
      "CREATE DATABASE nocode TEMPLATE template0 ENCODING 'SQL_ASCII' "
      "LC_COLLATE 'C' LC_CTYPE 'C'");
  EXPECT_THAT(CreatePostgres(OptionsWith("dbname=otherwise")),
              StatusSays(absl::StatusCode::kFailedPrecondition, "collation"));
  EXPECT_THAT(CreatePostgres(OptionsWith("dbname=nocode")),
              StatusSays(absl::StatusCode::kFailedPrecondition, "UTF8"));
}

TEST_F(PostgresTest, NoErrorNamesThePassword) {
  CreateIt();
  Close();
  for (const char* more :
       {"dbname=absent", "user=absent", "port=1", "host=/nowhere",
        "sslmode=nonsense", "keepalives=wrong wrong"}) {
    const absl::Status status = OpenPostgres(OptionsWith(more)).status();
    EXPECT_FALSE(status.ok()) << more;
    EXPECT_EQ(status.ToString().find(testing::PostgresServer::kPassword),
              std::string::npos)
        << status;
  }
  const absl::Status wrong =
      OpenPostgres(OptionsWith("password=wr0ng")).status();
  EXPECT_THAT(wrong, StatusSays(absl::StatusCode::kUnavailable,
                                "cannot connect to the PostgreSQL server"));
  EXPECT_EQ(wrong.ToString().find("wr0ng"), std::string::npos) << wrong;
}

TEST_F(PostgresTest, ATemporaryTableHidesNothing) {
  CreateIt();
  ASSERT_THAT(Put("a", 1, {}), IsOk());
  ASSERT_THAT(Run("CREATE TEMPORARY TABLE item (id TEXT)", {}), IsOk());
  EXPECT_THAT(Put("b", 1, {}), IsOk());
  EXPECT_EQ(Count(), 2);
}

}  // namespace
}  // namespace limpid::storage
