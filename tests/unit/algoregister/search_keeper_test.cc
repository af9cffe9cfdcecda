// The keeper of the index: who reads waits for no other reader and for no long
// taking in, and what was erased is gone.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/content.h"
#include "algoregister/search/keeper.h"
#include "algoregister/store/memory_registration_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister::search {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kPatience = std::chrono::seconds(5);

std::size_t SizeOf(IndexKeeper& keeper) {
  std::size_t out = 0;
  EXPECT_THAT(
      keeper.Read([&out](const SearchIndex& index) { out = index.size(); }),
      IsOk());
  return out;
}

TEST(IndexKeeper, ForgetsWhatWasErasedInTheStore) {
  RegisterHouse house;
  json::Value content = SystemRequest("Chatbot");
  SetField(content, "description", GivenText("en", "Answers zebras."));
  const auto version = house.Publish(*house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, content));
  ASSERT_THAT(version, IsOk());
  IndexKeeper keeper(house.store);
  const auto count = [&keeper](const char* query) {
    std::uint64_t out = 0;
    EXPECT_THAT(keeper.Read([&](const SearchIndex& index) {
      out = index.Search({.query = query}, 0, 9).total_count;
    }),
                IsOk());
    return out;
  };
  EXPECT_THAT(keeper.Refresh(version->registration), IsOk())
      << "before it is in the index";
  EXPECT_EQ(count("zebras"), 1U);
  ASSERT_THAT(house.target.EraseField({.registration = version->registration,
                                       .number = 0,
                                       .pointer = "/fields/description",
                                       .ground = "a court's order"},
                                      /*check_only=*/false),
              IsOk());
  EXPECT_THAT(keeper.Refresh(version->registration), IsOk());
  EXPECT_EQ(count("zebras"), 0U);
  EXPECT_EQ(count("chatbot"), 1U);
}

TEST(IndexKeeper, WhoReadsWaitsForNoOtherReader) {
  RegisterHouse house;
  house.NewSystem("Chatbot");
  IndexKeeper keeper(house.store);
  std::future<std::size_t> other;
  EXPECT_THAT(keeper.Read([&](const SearchIndex&) {
    other = std::async(std::launch::async, [&] { return SizeOf(keeper); });
    EXPECT_EQ(other.wait_for(kPatience), std::future_status::ready);
  }),
              IsOk());
  EXPECT_EQ(other.get(), 1U);
}

// Lets a test act while a history is read.
class HookedStore final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<std::vector<Version>> History(
      const RegistrationId& registration, std::uint32_t after,
      std::size_t limit) const override {
    if (on_history) on_history();
    return MemoryRegistrationStore::History(registration, after, limit);
  }
  std::function<void()> on_history;
};

TEST(IndexKeeper, NobodyWaitsForTheHistoryOfWhatWasErased) {
  RegisterHouseOf<HookedStore> house;
  const Version one = house.NewSystem("Chatbot");
  IndexKeeper keeper(house.store);
  EXPECT_EQ(SizeOf(keeper), 1U);
  house.NewSystem("Another");
  std::future<std::size_t> reader;
  house.store.on_history = [&] {
    reader = std::async(std::launch::async, [&] { return SizeOf(keeper); });
    EXPECT_EQ(reader.wait_for(kPatience), std::future_status::ready);
  };
  EXPECT_THAT(keeper.Refresh(one.registration), IsOk());
  EXPECT_EQ(reader.get(), 2U) << "she takes in what is new";
}

// A report may be made of entries from before.
TEST(IndexKeeper, AnAnswerIsMadeAgainIfSomethingWasErasedMeanwhile) {
  RegisterHouse house;
  const Version one = house.NewSystem("A. Person of Note");
  IndexKeeper keeper(house.store);
  house.target.Tell({.erased = [&keeper](const RegistrationId& id) {
    return keeper.Refresh(id);
  }});
  int made = 0;
  std::string title;
  const auto make = [&]() -> absl::Status {
    const auto entries = keeper.Snapshot();
    if (!entries.ok()) return entries.status();
    if (++made == 1) {
      EXPECT_THAT(house.target.EraseField({.registration = one.registration,
                                           .number = 1,
                                           .pointer = "/fields/title",
                                           .ground = "a court's order"},
                                          /*check_only=*/false),
                  IsOk());
    }
    title = entries->entry(0).title;
    return absl::OkStatus();
  };
  EXPECT_THAT(keeper.Answer(make), IsOk());
  EXPECT_EQ(made, 2);
  EXPECT_EQ(title.find("Person"), std::string::npos) << title;
  EXPECT_THAT(keeper.Answer(make), IsOk());
  EXPECT_EQ(made, 3) << "nothing was erased";
}

TEST(IndexKeeper, AnAnswerThatIsAlwaysOvertakenDoesNotGoOut) {
  RegisterHouse house;
  const Version one = house.NewSystem("Chatbot");
  IndexKeeper keeper(house.store);
  EXPECT_THAT(keeper.Answer([&] { return keeper.Refresh(one.registration); }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(keeper.Answer([] { return absl::NotFoundError("no"); }),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(IndexKeeper, FarBehindAReaderTakesWhatThereIs) {
  RegisterHouse house;
  IndexKeeper keeper(house.store);
  for (std::uint64_t i = 0; i < IndexKeeper::kMostBehind; ++i) {
    house.NewSystem("Chatbot");
  }
  EXPECT_EQ(SizeOf(keeper), IndexKeeper::kMostBehind);
  for (std::uint64_t i = 0; i <= IndexKeeper::kMostBehind; ++i) {
    house.NewSystem("Chatbot");
  }
  EXPECT_EQ(SizeOf(keeper), IndexKeeper::kMostBehind);
  EXPECT_THAT(keeper.CatchUp(), IsOk());
  EXPECT_EQ(SizeOf(keeper), 2 * IndexKeeper::kMostBehind + 1);
  house.NewSystem("Chatbot");
  EXPECT_EQ(SizeOf(keeper), 2 * IndexKeeper::kMostBehind + 2);
}

TEST(IndexKeeper, ASnapshotStaysAsItIs) {
  RegisterHouse house;
  const Version one = house.NewSystem("Chatbot");
  IndexKeeper keeper(house.store);
  const auto before = keeper.Snapshot();
  ASSERT_THAT(before, IsOk());
  house.NewSystem("Another");
  ASSERT_THAT(house.Publish(*house.target.PrepareUpdate(
                  house.By(house.publisher), one.registration,
                  SystemRequest("Renamed"))),
              IsOk());
  const auto after = keeper.Snapshot();
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(before->size(), 1U);
  EXPECT_EQ(before->entry(0).title, "Chatbot");
  EXPECT_EQ(after->size(), 2U);
  EXPECT_EQ(after->entry(0).title, "Renamed");
}

}  // namespace
}  // namespace limpid::algoregister::search
