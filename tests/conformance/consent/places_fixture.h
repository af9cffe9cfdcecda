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
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "gtest/gtest.h"
#include "tests/testing/database_home.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent::testing {

// Versions of the two schemas before rows had places.
constexpr std::size_t kEarlier = 2;

using limpid::testing::DatabaseHome;
using limpid::testing::IsOk;
using limpid::testing::NewFileHome;
using limpid::testing::NewServerHome;
using storage::Row;
using storage::Session;
using storage::Value;

class PlacesFixture : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!on_server()) {
      home_ = NewFileHome();
      return;
    }
    LIMPID_NEEDS_POSTGRES();
    home_ = NewServerHome();
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

  std::unique_ptr<DatabaseHome> home_;
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
