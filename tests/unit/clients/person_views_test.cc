#include "clients/cli/person_views.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace limpid::cli {
namespace {

TEST(CutTo, SaysThatThereAreMore) {
  std::vector<consent::v1::AccessEntry> entries(51);
  entries.front().set_sequence(51);
  EXPECT_NE(CutTo(50, entries).find("more than these 50"), std::string::npos);
  ASSERT_EQ(entries.size(), 50U);
  // The newest stay.
  EXPECT_EQ(entries.front().sequence(), 51U);
  EXPECT_EQ(CutTo(50, entries), "");
  EXPECT_EQ(entries.size(), 50U);
}

}  // namespace
}  // namespace limpid::cli
