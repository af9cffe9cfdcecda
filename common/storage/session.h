// What runs inside one transaction: statements with bound values, rows in
// order. One dialect for both engines (docs/formats/sql-dialect.md): types
// BIGINT, TEXT and BYTEA, placeholders $1, $2 ... Refuses to know whose rows
// they are, and never puts SQL text or values into an error.

#ifndef LIMPID_COMMON_STORAGE_SESSION_H_
#define LIMPID_COMMON_STORAGE_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::storage {

// NULL, BIGINT, TEXT, BYTEA. Views must live until the call returns. Numbers
// that do not fit std::int64_t do not compile; cast an enum by its underlying
// type.
using Value = std::variant<std::monostate, std::int64_t, std::string_view,
                           base::ByteView>;

// One row of a result. Views live until the callback returns. Columns count
// from 0. A NULL reads as 0 or empty; a column of another type, or absent,
// does too and makes Query return kDataLoss.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool IsNull(int column) const = 0;
  [[nodiscard]] virtual std::int64_t Int(int column) const = 0;
  [[nodiscard]] virtual std::string_view Text(int column) const = 0;
  [[nodiscard]] virtual base::ByteView Blob(int column) const = 0;
  // A BYTEA of exactly N bytes; another length counts as another type.
  template <std::size_t N>
  [[nodiscard]] base::ByteArray<N> Array(int column) const {
    base::ByteArray<N> out{};
    CopyExact(column, out);
    return out;
  }

 protected:
  Row() = default;
  Row(const Row&) = default;
  Row& operator=(const Row&) = default;
  virtual void CopyExact(int column, std::span<std::uint8_t> out) const = 0;
};

using RowCallback = absl::FunctionRef<absl::Status(const Row&)>;

// A transaction in progress. Made by Database; used by one thread; not kept
// after the work function returns. Every statement text is prepared once per
// connection and kept, so build it from constants, never from values.
//
// Errors of both calls:
//   kAlreadyExists       a unique key is taken.
//   kFailedPrecondition  another constraint (foreign key, check, not null).
//   kResourceExhausted   no space is left on the disk.
//   kDataLoss            a stored page failed authentication, or a column
//                        holds another type than was asked for.
//   kUnavailable         the disk failed.
//   kInternal            the statement is not in the dialect.
class Session {
 public:
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs one statement and returns the number of rows it changed: 0 when a
  // WHERE or ON CONFLICT DO NOTHING matched none.
  virtual absl::StatusOr<std::int64_t> Execute(
      std::string_view sql, std::span<const Value> values) = 0;
  // Runs one statement (SELECT, or INSERT/UPDATE/DELETE ... RETURNING) and
  // calls `row` for each row. The first error of `row` ends it and is
  // returned.
  virtual absl::Status Query(std::string_view sql,
                             std::span<const Value> values,
                             RowCallback row) = 0;

  absl::StatusOr<std::int64_t> Execute(
      std::string_view sql, std::initializer_list<Value> values = {}) {
    return Execute(sql, std::span<const Value>(values.begin(), values.size()));
  }
  absl::Status Query(std::string_view sql, std::initializer_list<Value> values,
                     RowCallback row) {
    return Query(sql, std::span<const Value>(values.begin(), values.size()),
                 row);
  }

 protected:
  Session() = default;
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_SESSION_H_
