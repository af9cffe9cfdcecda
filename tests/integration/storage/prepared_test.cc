// A statement is parsed and planned once for each connection, whatever is bound
// to it: doing it again costs more than most reads.

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "sqlcipher/sqlite3.h"
#include "tests/integration/storage/fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;

// Connections opened since the extension was registered.
std::vector<sqlite3*>& Opened() {
  static auto* const opened = new std::vector<sqlite3*>;
  return *opened;
}

int Note(sqlite3* connection, const char** /*error*/,
         const sqlite3_api_routines* /*api*/) {
  Opened().push_back(connection);
  return SQLITE_OK;
}

// The signature that SQLite calls it by is not the one it declares.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
const auto kNote = reinterpret_cast<void (*)()>(&Note);

class Prepared : public StorageFixture {
 protected:
  void TearDown() override {
    (void)sqlite3_cancel_auto_extension(kNote);
    Opened().clear();
    Close();
  }
};

TEST_F(Prepared, OnceWhateverIsBound) {
  CreateIt();
  // The readers' connections, which are opened at the first reads.
  ASSERT_EQ(sqlite3_auto_extension(kNote), SQLITE_OK);
  ASSERT_THAT(Put("one", 1, {}), IsOk());
  for (std::int64_t limit = 1; limit <= 5; ++limit) {
    EXPECT_THAT(database().Read([&](Session& session) {
      return session.Query(
          "SELECT id FROM item WHERE number < $1 ORDER BY number DESC LIMIT $2",
          {limit, limit}, [](const Row&) { return absl::OkStatus(); });
    }),
                IsOk());
  }
  int limited = 0;
  for (sqlite3* const connection : Opened()) {
    for (sqlite3_stmt* one = sqlite3_next_stmt(connection, nullptr);
         one != nullptr; one = sqlite3_next_stmt(connection, one)) {
      if (std::string_view(sqlite3_sql(one)).find("LIMIT") ==
          std::string_view::npos) {
        continue;
      }
      ++limited;
      EXPECT_EQ(sqlite3_stmt_status(one, SQLITE_STMTSTATUS_REPREPARE, 0), 0);
    }
  }
  EXPECT_EQ(limited, 1);
}

}  // namespace
}  // namespace limpid::storage
