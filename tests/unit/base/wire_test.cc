#include "common/base/wire.h"

#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::base {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(ByteWriter, WritesBigEndianAndLengths) {
  ByteWriter writer("ab");
  writer.U8(1).U16(2).U32(3).U64(4).Lp(std::string_view("xy")).Raw(Bytes{9});
  EXPECT_EQ(HexEncode(writer.bytes()),
            "026162"
            "01"
            "0002"
            "00000003"
            "0000000000000004"
            "000000027879"
            "09");
}

TEST(ByteReader, ReadsBackWhatWasWritten) {
  const Bytes bytes = ByteWriter("ab").U16(7).Lp(std::string_view("xy")).Take();
  ByteReader reader(bytes);
  reader.Label("ab");
  EXPECT_EQ(reader.U16(), 7);
  EXPECT_EQ(reader.LpText(), "xy");
  EXPECT_THAT(reader.Finish(), IsOk());
}

TEST(ByteReader, RefusesTruncationLeftoversAndOtherLabels) {
  const Bytes bytes = ByteWriter("ab").Lp(std::string_view("xy")).Take();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(ByteView(bytes).first(size));
    reader.Label("ab");
    reader.Lp();
    EXPECT_THAT(reader.Finish(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  ByteReader left_over(bytes);
  left_over.Label("ab");
  EXPECT_FALSE(left_over.Finish().ok());
  ByteReader other(bytes);
  other.Label("ac");
  other.Lp();
  EXPECT_FALSE(other.Finish().ok());
}

TEST(ByteReader, StaysFailedAndReturnsZeros) {
  ByteReader reader(Bytes{1});
  EXPECT_EQ(reader.U32(), 0U);
  EXPECT_EQ(reader.U8(), 0U);
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace limpid::base
