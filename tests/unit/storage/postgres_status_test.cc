#include "common/storage/postgres_status.h"

#include <map>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace limpid::storage {
namespace {

using absl::StatusCode;

TEST(PostgresStatus, MeansWhatTheOtherEngineMeans) {
  const std::map<std::string_view, StatusCode> want = {
      {"23505", StatusCode::kAlreadyExists},
      {"23503", StatusCode::kFailedPrecondition},
      {"23502", StatusCode::kFailedPrecondition},
      {"23514", StatusCode::kFailedPrecondition},
      {"42804", StatusCode::kFailedPrecondition},
      {"22003", StatusCode::kFailedPrecondition},
      {"25006", StatusCode::kFailedPrecondition},
      {"42501", StatusCode::kFailedPrecondition},
      {"53100", StatusCode::kResourceExhausted},
      {"53200", StatusCode::kResourceExhausted},
      {"53300", StatusCode::kUnavailable},
      {"22021", StatusCode::kInvalidArgument},
      {"54000", StatusCode::kInvalidArgument},
      {"55P03", StatusCode::kUnavailable},
      {"40001", StatusCode::kUnavailable},
      {"40P01", StatusCode::kUnavailable},
      {"57P01", StatusCode::kUnavailable},
      {"57014", StatusCode::kUnavailable},
      {"25P03", StatusCode::kUnavailable},
      {"08006", StatusCode::kUnavailable},
      {"58030", StatusCode::kUnavailable},
      {"XX001", StatusCode::kDataLoss},
      {"XX002", StatusCode::kDataLoss},
      {"XX000", StatusCode::kInternal},
      {"42601", StatusCode::kInternal},
      {"42P01", StatusCode::kInternal},
      {"", StatusCode::kUnavailable},
      {"?", StatusCode::kInternal},
  };
  for (const auto& [code, status] : want) {
    EXPECT_EQ(FromSqlState(code).code(), status) << code;
  }
}

}  // namespace
}  // namespace limpid::storage
