#include "common/crypto/pad.h"

#include <cstddef>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using testing::StatusIs;

TEST(BucketLength, IsTheNextMultipleOf64WithRoomForTheMark) {
  EXPECT_EQ(BucketLength(0), 64U);
  EXPECT_EQ(BucketLength(63), 64U);
  EXPECT_EQ(BucketLength(64), 128U);
}

// The table of https://lbarman.ch/blog/padme/ and the page's examples, one
// byte less because of the mark.
TEST(PadmeLength, MatchesTheDefinition) {
  EXPECT_EQ(PadmeLength(0), 1U);
  EXPECT_EQ(PadmeLength(1), 2U);
  EXPECT_EQ(PadmeLength(8), 10U);
  EXPECT_EQ(PadmeLength(99), 104U);
  EXPECT_EQ(PadmeLength(1'000), 1'024U);
  EXPECT_EQ(PadmeLength(100'000), 100'352U);
}

TEST(PadmeLength, NeverShrinksNorAddsOver12PercentToDocuments) {
  std::size_t last = 0;
  for (std::size_t size = 0; size < 20'000; ++size) {
    const std::size_t padded = PadmeLength(size);
    EXPECT_GT(padded, size);
    EXPECT_GE(padded, last);
    last = padded;
    EXPECT_LE(padded * 100, (size + 1) * 112) << size;
  }
}

TEST(Unpad, GivesBackWhatWasPadded) {
  for (const std::size_t size : {0U, 1U, 62U, 63U, 64U, 65U, 5'000U}) {
    // Contents may end in the mark or in zeros.
    for (const Bytes& fill : {Bytes(size, 0x80), Bytes(size, 0)}) {
      EXPECT_EQ(*Unpad(PadToBucket(fill)), fill);
      EXPECT_EQ(*Unpad(PadPadme(fill)), fill);
      EXPECT_EQ(*Unpad(*PadToSize(fill, size + 1)), fill);
    }
  }
}

TEST(Pad, MatchesTheWorkedExample) {
  Bytes want = {0x68, 0x69, 0x0a, 0x80};
  want.resize(64);
  EXPECT_EQ(PadToBucket(Bytes{0x68, 0x69, 0x0a}), want);
}

TEST(PadToSize, RefusesContentsWithoutRoomForTheMark) {
  EXPECT_THAT(PadToSize(Bytes(8), 8),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Unpad, RefusesWhatIsNotPadded) {
  for (const Bytes& bad : {Bytes{}, Bytes{0, 0}, Bytes{0x80, 1}, Bytes{0x81}}) {
    EXPECT_THAT(Unpad(bad), StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace limpid::crypto
