#include "common/storage/postgres_target.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

std::string Mode(const std::string& connection) {
  const auto target = ParsePostgresTarget(connection, "s");
  if (!target.ok()) return "refused";
  const auto mode = target->parameters.find("sslmode");
  return mode == target->parameters.end() ? "" : mode->second;
}

TEST(PostgresTarget, SpeaksToNoUnverifiedServerOverANetwork) {
  EXPECT_EQ(Mode("host=db.example.org"), "verify-full");
  EXPECT_EQ(Mode("postgresql://u@db.example.org/d"), "verify-full");
  EXPECT_EQ(Mode("host=127.0.0.1"), "verify-full");
  EXPECT_EQ(Mode("host=db.example.org sslmode=verify-ca"), "verify-ca");
  for (const char* weak : {"disable", "allow", "prefer", "require"}) {
    EXPECT_EQ(Mode(std::string("host=db.example.org sslmode=") + weak),
              "refused");
  }
  // One host of a list is enough, and so is an address beside a directory.
  EXPECT_EQ(Mode("host=/run/a,db.example.org sslmode=disable"), "refused");
  EXPECT_EQ(Mode("host=/run/a, sslmode=disable"), "refused");
  EXPECT_EQ(Mode("host=/run/a hostaddr=10.0.0.1 sslmode=disable"), "refused");
}

TEST(PostgresTarget, LeavesSocketsAlone) {
  EXPECT_EQ(Mode("host=/run/postgresql"), "");
  EXPECT_EQ(Mode("host=/run/a,/run/b sslmode=disable"), "disable");
}

TEST(PostgresTarget, FillsInOnlyWhatWasNotSaid) {
  const auto target = ParsePostgresTarget(
      "host=/run/a connect_timeout=3 client_encoding=LATIN1", "s");
  ASSERT_THAT(target, IsOk());
  EXPECT_EQ(target->parameters.at("connect_timeout"), "3");
  EXPECT_EQ(target->parameters.at("client_encoding"), "UTF8");
  EXPECT_EQ(target->parameters.at("ssl_min_protocol_version"), "TLSv1.3");
}

TEST(PostgresTarget, GuessesNoHost) {
  EXPECT_THAT(ParsePostgresTarget("dbname=limpid", "s"),
              StatusSays(absl::StatusCode::kInvalidArgument, "no host"));
}

TEST(PostgresTarget, QuotesNothingOfAMalformedString) {
  for (const char* connection :
       {"password=hunter2 hunter3", "host=/a passwort=hunter2",
        "postgresql://u:hunter2@[broken/d", "password='hunter2"}) {
    const absl::Status status = ParsePostgresTarget(connection, "s").status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(status.ToString().find("hunter"), std::string::npos) << status;
  }
}

TEST(PostgresTarget, TakesSchemaNamesThatNeedNoQuotes) {
  const std::string longest(48, 'a');
  for (const std::string& good :
       {std::string("a"), std::string("a_1"), longest}) {
    EXPECT_THAT(ParsePostgresTarget("host=/a", good), IsOk()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("1a"), std::string("_a"), std::string("A"),
        std::string("a-b"), std::string("a\"b"), std::string("a'b"),
        std::string("a b"), std::string("pg_a"), std::string("a\0b", 3),
        longest + "a"}) {
    EXPECT_THAT(ParsePostgresTarget("host=/a", bad),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

}  // namespace
}  // namespace limpid::storage
