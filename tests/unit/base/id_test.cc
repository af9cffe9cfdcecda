#include "common/base/id.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::base {
namespace {

struct RecordTag {
  static constexpr std::string_view kPrefix = "rec";
};
using RecordId = Id<RecordTag>;

TEST(Id, TextRoundTrips) {
  const RecordId id = RecordId::Random();
  EXPECT_EQ(id.Text().size(), 30U);
  EXPECT_EQ(RecordId::Parse(id.Text()).value(), id);
  EXPECT_EQ(RecordId::FromBytes(id.bytes()).value(), id);
}

TEST(Id, RefusesOtherPrefixesLengthsAndSpellings) {
  const std::string good = RecordId::Random().Text();
  std::string upper = good;
  upper.back() = 'A';
  for (const std::string& text :
       {std::string("svc") + good.substr(3), good + "a", good.substr(0, 29),
        upper, std::string(), std::string("rec"), std::string("rec_")}) {
    EXPECT_THAT(RecordId::Parse(text),
                testing::StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(Id, DefaultIsNoneAndRandomIsNot) {
  EXPECT_TRUE(RecordId().none());
  EXPECT_FALSE(RecordId::Random().none());
  EXPECT_NE(RecordId::Random(), RecordId::Random());
}

}  // namespace
}  // namespace limpid::base
