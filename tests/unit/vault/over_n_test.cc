#include "vault/forms/over_n.h"

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "vault/forms/derivation.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

json::Value Json(std::string_view text) {
  return json::ParseStrict(text).value();
}

absl::StatusOr<bool> Over(std::string_view birth, std::string_view parameters,
                          std::string_view now) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(now), &time, &error)) {
    return absl::InternalError(error);
  }
  const auto answer =
      Derive("over_n/1", json::Value(birth), Json(parameters), time);
  if (!answer.ok()) return answer.status();
  return answer->boolean();
}

TEST(OverN, TurnsOnTheBirthdayAtMidnightUtc) {
  EXPECT_FALSE(*Over("2008-11-20", R"({"n":18})", "2026-11-19T23:59:59.999Z"));
  EXPECT_TRUE(*Over("2008-11-20", R"({"n":18})", "2026-11-20T00:00:00Z"));
  EXPECT_TRUE(*Over("2008-11-19", R"({"n":18})", "2026-11-20T00:00:00Z"));
  EXPECT_FALSE(*Over("2008-11-21", R"({"n":18})", "2026-11-20T23:59:59Z"));
}

TEST(OverN, BornOnLeapDayTurnsOnFirstOfMarchInCommonYears) {
  EXPECT_FALSE(*Over("2008-02-29", R"({"n":18})", "2026-02-28T23:59:59Z"));
  EXPECT_TRUE(*Over("2008-02-29", R"({"n":18})", "2026-03-01T00:00:00Z"));
  EXPECT_FALSE(*Over("2008-02-29", R"({"n":16})", "2024-02-28T23:59:59Z"));
  EXPECT_TRUE(*Over("2008-02-29", R"({"n":16})", "2024-02-29T00:00:00Z"));
  // 2100 is no leap year.
  EXPECT_FALSE(*Over("2080-02-29", R"({"n":20})", "2100-02-28T12:00:00Z"));
  EXPECT_TRUE(*Over("2080-02-29", R"({"n":20})", "2100-03-01T00:00:00Z"));
}

TEST(OverN, OffsetMovesTheDay) {
  constexpr char kTwoHours[] = R"({"n":18,"utc_offset_minutes":120})";
  EXPECT_FALSE(*Over("2008-11-20", kTwoHours, "2026-11-19T21:59:59Z"));
  EXPECT_TRUE(*Over("2008-11-20", kTwoHours, "2026-11-19T22:00:00Z"));
  constexpr char kMinusTwelve[] = R"({"n":18,"utc_offset_minutes":-720})";
  EXPECT_FALSE(*Over("2008-11-20", kMinusTwelve, "2026-11-20T11:59:59Z"));
  EXPECT_TRUE(*Over("2008-11-20", kMinusTwelve, "2026-11-20T12:00:00Z"));
}

TEST(OverN, ParametersHaveBothBounds) {
  const auto check = [](std::string_view text) {
    return CheckParameters("over_n/1", Json(text));
  };
  EXPECT_THAT(check(R"({"n":1})"), IsOk());
  EXPECT_THAT(check(R"({"n":150,"utc_offset_minutes":840})"), IsOk());
  EXPECT_THAT(check(R"({"n":2,"utc_offset_minutes":-720})"), IsOk());
  for (const char* bad :
       {R"({})", R"({"n":0})", R"({"n":151})", R"({"n":18.5})", R"({"n":"18"})",
        R"({"n":18,"m":1})", R"([18])", R"({"n":18,"utc_offset_minutes":841})",
        R"({"n":18,"utc_offset_minutes":-721})"}) {
    EXPECT_THAT(check(bad), StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
  EXPECT_THAT(CheckParameters("over_n/2", Json(R"({"n":18})")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OverN, RefusesWhatIsNoBirthDate) {
  for (const char* bad : {"2026-02-29", "1990-13-01", "1990-00-10", "1990-1-01",
                          "19900101xx", "+990-01-01", ""}) {
    EXPECT_THAT(Over(bad, R"({"n":18})", "2026-11-20T00:00:00Z"),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << bad;
  }
  EXPECT_THAT(Derive("over_n/1", json::Value(7), Json(R"({"n":18})"),
                     absl::UnixEpoch()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(Derivation, KnowsItsNamesExactly) {
  EXPECT_TRUE(IsDerivation("over_n/1"));
  EXPECT_FALSE(IsDerivation("over_n"));
  EXPECT_FALSE(IsDerivation("Over_n/1"));
  EXPECT_FALSE(IsDerivation(""));
}

}  // namespace
}  // namespace limpid::vault
