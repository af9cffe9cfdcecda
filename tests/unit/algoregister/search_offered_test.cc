// What the register hands to the index beside the store: the same as the store
// would have said, nothing that was erased or is restricted, and none missed.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/registration/content.h"
#include "algoregister/search/keeper.h"
#include "algoregister/store/memory_registration_store.h"
#include "algoregister/version/published_version.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister::search {
namespace {

using testing::IsOk;

// Counts the versions that are read back.
class CountingStore final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<std::vector<Version>> LoggedFrom(
      std::uint64_t first, std::size_t limit) const override {
    auto out = MemoryRegistrationStore::LoggedFrom(first, limit);
    if (out.ok()) read_back += out->size();
    return out;
  }
  mutable std::size_t read_back = 0;
};

json::Value Described(std::string_view title, std::string_view description) {
  json::Value content = SystemRequest(title);
  SetField(content, "description", GivenText("en", description));
  return content;
}

// The methods are for auditors alone.
json::Value WithRestricted(json::Value content, std::string_view methods) {
  json::Value audience = json::Value::Array();
  audience.Append("auditor");
  json::Value stub = json::Value::Object();
  stub.Set("state", "withheld");
  stub.Set("ground", "security of the network");
  stub.Set("authority", "the executive");
  stub.Set("review", "2027-01-31");
  stub.Set("audience", std::move(audience));
  SetField(content, "methods", std::move(stub));
  content.Set("restricted",
              json::Value::Object({{"methods", GivenText("en", methods)}}));
  return content;
}

class OfferedVersions : public ::testing::Test {
 protected:
  OfferedVersions() {
    house_.target.Tell(
        {.erased =
             [this](const RegistrationId& id) { return keeper_.Refresh(id); },
         .published =
             [this](std::vector<PublishedVersion> versions) {
               told_.insert(told_.end(), versions.begin(), versions.end());
               keeper_.Offer(std::move(versions));
             }});
  }

  absl::StatusOr<Version> Publish(const json::Value& content) {
    return house_.Publish(*house_.target.PrepareNew(
        house_.By(house_.publisher), RegistrationKind::kSystem, content));
  }
  void EraseDescription(const Version& version) {
    EXPECT_THAT(house_.target.EraseField({.registration = version.registration,
                                          .number = 0,
                                          .pointer = "/fields/description",
                                          .ground = "a court's order"},
                                         /*check_only=*/false),
                IsOk());
  }
  // Found by any who searches now.
  std::uint64_t Count(const char* query) {
    std::uint64_t out = 0;
    EXPECT_THAT(keeper_.Read([&](const SearchIndex& index) {
      out = index.Search({.query = query}, 0, 9).total_count;
    }),
                IsOk());
    return out;
  }

  RegisterHouseOf<CountingStore> house_;
  IndexKeeper keeper_{house_.store};
  std::vector<PublishedVersion> told_;
};

TEST_F(OfferedVersions, AreNotReadBack) {
  const Version one = house_.NewSystem("Chatbot");
  EXPECT_EQ(Count("chatbot"), 1U);
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), one.registration,
                  Described("Chatbot", "Answers zebras."))),
              IsOk());
  house_.NewSystem("Another");
  EXPECT_THAT(keeper_.CatchUp(), IsOk());
  EXPECT_EQ(Count("zebras"), 1U);
  EXPECT_EQ(Count(""), 2U);
  EXPECT_EQ(house_.store.read_back, 0U);
}

TEST_F(OfferedVersions, SayWhatTheStoreSays) {
  ASSERT_THAT(Publish(WithRestricted(Described("Chatbot", "Answers zebras."),
                                     "Compares okapis.")),
              IsOk());
  house_.NewSystem("Another");
  const auto stored = house_.store.LoggedFrom(0, 9);
  ASSERT_THAT(stored, IsOk());
  ASSERT_EQ(told_.size(), stored->size());
  for (std::size_t i = 0; i < told_.size(); ++i) {
    EXPECT_EQ(told_[i], PublishedOf((*stored)[i])) << i;
  }
  EXPECT_EQ(told_.front().content.Find("restricted"), nullptr);
  EXPECT_EQ(Count("zebras"), 1U);
  EXPECT_EQ(Count("okapis"), 0U);
}

// The groups of one append, among them one that is refused.
TEST_F(OfferedVersions, HaveThePlacesOfTheirAppend) {
  house_.NewSystem("First");
  std::vector<Register::Group> groups;
  for (const char* const title : {"A", "B", "C"}) {
    groups.push_back({*house_.Seal(*house_.target.PrepareNew(
        house_.By(house_.publisher), RegistrationKind::kSystem,
        SystemRequest(title)))});
  }
  groups.insert(groups.begin() + 1, groups.front());
  house_.target.PublishGroups(groups);
  const auto stored = house_.store.LoggedFrom(0, 9);
  ASSERT_THAT(stored, IsOk());
  ASSERT_EQ(told_.size(), 4U);
  for (std::size_t i = 0; i < told_.size(); ++i) {
    EXPECT_EQ(told_[i].leaf_index, i);
    EXPECT_EQ(told_[i], PublishedOf((*stored)[i])) << i;
  }
}

TEST_F(OfferedVersions, WhatWasErasedBeforeItWasTakenInIsNotFound) {
  const auto one = Publish(Described("Chatbot", "Answers zebras."));
  ASSERT_THAT(one, IsOk());
  EraseDescription(*one);
  EXPECT_EQ(Count("zebras"), 0U);
  EXPECT_EQ(Count("chatbot"), 1U);
}

TEST_F(OfferedVersions, WhatWasErasedAfterItWasTakenInIsNotFound) {
  const auto one = Publish(Described("Chatbot", "Answers zebras."));
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(Count("zebras"), 1U);
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), one->registration,
                  Described("Chatbot", "Still answers zebras."))),
              IsOk());
  EraseDescription(*one);
  EXPECT_EQ(Count("zebras"), 0U);
}

// An append that failed is finished by the next call, which tells of its own
// versions alone.
TEST_F(OfferedVersions, WhatARecoveryFinishedIsNotMissed) {
  house_.NewSystem("First");
  house_.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(Publish(SystemRequest("Second")).ok());
  EXPECT_EQ(told_.size(), 1U) << "it is not published";
  house_.log.death = ListLog::Death::kNone;
  house_.NewSystem("Third");
  EXPECT_EQ(told_.size(), 2U);
  EXPECT_EQ(Count(""), 3U);
}

TEST_F(OfferedVersions, AReaderSeesWhatStandsBehindThem) {
  house_.NewSystem("First");
  house_.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(Publish(SystemRequest("Second")).ok());
  house_.log.death = ListLog::Death::kNone;
  EXPECT_THAT(house_.target.Recover(), IsOk());
  EXPECT_EQ(Count(""), 2U);
}

TEST_F(OfferedVersions, WhatIsNotThereAnyMoreIsReadBack) {
  constexpr std::size_t kLost = 30;
  constexpr std::size_t kAll = 100;
  house_.target.Tell(
      {.published = [this](std::vector<PublishedVersion> versions) {
        if (versions.front().leaf_index < kLost) return;
        keeper_.Offer(std::move(versions));
      }});
  for (std::size_t i = 0; i < kAll; ++i) house_.NewSystem("Chatbot");
  EXPECT_THAT(keeper_.CatchUp(), IsOk());
  EXPECT_EQ(Count(""), kAll);
  // One step, and then what was offered.
  EXPECT_EQ(house_.store.read_back, IndexKeeper::kMostBehind);
}

}  // namespace
}  // namespace limpid::algoregister::search
