#include "consent/log/denials.h"

#include <cstddef>
#include <string>
#include <vector>

#include "common/receipt/promise.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::AccessKind;
using receipt::Reason;
using testing::IdOf;
using testing::World;

DenialTally ExampleTally() {
  DenialTally out;
  out.service = IdOf<ServiceId>(1);
  out.record = IdOf<RecordId>(2);
  out.begin = testing::kStart;
  out.access = IdOf<AccessId>(3);
  out.commitment.fill(4);
  out.count = 5;
  out.purpose = "p";
  out.lines = {{"a", 0, "", "", Reason::kNoConsent}};
  return out;
}

TEST(DenialTally, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(base::HexEncode(ExampleTally().Encode()),
            "156c696d7069642f64656e69616c2d74616c6c792f31"
            "0101010101010101010101010101010102020202020202020202020202020202"
            "0000019b76daa800"
            "03030303030303030303030303030303"
            "0404040404040404040404040404040404040404040404040404040404040404"
            "01000000000000000500000001700001000000016101");
  EXPECT_EQ(DenialTally::Decode(ExampleTally().Encode()).value(),
            ExampleTally());
  base::Bytes longer = ExampleTally().Encode();
  longer.push_back(0);
  EXPECT_THAT(DenialTally::Decode(longer),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(DenialTally, RemembersEachAttributeOnceAndThePurposeWhileItIsOne) {
  DenialTally tally;
  tally.Count("p", {{"a", 1, "d", "x", Reason::kNoConsent}});
  tally.Count("p", {{"a", 0, "", "", Reason::kPurpose},
                    {"b", 0, "", "", Reason::kForm}});
  EXPECT_EQ(tally.count, 2U);
  EXPECT_EQ(tally.purpose, "p");
  ASSERT_EQ(tally.lines.size(), 2U);
  EXPECT_EQ(tally.lines[0].reason, Reason::kPurpose);
  EXPECT_EQ(tally.lines[0].form, 0);
  tally.Count("q", {});
  EXPECT_EQ(tally.purpose, "");
  std::vector<receipt::AccessLine> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back({"x" + std::to_string(i), 0, "", "", Reason::kForm});
  }
  tally.Count("q", many);
  EXPECT_EQ(tally.lines.size(), kMaxTallyLines);
  EXPECT_EQ(tally.count, 4U);
}

class Denials : public ::testing::Test {
 protected:
  std::vector<AccessView> Log() {
    return world_.consent().ListAccesses(ann_.id, {}, 0, 1'000)->entries;
  }
  std::size_t CountOf(AccessKind kind) {
    std::size_t out = 0;
    for (const AccessView& view : Log()) out += view.entry.kind == kind ? 1 : 0;
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(11);
  // Never granted.
  RecordId record_ = world_.Request(ann_).revision.record;
};

TEST_F(Denials, AFloodLeavesTwoEntriesAMinute) {
  std::vector<AccessId> accesses;
  for (int i = 0; i < 100; ++i) {
    const auto answer = world_.Read(record_);
    ASSERT_THAT(answer, IsOk());
    ASSERT_FALSE(answer->release);
    accesses.push_back(answer->access);
  }
  EXPECT_EQ(CountOf(AccessKind::kReleaseDecided), 1U);
  // One id and one promise for all of them, and the entry it promises is there.
  for (const AccessId& access : accesses) EXPECT_EQ(access, accesses.front());
  EXPECT_EQ(Log().front().entry.access, accesses.front().bytes());

  world_.clock().Advance(kDenialWindow);
  world_.consent().RunDue();
  const auto log = Log();
  EXPECT_EQ(log.front().entry.kind, AccessKind::kDenialsCounted);
  EXPECT_EQ(log.front().entry.revision, 99U);
  EXPECT_EQ(log.front().entry.record, record_.bytes());
  EXPECT_EQ(log.front().entry.purpose, testing::kCare);
  ASSERT_EQ(log.front().entry.lines.size(), 2U);
  EXPECT_EQ(log.front().entry.lines[0].reason, Reason::kNoConsent);
  // Said once.
  world_.clock().Advance(kDenialWindow);
  world_.consent().RunDue();
  EXPECT_EQ(CountOf(AccessKind::kDenialsCounted), 1U);
}

TEST_F(Denials, ThePromiseOfACountedOneIsKept) {
  (void)world_.Read(record_);
  const auto again = world_.Read(record_);
  ASSERT_THAT(again, IsOk());
  const auto promise =
      receipt::VerifyPromise(again->promise, world_.consent().evidence_key());
  ASSERT_THAT(promise, IsOk());
  EXPECT_EQ(base::ToBytes(promise->commitment),
            base::ToBytes(base::ByteView(Log().front().leaf).subspan(1)));
}

TEST_F(Denials, TheNextMinuteFirstSaysWhatTheLastOneCounted) {
  (void)world_.Read(record_);
  (void)world_.Read(record_);
  world_.clock().Advance(kDenialWindow);
  // No sweep: the read itself closes the tally.
  (void)world_.Read(record_);
  const auto log = Log();
  EXPECT_EQ(log[0].entry.kind, AccessKind::kReleaseDecided);
  EXPECT_EQ(log[1].entry.kind, AccessKind::kDenialsCounted);
  EXPECT_EQ(log[1].entry.revision, 1U);
}

TEST_F(Denials, ARestartForgetsNoCount) {
  (void)world_.Read(record_);
  (void)world_.Read(record_);
  world_.Restart();
  (void)world_.Read(record_);
  EXPECT_EQ(CountOf(AccessKind::kReleaseDecided), 1U);
  world_.clock().Advance(kDenialWindow);
  world_.consent().RunDue();
  EXPECT_EQ(Log().front().entry.revision, 2U);
}

TEST_F(Denials, ARecordThatDoesNotExistAnswersAlike) {
  const RecordId unknown = IdOf<RecordId>(0x77);
  const auto first = world_.Read(unknown);
  const auto second = world_.Read(unknown);
  const auto known_first = world_.Read(record_);
  const auto known_second = world_.Read(record_);
  EXPECT_EQ(first->access, second->access);
  EXPECT_EQ(known_first->access, known_second->access);
  EXPECT_EQ(first->outcomes[0].reason, known_first->outcomes[0].reason);
  EXPECT_EQ(first->promise.size(), known_first->promise.size());
  EXPECT_EQ(second->promise.size(), known_second->promise.size());
  world_.clock().Advance(kDenialWindow);
  world_.consent().RunDue();
  EXPECT_EQ(CountOf(AccessKind::kDenialsCounted), 1U);
}

// Otherwise a service would learn which of its records are one person's.
TEST_F(Denials, TwoRecordsOfOnePersonShareNothing) {
  AgreementContent other = testing::CareContent();
  other.purposes = {std::string(testing::kCare)};
  const RecordId second =
      world_.Request(ann_, world_.Publish(other)).revision.record;
  EXPECT_NE(world_.Read(record_)->access, world_.Read(second)->access);
  EXPECT_EQ(CountOf(AccessKind::kReleaseDecided), 2U);
}

TEST_F(Denials, AReadThatReleasesIsNeverCounted) {
  const RecordId granted = world_.Granted(ann_).revision.record;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(testing::Released(world_.Read(granted)));
  }
  EXPECT_EQ(CountOf(AccessKind::kReleaseDecided), 3U);
}

TEST_F(Denials, AFailedCommitCountsNothing) {
  (void)world_.Read(record_);
  stores_.memory().FailCommits(absl::UnavailableError("down"));
  EXPECT_FALSE(world_.Read(record_).ok());
  stores_.memory().FailCommits(absl::OkStatus());
  (void)world_.Read(record_);
  world_.clock().Advance(kDenialWindow);
  world_.consent().RunDue();
  EXPECT_EQ(Log().front().entry.revision, 1U);
}

}  // namespace
}  // namespace limpid::consent
