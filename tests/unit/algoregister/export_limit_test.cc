#include "algoregister/rpc/export_limit.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusSays;

TEST(ExportLimit, OneClientHoldsAShare) {
  ExportLimit limit;
  for (int i = 0; i < ExportLimit::kMostPerClient; ++i) {
    EXPECT_THAT(limit.Take("a"), IsOk());
  }
  EXPECT_THAT(limit.Take("a"),
              StatusSays(absl::StatusCode::kResourceExhausted, "your address"));
  EXPECT_THAT(limit.Take("b"), IsOk());
  limit.Release("a");
  EXPECT_THAT(limit.Take("a"), IsOk());
}

TEST(ExportLimit, AllTogetherHoldNoMoreThanEight) {
  ExportLimit limit;
  for (int i = 0; i < ExportLimit::kMost; ++i) {
    EXPECT_THAT(limit.Take(std::to_string(i)), IsOk());
  }
  EXPECT_THAT(limit.Take("another"),
              StatusSays(absl::StatusCode::kResourceExhausted, "try later"));
  limit.Release("0");
  EXPECT_THAT(limit.Take("another"), IsOk());
  // What was refused holds nothing.
  for (int i = 1; i < ExportLimit::kMost; ++i) limit.Release(std::to_string(i));
  limit.Release("another");
  EXPECT_THAT(limit.Take("another"), IsOk());
  EXPECT_THAT(limit.Take("another"), IsOk());
}

}  // namespace
}  // namespace limpid::algoregister
