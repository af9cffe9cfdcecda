#include "server/provision/clock_mark.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

using ::limpid::testing::FakeClock;
using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::TempDir;

// The example of docs/formats/clock-mark.md.
constexpr std::string_view kExample =
    "limpid/clock-mark/1\n"
    "believed 2026-11-29T10:40:00.000Z\n"
    "confirmed 2026-11-20T11:00:00.000Z 2026-11-29T10:40:00.000Z\n";

absl::Time At(std::string_view text) {
  return base::ParseTimeText(text).value();
}

TEST(ClockMark, HasTheBytesOfItsPage) {
  const auto mark = ParseClockMark(kExample);
  ASSERT_THAT(mark, IsOk());
  EXPECT_EQ(mark->believed, At("2026-11-29T10:40:00.000Z"));
  ASSERT_EQ(mark->confirmed.size(), 1U);
  EXPECT_EQ(mark->confirmed[0].known, At("2026-11-20T11:00:00.000Z"));
  EXPECT_EQ(FormatClockMark(*mark), kExample);
}

TEST(ClockMark, RefusesEverythingElse) {
  const std::string good(kExample);
  std::vector<std::string> bad = {"",
                                  "limpid/clock-mark/1\n",
                                  good + "x",
                                  good + "\n",
                                  good.substr(0, good.size() - 1),
                                  "limpid/clock-mark/2" + good.substr(19)};
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    bad.push_back(flipped);
  }
  std::string many(kExample.substr(0, kExample.find("confirmed")));
  for (std::size_t i = 0; i <= kMaxConfirmedGaps; ++i) {
    many += "confirmed 2026-11-20T11:00:00.000Z 2026-11-29T10:40:00.000Z\n";
  }
  bad.push_back(many);
  for (const std::string& text : bad) {
    EXPECT_THAT(ParseClockMark(text), StatusIs(absl::StatusCode::kDataLoss))
        << text;
  }
}

class ConfirmClockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Config config = DefaultConfig();
    config.data_directory = "data";
    config.roles = {"register"};
    config.operator_name = "city.example";
    std::ofstream(file()) << WriteConfig(config);
    std::filesystem::create_directory(data());
    ASSERT_THAT(WriteClockMark(data(), {known_, {}}), IsOk());
  }
  [[nodiscard]] std::filesystem::path file() const {
    return dir_.path() / "limpid.toml";
  }
  [[nodiscard]] std::filesystem::path data() const {
    return dir_.path() / "data";
  }
  absl::StatusOr<ConfirmedGap> Confirm(absl::Time now) {
    return ConfirmClock(file(), now, machine_);
  }
  [[nodiscard]] std::string Mark() const {
    return base::ToText(
        base::ReadFileBytes(data() / "clock-mark", 10'000).value());
  }

  TempDir dir_;
  FakeClock machine_;
  const absl::Time known_ = machine_.Now() - absl::Hours(24 * 30);
};

TEST_F(ConfirmClockTest, MovesTheMarkToThePresentAndKeepsTheGap) {
  const ConfirmedGap gap{known_, machine_.Now()};
  const auto confirmed = Confirm(machine_.Now() + absl::Minutes(1));
  ASSERT_THAT(confirmed, IsOk());
  EXPECT_EQ(*confirmed, gap);
  const auto mark = ReadClockMark(data());
  ASSERT_THAT(mark, IsOk());
  EXPECT_EQ(mark->believed, machine_.Now());
  EXPECT_EQ(mark->confirmed, std::vector{gap});
}

TEST_F(ConfirmClockTest, IsSpentAndSaysNothingAboutTheNextGap) {
  const absl::Time given = machine_.Now();
  ASSERT_THAT(Confirm(given), IsOk());
  machine_.Advance(absl::Hours(24 * 30));
  const std::string before = Mark();
  // The same command again.
  EXPECT_THAT(Confirm(given), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Mark(), before);
}

TEST_F(ConfirmClockTest, RefusesATimeThatIsNotTheMachines) {
  const std::string before = Mark();
  const absl::Duration most = base::kMaxClockJump;
  for (const absl::Duration off :
       {most + absl::Milliseconds(1), -most - absl::Milliseconds(1)}) {
    EXPECT_THAT(Confirm(machine_.Now() + off),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(Mark(), before);
  EXPECT_THAT(Confirm(machine_.Now() + most), IsOk());
}

TEST_F(ConfirmClockTest, TimeDoesNotGoBack) {
  machine_.SetWall(known_ - absl::Hours(1));
  const std::string before = Mark();
  EXPECT_THAT(Confirm(machine_.Now()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Mark(), before);
}

TEST_F(ConfirmClockTest, NeedsAStoppedServerThatHasRun) {
  {
    const auto lock = base::FileLock::Acquire(data() / "limpidd.lock");
    ASSERT_THAT(lock, IsOk());
    EXPECT_THAT(Confirm(machine_.Now()),
                StatusIs(absl::StatusCode::kUnavailable));
  }
  std::filesystem::remove(data() / "clock-mark");
  EXPECT_THAT(Confirm(machine_.Now()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConfirmClockTest, ADamagedMarkIsNotReplaced) {
  std::ofstream(data() / "clock-mark") << "limpid/clock-mark/1\nbelieved ";
  EXPECT_THAT(Confirm(machine_.Now()), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ConfirmClockTest, TheOldestConfirmationsGo) {
  ClockMark full{known_, {}};
  for (std::size_t i = 0; i < kMaxConfirmedGaps; ++i) {
    full.confirmed.push_back({known_ - absl::Hours(i + 1), known_});
  }
  ASSERT_THAT(WriteClockMark(data(), full), IsOk());
  ASSERT_THAT(Confirm(machine_.Now()), IsOk());
  const auto mark = ReadClockMark(data());
  ASSERT_THAT(mark, IsOk());
  ASSERT_EQ(mark->confirmed.size(), kMaxConfirmedGaps);
  EXPECT_EQ(mark->confirmed.front(), full.confirmed[1]);
  EXPECT_EQ(mark->confirmed.back().confirmed, machine_.Now());
}

}  // namespace
}  // namespace limpid::server
