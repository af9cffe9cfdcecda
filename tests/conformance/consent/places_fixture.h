// A database of consent on either engine, opened with the schema of today and
// with that of before rows had places.

#ifndef LIMPID_TESTS_CONFORMANCE_CONSENT_PLACES_FIXTURE_H_
#define LIMPID_TESTS_CONFORMANCE_CONSENT_PLACES_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/storage/postgres.h"
#include "common/storage/session.h"
#include "gtest/gtest.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent::testing {

// Versions of the two schemas before rows had places.
constexpr std::size_t kEarlier = 2;

using limpid::testing::IsOk;
using storage::Row;
using storage::Session;
using storage::Value;
using Opened = absl::StatusOr<std::unique_ptr<storage::Database>>;

// One database of one engine, made and opened with any migrations.
class Home {
 public:
  virtual ~Home() = default;
  Home() = default;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  virtual Opened Create(std::vector<storage::Migration> migrations) = 0;
  virtual Opened Open(std::vector<storage::Migration> migrations) = 0;
};

class FileHome final : public Home {
 public:
  Opened Create(std::vector<storage::Migration> migrations) override {
    return storage::Database::Create(OptionsOf(std::move(migrations)));
  }
  Opened Open(std::vector<storage::Migration> migrations) override {
    return storage::Database::Open(OptionsOf(std::move(migrations)));
  }

 private:
  [[nodiscard]] storage::Options OptionsOf(
      std::vector<storage::Migration> migrations) const {
    storage::Options options;
    options.path = directory_.path() / "one.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = std::move(migrations);
    return options;
  }

  limpid::testing::TempDir directory_;
};

class ServerHome final : public Home {
 public:
  Opened Create(std::vector<storage::Migration> migrations) override {
    return storage::CreatePostgres(home_.Options(std::move(migrations)));
  }
  Opened Open(std::vector<storage::Migration> migrations) override {
    return storage::OpenPostgres(home_.Options(std::move(migrations)));
  }

 private:
  limpid::testing::PostgresHome home_;
};

class PlacesFixture : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!on_server()) {
      home_ = std::make_unique<FileHome>();
      return;
    }
    LIMPID_NEEDS_POSTGRES();
    home_ = std::make_unique<ServerHome>();
  }
  [[nodiscard]] static bool on_server() { return GetParam(); }

  void Create(std::vector<storage::Migration> migrations) {
    database_.reset();
    auto made = home_->Create(std::move(migrations));
    ASSERT_THAT(made, IsOk());
    database_ = *std::move(made);
  }
  absl::Status Open(std::vector<storage::Migration> migrations) {
    database_.reset();
    auto opened = home_->Open(std::move(migrations));
    if (!opened.ok()) return opened.status();
    database_ = *std::move(opened);
    return absl::OkStatus();
  }
  absl::Status Execute(std::string_view sql,
                       std::initializer_list<Value> values) {
    return database_->Write([&](Session& session) {
      return session.Execute(sql, values).status();
    });
  }
  // The numbers of one column.
  std::vector<std::int64_t> Numbers(std::string_view sql,
                                    std::initializer_list<Value> values = {}) {
    std::vector<std::int64_t> out;
    EXPECT_THAT(database_->Read([&](Session& session) {
      return session.Query(sql, values, [&](const Row& row) {
        out.push_back(row.Int(0));
        return absl::OkStatus();
      });
    }),
                IsOk());
    return out;
  }

  std::unique_ptr<Home> home_;
  std::unique_ptr<storage::Database> database_;
};

inline std::vector<storage::Migration> EarlierOf(
    std::vector<storage::Migration> migrations) {
  migrations.resize(kEarlier);
  return migrations;
}

// An id that tells who and what, and sorts unlike the order it is made in.
template <typename Id>
Id IdOfNumber(unsigned number) {
  base::ByteArray<16> bytes{};
  bytes[0] = static_cast<std::uint8_t>(number * 37);
  bytes[14] = static_cast<std::uint8_t>(number >> 8U);
  bytes[15] = static_cast<std::uint8_t>(number);
  return Id(bytes);
}

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_CONFORMANCE_CONSENT_PLACES_FIXTURE_H_
