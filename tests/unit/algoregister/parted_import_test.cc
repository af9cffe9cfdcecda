// Complete files that are too large for one request: what they lack is known
// when the last part was read, and not before.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/part_sessions.h"
#include "algoregister/registration/content.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr std::string_view kName = "sixteen bytes ..";
constexpr std::string_view kOther = "sixteen others .";

std::string File(const std::vector<std::string>& ids) {
  std::string out = "[";
  for (const std::string& id : ids) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", R"({"id":)", id,
                    R"(,"organisatie":"Gemeente Delft","title":"T"})");
  }
  return out + "]";
}

struct Part {
  std::size_t index = 0;
  bool last = false;
  std::string_view name = kName;
};

ImportRequest RequestFor(RegisterHouse& house, std::string_view file,
                         const Part& part) {
  ImportRequest request = house.RequestFor(file);
  request.complete = part.last;
  request.first_row_line = 1 + 1'000 * part.index;
  request.part = ImportPart{.name = part.name, .index = part.index};
  return request;
}

absl::StatusOr<std::shared_ptr<const ImportPlan>> PlanPart(
    RegisterHouse& house, const std::string& file, const Part& part) {
  return house.desk.Plan(house.publisher, RequestFor(house, file, part));
}

ImportCounts ImportPart(RegisterHouse& house, const std::string& file,
                        const Part& part) {
  const auto plan = PlanPart(house, file, part);
  EXPECT_THAT(plan, IsOk());
  if (!plan.ok()) return {};
  if ((*plan)->counts.drafts == 0) return (*plan)->counts;
  EXPECT_THAT(
      house.desk.Commit(
          house.publisher, (*plan)->id, house.SignAll(**plan),
          [](const ImportProgress& /*done*/) { return absl::OkStatus(); }),
      IsOk());
  return (*plan)->counts;
}

std::string ListingOf(RegisterHouse& house, const std::string& id) {
  const auto known = house.store.FindAlias({"nl-list", id});
  return TextOf(ContentOf(*house.store.Get(**known, 0)), "listing", "");
}

TEST(PartedImport, MarksWhatNoPartHas) {
  RegisterHouse house;
  house.Import(File({"\"1\"", "\"2\"", "\"3\""}));
  EXPECT_EQ(ImportPart(house, File({"\"1\"", "\"4\""}), {.index = 0}).added,
            1U);
  const ImportCounts last =
      ImportPart(house, File({"\"5\"", "\"3\""}), {.index = 1, .last = true});
  EXPECT_EQ(last.removed, 1U);
  EXPECT_EQ(last.absent, 1U);
  EXPECT_EQ(ListingOf(house, "2"), "vanished");
  for (const char* const id : {"1", "3", "4", "5"}) {
    EXPECT_EQ(ListingOf(house, id), "") << id;
  }
  // What was remembered is over.
  EXPECT_THAT(PlanPart(house, File({"\"6\""}), {.index = 2, .last = true}),
              StatusSays(absl::StatusCode::kNotFound, "first part"));
}

TEST(PartedImport, ARowThatMightBeAnyInAnEarlierPartMeansNothingIsMarked) {
  RegisterHouse house;
  house.Import(File({"\"1\"", "\"2\""}));
  ImportPart(house, File({"{}"}), {.index = 0});
  const auto plan =
      PlanPart(house, File({"\"1\""}), {.index = 1, .last = true});
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.removed, 0U);
  ASSERT_EQ((*plan)->findings.size(), 1U);
  EXPECT_NE((*plan)->findings.front().message.find("line 1 "),
            std::string::npos);
}

TEST(PartedImport, PartsComeInTheirOrder) {
  RegisterHouse house;
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  const std::string file = File({"\"1\""});
  EXPECT_THAT(PlanPart(house, file, {.index = 1}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(PlanPart(house, file, {.index = 0}), IsOk());
  EXPECT_THAT(PlanPart(house, file, {.index = 2}), StatusSays(kBad, "1"));
  EXPECT_THAT(PlanPart(house, file, {.index = 1}), IsOk());
  // Again, as after an answer that did not come.
  EXPECT_THAT(PlanPart(house, file, {.index = 1}), IsOk());
  EXPECT_THAT(PlanPart(house, file, {.index = 0, .name = kOther}), IsOk());
  EXPECT_THAT(PlanPart(house, file, {.index = 2}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(PlanPart(house, file, {.index = 0, .name = "short"}),
              StatusSays(kBad, "16"));
  // A part that is no file comes again.
  EXPECT_THAT(PlanPart(house, "[", {.index = 1, .name = kOther}),
              StatusIs(kBad));
  EXPECT_THAT(PlanPart(house, file, {.index = 2, .name = kOther}),
              StatusIs(kBad));
  EXPECT_THAT(PlanPart(house, file, {.index = 1, .name = kOther}), IsOk());
}

TEST(PartedImport, IsForgottenInTime) {
  RegisterHouse house;
  const std::string file = File({"\"1\""});
  EXPECT_THAT(PlanPart(house, file, {.index = 0}), IsOk());
  house.clock.Advance(kPartSessionLife - absl::Seconds(1));
  EXPECT_THAT(PlanPart(house, file, {.index = 1}), IsOk());
  house.clock.Advance(kPartSessionLife);
  EXPECT_THAT(PlanPart(house, file, {.index = 2}),
              StatusIs(absl::StatusCode::kNotFound));
}

const auto kFull =
    StatusSays(absl::StatusCode::kResourceExhausted, "large imports");
const auto kOver = StatusIs(absl::StatusCode::kNotFound);

// As many publishers as have a place, and two that wait for one. Their rows are
// rejected: nothing of theirs waits for signatures.
class FullDesk : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t who = 0; who < kMaxPartSessions + 2; ++who) {
      publishers_.push_back(MakePublisher(static_cast<std::uint8_t>(20 + who)));
    }
    for (std::size_t who = 0; who < kMaxPartSessions; ++who) {
      ASSERT_THAT(Plan(who, {.index = 0}), IsOk());
    }
    EXPECT_THAT(Plan(kFifth, {.index = 0}), kFull);
  }
  absl::Status Plan(std::size_t who, const Part& part,
                    std::string_view file = "[{}]") {
    ImportRequest request = RequestFor(house_, file, part);
    request.key = KeyOf(static_cast<std::uint8_t>(20 + who)).PublicKey();
    const auto plan = house_.desk.Plan(publishers_.at(who), request);
    if (plan.ok()) last_ = *plan;
    return plan.status();
  }
  // Of the plan that was made last, without its signatures.
  absl::Status Commit(std::size_t who) {
    return house_.desk.Commit(
        publishers_.at(who), last_->id, {},
        [](const ImportProgress& /*done*/) { return absl::OkStatus(); });
  }

  static constexpr std::size_t kFifth = kMaxPartSessions;
  static constexpr std::size_t kSixth = kMaxPartSessions + 1;
  RegisterHouse house_;
  std::vector<Publisher> publishers_;
  std::shared_ptr<const ImportPlan> last_;
};

// There is nothing to commit, or the client only wanted to see.
TEST_F(FullDesk, AfterItsLastPartAnImportHoldsNoPlace) {
  const Part last = {.index = 1, .last = true};
  ASSERT_THAT(Plan(0, last), IsOk());
  EXPECT_THAT(Plan(0, last), IsOk()) << "again, while nobody needs the place";
  EXPECT_THAT(Plan(kFifth, {.index = 0}), IsOk());
  EXPECT_THAT(Plan(0, last), kOver);
  EXPECT_THAT(Plan(kSixth, {.index = 0}), kFull) << "the others go on";
  EXPECT_THAT(Plan(1, {.index = 1}), IsOk());
}

TEST_F(FullDesk, AnImportThatFailedHoldsNoPlace) {
  EXPECT_THAT(Plan(2, {.index = 1}, "["),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // It comes again, and has its place back.
  EXPECT_THAT(Plan(2, {.index = 1}), IsOk());
  EXPECT_THAT(Plan(kFifth, {.index = 0}), kFull);
  EXPECT_THAT(Plan(2, {.index = 2}, "["),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Plan(kFifth, {.index = 0}), IsOk());
  EXPECT_THAT(Plan(2, {.index = 2}), kOver);
}

// Another file of the publisher, or a part of one that is over.
TEST_F(FullDesk, WhatFailsUnderAnotherNameEndsNoImport) {
  EXPECT_THAT(Plan(2, {.index = 1, .name = kOther}), kOver);
  EXPECT_THAT(Plan(kFifth, {.index = 0}), kFull);
  EXPECT_THAT(Plan(2, {.index = 1}), IsOk());
}

TEST_F(FullDesk, AnImportWhoseCommitFailedHoldsNoPlace) {
  const std::string file = File({"\"1\""});
  ASSERT_THAT(Plan(3, {.index = 1}, file), IsOk());
  EXPECT_THAT(Plan(kFifth, {.index = 0}), kFull);
  EXPECT_THAT(Commit(3), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Plan(kFifth, {.index = 0}), IsOk());
}

// What is refused after a part was planned is a failure of it too.
TEST_F(FullDesk, AnImportWhosePlanFoundNoRoomHoldsNoPlace) {
  const std::string file = File({"\"1\""});
  for (std::size_t i = 0; i < kMaxPlans; ++i) {
    const auto fill = static_cast<std::uint8_t>(50 + i);
    ImportRequest request = house_.RequestFor(file);
    request.key = KeyOf(fill).PublicKey();
    ASSERT_THAT(house_.desk.Plan(MakePublisher(fill), request), IsOk());
  }
  EXPECT_THAT(Plan(0, {.index = 1}, file),
              StatusSays(absl::StatusCode::kResourceExhausted, "signatures"));
  EXPECT_THAT(Plan(kFifth, {.index = 0}), IsOk());
}

TEST_F(FullDesk, AClientThatDiedHoldsItsPlaceForAWhile) {
  house_.clock.Advance(kPartSessionLife - absl::Seconds(1));
  EXPECT_THAT(Plan(kFifth, {.index = 0}), kFull);
  house_.clock.Advance(absl::Seconds(1));
  EXPECT_THAT(Plan(kFifth, {.index = 0}), IsOk());
}

TEST(ImportPlans, AreFewAndOneOfAPublisher) {
  RegisterHouse house;
  const std::string file = File({"\"1\""});
  const auto plan = [&](std::uint8_t fill, const Publisher& who) {
    ImportRequest request = house.RequestFor(file);
    request.key = KeyOf(fill).PublicKey();
    return house.desk.Plan(who, request).status();
  };
  std::vector<Publisher> publishers;
  for (std::size_t i = 0; i <= kMaxPlans; ++i) {
    publishers.push_back(MakePublisher(static_cast<std::uint8_t>(20 + i)));
  }
  for (std::size_t i = 0; i < kMaxPlans; ++i) {
    ASSERT_THAT(plan(static_cast<std::uint8_t>(20 + i), publishers[i]), IsOk());
  }
  EXPECT_THAT(plan(20 + kMaxPlans, publishers.back()),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(plan(20, publishers.front()), IsOk()) << "in place of its own";
}

TEST(ImportPlans, HaveAReasonThatFitsAVersion) {
  RegisterHouse house;
  const std::string file = File({"\"1\""});
  ImportRequest request = house.RequestFor(file);
  const std::string most(kMaxReasonBytes, 'a');
  request.reason = most;
  EXPECT_THAT(house.desk.Plan(house.publisher, request), IsOk());
  for (const std::string& reason : {std::string(), most + "a"}) {
    request.reason = reason;
    EXPECT_THAT(house.desk.Plan(house.publisher, request),
                StatusSays(absl::StatusCode::kInvalidArgument, "reason"));
  }
}

// What is known is read page by page.
TEST(ImportPlans, OfACompleteFileMarkAllThatIsGone) {
  RegisterHouse house;
  constexpr std::size_t kRows = 520;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kRows; ++i) {
    ids.push_back(absl::StrCat("\"", i, "\""));
  }
  house.Import(File(ids));
  const std::string one = File({"\"0\""});
  ImportRequest request = house.RequestFor(one);
  request.complete = true;
  const auto plan = house.desk.Plan(house.publisher, request);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ((*plan)->counts.removed, kRows - 1);
}

// Over several appends to the log, each where it stands in the file.
TEST(ImportPlans, EachRowThatFailsIsReportedOnce) {
  RegisterHouse house;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kImportBatchRows + 50; ++i) {
    ids.push_back(absl::StrCat("\"", i, "\""));
  }
  std::string file = File(ids);
  house.Import(file);
  const std::string_view title = R"("title":"T")";
  for (std::size_t at = file.find(title); at != std::string::npos;
       at = file.find(title)) {
    file.replace(at, title.size(), R"("title":"U")");
  }
  const auto plan = house.Plan(file);
  ASSERT_THAT(plan, IsOk());
  constexpr std::size_t kOfTheSecond = kImportBatchRows + 24;
  for (const std::size_t row : {std::size_t{1}, kOfTheSecond}) {
    const auto known = house.store.FindAlias({"nl-list", absl::StrCat(row)});
    ASSERT_THAT(house.Publish(*house.target.PrepareRetirement(
                    house.By(house.publisher), **known)),
                IsOk());
  }
  std::vector<std::size_t> failed;
  ASSERT_THAT(
      house.desk.Commit(house.publisher, (*plan)->id, house.SignAll(**plan),
                        [&failed](const ImportProgress& done) {
                          for (const RowFailure& one : done.failures) {
                            failed.push_back(one.index);
                          }
                          return absl::OkStatus();
                        }),
      IsOk());
  EXPECT_EQ(failed, (std::vector<std::size_t>{1, kOfTheSecond}));
}

TEST(PartSessions, AreFewAndOneOfAPublisher) {
  testing::FakeClock clock;
  PartSessions sessions(clock);
  const PublisherId first = PublisherId::Random();
  ASSERT_THAT(sessions.Take(first, "a", 0), IsOk());
  EXPECT_THAT(sessions.Take(first, "a", 1),
              StatusIs(absl::StatusCode::kAborted));
  for (std::size_t i = 1; i < kMaxPartSessions; ++i) {
    EXPECT_THAT(sessions.Take(PublisherId::Random(), "a", 0), IsOk());
  }
  EXPECT_THAT(sessions.Take(PublisherId::Random(), "a", 0),
              StatusIs(absl::StatusCode::kResourceExhausted));
  // Begun anew while a part of the earlier one is out, which comes too late.
  ASSERT_THAT(sessions.Take(first, "b", 0), IsOk());
  Presence stale;
  stale.known.insert(RegistrationId::Random(RegistrationKind::kModel));
  sessions.Return(first, "a", stale, /*planned=*/true);
  EXPECT_THAT(sessions.Take(first, "b", 1),
              StatusIs(absl::StatusCode::kAborted));
  sessions.Return(first, "b", Presence(), /*planned=*/true);
  const auto taken = sessions.Take(first, "b", 1);
  ASSERT_THAT(taken, IsOk());
  EXPECT_TRUE(taken->known.empty());
  Presence large;
  for (std::size_t i = 0; i <= kMaxPartRegistrations; ++i) {
    large.drafted.insert(RegistrationId::Random(RegistrationKind::kModel));
  }
  sessions.Return(first, "b", std::move(large), /*planned=*/true);
  EXPECT_THAT(sessions.Take(first, "b", 2),
              StatusSays(absl::StatusCode::kResourceExhausted, "500000"));
}

// The client asked again before the first answer came. Which of the two plans
// it signs is not known: what either drafted is in the file.
TEST(PartSessions, APartThatIsPlannedTwiceAtOnceKeepsBoth) {
  testing::FakeClock clock;
  PartSessions sessions(clock);
  const PublisherId who = PublisherId::Random();
  const auto one = RegistrationId::Random(RegistrationKind::kDeployment);
  const auto other = RegistrationId::Random(RegistrationKind::kDeployment);
  ASSERT_THAT(sessions.Take(who, "a", 0), IsOk());
  ASSERT_THAT(sessions.Take(who, "a", 0), IsOk());
  Presence first;
  first.drafted.insert(one);
  first.unreadable_line = 7;
  sessions.Return(who, "a", std::move(first), /*planned=*/true);
  Presence second;
  second.drafted.insert(other);
  second.known.insert(other);
  sessions.Return(who, "a", std::move(second), /*planned=*/true);
  const auto taken = sessions.Take(who, "a", 1);
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->drafted.size(), 2U);
  EXPECT_TRUE(taken->known.contains(other));
  EXPECT_EQ(taken->unreadable_line, 7U);
}

TEST(PartSessions, OneWhoseNextPartIsOutIsNeitherOverNorDropped) {
  testing::FakeClock clock;
  PartSessions sessions(clock);
  const PublisherId who = PublisherId::Random();
  ASSERT_THAT(sessions.Take(who, "a", 0), IsOk());
  // The end of an earlier import of the publisher comes late.
  sessions.ExpectNoMore(who, "a");
  sessions.Drop(who, "a");
  for (std::size_t i = 1; i < kMaxPartSessions; ++i) {
    EXPECT_THAT(sessions.Take(PublisherId::Random(), "a", 0), IsOk());
  }
  EXPECT_THAT(sessions.Take(PublisherId::Random(), "a", 0),
              StatusIs(absl::StatusCode::kResourceExhausted));
  sessions.Return(who, "a", Presence(), /*planned=*/true);
  EXPECT_THAT(sessions.Take(who, "a", 1), IsOk());
}

TEST(PartSessions, LiveFromTheEndOfAPartAndCountWhatIsKnown) {
  testing::FakeClock clock;
  PartSessions sessions(clock);
  const PublisherId who = PublisherId::Random();
  ASSERT_THAT(sessions.Take(who, "a", 0), IsOk());
  clock.Advance(kPartSessionLife - absl::Seconds(1));
  Presence large;
  for (std::size_t i = 0; i <= kMaxPartRegistrations; ++i) {
    large.known.insert(RegistrationId::Random(RegistrationKind::kModel));
  }
  sessions.Return(who, "a", std::move(large), /*planned=*/true);
  clock.Advance(absl::Seconds(2));
  EXPECT_THAT(sessions.Take(who, "a", 1),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(sessions.Take(who, "a", 1), StatusIs(absl::StatusCode::kNotFound))
      << "it could not go on, and is over";
}

}  // namespace
}  // namespace limpid::algoregister
