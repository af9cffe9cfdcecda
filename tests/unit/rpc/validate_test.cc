#include "common/rpc/validate.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(CheckText, HoldsItsLengthOnBothSides) {
  EXPECT_THAT(CheckText("title", std::string(8, 'x'), 8), IsOk());
  EXPECT_THAT(CheckText("title", std::string(9, 'x'), 8),
              StatusSays(kInvalid, "title: is longer than 8 bytes"));
  EXPECT_THAT(CheckText("title", "", 8),
              StatusSays(kInvalid, "title: is empty"));
  EXPECT_THAT(CheckOptionalText("title", "", 8), IsOk());
}

TEST(CheckText, RefusesWhatIsNotText) {
  EXPECT_THAT(CheckText("title", "\xFF", 8), StatusIs(kInvalid));
  EXPECT_THAT(CheckText("title", std::string("a\0b", 3), 8),
              StatusIs(kInvalid));
}

TEST(CheckBytes, TakesOneLengthOnly) {
  EXPECT_THAT(CheckBytes("nonce", std::string(16, 'x'), 16), IsOk());
  EXPECT_THAT(CheckBytes("nonce", std::string(15, 'x'), 16),
              StatusSays(kInvalid, "nonce: has 15 bytes, not 16"));
}

TEST(CheckCount, TakesOneToTheLimit) {
  EXPECT_THAT(CheckCount("lines", 0, 2), StatusIs(kInvalid));
  EXPECT_THAT(CheckCount("lines", 2, 2), IsOk());
  EXPECT_THAT(CheckCount("lines", 3, 2), StatusIs(kInvalid));
}

TEST(PageSize, ChoosesWhenAskedForNothingAndCapsTheRest) {
  EXPECT_EQ(*PageSize(0, 20, 100), 20);
  EXPECT_EQ(*PageSize(100, 20, 100), 100);
  EXPECT_EQ(*PageSize(101, 20, 100), 100);
  EXPECT_THAT(PageSize(-1, 20, 100), StatusIs(kInvalid));
}

TEST(AtField, NamesTheFieldOfBadInputOnly) {
  EXPECT_THAT(AtField("id", absl::InvalidArgumentError("bad")),
              StatusSays(kInvalid, "id: bad"));
  EXPECT_EQ(AtField("id", absl::NotFoundError("gone")).message(), "gone");
}

}  // namespace
}  // namespace limpid::rpc
