#include "algoregister/registration/field_erasure.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/erasure_ground.h"
#include "algoregister/registration/register.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr std::string_view kGround = "GDPR Article 17(1)(d)";

class FieldErasureTest : public ::testing::Test {
 protected:
  Version Update(const RegistrationId& id, std::string_view title,
                 std::string_view description) {
    json::Value content = SystemRequest(title);
    SetField(content, "description", GivenText("en", description));
    const auto draft =
        house_.target.PrepareUpdate(house_.By(house_.publisher), id, content);
    EXPECT_THAT(draft, IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, IsOk());
    return *version;
  }
  absl::StatusOr<ErasureOutcome> Erase(const RegistrationId& id,
                                       std::uint32_t number,
                                       std::string_view pointer,
                                       bool check_only = false) {
    return house_.target.EraseField({.registration = id,
                                     .number = number,
                                     .pointer = std::string(pointer),
                                     .ground = std::string(kGround)},
                                    check_only);
  }

  RegisterHouse house_;
};

TEST_F(FieldErasureTest, EverythingElseStillVerifies) {
  const Version one = house_.NewSystem("Router");
  const Version two = Update(one.registration, "Router", "made by A. Person");
  const auto outcome = Erase(one.registration, 2, "/fields/description");
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->erasures.size(), 1U);
  EXPECT_EQ(outcome->erasures.front().ground, kGround);
  const Version left = *house_.store.Get(one.registration, 2);
  const auto leaf = receipt::VerifyRegistrationLeaf(left.leaf);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(*receipt::CheckDisclosures(*leaf, left.fields), 1U);
  EXPECT_EQ(left.leaf, house_.log.entries.at(1));
  EXPECT_EQ(GivenValue(ContentOf(left), "description"), nullptr);
  EXPECT_NE(GivenValue(ContentOf(left), "title"), nullptr);
  EXPECT_EQ(two.leaf_hash, left.leaf_hash);
}

TEST_F(FieldErasureTest, WhatIsRepeatedElsewhereIsSaid) {
  const Version one = house_.NewSystem("Router");
  Update(one.registration, "Router", "made by A. Person");
  Update(one.registration, "Router", "made by A. Person");
  Update(one.registration, "Router", "Was made by A. Person, alone");
  Update(one.registration, "Router", "made by nobody");
  const auto outcome = Erase(one.registration, 2, "/fields/description");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->repeated,
            (std::vector<RepeatedAt>{{3, "/fields/description"},
                                     {4, "/fields/description"}}));
}

// Lets a test act while an erasure reads the history.
class HookedStore final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<std::vector<Version>> History(
      const RegistrationId& registration, std::uint32_t after,
      std::size_t limit) const override {
    auto out = MemoryRegistrationStore::History(registration, after, limit);
    if (on_history) on_history();
    return out;
  }
  absl::Status EraseFields(std::span<const FieldErasure> erasures) override {
    const absl::Status done = MemoryRegistrationStore::EraseFields(erasures);
    return lose_answer ? absl::UnavailableError("no answer") : done;
  }
  std::function<void()> on_history;
  bool lose_answer = false;
};

TEST(FieldErasureBesidePublishing, NobodyWaitsAndNothingIsLeftOut) {
  RegisterHouseOf<HookedStore> house;
  const Version one = house.NewSystem("Router of A. Person");
  const auto publish = [&](std::string_view title) {
    const auto draft = house.target.PrepareUpdate(
        house.By(house.publisher), one.registration, SystemRequest(title));
    return house.Publish(*draft).status();
  };
  const ErasureOrder order = {.registration = one.registration,
                              .number = 0,
                              .pointer = "/fields/title",
                              .ground = std::string(kGround)};
  int plans = 0;
  std::vector<std::future<absl::Status>> published;
  house.store.on_history = [&] {
    if (++plans > 1) return;
    published.push_back(std::async(std::launch::async, [&publish] {
      return publish("Another router of A. Person");
    }));
    EXPECT_EQ(published.back().wait_for(std::chrono::seconds(5)),
              std::future_status::ready)
        << "publishing waits for an erasure to be planned";
  };
  const auto outcome = house.target.EraseField(order, /*check_only=*/false);
  ASSERT_THAT(published.front().get(), IsOk());
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->erasures.size(), 2U) << "the version that came meanwhile";
  EXPECT_EQ(plans, 2);
  house.clock.Advance(absl::Milliseconds(1));
  // One that goes on for ever is not waited for.
  house.store.on_history = [&] { EXPECT_THAT(publish("Router 3"), IsOk()); };
  EXPECT_THAT(house.target.EraseField(order, /*check_only=*/false),
              StatusIs(absl::StatusCode::kAborted));
}

TEST(FieldErasureBesidePublishing, AnotherErasureMeanwhileIsNotMadeTwice) {
  RegisterHouseOf<HookedStore> house;
  const Version one = house.NewSystem("Router of A. Person");
  const ErasureOrder order = {.registration = one.registration,
                              .number = 1,
                              .pointer = "/fields/title",
                              .ground = std::string(kGround)};
  house.store.on_history = [&] {
    house.store.on_history = nullptr;
    EXPECT_THAT(house.target.EraseField(order, /*check_only=*/false), IsOk());
  };
  const auto outcome = house.target.EraseField(order, /*check_only=*/false);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->erasures.size(), 1U);
}

// It may be in the store: copies of what it was must go.
TEST(FieldErasureBesidePublishing, AnErasureWhoseAnswerWasLostIsToldOf) {
  RegisterHouseOf<HookedStore> house;
  const Version one = house.NewSystem("Router of A. Person");
  int told = 0;
  house.target.Tell({.erased = [&](const RegistrationId& /*id*/) {
    ++told;
    return absl::OkStatus();
  }});
  const std::uint64_t before = house.target.erasure_count();
  house.store.lose_answer = true;
  EXPECT_THAT(house.target.EraseField({.registration = one.registration,
                                       .number = 1,
                                       .pointer = "/fields/title",
                                       .ground = std::string(kGround)},
                                      /*check_only=*/false),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(house.target.erasure_count(), before + 1);
}

// A history is read page by page.
TEST_F(FieldErasureTest, AllVersionsAreAllOfThem) {
  const Version one = house_.NewSystem("Router");
  constexpr std::size_t kVersions = 130;
  for (std::size_t i = 1; i < kVersions; ++i) {
    Update(one.registration, "Router", "made by A. Person");
  }
  const auto all = Erase(one.registration, 0, "/fields/title");
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->erasures.size(), kVersions);
}

TEST(ErasureGround, RepeatsAWordAloneAndALongTextAnywhere) {
  const std::vector<std::string> texts = {"Noor", "A. Person of Delft"};
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(CheckGround("asked for by (noor)", texts), refused);
  EXPECT_THAT(CheckGround("Noor asked for it", texts), refused);
  EXPECT_THAT(CheckGround("Eleanoor asked for it", texts), IsOk());
  EXPECT_THAT(CheckGround("Noordwijk asked for it", texts), IsOk());
  EXPECT_THAT(CheckGround("Noor\u00ebl asked for it", texts), IsOk());
  EXPECT_THAT(CheckGround("Eleanoor, by Noor", texts), refused);
  EXPECT_THAT(CheckGround("by MA. Person of Delfts", texts), refused);
  // Codes of the format are no words of the value.
  EXPECT_THAT(CheckGround("given by a court",
                          TextsOf(Given(json::Value("Noor")), /*min_bytes=*/1)),
              IsOk());
}

TEST_F(FieldErasureTest, APlanSaysWhatIsLeftAndAnOrderWhatItMeant) {
  const Version one = house_.NewSystem("Router");
  Update(one.registration, "Router", "made by A. Person");
  Update(one.registration, "Router", "made by B. Person");
  const RegistrationId& id = one.registration;
  ASSERT_THAT(Erase(id, 2, "/fields/description"), IsOk());
  const auto left = Erase(id, 0, "/fields/description", /*check_only=*/true);
  ASSERT_THAT(left, IsOk());
  ASSERT_EQ(left->erasures.size(), 1U);
  EXPECT_EQ(left->erasures.front().number, 3U);
  const auto third = Erase(id, 3, "/fields/description");
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(third->erasures.size(), 1U);
  EXPECT_THAT(Erase(id, 4, "/fields/description"),
              StatusSays(absl::StatusCode::kNotFound, "no such version"));
}

TEST_F(FieldErasureTest, AllVersionsLeaveNothingBehind) {
  const Version one = house_.NewSystem("Router");
  Update(one.registration, "Router", "made by A. Person");
  Update(one.registration, "Router", "made by A. Person");
  const auto outcome = Erase(one.registration, 0, "/fields/description");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->erasures.size(), 2U);
  EXPECT_TRUE(outcome->repeated.empty());
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const Version left = *house_.store.Get(one.registration, number);
    EXPECT_EQ(FindDisclosure(left, "/fields/description"), nullptr);
  }
}

TEST_F(FieldErasureTest, CheckingErasesNothing) {
  const Version one = house_.NewSystem("Router");
  const auto outcome = Erase(one.registration, 1, "/fields/title", true);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->erasures.size(), 1U);
  EXPECT_EQ(*house_.store.Get(one.registration, 1), one);
  EXPECT_TRUE(house_.store.Erasures(one.registration)->empty());
}

TEST_F(FieldErasureTest, RepeatingAnswersWhatWasErased) {
  const Version one = house_.NewSystem("Router");
  const auto first = Erase(one.registration, 1, "/fields/title");
  house_.clock.Advance(absl::Hours(1));
  const auto second = Erase(one.registration, 1, "/fields/title");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->erasures, second->erasures);
  // Of all versions: the ones left, and the one erased before.
  Update(one.registration, "Router", "text");
  const auto all = Erase(one.registration, 0, "/fields/title");
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->erasures.size(), 2U);
}

TEST_F(FieldErasureTest, TheGroundDoesNotRepeatTheValue) {
  const Version one = house_.NewSystem("A. Person of Note");
  const auto refused =
      house_.target.EraseField({.registration = one.registration,
                                .number = 1,
                                .pointer = "/fields/title",
                                .ground = "asked for by A. Person of Note"},
                               false);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(absl::StrContains(refused.status().message(), "Note"));
  EXPECT_EQ(*house_.store.Get(one.registration, 1), one);
}

// A short text stands inside others by chance, and not on its own.
TEST_F(FieldErasureTest, TheGroundDoesNotRepeatAShortValueEither) {
  const Version one = house_.NewSystem("Jansen");
  const auto erase = [&](std::string_view ground) {
    return house_.target
        .EraseField({.registration = one.registration,
                     .number = 1,
                     .pointer = "/fields/title",
                     .ground = std::string(ground)},
                    true)
        .status();
  };
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(erase("asked for by Jansen"), refused);
  EXPECT_THAT(erase("asked for by JANSEN."), refused);
  EXPECT_THAT(erase("(jansen) asked for it"), refused);
  EXPECT_THAT(erase("asked for in Jansenville"), IsOk());
}

TEST_F(FieldErasureTest, WhatMayNotBeErasedIsRefused) {
  const Version one = house_.NewSystem("Router");
  for (const char* const pointer : {"/kind", "", "/fields", "/fields/nothing",
                                    "/fields/title/value", "fields/title"}) {
    EXPECT_THAT(Erase(one.registration, 1, pointer),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << pointer;
  }
  EXPECT_THAT(CheckErasureOrder({.registration = RegistrationId::Random(
                                     RegistrationKind::kDataset),
                                 .pointer = "/fields/snapshots",
                                 .ground = "law"}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const auto missing = StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(Erase(one.registration, 2, "/fields/title"), missing);
  EXPECT_THAT(Erase(one.registration, 1, "/fields/website"), missing);
  EXPECT_THAT(Erase(RegistrationId::Random(RegistrationKind::kSystem), 1,
                    "/fields/title"),
              missing);
  EXPECT_THAT(house_.target.EraseField({.registration = one.registration,
                                        .number = 1,
                                        .pointer = "/fields/title",
                                        .ground = ""},
                                       false),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// The title and the aliases must be there in every version.
TEST_F(FieldErasureTest, AnErasedNameDoesNotBarTheRetirement) {
  const Version one = house_.NewSystem("A. Person of Note");
  ASSERT_THAT(Erase(one.registration, 1, "/fields/title"), IsOk());
  ASSERT_THAT(Erase(one.registration, 1, "/aliases"), IsOk());
  house_.clock.Advance(absl::Milliseconds(1));
  const auto draft = house_.target.PrepareRetirement(
      house_.By(house_.publisher), one.registration);
  ASSERT_THAT(draft, IsOk());
  const auto retired = house_.Publish(*draft);
  ASSERT_THAT(retired, IsOk());
  EXPECT_EQ(TitleOf(ContentOf(*retired)), kErasedTitle);
}

// A retirement that was drafted before must not bring the value back.
TEST_F(FieldErasureTest, AnEarlierRetirementDoesNotRepublish) {
  const Version one = house_.NewSystem("Router");
  Update(one.registration, "Router", "made by A. Person");
  const auto draft = house_.target.PrepareRetirement(
      house_.By(house_.publisher), one.registration);
  ASSERT_THAT(draft, IsOk());
  ASSERT_THAT(Erase(one.registration, 2, "/fields/description"), IsOk());
  EXPECT_THAT(house_.Publish(*draft),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// What the server drafts carries on what was there then.
TEST_F(FieldErasureTest, AnEarlierDraftOfAnyKindDoesNotRepublish) {
  const Version one = house_.NewSystem("Router");
  const Version two = Update(one.registration, "Router", "made by A. Person");
  json::Value same = ContentOf(two);
  same.Remove("kind");
  same.Remove("reason");
  const auto draft = house_.target.PrepareUpdate(house_.By(house_.publisher),
                                                 one.registration, same);
  ASSERT_THAT(draft, IsOk());
  house_.clock.Advance(absl::Seconds(1));
  ASSERT_THAT(Erase(one.registration, 2, "/fields/description"), IsOk());
  EXPECT_THAT(house_.Publish(*draft), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(house_.store.GetHead(one.registration)->number, 2U);
  // One that is drafted afterwards is as good as any.
  house_.clock.Advance(absl::Seconds(1));
  Update(one.registration, "Router", "made by nobody");
}

// Times are whole milliseconds, and which of the two came first is not in them.
TEST_F(FieldErasureTest, ADraftOfTheSameMillisecondDoesNotRepublish) {
  const Version one = house_.NewSystem("Router");
  json::Value content = SystemRequest("Router");
  SetField(content, "description", GivenText("en", "made by A. Person"));
  const auto prepare = [&] {
    return house_.target.PrepareUpdate(house_.By(house_.publisher),
                                       one.registration, content);
  };
  const auto draft = prepare();
  ASSERT_THAT(draft, IsOk());
  house_.clock.Advance(absl::Microseconds(999));
  ASSERT_THAT(Erase(one.registration, 1, "/fields/title"), IsOk());
  EXPECT_THAT(house_.Publish(*draft),
              StatusSays(absl::StatusCode::kAborted, "erased since"));
  house_.clock.Advance(absl::Microseconds(1));
  EXPECT_THAT(house_.Publish(*prepare()), IsOk());
}

// Somebody reads what is being erased until it is gone.
class StoreThatErasesSlowly : public MemoryRegistrationStore {
 public:
  absl::Status EraseFields(std::span<const FieldErasure> erasures) override {
    if (while_writing) while_writing();
    return MemoryRegistrationStore::EraseFields(erasures);
  }

  std::function<void()> while_writing;
};

TEST(SlowFieldErasure, WhatWasReadMeanwhileDoesNotRepublish) {
  RegisterHouseOf<StoreThatErasesSlowly> house;
  const Version one = house.NewSystem("Router");
  const auto prepare = [&] {
    return house.target.PrepareUpdate(
        house.By(house.publisher), one.registration, SystemRequest("Router"));
  };
  absl::StatusOr<Draft> read;
  house.clock.Advance(absl::Milliseconds(1));
  house.store.while_writing = [&] {
    house.clock.Advance(absl::Milliseconds(5));
    read = prepare();
    house.clock.Advance(absl::Milliseconds(5));
  };
  ASSERT_THAT(house.target.EraseField({.registration = one.registration,
                                       .number = 1,
                                       .pointer = "/fields/title",
                                       .ground = std::string(kGround)},
                                      /*check_only=*/false),
              IsOk());
  ASSERT_THAT(read, IsOk());
  const auto refused = StatusSays(absl::StatusCode::kAborted, "erased since");
  EXPECT_THAT(house.Publish(*read), refused);
  // Nor after a start, which knows only when the erasure began.
  house.clock.Advance(absl::Seconds(1));
  Register again(house.parts);
  EXPECT_THAT(again.Publish(house.publisher, Sign(*read, house.key)), refused);
  EXPECT_THAT(house.Publish(*prepare()), IsOk());
}

TEST(CarriedContent, HasNoRestrictedPartWithoutItsPublicField) {
  json::Value content = NewContent(RegistrationKind::kSystem);
  SetField(content, "title", GivenText("en", "Router"));
  const json::Value part = GivenText("en", "by secret");
  content.Set("restricted", json::Value::Object({{"methods", part}}));
  EXPECT_EQ(WithErasedReplaced(content).Find("restricted"), nullptr);
  json::Value stub = json::Value::Object();
  stub.Set("state", "withheld");
  stub.Set("audience",
           json::Value(std::vector<json::Value>{json::Value("auditor")}));
  SetField(content, "methods", stub);
  EXPECT_NE(WithErasedReplaced(content).Find("restricted"), nullptr);
}

// A copy that could not be cleaned is told again by a repeated call.
TEST_F(FieldErasureTest, WhoKeepsCopiesIsToldUntilItWorked) {
  const Version one = house_.NewSystem("Router");
  std::vector<RegistrationId> told;
  absl::Status answer = absl::UnavailableError("later");
  house_.target.Tell({.erased = [&](const RegistrationId& id) {
    told.push_back(id);
    return answer;
  }});
  EXPECT_THAT(Erase(one.registration, 1, "/fields/title", true), IsOk());
  EXPECT_TRUE(told.empty());
  EXPECT_THAT(Erase(one.registration, 1, "/fields/title"),
              StatusIs(absl::StatusCode::kUnavailable));
  answer = absl::OkStatus();
  EXPECT_THAT(Erase(one.registration, 1, "/fields/title"), IsOk());
  EXPECT_EQ(told,
            (std::vector<RegistrationId>{one.registration, one.registration}));
}

TEST_F(FieldErasureTest, AMomentIsReadByTheClockOfThePublication) {
  const absl::Time start = house_.clock.Now();
  const auto draft = house_.target.PrepareNew(house_.By(house_.publisher),
                                              RegistrationKind::kSystem,
                                              SystemRequest("Router"));
  house_.clock.Advance(absl::Hours(2));
  const auto version = house_.Publish(*draft);
  ASSERT_THAT(version, IsOk());
  EXPECT_THAT(house_.store.GetAt(version->registration, start + absl::Hours(1)),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(house_.store.GetAt(version->registration, start + absl::Hours(2)),
              IsOk());
}

}  // namespace
}  // namespace limpid::algoregister
