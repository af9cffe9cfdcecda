#include "consent/record/revision.h"

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;

// The worked example of docs/formats/consent-record-chain.md.
Revision Example() {
  Revision out;
  out.record = IdOf<RecordId>(1);
  out.person = IdOf<PersonId>(2);
  out.service = IdOf<ServiceId>(3);
  out.agreement = IdOf<AgreementId>(4);
  out.agreement_version = 1;
  out.agreement_hash.fill(5);
  out.time = absl::FromUnixMillis(1'767'225'600'000);
  out.answer_by = absl::FromUnixMillis(1'767'830'400'000);
  return out;
}

std::vector<Revision> History() {
  std::vector<Revision> out = {Example()};
  const absl::Time start = out[0].time;
  out.push_back(NextRevision(out.back(), RecordEvent::kGrant,
                             receipt::Actor::kPerson, start + absl::Seconds(1))
                    .value());
  out.push_back(NextRevision(out.back(), RecordEvent::kPause,
                             receipt::Actor::kPerson, start + absl::Seconds(2))
                    .value());
  out.push_back(NextRevision(out.back(), RecordEvent::kWithdraw,
                             receipt::Actor::kPerson, start + absl::Seconds(3))
                    .value());
  return out;
}

TEST(Revision, WorkedExampleOfTheFormatPage) {
  const base::Bytes bytes = Example().Encode();
  EXPECT_EQ(base::HexEncode(base::ByteView(bytes).first(49)),
            "186c696d7069642f7265636f72642d7265766973696f6e2f31020e0200"
            "0101010101010101010101010101010100000001");
  EXPECT_EQ(bytes.size(), 403U);
  EXPECT_EQ(base::HexEncode(Example().Hash()),
            "cb7f927448d3681228585dd0fd09b0a5454a5cdffc9ed2505335e57f1030473f");
}

TEST(Revision, ReadsBackWhatItWrote) {
  Revision revision = Example();
  revision.lines = {0, 2, 63};
  revision.reason = "a court said so";
  revision.use_count = 7;
  revision.signature.fill(8);
  const auto back = Revision::Decode(revision.Encode());
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, revision);
}

TEST(Revision, RefusesEveryPrefixAndATrailingByte) {
  base::Bytes bytes = Example().Encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Revision::Decode(base::ByteView(bytes).first(size)).ok());
  }
  bytes.push_back(0);
  EXPECT_THAT(Revision::Decode(bytes),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Revision, RefusesUnknownNumbers) {
  const base::Bytes bytes = Example().Encode();
  for (const std::size_t offset : {25U, 26U, 27U, 28U}) {
    base::Bytes bad = bytes;
    bad[offset] = 99;
    EXPECT_FALSE(Revision::Decode(bad).ok()) << offset;
  }
}

TEST(RevisionChain, AcceptsAnUnbrokenHistory) {
  EXPECT_THAT(CheckChain(History()), IsOk());
}

TEST(RevisionChain, EveryBitOfAnOldRevisionCounts) {
  const std::vector<Revision> history = History();
  const base::Bytes bytes = history[1].Encode();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    base::Bytes bad = bytes;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    const auto decoded = Revision::Decode(bad);
    if (!decoded.ok()) continue;
    std::vector<Revision> changed = history;
    changed[1] = *decoded;
    EXPECT_THAT(CheckChain(changed), StatusIs(absl::StatusCode::kDataLoss))
        << bit;
  }
}

TEST(RevisionChain, RefusesGapsDoublesAndMoves) {
  const std::vector<Revision> history = History();
  std::vector<Revision> gap = {history[0], history[2], history[3]};
  std::vector<Revision> twice = {history[0], history[1], history[1]};
  std::vector<Revision> moved = {history[0], history[2], history[1]};
  std::vector<Revision> headless = {history[1], history[2]};
  for (const auto& bad : {gap, twice, moved, headless}) {
    EXPECT_THAT(CheckChain(bad), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(RevisionChain, TimeNeverGoesBack) {
  const Revision first = Example();
  const auto next =
      NextRevision(first, RecordEvent::kGrant, receipt::Actor::kPerson,
                   first.time - absl::Hours(1));
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->time, first.time);
}

TEST(RevisionChain, ASignatureIsNotCarriedOver) {
  Revision granted = Example();
  granted.state = RecordState::kGranted;
  granted.signature.fill(1);
  granted.statement_hash.fill(2);
  const auto next = NextRevision(granted, RecordEvent::kWithdraw,
                                 receipt::Actor::kPerson, granted.time);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->signature, base::ByteArray<64>{});
  EXPECT_EQ(next->statement_hash, base::Digest32{});
}

}  // namespace
}  // namespace limpid::consent
