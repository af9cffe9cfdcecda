// The vocabulary of the storage tests: one database with items, in a file in a
// temporary directory or wherever a test puts it.

#ifndef LIMPID_TESTS_INTEGRATION_STORAGE_FIXTURE_H_
#define LIMPID_TESTS_INTEGRATION_STORAGE_FIXTURE_H_

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {

inline std::vector<Migration> ItemMigrations() {
  return {
      {{"CREATE TABLE item (id TEXT PRIMARY KEY NOT NULL, number BIGINT NOT "
        "NULL, payload BYTEA)"}},
      {{"CREATE TABLE child (parent TEXT NOT NULL REFERENCES item (id))"}}};
}

inline Options ItemOptions(const std::filesystem::path& path) {
  Options options;
  options.path = path;
  options.key = base::SecretBytes(kRawKeyBytes);
  std::uint8_t next = 1;
  for (std::uint8_t& byte :
       options.key.RevealMutable(base::SecretAccess::Get())) {
    byte = next++;
  }
  options.migrations = ItemMigrations();
  return options;
}

inline absl::Status PutItem(Session& session, std::string_view id,
                            std::int64_t number, base::ByteView payload) {
  return session
      .Execute("INSERT INTO item (id, number, payload) VALUES ($1, $2, $3)",
               {id, number, payload})
      .status();
}

inline std::int64_t CountItems(Session& session) {
  std::int64_t count = -1;
  EXPECT_THAT(session.Query("SELECT count(*) FROM item", {},
                            [&](const Row& row) {
                              count = row.Int(0);
                              return absl::OkStatus();
                            }),
              testing::IsOk());
  return count;
}

struct Item {
  std::int64_t number = 0;
  base::Bytes payload;
};

class ItemFixture : public ::testing::Test {
 protected:
  Database& database() { return *database_; }
  void Take(absl::StatusOr<std::unique_ptr<Database>> opened) {
    ASSERT_THAT(opened, testing::IsOk());
    database_ = *std::move(opened);
  }
  void Close() { database_.reset(); }

  absl::Status Put(std::string_view id, std::int64_t number,
                   base::ByteView payload) {
    return database().Write([&](Session& session) {
      return PutItem(session, id, number, payload);
    });
  }
  absl::StatusOr<Item> Get(std::string_view id) {
    absl::StatusOr<Item> item = absl::NotFoundError("no such item");
    LIMPID_RETURN_IF_ERROR(database().Read([&](Session& session) {
      return session.Query(
          "SELECT number, payload FROM item WHERE id = $1", {id},
          [&](const Row& row) {
            item = Item{row.Int(0), base::ToBytes(row.Blob(1))};
            return absl::OkStatus();
          });
    }));
    return item;
  }
  std::int64_t Count() {
    std::int64_t count = -1;
    EXPECT_THAT(database().Read([&](Session& session) {
      count = CountItems(session);
      return absl::OkStatus();
    }),
                testing::IsOk());
    return count;
  }
  absl::StatusOr<std::int64_t> Run(std::string_view sql,
                                   std::initializer_list<Value> values) {
    absl::StatusOr<std::int64_t> changed = 0;
    LIMPID_RETURN_IF_ERROR(
        database().Write([&](Session& session) -> absl::Status {
          changed = session.Execute(sql, values);
          return changed.status();
        }));
    return changed;
  }

 private:
  std::unique_ptr<Database> database_;
};

class StorageFixture : public ItemFixture {
 protected:
  [[nodiscard]] std::filesystem::path path() const {
    return dir_.path() / "items.db";
  }
  [[nodiscard]] Options MakeOptions() const { return ItemOptions(path()); }

  void CreateIt() { Take(Database::Create(MakeOptions())); }
  void OpenIt(Options options) { Take(Database::Open(std::move(options))); }
  void Reopen() {
    Close();
    OpenIt(MakeOptions());
  }

 private:
  testing::TempDir dir_;
};

}  // namespace limpid::storage

#endif  // LIMPID_TESTS_INTEGRATION_STORAGE_FIXTURE_H_
