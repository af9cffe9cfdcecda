// The format of a vault's notes, and the digest that permit and entry share.

#include "common/receipt/release_batch.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

template <std::size_t N>
base::ByteArray<N> Filled(std::uint8_t byte) {
  base::ByteArray<N> out{};
  out.fill(byte);
  return out;
}

ReleaseBatch Example() {
  ReleaseNote note;
  note.access = Filled<16>(3);
  note.handed_over = absl::FromUnixSeconds(1'767'225'600);
  note.elapsed = absl::Milliseconds(40);
  note.lease = absl::Seconds(2);
  note.permitted = 2;
  note.released = 1;
  note.lines = Filled<32>(4);
  return {Filled<16>(1), 2, Filled<32>(2), {note}};
}

TEST(ReleaseBatch, IsWhatItsPageShows) {
  EXPECT_EQ(
      base::HexEncode(Example().Encode()),
      "176c696d7069642f7661756c742f72656c65617365732f31010101010101010101010101"
      "010101010000000000000002020202020202020202020202020202020202020202020202"
      "0202020202020202000103030303030303030303030303030303"
      "0000019b76daa80000000028000007d000020001"
      "0404040404040404040404040404040404040404040404040404040404040404");
  const auto decoded = ReleaseBatch::Decode(Example().Encode());
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(*decoded, Example());
}

TEST(ReleaseBatch, WhatIsNoBatchIsRefused) {
  const auto refused = [](const ReleaseBatch& batch) {
    EXPECT_THAT(ReleaseBatch::Decode(batch.Encode()),
                StatusIs(absl::StatusCode::kInvalidArgument));
  };
  ReleaseBatch batch = Example();
  batch.notes.clear();
  refused(batch);
  batch.notes.assign(kMaxReleaseNotes + 1, Example().notes.front());
  refused(batch);
  batch = Example();
  batch.number = 0;
  refused(batch);
  base::Bytes longer = Example().Encode();
  longer.push_back(0);
  EXPECT_FALSE(ReleaseBatch::Decode(longer).ok());
  base::Bytes shorter = Example().Encode();
  shorter.pop_back();
  EXPECT_FALSE(ReleaseBatch::Decode(shorter).ok());
}

TEST(ReleaseBatch, AMillisecondThatBeganCounts) {
  ReleaseBatch batch = Example();
  batch.notes.front().elapsed = absl::Seconds(2) + absl::Nanoseconds(1);
  EXPECT_EQ(ReleaseBatch::Decode(batch.Encode())->notes.front().elapsed,
            absl::Milliseconds(2'001));
}

TEST(PermittedLinesTest, PermitAndEntryAgreeInAnyOrder) {
  const std::vector<PermitLine> lines = {
      {"person.name", Form::kFull, "", ""},
      {"person.birth_date", Form::kDerived, "over_n/1", R"({"n":18})"}};
  AccessEntry entry;
  entry.lines = {
      {"person.birth_date", 2, "over_n/1", R"({"n":18})", Reason::kReleased},
      {"person.email", 0, "", "", Reason::kNoConsent},
      {"person.name", 1, "", "", Reason::kReleased}};
  EXPECT_EQ(PermittedLines(lines), PermittedLines(entry));
  EXPECT_EQ(PermittedCount(entry), 2);
  // Each member counts.
  for (int member = 0; member < 4; ++member) {
    AccessEntry other = entry;
    AccessLine& line = other.lines.front();
    if (member == 0) line.attribute = "person.birth_place";
    if (member == 1) line.form = 5;
    if (member == 2) line.derivation = "over_n/2";
    if (member == 3) line.parameters = R"({"n":21})";
    EXPECT_NE(PermittedLines(lines), PermittedLines(other)) << member;
  }
  entry.lines[1].reason = Reason::kReleased;
  EXPECT_NE(PermittedLines(lines), PermittedLines(entry));
}

}  // namespace
}  // namespace limpid::receipt
