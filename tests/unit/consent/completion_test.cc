// What became of an access: said once by the source that got the permit,
// written later and together, and missing where nobody said it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/consent_state.h"
#include "consent/log/completion_book.h"
#include "consent/log/completion_writing.h"
#include "consent/log/completions_seen.h"
#include "consent/log/erasure_desk.h"
#include "consent/source/remote_permits.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::AccessKind;
using receipt::AccessOutcome;
using testing::IdOf;
using testing::World;

class Completions : public ::testing::Test {
 protected:
  // A read that got a permit.
  std::unique_ptr<OpenPermit> Permit(const RecordId& record) {
    auto answer = world_.Read(record);
    EXPECT_TRUE(testing::Released(answer));
    return std::move(answer->release->hold);
  }
  std::unique_ptr<OpenPermit> Permit() { return Permit(record_); }
  void Write(bool all = true) {
    WriteCompletions(world_.consent().state(), all);
  }

  // Newest first.
  std::vector<AccessView> Page(std::uint64_t below, std::size_t limit,
                               const AccessFilter& filter = {}) {
    return world_.consent()
        .ListAccesses(ann_.id, filter, below, limit)
        ->entries;
  }
  std::vector<AccessView> Log() { return Page(0, 1'000); }
  // Of her releases, newest first.
  std::vector<ShownOutcome> Outcomes() {
    std::vector<ShownOutcome> out;
    for (const AccessView& view : Log()) {
      if (view.entry.kind == AccessKind::kReleaseDecided) {
        out.push_back(view.outcome);
      }
    }
    return out;
  }
  std::size_t CompletionCount() {
    std::size_t out = 0;
    for (const AccessView& view : Log()) {
      out += view.entry.kind == AccessKind::kAccessCompleted ? 1 : 0;
    }
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(11);
  RecordId record_ = world_.Granted(ann_).revision.record;
};

TEST_F(Completions, EveryOutcomeIsShownAtItsAccess) {
  for (int i = 1; i <= 4; ++i) {
    Permit()->CloseWith(static_cast<AccessOutcome>(i));
  }
  EXPECT_EQ(Outcomes(), std::vector<ShownOutcome>(4, ShownOutcome::kPending));
  Write();
  EXPECT_EQ(Outcomes(),
            (std::vector<ShownOutcome>{
                ShownOutcome::kPartial, ShownOutcome::kFailed,
                ShownOutcome::kNothingSent, ShownOutcome::kReleased}));
  // All four in one entry, which names the record and nothing else.
  const AccessView newest = Log().front();
  ASSERT_EQ(newest.entry.kind, AccessKind::kAccessCompleted);
  EXPECT_EQ(newest.entry.completions.size(), 4U);
  EXPECT_EQ(newest.entry.record, record_.bytes());
  EXPECT_EQ(newest.entry.revision, 0U);
  EXPECT_TRUE(newest.entry.lines.empty());
  EXPECT_EQ(newest.outcome, ShownOutcome::kNone);
  EXPECT_EQ(CompletionCount(), 1U);
}

TEST_F(Completions, OnlyTheFirstWordCounts) {
  const auto permit = Permit();
  permit->CloseWith(AccessOutcome::kFailed);
  permit->CloseWith(AccessOutcome::kReleased);
  Write();
  permit->CloseWith(AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kFailed);
  EXPECT_EQ(CompletionCount(), 1U);
  // And closed without a word is a word as well.
  const auto silent = Permit();
  silent->Close();
  silent->CloseWith(AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(CompletionCount(), 1U);
}

TEST_F(Completions, WhatNobodyCompletesBecomesUnfinished) {
  Permit().reset();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kPending);
  world_.clock().Advance(kUnfinishedAfter - absl::Milliseconds(1));
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kPending);
  world_.clock().Advance(absl::Milliseconds(1));
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kUnfinished);
  world_.Restart();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kUnfinished);
}

// Consent crashes between what the source said and its being written.
TEST_F(Completions, ALostWordLeavesTheAccessUnfinished) {
  Permit()->CloseWith(AccessOutcome::kReleased);
  stores_.memory().FailCommits(absl::UnavailableError("down"));
  world_.Stop();
  stores_.memory().FailCommits(absl::OkStatus());
  world_.Restart();
  world_.clock().Advance(kUnfinishedAfter);
  Write();
  EXPECT_EQ(Outcomes(), std::vector<ShownOutcome>{ShownOutcome::kUnfinished});
}

TEST_F(Completions, StoppingInOrderLosesNone) {
  Permit()->CloseWith(AccessOutcome::kReleased);
  world_.Restart();
  EXPECT_EQ(Outcomes(), std::vector<ShownOutcome>{ShownOutcome::kReleased});
}

TEST_F(Completions, ARefusedReadHasNoOutcome) {
  AuthoriseRequest request = World::ReadRequestFor(record_);
  request.read.purpose = testing::kMarketing;
  ASSERT_FALSE(testing::Released(world_.Ask(std::move(request))));
  world_.clock().Advance(kUnfinishedAfter);
  EXPECT_EQ(Outcomes(), std::vector<ShownOutcome>{ShownOutcome::kNone});
}

TEST_F(Completions, WaitForEachOtherButNotForEver) {
  Permit()->CloseWith(AccessOutcome::kReleased);
  Write(/*all=*/false);
  EXPECT_EQ(CompletionCount(), 0U);
  world_.clock().Advance(kCompletionDelay);
  Permit()->CloseWith(AccessOutcome::kReleased);
  Write(/*all=*/false);
  EXPECT_EQ(CompletionCount(), 1U);
  EXPECT_EQ(Log().front().entry.completions.size(), 2U);
}

TEST_F(Completions, NoneComesLaterThanWhereItIsLookedFor) {
  const auto in_time = Permit();
  world_.clock().Advance(kCompletionWindow);
  in_time->CloseWith(AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kReleased);
  const auto late = Permit();
  world_.clock().Advance(kCompletionWindow + absl::Milliseconds(1));
  late->CloseWith(AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kUnfinished);
  EXPECT_EQ(CompletionCount(), 1U);
}

TEST_F(Completions, APageInTheMiddleFindsThemAboveIt) {
  const auto first = Permit();
  const std::uint64_t sequence = Log().front().entry.sequence;
  // More entries in between than one look of the store.
  for (int i = 0; i < 300; ++i) (void)Permit();
  world_.clock().Advance(kCompletionWindow);
  first->CloseWith(AccessOutcome::kPartial);
  Write();
  const auto page = Page(sequence + 1, 1);
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page.front().entry.sequence, sequence);
  EXPECT_EQ(page.front().outcome, ShownOutcome::kPartial);
  // Its neighbour above was not completed.
  EXPECT_EQ(Page(sequence + 2, 1).front().outcome, ShownOutcome::kUnfinished);
}

TEST_F(Completions, WhatWasNotLookedForFarEnoughIsNotCalledUnfinished) {
  (void)Permit();
  const std::uint64_t sequence = Log().front().entry.sequence;
  const auto enough = static_cast<int>(CompletionsSeen::kMaxNewer);
  for (int i = 0; i <= enough; ++i) (void)Permit();
  world_.clock().Advance(kUnfinishedAfter);
  EXPECT_EQ(Page(sequence + 1, 1).front().outcome, ShownOutcome::kNone);
}

TEST_F(Completions, AreFilteredWithTheirRecordAndService) {
  const RecordId other =
      world_.Granted(ann_, world_.Publish(testing::CareContent()))
          .revision.record;
  Permit(record_)->CloseWith(AccessOutcome::kReleased);
  Permit(other)->CloseWith(AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(CompletionCount(), 2U);
  AccessFilter filter;
  filter.record = record_;
  std::size_t found = 0;
  for (const AccessView& view : Page(0, 100, filter)) {
    found += view.entry.kind == AccessKind::kAccessCompleted ? 1 : 0;
  }
  EXPECT_EQ(found, 1U);
}

TEST_F(Completions, NineHundredAccessesMakeFourEntries) {
  for (int i = 0; i < 900; ++i) {
    Permit()->CloseWith(AccessOutcome::kReleased);
  }
  Write();
  EXPECT_EQ(CompletionCount(), 4U);
  EXPECT_EQ(Outcomes(),
            std::vector<ShownOutcome>(900, ShownOutcome::kReleased));
}

TEST_F(Completions, TheReadItselfWaitsForNone) {
  const std::uint64_t before = world_.consent().batch_count();
  Permit()->CloseWith(AccessOutcome::kReleased);
  EXPECT_EQ(world_.consent().batch_count(), before + 1);
}

TEST_F(Completions, OnlyTheSourceOfThePermitIsHeard) {
  RemotePermits remote(world_.clock());
  auto answer = world_.Read(record_);
  ASSERT_TRUE(testing::Released(answer));
  const SourceId own = World::vault();
  ASSERT_TRUE(remote.Send(own, answer->access, std::move(answer->release->hold),
                          [] {}));
  remote.Close(IdOf<SourceId>(8), answer->access, AccessOutcome::kReleased);
  remote.Close(own, IdOf<AccessId>(8), AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(CompletionCount(), 0U);
  // Late, but not too late.
  world_.clock().Advance(kRemotePatience - absl::Milliseconds(1));
  remote.Close(own, answer->access, AccessOutcome::kNothingSent);
  remote.Close(own, answer->access, AccessOutcome::kReleased);
  Write();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kNothingSent);
  EXPECT_EQ(CompletionCount(), 1U);
}

TEST_F(Completions, APermitThatAFenceKeptBackSentNothing) {
  RemotePermits remote(world_.clock());
  auto answer = world_.Read(record_);
  ASSERT_TRUE(testing::Released(answer));
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record_), IsOk());
  EXPECT_FALSE(remote.Send(World::vault(), answer->access,
                           std::move(answer->release->hold), [] {}));
  Write();
  EXPECT_EQ(Outcomes().front(), ShownOutcome::kNothingSent);
}

TEST(CompletionBook, IsBounded) {
  limpid::testing::FakeClock clock(testing::kStart);
  CompletionBook book(clock);
  const PermittedAccess access = {IdOf<PersonId>(1), IdOf<RecordId>(2), 3,
                                  testing::kStart};
  for (std::size_t i = 0; i <= CompletionBook::kMaxWaiting; ++i) {
    book.Add(access, AccessOutcome::kReleased);
  }
  EXPECT_EQ(book.waiting_count(), CompletionBook::kMaxWaiting);
  EXPECT_EQ(book.Take(10, /*all=*/true).size(), 1U);
  EXPECT_EQ(book.waiting_count(), 0U);
  EXPECT_TRUE(book.Take(10, /*all=*/true).empty());
}

}  // namespace
}  // namespace limpid::consent
