#include "common/receipt/access_entry.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/json/json.h"
#include "common/receipt/permit.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/receipt/damage.h"

namespace limpid::receipt {
namespace {

using base::Bytes;

AccessEntry TestEntry() {
  AccessEntry entry;
  entry.kind = AccessKind::kReleaseDecided;
  entry.actor = Actor::kService;
  entry.access.fill(1);
  entry.time = absl::FromUnixMillis(1'767'225'600'123);
  entry.sequence = 2;
  entry.previous.fill(3);
  entry.service.fill(4);
  entry.record.fill(5);
  entry.revision = 6;
  entry.basis = LegalBasis::kConsent;
  entry.purpose = "https://w3id.org/dpv#ServiceProvision";
  entry.system.fill(7);
  entry.snapshot.fill(8);
  entry.lines = {{.attribute = "person.birth_date",
                  .form = 2,
                  .derivation = "over_n/1",
                  .parameters = R"({"n":18})",
                  .reason = Reason::kReleased},
                 {.attribute = "person.email", .reason = Reason::kNoConsent}};
  entry.embargo.fill(9);
  return entry;
}

TEST(AccessEntry, RoundTripsByteForByte) {
  const auto decoded = AccessEntry::Decode(TestEntry().Encode());
  ASSERT_THAT(decoded, testing::IsOk());
  EXPECT_EQ(*decoded, TestEntry());
}

TEST(AccessEntry, NoBitIsIgnored) {
  const Bytes encoded = TestEntry().Encode();
  ExpectEveryFlipRefused(encoded, [](base::ByteView damaged) {
    const auto decoded = AccessEntry::Decode(damaged);
    return decoded.ok() && *decoded == TestEntry();
  });
  ExpectOtherLengthsRefused(encoded, [](base::ByteView bytes) {
    return AccessEntry::Decode(bytes).ok();
  });
}

TEST(AccessEntry, RefusesUnknownNumbers) {
  AccessEntry entry = TestEntry();
  entry.kind = static_cast<AccessKind>(26);
  EXPECT_FALSE(AccessEntry::Decode(entry.Encode()).ok());
  entry = TestEntry();
  entry.actor = static_cast<Actor>(0);
  EXPECT_FALSE(AccessEntry::Decode(entry.Encode()).ok());
  entry = TestEntry();
  entry.lines[0].reason = static_cast<Reason>(14);
  EXPECT_FALSE(AccessEntry::Decode(entry.Encode()).ok());
  entry = TestEntry();
  entry.lines[0].form = static_cast<std::uint8_t>(Form::kAttested);
  EXPECT_TRUE(AccessEntry::Decode(entry.Encode()).ok());
  entry.lines[0].form = 6;
  EXPECT_FALSE(AccessEntry::Decode(entry.Encode()).ok());
}

AccessEntry TestCompletion() {
  AccessEntry entry = TestEntry();
  entry.kind = AccessKind::kAccessCompleted;
  entry.sequence = 6;
  entry.lines.clear();
  entry.completions = {{3, AccessOutcome::kReleased},
                       {5, AccessOutcome::kFailed}};
  return entry;
}

TEST(AccessEntry, EndsWithWhatItCompletes) {
  const Bytes encoded = TestCompletion().Encode();
  EXPECT_EQ(base::HexEncode(encoded).substr(2 * (encoded.size() - 20)),
            "0002000000000000000301000000000000000503");
  EXPECT_EQ(AccessEntry::Decode(encoded).value(), TestCompletion());
  ExpectOtherLengthsRefused(encoded, [](base::ByteView bytes) {
    return AccessEntry::Decode(bytes).ok();
  });
  // In no other kind.
  AccessEntry other = TestCompletion();
  other.kind = AccessKind::kReleaseDecided;
  EXPECT_TRUE(AccessEntry::Decode(other.Encode())->completions.empty());
}

TEST(AccessEntry, CompletesEarlierEntriesOnceAndInOrder) {
  const auto refused = [](std::vector<Completion> completions) {
    AccessEntry entry = TestCompletion();
    entry.completions = std::move(completions);
    EXPECT_FALSE(AccessEntry::Decode(entry.Encode()).ok());
  };
  constexpr auto kSent = AccessOutcome::kReleased;
  refused({});
  refused({{0, kSent}});
  refused({{6, kSent}});
  refused({{3, kSent}, {3, kSent}});
  refused({{5, kSent}, {3, kSent}});
  refused({{3, static_cast<AccessOutcome>(0)}});
  refused({{3, static_cast<AccessOutcome>(5)}});
  AccessEntry most = TestCompletion();
  most.sequence = 1'000;
  most.completions.clear();
  for (std::uint64_t i = 1; i <= kMaxCompletions; ++i) {
    most.completions.push_back({i, kSent});
  }
  EXPECT_THAT(AccessEntry::Decode(most.Encode()), testing::IsOk());
  most.completions.push_back({kMaxCompletions + 1, kSent});
  EXPECT_FALSE(AccessEntry::Decode(most.Encode()).ok());
}

TEST(AccessEntry, EveryNumberHasAName) {
  for (int i = 1; i <= static_cast<int>(AccessOutcome::kPartial); ++i) {
    EXPECT_FALSE(OutcomeName(static_cast<AccessOutcome>(i)).empty());
  }

  for (int i = 0; i <= static_cast<int>(Reason::kRepresentative); ++i) {
    EXPECT_FALSE(ReasonName(static_cast<Reason>(i)).empty());
  }
  for (int i = 1; i <= static_cast<int>(kLastAccessKind); ++i) {
    EXPECT_FALSE(AccessKindName(static_cast<AccessKind>(i)).empty());
  }
  EXPECT_EQ(ReasonName(static_cast<Reason>(99)), "UNKNOWN");
}

TEST(Commit, MatchesTheVectorsOfAnotherProgram) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/commitment-vectors.json");
  const auto file = json::ParseStrict(testing::ReadFile(path));
  ASSERT_THAT(file, testing::IsOk());
  const json::Value vectors = file->GetArray("vectors").value();
  ASSERT_GT(vectors.size(), 0U);
  for (const json::Value& vector : vectors.elements()) {
    const auto opening = base::ToArray<32>(
        base::HexDecode(vector.GetString("opening").value()).value());
    const Bytes message =
        base::HexDecode(vector.GetString("message_hex").value()).value();
    EXPECT_EQ(base::HexEncode(Commit(
                  *opening, vector.GetString("context").value(), message)),
              vector.GetString("commitment").value());
  }
}

TEST(Commit, SplitsContextAndMessage) {
  const base::ByteArray<32> opening{};
  EXPECT_NE(Commit(opening, "access", base::AsBytes("s")),
            Commit(opening, "acces", base::AsBytes("ss")));
  EXPECT_EQ(Commit(opening, "access", base::AsBytes("s")),
            CommitAccessEntry(opening, base::AsBytes("s")));
}

}  // namespace
}  // namespace limpid::receipt
