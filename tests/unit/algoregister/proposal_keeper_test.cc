// Proposals are dear and anybody may ask: a hundredth of the time, nobody
// waits, and nothing that was erased is in an answer.

#include "algoregister/matching/proposal_keeper.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/store/memory_registration_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

// Counts what a computation reads, and lets a test act in its middle.
class WatchedStore final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<std::uint64_t> Count(const ListFilter& filter) const override {
    ++counted;
    if (on_count) on_count();
    if (pretended) return *pretended;
    return MemoryRegistrationStore::Count(filter);
  }
  absl::StatusOr<std::vector<Head>> List(const ListFilter& filter,
                                         const std::optional<ListCursor>& after,
                                         std::size_t limit) const override {
    ++listed;
    return MemoryRegistrationStore::List(filter, after, limit);
  }

  mutable int counted = 0;
  mutable int listed = 0;
  std::function<void()> on_count;
  std::optional<absl::StatusOr<std::uint64_t>> pretended;
};

class ProposalKeeperTest : public ::testing::Test {
 protected:
  Version Publish(RegistrationKind kind, json::Value content) {
    content.Remove("kind");
    return house_
        .Publish(*house_.target.PrepareNew(house_.By(house_.publisher), kind,
                                           content))
        .value();
  }
  // A deployment of a body of its own.
  RegistrationId Deploy(std::string_view title) {
    json::Value body = NewContent(RegistrationKind::kOrganisation);
    SetField(body, "name", Given(json::Value("Body")));
    const Version organisation =
        Publish(RegistrationKind::kOrganisation, std::move(body));
    json::Value content = NewContent(RegistrationKind::kDeployment);
    SetField(content, "title", GivenText("en", title));
    SetField(content, "organisation",
             Given(json::Value(organisation.registration.Text())));
    return Publish(RegistrationKind::kDeployment, std::move(content))
        .registration;
  }
  void Erase(const RegistrationId& id) {
    ASSERT_THAT(house_.target.EraseField({.registration = id,
                                          .number = 1,
                                          .pointer = "/fields/title",
                                          .ground = "a court's order"},
                                         /*check_only=*/false),
                IsOk());
  }
  // Number of registrations of the one proposal; 0 for none.
  std::size_t Proposed() {
    const auto kept = keeper_.Newest();
    EXPECT_THAT(kept, IsOk());
    if (!kept.ok() || kept->proposals->proposals.empty()) return 0;
    return kept->proposals->proposals.front().registrations.size();
  }
  // What another caller is told now. It may not wait: if it does, the answer is
  // kDeadlineExceeded.
  absl::Status AskMeanwhile() {
    others_.push_back(std::async(std::launch::async,
                                 [this] { return keeper_.Newest().status(); }));
    constexpr auto kPatience = std::chrono::seconds(5);
    if (others_.back().wait_for(kPatience) != std::future_status::ready) {
      return absl::DeadlineExceededError("waited");
    }
    return others_.back().get();
  }

  RegisterHouseOf<WatchedStore> house_;
  ProposalKeeper keeper_{house_.store, house_.target, house_.clock};
  std::vector<std::future<absl::Status>> others_;
};

TEST_F(ProposalKeeperTest, OnceAMinuteAndNotAtAllWhileNothingChanges) {
  house_.store.on_count = [this] { house_.clock.Advance(absl::Seconds(1)); };
  Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  EXPECT_EQ(Proposed(), 2U);
  house_.clock.Advance(absl::Hours(1));
  EXPECT_EQ(Proposed(), 2U);
  EXPECT_EQ(house_.store.counted, 1) << "nothing was published";
  Deploy("ReadSpeaker");
  EXPECT_EQ(Proposed(), 3U);
  const absl::Time second = keeper_.Newest()->time;
  EXPECT_EQ(second, house_.clock.Now() - absl::Seconds(1));
  Deploy("ReadSpeaker");
  house_.clock.Advance(absl::Seconds(58));
  EXPECT_EQ(Proposed(), 3U) << "as of a minute ago";
  EXPECT_EQ(keeper_.Newest()->time, second);
  EXPECT_EQ(house_.store.counted, 2);
  house_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(Proposed(), 4U);
  EXPECT_EQ(house_.store.counted, 3);
}

TEST_F(ProposalKeeperTest, WhatIsQuicklyComputedWaitsAHundredTimesAsLong) {
  house_.store.on_count = [this] {
    house_.clock.Advance(absl::Milliseconds(2));
  };
  Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  EXPECT_EQ(Proposed(), 2U);
  Deploy("ReadSpeaker");
  house_.clock.Advance(absl::Milliseconds(197));
  EXPECT_EQ(Proposed(), 2U);
  house_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Proposed(), 3U);
}

TEST_F(ProposalKeeperTest, TooManyAreCountedAndNotRead) {
  Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  house_.store.pretended = kMaxCandidates + 1;
  const auto refused =
      StatusSays(absl::StatusCode::kResourceExhausted, "too many");
  for (int i = 0; i < 3; ++i) EXPECT_THAT(keeper_.Newest(), refused);
  EXPECT_EQ(house_.store.counted, 1) << "the refusal is kept";
  EXPECT_EQ(house_.store.listed, 0) << "nothing was read";
  house_.store.pretended.reset();
  EXPECT_THAT(keeper_.Newest(), refused);
  house_.clock.Advance(ProposalKeeper::kInterval);
  EXPECT_EQ(Proposed(), 2U);
}

TEST_F(ProposalKeeperTest, AFaultOfTheStoreIsOverAfterAMinute) {
  Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  house_.store.pretended = absl::InternalError("the disk");
  EXPECT_THAT(keeper_.Newest(), StatusIs(absl::StatusCode::kInternal));
  house_.store.pretended.reset();
  house_.clock.Advance(ProposalKeeper::kInterval);
  EXPECT_EQ(Proposed(), 2U) << "though nothing was published";
}

TEST_F(ProposalKeeperTest, NobodyWaitsForWhoComputes) {
  Deploy("ReadSpeaker");
  absl::Status told;
  house_.store.on_count = [&] {
    if (house_.store.counted <= 2) told = AskMeanwhile();
  };
  EXPECT_THAT(keeper_.Newest(), IsOk());
  EXPECT_THAT(told, StatusSays(absl::StatusCode::kUnavailable, "ask again"));
  Deploy("ReadSpeaker");
  house_.clock.Advance(ProposalKeeper::kInterval);
  EXPECT_THAT(keeper_.Newest(), IsOk());
  EXPECT_THAT(told, IsOk()) << "what there was before";
  EXPECT_EQ(house_.store.counted, 2) << "the others computed nothing";
}

TEST_F(ProposalKeeperTest, AnErasureWaitsForNoMinute) {
  Deploy("ReadSpeaker");
  const RegistrationId second = Deploy("ReadSpeaker");
  const RegistrationId third = Deploy("ReadSpeaker");
  EXPECT_EQ(Proposed(), 3U);
  Erase(third);
  EXPECT_EQ(Proposed(), 2U);
  // One that ends while proposals are computed is in no answer either.
  Deploy("ReadSpeaker");
  house_.clock.Advance(ProposalKeeper::kInterval);
  house_.store.on_count = [&] {
    house_.store.on_count = nullptr;
    Erase(second);
  };
  EXPECT_THAT(keeper_.Newest(),
              StatusSays(absl::StatusCode::kUnavailable, "erased"));
  EXPECT_EQ(Proposed(), 2U);
}

TEST_F(ProposalKeeperTest, AProposalSaysWhichVersionsItIsMadeFrom) {
  const RegistrationId first = Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  house_.clock.Advance(absl::Hours(1));
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "readspeaker"));
  content.Remove("kind");
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), first, content)),
              IsOk());
  const auto candidates = CandidatesOf(house_.store);
  ASSERT_THAT(candidates, IsOk());
  for (const Candidate& one : *candidates) {
    const bool updated = one.registration == first;
    EXPECT_EQ(one.newest - one.first,
              updated ? absl::Hours(1) : absl::ZeroDuration());
  }
  const auto kept = keeper_.Newest();
  ASSERT_THAT(kept, IsOk());
  ASSERT_EQ(kept->proposals->proposals.size(), 1U);
  const Proposal& one = kept->proposals->proposals.front();
  ASSERT_EQ(one.versions.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.versions[i], one.registrations[i] == first ? 2U : 1U);
  }
}

}  // namespace
}  // namespace limpid::algoregister
