// A task that breaks its promise to change nothing before it fails, a queue
// that is full of reads, and callers that nobody's thread waits for.

#include "consent/ledger/sequencer.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/late_answer.h"
#include "consent/consent_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

TEST(Sequencer, ATaskThatFailsHalfWayLeavesNothing) {
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  const RecordId record = world.Granted(ann).revision.record;
  const LedgerHead before = *stores.ledger().Head();
  Sequencer& sequencer = *world.consent().state().sequencer;
  const auto done = sequencer.Call<bool>(
      [&](Persons& persons, Batch& batch) -> absl::StatusOr<bool> {
        PersonState* const person = persons.Load(ann.id).value();
        receipt::AccessEntry entry;
        entry.kind = receipt::AccessKind::kWithdrawn;
        batch.Append(*person, entry);
        persons.LoadRecord(*person, record).value()->revision.state =
            RecordState::kWithdrawn;
        return absl::DataLossError("the second half fails");
      },
      nullptr, /*alone=*/true);
  EXPECT_THAT(done, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(*stores.ledger().Head(), before);
  // Memory forgot it too, and the chain goes on where it was.
  EXPECT_TRUE(testing::Released(world.Read(record)));
  const auto log = world.consent().ListAccesses(ann.id, {}, 0, 10);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->entries.size(), 3U);
  EXPECT_EQ(log->entries.front().entry.sequence, 3U);
}

// Does nothing, in the order of the others.
class Idle final : public Task {
 public:
  // `done` is told how it ended; may be empty.
  explicit Idle(bool gives_way, std::function<void(const absl::Status&)> done)
      : gives_way_(gives_way), done_(std::move(done)) {}
  [[nodiscard]] bool gives_way() const override { return gives_way_; }
  absl::Status Prepare(Persons& /*persons*/, Batch& /*batch*/) override {
    return absl::OkStatus();
  }
  void Finish(const absl::Status& status,
              const BatchProofs& /*proofs*/) override {
    if (done_) done_(status);
  }

 private:
  const bool gives_way_;
  const std::function<void(const absl::Status&)> done_;
};

// Holds the sequencer as a store that does not answer would.
class Stuck final : public Task {
 public:
  Stuck(std::promise<void>& begun, std::shared_future<void> go_on)
      : begun_(begun), go_on_(std::move(go_on)) {}
  [[nodiscard]] bool alone() const override { return true; }
  absl::Status Prepare(Persons& /*persons*/, Batch& /*batch*/) override {
    begun_.set_value();
    go_on_.wait();
    return absl::OkStatus();
  }
  void Finish(const absl::Status& /*status*/,
              const BatchProofs& /*proofs*/) override {}

 private:
  std::promise<void>& begun_;
  const std::shared_future<void> go_on_;
};

TEST(Sequencer, ReadsLeaveHalfOfTheQueueToActs) {
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  const RecordId record = world.Granted(ann).revision.record;
  Sequencer& sequencer = *world.consent().state().sequencer;
  std::promise<void> begun;
  std::promise<void> go_on;
  sequencer.Submit(std::make_unique<Stuck>(begun, go_on.get_future().share()));
  begun.get_future().wait();
  for (std::size_t i = 0; i + 1 < Sequencer::kMaxWaitingReads; ++i) {
    sequencer.Submit(std::make_unique<Idle>(/*gives_way=*/true, nullptr));
  }
  // The last that is taken, and the first that is not.
  std::optional<absl::StatusOr<Authorisation>> taken;
  std::optional<absl::StatusOr<Authorisation>> refused;
  std::optional<absl::StatusOr<CohortAnswer>> cohort;
  world.consent().Authorise(
      testing::World::ReadRequestFor(record),
      [&](auto answer) { taken.emplace(std::move(answer)); });
  EXPECT_FALSE(taken.has_value());
  world.consent().Authorise(
      testing::World::ReadRequestFor(record),
      [&](auto answer) { refused.emplace(std::move(answer)); });
  world.consent().AuthoriseCohort(
      {}, [&](auto answer) { cohort.emplace(std::move(answer)); });
  EXPECT_TRUE(refused.has_value());
  EXPECT_TRUE(cohort.has_value());
  std::optional<absl::Status> act;
  sequencer.Submit(std::make_unique<Idle>(
      /*gives_way=*/false, [&](const absl::Status& status) { act = status; }));
  EXPECT_FALSE(act.has_value());
  auto withdrawn = std::async(std::launch::async, [&] {
    return world.consent().Withdraw(ann.id, record).status();
  });
  go_on.set_value();
  EXPECT_THAT(withdrawn.get(), IsOk());
  ASSERT_TRUE(refused.has_value() && cohort.has_value());
  EXPECT_THAT(*refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(*cohort, StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_TRUE(taken.has_value() && act.has_value());
  EXPECT_TRUE(testing::Released(*taken));
  EXPECT_THAT(*act, IsOk());
}

// What a worker does for a caller who withdraws while bytes are on their way.
TEST(Sequencer, NoThreadWaitsForAFenceWhenTheAnswerCan) {
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  const RecordId record = world.Granted(ann).revision.record;
  auto read = world.Read(record);
  ASSERT_TRUE(testing::Released(read));
  ASSERT_TRUE(read->release->hold->HandOverIfLive([] {}));
  std::promise<void> answered;
  auto answer = answered.get_future();
  auto worker = std::async(std::launch::async, [&] {
    const auto late = std::make_shared<base::LateAnswer>();
    absl::StatusOr<ChangedRecord> changed = absl::UnknownError("");
    {
      const base::LateAnswer::Scope scope(late);
      changed = world.consent().Withdraw(ann.id, record);
    }
    late->Give([&](const absl::Status& held) {
      EXPECT_THAT(held, IsOk());
      answered.set_value();
    });
    return changed;
  });
  // The worker is free, and knows what it will answer.
  const bool free =
      worker.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  EXPECT_TRUE(free);
  if (free) {
    const auto changed = worker.get();
    EXPECT_THAT(changed, IsOk());
    EXPECT_TRUE(changed->receipt.has_value());
    EXPECT_FALSE(testing::Released(world.Read(record)));
  }
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)),
            std::future_status::timeout);
  read->release->hold->Close();
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(10)),
            std::future_status::ready);
}

// What an act's answer says when the task was settled, or was not, and
// finished.
absl::Status AnswerOf(bool settled, const absl::Status& finished) {
  const auto late = std::make_shared<base::LateAnswer>();
  std::unique_ptr<Task> task;
  {
    const base::LateAnswer::Scope scope(late);
    task = std::make_unique<internal::CallTask<bool>>(
        [](Persons&, Batch&) -> absl::StatusOr<bool> { return true; }, nullptr,
        std::make_shared<internal::Waiting<bool>>(), /*alone=*/false);
  }
  if (settled) task->Settled(absl::OkStatus(), {});
  task->Finish(finished, {});
  absl::Status said = absl::UnknownError("nothing was said");
  late->Give([&](const absl::Status& held) { said = held; });
  return said;
}

// A role that stops while bytes are on their way: whoever was promised that
// none follows hears that it is not so.
TEST(Sequencer, AWaitForFencesThatFailsIsTheAnswer) {
  const absl::Status stopped = absl::UnavailableError("stopped");
  EXPECT_EQ(AnswerOf(/*settled=*/true, stopped), stopped);
  EXPECT_EQ(AnswerOf(/*settled=*/true, absl::OkStatus()), absl::OkStatus());
  // What failed before the caller went on is told there alone.
  EXPECT_EQ(AnswerOf(/*settled=*/false, stopped), absl::OkStatus());
}

}  // namespace
}  // namespace limpid::consent
