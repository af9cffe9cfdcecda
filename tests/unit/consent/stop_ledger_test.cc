#include "consent/ledger/stop_ledger.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

// The worked example of docs/formats/stop-ledger.md, made by another program.
constexpr std::string_view kExample =
    "146c696d7069642f73746f702d6c65646765722f310101010101010101010101010101010"
    "10000002500000000000000010103030303030303030303030303030303000000030000019"
    "b"
    "76daa80020a3fe4251bc52f4a7b669bcf79803cc3830f3ec10827ed2a0cbde21fc323076";

base::SecretBytes Key(std::uint8_t byte = 2) {
  base::ByteArray<32> bytes{};
  bytes.fill(byte);
  return base::SecretBytes::Copy(bytes);
}

StopEntry Entry(std::uint64_t sequence) {
  StopEntry out;
  out.sequence = sequence;
  out.subject.fill(3);
  out.revision = 3;
  out.time = absl::FromUnixMillis(1'767'225'600'000);
  return out;
}

class StopLedgerFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const {
    return directory_.path() / "stops";
  }
  void Write(base::ByteView bytes) const {
    std::ofstream(path(), std::ios::binary) << base::AsText(bytes);
  }
  [[nodiscard]] base::Bytes Bytes() const {
    return base::ToBytes(limpid::testing::ReadFile(path()));
  }
  [[nodiscard]] base::Bytes Example() const {
    return base::HexDecode(kExample).value();
  }

  limpid::testing::TempDir directory_;
};

TEST_F(StopLedgerFile, WorkedExampleOfTheFormatPage) {
  Write(Example());
  const auto ledger = OpenStopLedger(path(), Key());
  ASSERT_THAT(ledger, IsOk());
  EXPECT_FALSE((*ledger)->fresh());
  EXPECT_EQ(*StopsAfter(**ledger, 0), std::vector<StopEntry>{Entry(1)});
}

TEST_F(StopLedgerFile, WritesTheExampleItself) {
  // Up to the ledger id, which is random when the file is made by us.
  Write(base::ByteView(Example()).first(37));
  const auto ledger = OpenStopLedger(path(), Key());
  ASSERT_THAT(ledger, IsOk());
  const std::vector<StopEntry> entries = {Entry(1)};
  ASSERT_THAT((*ledger)->Append(entries), IsOk());
  EXPECT_EQ(Bytes(), Example());
}

TEST_F(StopLedgerFile, GoesOnAfterAReopen) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto ledger = OpenStopLedger(path(), Key());
    ASSERT_THAT(ledger, IsOk());
    EXPECT_EQ((*ledger)->last(), i - 1);
    const std::vector<StopEntry> entries = {Entry(i)};
    ASSERT_THAT((*ledger)->Append(entries), IsOk());
  }
  const auto ledger = OpenStopLedger(path(), Key());
  EXPECT_EQ(StopsAfter(**ledger, 1)->size(), 2U);
  EXPECT_TRUE(StopsAfter(**ledger, 3)->empty());
}

// Nothing of the entries stays in memory: a start that asks sees the disk.
TEST_F(StopLedgerFile, IsReadFromTheDiskEachTime) {
  const auto ledger = OpenStopLedger(path(), Key());
  const std::vector<StopEntry> entries = {Entry(1), Entry(2)};
  ASSERT_THAT((*ledger)->Append(entries), IsOk());
  EXPECT_EQ(*StopsAfter(**ledger, 0), entries);
  const base::Bytes good = Bytes();
  const auto overwrite = [&](base::ByteView bytes) {
    // In place: the ledger keeps the file open.
    std::ofstream(path(), std::ios::binary) << base::AsText(bytes);
  };
  base::Bytes bad = good;
  bad[40] ^= 1U;
  overwrite(bad);
  EXPECT_THAT(StopsAfter(**ledger, 0), StatusIs(absl::StatusCode::kDataLoss));
  // Cut between two entries it is a whole file, but not this one.
  overwrite(base::ByteView(good).first(good.size() - 73));
  EXPECT_THAT(StopsAfter(**ledger, 0), StatusIs(absl::StatusCode::kDataLoss));
  overwrite(good);
  EXPECT_EQ(*StopsAfter(**ledger, 0), entries);
  // What is asked in a call is known without it.
  overwrite({});
  EXPECT_EQ((*ledger)->last(), 2U);
  EXPECT_FALSE((*ledger)->MovedIn(Entry(1).subject));
}

TEST_F(StopLedgerFile, AnErrorOfTheVisitorEndsTheWalk) {
  const auto ledger = OpenStopLedger(path(), Key());
  const std::vector<StopEntry> entries = {Entry(1), Entry(2)};
  ASSERT_THAT((*ledger)->Append(entries), IsOk());
  int seen = 0;
  EXPECT_THAT((*ledger)->ForEach(0,
                                 [&](const StopEntry& /*entry*/) {
                                   ++seen;
                                   return absl::AbortedError("enough");
                                 }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(seen, 1);
}

TEST_F(StopLedgerFile, KnowsWhichMovesCame) {
  StopEntry moved = Entry(1);
  moved.kind = StopKind::kMovedIn;
  moved.subject.fill(9);
  StopEntry other = Entry(2);
  other.subject.fill(8);
  {
    const auto ledger = OpenStopLedger(path(), Key());
    EXPECT_FALSE((*ledger)->MovedIn(moved.subject));
    ASSERT_THAT((*ledger)->Append(std::vector<StopEntry>{moved, other}),
                IsOk());
    EXPECT_TRUE((*ledger)->MovedIn(moved.subject));
  }
  const auto ledger = OpenStopLedger(path(), Key());
  EXPECT_TRUE((*ledger)->MovedIn(moved.subject));
  EXPECT_FALSE((*ledger)->MovedIn(other.subject));
}

TEST_F(StopLedgerFile, IsFreshUntilSomebodySettlesIt) {
  for (int start = 0; start < 2; ++start) {
    const auto ledger = OpenStopLedger(path(), Key());
    ASSERT_THAT(ledger, IsOk());
    EXPECT_TRUE((*ledger)->fresh());
  }
  {
    const auto ledger = OpenStopLedger(path(), Key());
    const std::vector<StopEntry> entries = {Entry(1)};
    ASSERT_THAT((*ledger)->Append(entries), IsOk());
    EXPECT_TRUE((*ledger)->fresh());
    ASSERT_THAT((*ledger)->Settle(), IsOk());
    EXPECT_FALSE((*ledger)->fresh());
  }
  EXPECT_FALSE((*OpenStopLedger(path(), Key()))->fresh());
}

TEST_F(StopLedgerFile, RefusesAGap) {
  const auto ledger = OpenStopLedger(path(), Key());
  const std::vector<StopEntry> gap = {Entry(2)};
  EXPECT_THAT((*ledger)->Append(gap),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ((*ledger)->last(), 0U);
}

TEST_F(StopLedgerFile, EveryBitOfACompleteFileCounts) {
  const base::Bytes good = Example();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    base::Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    Write(bad);
    EXPECT_THAT(OpenStopLedger(path(), Key()),
                StatusIs(absl::StatusCode::kDataLoss))
        << bit;
  }
  Write(good);
  EXPECT_THAT(OpenStopLedger(path(), Key(4)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(StopLedgerFile, ATornTailWasNeverAcknowledged) {
  const base::Bytes good = Example();
  for (std::size_t extra = 1; extra < 70; ++extra) {
    base::Bytes torn = good;
    // The beginning of a second entry that was cut off.
    torn.insert(torn.end(), good.begin() + 37,
                good.begin() + 37 + static_cast<std::ptrdiff_t>(extra));
    Write(torn);
    const auto ledger = OpenStopLedger(path(), Key());
    ASSERT_THAT(ledger, IsOk()) << extra;
    EXPECT_EQ((*ledger)->last(), 1U);
    EXPECT_EQ(Bytes(), good);
  }
  base::Bytes zeros = good;
  zeros.resize(zeros.size() + 200);
  Write(zeros);
  ASSERT_THAT(OpenStopLedger(path(), Key()), IsOk());
  EXPECT_EQ(Bytes(), good);
}

// More than is read at once, in one append and in several.
TEST_F(StopLedgerFile, OpensWhateverItAppended) {
  constexpr std::uint64_t kMany = 2 * 4'096 + 1;
  {
    const auto ledger = OpenStopLedger(path(), Key());
    std::vector<StopEntry> entries;
    for (std::uint64_t i = 1; i <= kMany; ++i) entries.push_back(Entry(i));
    ASSERT_THAT((*ledger)->Append(std::span(entries).first(4'096)), IsOk());
    ASSERT_THAT((*ledger)->Append(std::span(entries).subspan(4'096)), IsOk());
  }
  const base::Bytes good = Bytes();
  {
    const auto ledger = OpenStopLedger(path(), Key());
    ASSERT_THAT(ledger, IsOk());
    EXPECT_EQ((*ledger)->last(), kMany);
    EXPECT_EQ(StopsAfter(**ledger, kMany - 1)->back(), Entry(kMany));
  }
  base::Bytes bad = good;
  bad[37 + 4'096 * 73] ^= 1U;
  Write(bad);
  EXPECT_THAT(OpenStopLedger(path(), Key()),
              StatusIs(absl::StatusCode::kDataLoss));
  Write(base::ByteView(good).first(37 + 4'096 * 73 + 10));
  EXPECT_EQ((*OpenStopLedger(path(), Key()))->last(), 4'096U);
}

// Nobody may make the next start impossible by stopping and resuming.
TEST_F(StopLedgerFile, HasNoGreatestLength) {
  Write(Example());
  // A sparse file of zeros behind the entry, which was cut off once.
  std::filesystem::resize_file(path(), (std::uintmax_t{1} << 30U) + 1);
  const auto ledger = OpenStopLedger(path(), Key());
  ASSERT_THAT(ledger, IsOk());
  EXPECT_EQ((*ledger)->last(), 1U);
  EXPECT_EQ(Bytes(), Example());
}

TEST_F(StopLedgerFile, AWrittenByteBehindZerosIsDamage) {
  base::Bytes bytes = Example();
  bytes.resize(bytes.size() + 100);
  bytes.push_back(1);
  Write(bytes);
  EXPECT_THAT(OpenStopLedger(path(), Key()),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(StopLedgerFile, RefusesARemovedEntry) {
  {
    const auto ledger = OpenStopLedger(path(), Key());
    const std::vector<StopEntry> entries = {Entry(1), Entry(2), Entry(3)};
    ASSERT_THAT((*ledger)->Append(entries), IsOk());
  }
  base::Bytes bytes = Bytes();
  bytes.erase(bytes.begin() + 37, bytes.begin() + 37 + 73);
  Write(bytes);
  EXPECT_THAT(OpenStopLedger(path(), Key()),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::consent
