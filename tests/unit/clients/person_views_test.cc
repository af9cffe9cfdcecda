#include "clients/cli/person_views.h"

#include <sstream>
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

std::string Shown(const consent::v1::Agreement& agreement) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal(out, err, {});
  ShowRequest(consent::v1::Record(), agreement, terminal);
  return out.str();
}

// limpid person diff and agreement-form take it.
TEST(ShowRequest, NamesTheAgreement) {
  consent::v1::Agreement agreement;
  agreement.set_agreement_id("agr_x");
  agreement.set_version(3);
  EXPECT_NE(Shown(agreement).find("agreement\tagr_x\nits version\t3\n"),
            std::string::npos);
}

// What she is asked is what the permit will say.
TEST(ShowRequest, SaysWhichDaysOfTheDataMayBeRead) {
  consent::v1::Agreement agreement;
  EXPECT_NE(Shown(agreement).find("data\tof any day\n"), std::string::npos);
  consent::v1::DataRange& range =
      *agreement.mutable_content()->mutable_data_range();
  range.set_from_date("2024-01-01");
  EXPECT_NE(Shown(agreement).find("data\tonly about the days from 2024-01-01 "
                                  "on, and facts of no day\n"),
            std::string::npos);
  range.set_to_date("2024-12-31");
  EXPECT_NE(Shown(agreement).find("data\tonly about 2024-01-01 to 2024-12-31, "
                                  "and facts of no day\n"),
            std::string::npos);
  range.clear_from_date();
  EXPECT_NE(Shown(agreement).find("data\tonly about the days until 2024-12-31, "
                                  "and facts of no day\n"),
            std::string::npos);
}

}  // namespace
}  // namespace limpid::cli
