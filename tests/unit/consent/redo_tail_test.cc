#include "consent/ledger/redo_tail.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/ledger/commit_codec.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

base::SecretBytes Key(std::uint8_t byte = 2) {
  base::ByteArray<32> bytes{};
  bytes.fill(byte);
  return base::SecretBytes::Copy(bytes);
}

// A record that says its number, and is long enough for two blocks.
base::Bytes Text(std::uint64_t number, std::size_t size = 5'000) {
  base::Bytes out(size, static_cast<std::uint8_t>(number));
  return out;
}

class RedoTailFiles : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<RedoTail>> Open(std::uint64_t applied,
                                                 std::uint8_t key = 2) {
    return RedoTail::Open(directory_.path(), Key(key), applied);
  }
  // Appends records up to number `last`.
  static void Fill(RedoTail& tail, std::uint64_t last,
                   std::size_t size = 5'000) {
    while (tail.last() < last) {
      ASSERT_THAT(tail.Append(Text(tail.last() + 1, size)), IsOk());
    }
  }
  static std::vector<std::uint64_t> Found(RedoTail& tail) {
    std::vector<std::uint64_t> out;
    for (const TailRecord& record : tail.TakeFound()) {
      EXPECT_EQ(record.plaintext.front(),
                static_cast<std::uint8_t>(record.sequence));
      out.push_back(record.sequence);
    }
    return out;
  }
  [[nodiscard]] std::filesystem::path Segment(int number) const {
    return directory_.path() / ("tail-" + std::to_string(number));
  }
  void Flip(int segment, std::size_t at) const {
    std::fstream file(Segment(segment),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 1));
  }

  limpid::testing::TempDir directory_;
};

using Numbers = std::vector<std::uint64_t>;

TEST(CommitCodec, WorkedExampleOfTheFormatPage) {
  LedgerCommit commit;
  commit.head.position = 1;
  commit.leaves.push_back({1, {}});
  commit.leaves[0].commitment.fill(1);
  const std::string head =
      "166c696d7069642f6c65646765722d636f6d6d69742f31"
      "0000000000000000000000000000000100000000000000000000000000000000";
  const std::string lists = "0000000000000000000000000000000000000000";
  const std::string leaf =
      "000000010000000000000001"
      "0101010101010101010101010101010101010101010101010101010101010101"
      "00000000";
  EXPECT_EQ(base::HexEncode(EncodeCommit(commit)), head + lists + leaf);
}

TEST(CommitCodec, RowsThatGoComeLastAndOnlyWhenThereAreSome) {
  LedgerCommit commit;
  commit.leaves = {{1, {1}}};
  const std::string without = base::HexEncode(EncodeCommit(commit));
  RowId id{};
  id.fill(2);
  base::ByteArray<16> person{};
  person.fill(1);
  commit.deletes = {{7, PersonId(person), RowKind::kDenialTally, id, 0}};
  base::Bytes bytes = EncodeCommit(commit);
  EXPECT_EQ(base::HexEncode(bytes), without +
                                        "00000001"
                                        "0007"
                                        "01010101010101010101010101010101"
                                        "0a"
                                        "02020202020202020202020202020202"
                                        "0000000000000000");
  const auto decoded = DecodeCommit(bytes);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->deletes, commit.deletes);
  bytes.pop_back();
  EXPECT_THAT(DecodeCommit(bytes), StatusIs(absl::StatusCode::kDataLoss));
  commit.deletes.clear();
  bytes = EncodeCommit(commit);
  bytes.resize(bytes.size() + 4);
  EXPECT_THAT(DecodeCommit(bytes), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(CommitCodec, PublicRowsThatGoComeLast) {
  LedgerCommit commit;
  commit.leaves = {{1, {1}}};
  const std::string without = base::HexEncode(EncodeCommit(commit));
  commit.public_deletes = {{PublicKind::kRequest, {4, 5}}};
  base::Bytes bytes = EncodeCommit(commit);
  EXPECT_EQ(base::HexEncode(bytes), without +
                                        "00000000"
                                        "00000000"
                                        "00000001"
                                        "03"
                                        "00000002"
                                        "0405");
  const auto decoded = DecodeCommit(bytes);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->public_deletes, commit.public_deletes);
  EXPECT_TRUE(decoded->event_deletes.empty());
  bytes.pop_back();
  EXPECT_THAT(DecodeCommit(bytes), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(CommitCodec, EventsThatGoComeBehindTheRows) {
  LedgerCommit commit;
  commit.leaves = {{1, {1}}};
  const std::string without = base::HexEncode(EncodeCommit(commit));
  RowId service{};
  service.fill(3);
  commit.event_deletes = {{service, 9}};
  base::Bytes bytes = EncodeCommit(commit);
  EXPECT_EQ(base::HexEncode(bytes), without +
                                        "00000000"
                                        "00000001"
                                        "03030303030303030303030303030303"
                                        "0000000000000009");
  const auto decoded = DecodeCommit(bytes);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->event_deletes, commit.event_deletes);
  EXPECT_TRUE(decoded->deletes.empty());
  bytes.pop_back();
  EXPECT_THAT(DecodeCommit(bytes), StatusIs(absl::StatusCode::kDataLoss));
  // An empty list at the end says nothing and so is damage.
  commit.event_deletes.clear();
  commit.deletes.resize(1);
  bytes = EncodeCommit(commit);
  EXPECT_THAT(DecodeCommit(bytes), IsOk());
  bytes.resize(bytes.size() + 4);
  EXPECT_THAT(DecodeCommit(bytes), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(CommitCodec, WhatIsCutOrLongerIsRefused) {
  LedgerCommit commit;
  PersonalRow row;
  row.lookup = RowId{4};
  row.payload = {1, 2, 3};
  commit.puts = {row};
  commit.events.push_back({});
  commit.stops.push_back({});
  base::Bytes bytes = EncodeCommit(commit);
  const auto decoded = DecodeCommit(bytes);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->puts, commit.puts);
  EXPECT_EQ(EncodeCommit(*decoded), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeCommit(base::ByteView(bytes).first(size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  bytes.push_back(0);
  EXPECT_THAT(DecodeCommit(bytes), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RedoTailFiles, GivesBackWhatTheTablesDoNotHave) {
  {
    const auto tail = Open(0);
    ASSERT_THAT(tail, IsOk());
    EXPECT_TRUE(Found(**tail).empty());
    Fill(**tail, 5);
  }
  EXPECT_EQ(Found(**Open(0)), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(Found(**Open(3)), (Numbers{4, 5}));
  EXPECT_TRUE(Found(**Open(5)).empty());
}

TEST_F(RedoTailFiles, GoesOnWhereItStopped) {
  {
    const auto tail = Open(0);
    Fill(**tail, 2);
  }
  {
    const auto tail = Open(1);
    EXPECT_EQ((*tail)->last(), 2U);
    Fill(**tail, 4);
  }
  EXPECT_EQ(Found(**Open(1)), (Numbers{2, 3, 4}));
}

// Each record is a quarter of a segment, so that few of them go round.
constexpr std::size_t kQuarter = RedoTail::kSegmentBytes / 4 - 8'192;

TEST_F(RedoTailFiles, GoesRoundOnlyOverWhatTheTablesHave) {
  const auto tail = Open(0);
  Fill(**tail, 8, kQuarter);
  // Both are full, and the older one holds 1 to 4.
  EXPECT_FALSE((*tail)->HasRoom(kQuarter, 3));
  EXPECT_TRUE((*tail)->HasRoom(kQuarter, 4));
  Fill(**tail, 10, kQuarter);
  EXPECT_EQ(Found(**Open(4)), (Numbers{5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(Found(**Open(9)), (Numbers{10}));
}

TEST_F(RedoTailFiles, ARecordCutShortAtTheEndWasNeverPromised) {
  {
    const auto tail = Open(0);
    Fill(**tail, 3);
  }
  Flip(0, 2 * 8'192 + 100);
  {
    const auto tail = Open(0);
    ASSERT_THAT(tail, IsOk());
    EXPECT_EQ(Found(**tail), (Numbers{1, 2}));
    // The next one takes its number and place.
    Fill(**tail, 4);
  }
  EXPECT_EQ(Found(**Open(0)), (Numbers{1, 2, 3, 4}));
}

TEST_F(RedoTailFiles, DamageBeforeTheLastRecordIsRefused) {
  {
    const auto tail = Open(0);
    Fill(**tail, 4);
  }
  for (const std::size_t at : {0UL, 3UL, 11UL, 43UL, 44UL, 4'000UL, 8'192UL,
                               8'192UL + 44, 2UL * 8'192 + 5'000}) {
    Flip(0, at);
    EXPECT_THAT(Open(0), StatusIs(absl::StatusCode::kDataLoss)) << at;
    Flip(0, at);
  }
  EXPECT_EQ(Found(**Open(0)), (Numbers{1, 2, 3, 4}));
  // What the tables have may rot.
  Flip(0, 100);
  EXPECT_EQ(Found(**Open(2)), (Numbers{3, 4}));
}

TEST_F(RedoTailFiles, DamageAtTheStartOfTheSecondSegmentIsRefused) {
  {
    const auto tail = Open(0);
    Fill(**tail, 6, kQuarter);
  }
  Flip(1, 100);
  EXPECT_THAT(Open(3), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RedoTailFiles, DamageAtTheEndOfTheFirstSegmentIsRefused) {
  {
    const auto tail = Open(0);
    Fill(**tail, 6, kQuarter);
  }
  // Number 4, the last before the change of segments.
  Flip(0, 3 * (kQuarter / 4'096 + 1) * 4'096 + 100);
  for (const std::uint64_t applied : {0U, 2U, 3U}) {
    EXPECT_THAT(Open(applied), StatusIs(absl::StatusCode::kDataLoss))
        << applied;
  }
  EXPECT_EQ(Found(**Open(4)), (Numbers{5, 6}));
}

// What went past the tail has no record, and is no damage in older tables.
TEST_F(RedoTailFiles, ASkippedNumberMakesTablesOlder) {
  {
    const auto tail = Open(0);
    Fill(**tail, 2);
    ASSERT_THAT((*tail)->Skip(absl::OkStatus()), IsOk());
    Fill(**tail, 4);
  }
  EXPECT_EQ(Found(**Open(3)), (Numbers{4}));
  const auto tail = Open(2);
  ASSERT_THAT(tail, IsOk());
  EXPECT_TRUE((*tail)->stale());
}

TEST_F(RedoTailFiles, AnotherKeyOpensNothing) {
  {
    const auto tail = Open(0);
    Fill(**tail, 2);
  }
  // Nothing opens, so nothing was promised as far as it can tell; the store
  // beside it does not open under another key ring either.
  EXPECT_TRUE(Found(**Open(0, 3)).empty());
}

TEST_F(RedoTailFiles, AMovedRecordIsRefused) {
  {
    const auto tail = Open(0);
    Fill(**tail, 3);
  }
  std::fstream file(Segment(0),
                    std::ios::in | std::ios::out | std::ios::binary);
  std::string first(8'192, '\0');
  file.read(first.data(), 8'192);
  file.seekp(8'192);
  file.write(first.data(), 8'192);
  file.close();
  EXPECT_THAT(Open(0), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RedoTailFiles, TablesOlderThanTheTailSetItAside) {
  {
    const auto tail = Open(0);
    Fill(**tail, 10, kQuarter);
  }
  // 1 and 2 have been written over, and the tables hold only 1.
  {
    const auto tail = Open(1);
    ASSERT_THAT(tail, IsOk());
    EXPECT_TRUE((*tail)->stale());
    EXPECT_TRUE(Found(**tail).empty());
    EXPECT_EQ((*tail)->last(), 10U);
    EXPECT_TRUE(std::filesystem::exists(Segment(0).string() + ".set-aside"));
    EXPECT_THAT((*tail)->Settle(), IsOk());
    Fill(**tail, 11);
  }
  const auto tail = Open(10);
  EXPECT_FALSE((*tail)->stale());
  EXPECT_EQ(Found(**tail), (Numbers{11}));
}

TEST_F(RedoTailFiles, ALostFileIsNoticed) {
  { EXPECT_FALSE((*Open(0))->stale()); }
  std::filesystem::remove(Segment(1));
  { EXPECT_TRUE((*Open(7))->stale()); }
  // Said until somebody has done what it asks for.
  {
    const auto tail = Open(7);
    EXPECT_TRUE((*tail)->stale());
    EXPECT_THAT((*tail)->Settle(), IsOk());
  }
  { EXPECT_FALSE((*Open(7))->stale()); }
  // Where nothing was ever taken over, nothing was lost.
  std::filesystem::remove(Segment(0));
  EXPECT_FALSE((*Open(0))->stale());
}

TEST_F(RedoTailFiles, ACutFileIsRefused) {
  { ASSERT_THAT(Open(0), IsOk()); }
  std::filesystem::resize_file(Segment(1), RedoTail::kSegmentBytes - 1);
  EXPECT_THAT(Open(0), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::consent
