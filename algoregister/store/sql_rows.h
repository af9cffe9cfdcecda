// How rows of the register's tables read, for the files of this folder.

#ifndef LIMPID_ALGOREGISTER_STORE_SQL_ROWS_H_
#define LIMPID_ALGOREGISTER_STORE_SQL_ROWS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/version.h"
#include "common/storage/session.h"

namespace limpid::algoregister {

// Columns of a version, in the order ReadVersion expects. A row that was
// written before there were bodies is its own.
inline constexpr std::string_view kVersionColumns =
    "SELECT registration, number, kind, state, role, draft_ms, publisher, "
    "COALESCE(b.leaf, v.leaf), leaf_hash, COALESCE(b.fields, v.fields), "
    "leaf_index, logged_ms FROM register_version v "
    "LEFT JOIN register_version_body b ON b.place = v.place ";

// The fields alone.
inline constexpr std::string_view kFieldsColumn =
    "SELECT COALESCE(b.fields, v.fields) FROM register_version v "
    "LEFT JOIN register_version_body b ON b.place = v.place ";

// Columns of a head, in the order ReadHead expects.
inline constexpr std::string_view kHeadColumns =
    "SELECT registration, number, kind, state, draft_ms, title, organisation "
    "FROM register_head ";

template <typename Enum>
std::int64_t Number64(Enum value) {
  return static_cast<std::int64_t>(value);
}

// Errors (all three): kDataLoss when the row is not what the store writes.
absl::StatusOr<RegistrationId> ReadId(const storage::Row& row, int kind_column,
                                      int id_column);
absl::StatusOr<Version> ReadVersion(const storage::Row& row);
absl::StatusOr<Head> ReadHead(const storage::Row& row);

// The first column of the last row, if there is one.
absl::Status ReadNumber(storage::Session& session, std::string_view sql,
                        std::span<const storage::Value> values,
                        std::int64_t& out);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_SQL_ROWS_H_
