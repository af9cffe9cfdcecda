#include "common/base/clock.h"

#include <string_view>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace limpid::base {
namespace {

TEST(TimeText, HasMillisecondsAndZ) {
  EXPECT_EQ(TimeText(absl::FromUnixMillis(1'767'225'600'007)),
            "2026-01-01T00:00:00.007Z");
}

TEST(ParseTimeText, TakesOneSpellingOnly) {
  EXPECT_EQ(ParseTimeText("2026-01-01T00:00:00.007Z").value(),
            absl::FromUnixMillis(1'767'225'600'007));
  for (const std::string_view text :
       {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0070Z",
        "2026-01-01T00:00:00.007+00:00", " 2026-01-01T00:00:00.007Z",
        "2026-02-30T00:00:00.000Z", "2026-01-01t00:00:00.007Z", "",
        "infinite-future", "infinite-past"}) {
    EXPECT_FALSE(ParseTimeText(text).ok()) << text;
  }
}

TEST(SystemClock, MonotonicDoesNotGoBack) {
  const SystemClock clock;
  const absl::Duration first = clock.Monotonic();
  EXPECT_GE(clock.Monotonic(), first);
}

}  // namespace
}  // namespace limpid::base
