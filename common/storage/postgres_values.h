// Values and rows in PostgreSQL's binary format. Internal to this folder;
// libpq's results are named here by declaration only.

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_VALUES_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_VALUES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/storage/session.h"

// NOLINTNEXTLINE(readability-identifier-naming): libpq's name
struct pg_result;

namespace limpid::storage {

// The values of one call, as libpq takes them. Views of `values` and of
// itself: neither may go or move before the call has returned.
class PostgresParameters {
 public:
  explicit PostgresParameters(std::span<const Value> values);
  PostgresParameters(const PostgresParameters&) = delete;
  PostgresParameters& operator=(const PostgresParameters&) = delete;
  ~PostgresParameters() = default;

  [[nodiscard]] int count() const { return static_cast<int>(data_.size()); }
  // Type identifiers; 0 for a NULL, whose type the statement decides.
  [[nodiscard]] const std::uint32_t* types() const { return types_.data(); }
  [[nodiscard]] const char* const* data() const { return data_.data(); }
  [[nodiscard]] const int* sizes() const { return sizes_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::array<char, sizeof(std::int64_t)>> numbers_;
  std::vector<std::uint32_t> types_;
  std::vector<const char*> data_;
  std::vector<int> sizes_;
  std::vector<int> formats_;
};

// Errors:
//   kInvalidArgument  a text with a NUL byte, which the server cannot store; a
//                     value larger than it stores.
absl::Status CheckValues(std::span<const Value> values);

// One letter per value: statements are prepared per kinds of values.
std::string KindsOf(std::span<const Value> values);

// Calls `row` for each row of a result in binary format.
//
// Errors: the first of `row`, and
//   kDataLoss  a column was asked for as another type.
absl::Status ForEachRow(const pg_result* result, RowCallback row);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_VALUES_H_
