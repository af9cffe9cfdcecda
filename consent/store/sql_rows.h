// How consent's stores put their values into SQL and take them out again.

#ifndef LIMPID_CONSENT_STORE_SQL_ROWS_H_
#define LIMPID_CONSENT_STORE_SQL_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Numbers of ours stay far below 2^63; a caller's "no limit" does not.
inline std::int64_t Big(std::uint64_t number) {
  constexpr auto kMost =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(number, kMost));
}

template <typename Enum>
std::int64_t Number(Enum value) {
  return static_cast<std::int64_t>(value);
}

inline std::uint64_t Unsigned(const storage::Row& row, int column) {
  return static_cast<std::uint64_t>(row.Int(column));
}

// What `read` makes of each row that the query answers.
template <typename T>
absl::StatusOr<std::vector<T>> Collect(
    storage::Session& session, std::string_view sql,
    std::initializer_list<storage::Value> values,
    T (*read)(const storage::Row&)) {
  std::vector<T> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query(sql, values, [&](const storage::Row& row) {
        out.push_back(read(row));
        return absl::OkStatus();
      }));
  return out;
}

// Of the columns shard, person, kind, id, sequence; an id that takes no room is
// the zero one.
RowKey ReadRowKey(const storage::Row& row);
// The same, then lookup, state, created, due, payload.
PersonalRow ReadPersonalRow(const storage::Row& row);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STORE_SQL_ROWS_H_
