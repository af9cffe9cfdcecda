#include "common/base/day_or_time.h"

#include <string_view>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace limpid::base {
namespace {

TEST(ParseDayOrTime, ReadsDaysAndTimesOfAnyZone) {
  const absl::Time day = absl::FromUnixSeconds(1'767'225'600);
  EXPECT_EQ(ParseDayOrTime("2026-01-01").value(), day);
  EXPECT_EQ(ParseDayOrTime("2026-01-01T00:00:00Z").value(), day);
  EXPECT_EQ(ParseDayOrTime("2026-01-01T02:00:00.5+02:00").value(),
            day + absl::Milliseconds(500));
}

TEST(ParseDayOrTime, RefusesWhatIsNoMoment) {
  for (const std::string_view text :
       {"", "2026", "2026-02-30", "tomorrow", "infinite-future",
        "infinite-past", "2026-01-01T00:00:00"}) {
    EXPECT_FALSE(ParseDayOrTime(text).ok()) << text;
  }
}

}  // namespace
}  // namespace limpid::base
