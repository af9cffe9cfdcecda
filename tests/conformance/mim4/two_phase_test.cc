// L:CS-18: the entry of an access is there when it is decided, and gets the
// outcome from its source afterwards, once. What a crash in between leaves is
// shown from inside the server by Completions in consent_test.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim4/rows.h"
#include "tests/conformance/mim4/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;

class Mim4TwoPhase : public Mim4 {
 protected:
  // The entries of a record, newest first.
  std::vector<consent::v1::AccessEntry> Entries(const std::string& record) {
    const auto entries = person_->consent().ListAccesses(record, 100);
    EXPECT_THAT(entries, IsOk());
    return entries.ok() ? *entries : std::vector<consent::v1::AccessEntry>();
  }
  consent::v1::AccessEntry EntryOf(const std::string& record,
                                   const std::string& access) {
    for (const auto& entry : Entries(record)) {
      if (entry.access_id() == access) return entry;
    }
    ADD_FAILURE() << "no entry of the access";
    return {};
  }
  // Its outcome once the source's word is in the log.
  consent::v1::AccessOutcome Outcome(const std::string& record,
                                     const std::string& access) {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      const auto outcome = EntryOf(record, access).outcome();
      if (outcome != consent::v1::ACCESS_OUTCOME_PENDING) return outcome;
      absl::SleepFor(absl::Milliseconds(100));
    }
    return consent::v1::ACCESS_OUTCOME_PENDING;
  }
};

TEST_F(Mim4TwoPhase, AnEntryIsCompletedOnceWithWhatTheSourceDid) {
  Cite({"L:CS-18", kConnectivity,
        "an entry is completed with what the source did"});
  const std::string record = Granted({kName, kEmail});
  const auto whole = Read(record, {kName});
  ASSERT_THAT(whole, IsOk());
  // The first phase: there at once, with nothing said yet.
  const auto first = EntryOf(record, whole->access_id());
  EXPECT_EQ(first.outcome(), consent::v1::ACCESS_OUTCOME_PENDING);
  // Allowed, but half of it, and then all of it, is not there any more.
  ASSERT_THAT(person_->vault().Erase(kEmail, 1), IsOk());
  const auto part = Read(record, {kName, kEmail});
  ASSERT_THAT(part, IsOk());
  const auto nothing = Read(record, {kEmail});
  ASSERT_THAT(nothing, IsOk());

  EXPECT_EQ(Outcome(record, whole->access_id()),
            consent::v1::ACCESS_OUTCOME_RELEASED);
  EXPECT_EQ(Outcome(record, part->access_id()),
            consent::v1::ACCESS_OUTCOME_PARTIAL);
  EXPECT_EQ(Outcome(record, nothing->access_id()),
            consent::v1::ACCESS_OUTCOME_NOTHING_SENT);

  // The second phase: the entry is what it was, and each is completed once.
  const auto after = EntryOf(record, whole->access_id());
  EXPECT_EQ(after.leaf(), first.leaf());
  EXPECT_EQ(after.sequence(), first.sequence());
  std::vector<std::uint64_t> completed;
  for (const auto& entry : Entries(record)) {
    for (const auto& one : entry.completions()) {
      EXPECT_LT(one.sequence(), entry.sequence());
      completed.push_back(one.sequence());
    }
  }
  EXPECT_EQ(completed.size(), 3U);
  std::sort(completed.begin(), completed.end());
  EXPECT_EQ(std::unique(completed.begin(), completed.end()), completed.end());
}

TEST_F(Mim4TwoPhase, ARefusalHasNoSecondPhase) {
  Cite({"L:CS-18", kConnectivity,
        "an entry is completed with what the source did"});
  const std::string record = Granted({kName});
  const auto refused = Read(record, {kEmail});
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(EntryOf(record, refused->access_id()).outcome(),
            consent::v1::ACCESS_OUTCOME_UNSPECIFIED);
}

}  // namespace
}  // namespace limpid::mim4
