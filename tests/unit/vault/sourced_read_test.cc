// Reads that need a source: what leaves, what does not, and that nobody waits
// for a source for longer than said.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/source_world.h"
#include "vault/erasure/erasure_desk.h"

namespace limpid::vault {
namespace {

using testing::IsOk;

constexpr char kIncomeValue[] =
    R"({"amount":30000,"currency":"EUR","year":2025})";

class SourcedRead : public ::testing::Test {
 protected:
  SourcedRead() {
    world_.agency.Hold("s-anna", kIncome, kIncomeValue);
    world_.agency.Hold("s-anna", kBirthDate, "\"1990-02-28\"");
    world_.agency.Hold("s-anna", kGender, "\"f\"");
    world_.Put(world_.anna, "health.disability", "true");
    world_.gate.Grant("health.disability");
    world_.gate.Grant(kIncome);
    world_.gate.GrantOver(kBirthDate, 18);
  }
  void Link(SourceMode birth_date = SourceMode::kReferenced) {
    ASSERT_THAT(world_.Link(world_.anna, "s-anna",
                            {{kIncome, SourceMode::kReferenced},
                             {kGender, SourceMode::kReferenced},
                             {kBirthDate, birth_date}}),
                IsOk());
    world_.clock.Advance(absl::Seconds(1));
  }
  ReadLine LineOf(const std::string& attribute) {
    auto answer = world_.ReadSourced({attribute});
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->lines.front() : ReadLine();
  }

  SourceWorld world_;
  // What would ask the tax source, held back.
  std::vector<std::function<void()>> held_back_;
  void HoldBack() {
    world_.run_tax = [this](std::function<void()> work) {
      held_back_.push_back(std::move(work));
      return true;
    };
  }
};

TEST_F(SourcedRead, WhatIsLinkedIsAskedForAndNotKept) {
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kNoValue);
  Link();
  const ReadLine line = LineOf(kIncome);
  EXPECT_EQ(line.reason, ReadReason::kReleased);
  EXPECT_EQ(line.value_json, kIncomeValue);
  EXPECT_EQ(line.source, "tax");
  EXPECT_EQ(line.version, 0U);
  // The day, not the second: that could join what two services read.
  EXPECT_EQ(*line.as_of,
            absl::FromUnixSeconds(1'700'000'000 / 86'400 * 86'400));
  EXPECT_EQ(
      world_.store->UsageOf(world_.core->blinder().OwnerOf(world_.anna.holder))
          ->versions,
      1U);
  // Asked anew each time.
  world_.agency.Hold("s-anna", kIncome,
                     R"({"amount":1,"currency":"EUR","year":2026})");
  EXPECT_EQ(LineOf(kIncome).value_json,
            R"({"amount":1,"currency":"EUR","year":2026})");
}

TEST_F(SourcedRead, OnlyWhatThePermitNamesIsAskedFor) {
  Link();
  world_.gate.lines.erase(kIncome);
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kNoConsent);
  EXPECT_EQ(world_.agency.question_count(), 0U);
  // Nor what could not leave in the form it names.
  world_.gate.lines[kBirthDate] = {kBirthDate, receipt::Form::kDerived,
                                   "over_n/2", R"({"n":18})"};
  EXPECT_EQ(LineOf(kBirthDate).reason, ReadReason::kForm);
  EXPECT_EQ(world_.agency.question_count(), 0U);
}

TEST_F(SourcedRead, ComputedLetsAnswersOutAndNoInputs) {
  Link(SourceMode::kComputed);
  const ReadLine line = LineOf(kBirthDate);
  EXPECT_EQ(line.reason, ReadReason::kReleased);
  EXPECT_EQ(line.value_json, "true");
  EXPECT_EQ(line.source, "tax");
  EXPECT_FALSE(line.as_of.has_value());
  const std::size_t before = world_.agency.question_count();
  world_.gate.Grant(kBirthDate);
  EXPECT_EQ(LineOf(kBirthDate).reason, ReadReason::kForm);
  world_.gate.lines[kBirthDate].form = receipt::Form::kPseudonymous;
  EXPECT_EQ(LineOf(kBirthDate).reason, ReadReason::kForm);
  EXPECT_EQ(world_.agency.question_count(), before);
}

TEST_F(SourcedRead, APseudonymousValueDoesNotSayWhereItIsFrom) {
  Link();
  world_.gate.lines[kIncome].form = receipt::Form::kPseudonymous;
  const ReadLine line = LineOf(kIncome);
  EXPECT_EQ(line.reason, ReadReason::kReleased);
  EXPECT_TRUE(line.source.empty());
  EXPECT_FALSE(line.as_of.has_value());
}

TEST_F(SourcedRead, WhatIsKeptHereGoesBeforeASource) {
  Link();
  world_.Put(world_.anna, kIncome,
             R"({"amount":2,"currency":"EUR","year":2026})");
  const ReadLine line = LineOf(kIncome);
  EXPECT_EQ(line.value_json, R"({"amount":2,"currency":"EUR","year":2026})");
  EXPECT_TRUE(line.source.empty());
  EXPECT_EQ(world_.agency.question_count(), 0U);
}

TEST_F(SourcedRead, AbsenceThereIsNoValue) {
  Link();
  world_.agency.Forget("s-anna", kIncome);
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kNoValue);
}

TEST_F(SourcedRead, ASourceThatIsDownLeavesTheRestWhole) {
  Link();
  world_.tax_channel.error = absl::UnavailableError("down");
  auto answer = world_.ReadSourced({"health.disability", kIncome, kBirthDate});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].value_json, "true");
  EXPECT_EQ(answer->lines[1].reason, ReadReason::kSourceUnavailable);
  EXPECT_TRUE(answer->lines[1].value_json.empty());
  EXPECT_EQ(answer->lines[2].reason, ReadReason::kSourceUnavailable);
  EXPECT_EQ(answer->ClosingAfter(true, true), Closing::kPartial);
  EXPECT_TRUE(world_.alarms.empty());
}

TEST_F(SourcedRead, ASourceThatHangsIsAnsweredForInTime) {
  Link();
  HoldBack();
  std::optional<absl::StatusOr<ReadAnswer>> out;
  world_.sourced.Read(world_.Request({"health.disability", kIncome}),
                      [&](absl::StatusOr<ReadAnswer> answer) {
                        out.emplace(std::move(answer));
                      });
  ASSERT_FALSE(out.has_value());
  world_.clock.Advance(absl::Seconds(2) - Mediator::kAfterSources -
                       absl::Milliseconds(1));
  world_.RunTimers();
  EXPECT_FALSE(out.has_value());
  world_.clock.Advance(absl::Milliseconds(1));
  world_.RunTimers();
  ASSERT_TRUE(out.has_value());
  ASSERT_THAT(*out, IsOk());
  EXPECT_EQ((*out)->lines[0].value_json, "true");
  EXPECT_EQ((*out)->lines[1].reason, ReadReason::kSourceUnavailable);
  // There is time left for it to leave.
  EXPECT_TRUE((*out)->HandOver([] {}));
  // What comes now is for nobody, and nobody is asked any more.
  for (const auto& work : held_back_) work();
  EXPECT_EQ(world_.agency.question_count(), 0U);
}

TEST_F(SourcedRead, ALateAnswerChangesNothing) {
  Link();
  std::optional<absl::StatusOr<ReadAnswer>> out;
  // The deadline passes while the source is asked.
  world_.tax_channel.before = [&](const SourceRequest&) {
    world_.clock.Advance(absl::Milliseconds(1'700));
    world_.RunTimers();
    EXPECT_TRUE(out.has_value());
  };
  world_.sourced.Read(world_.Request({kIncome}),
                      [&](absl::StatusOr<ReadAnswer> answer) {
                        EXPECT_FALSE(out.has_value());
                        out.emplace(std::move(answer));
                      });
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ((*out)->lines[0].reason, ReadReason::kSourceUnavailable);
}

TEST_F(SourcedRead, ReadsOfWhatIsKeptNeverWaitForASource) {
  Link();
  HoldBack();
  for (int i = 0; i < 100; ++i) {
    world_.sourced.Read(world_.Request({kIncome}),
                        [](const absl::StatusOr<ReadAnswer>&) {});
  }
  auto answer = world_.ReadSourced({"health.disability"});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].value_json, "true");
  world_.clock.Advance(absl::Seconds(2));
  world_.RunTimers();
}

TEST_F(SourcedRead, ASourceWithTooManyWaitingIsUnavailableAtOnce) {
  Link();
  world_.run_tax = [](const std::function<void()>&) { return false; };
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kSourceUnavailable);
}

TEST_F(SourcedRead, ALieIsAnAlarmAndNoValue) {
  Link();
  world_.agency.change = [](json::Value& claims) {
    claims.Set("sub", "s-bela");
  };
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kSourceUnavailable);
  EXPECT_EQ(world_.alarms, std::vector<std::string>{"tax"});
}

TEST_F(SourcedRead, AValueThatBreaksTheCatalogueIsAnAlarmAndNoValue) {
  Link();
  world_.agency.Hold("s-anna", kIncome, R"({"amount":"much"})");
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kSourceUnavailable);
  EXPECT_EQ(world_.alarms, std::vector<std::string>{"tax"});
  // Of the right type, and not what the derivation is about.
  world_.agency.Hold("s-anna", kBirthDate, "\"28 February\"");
  EXPECT_EQ(LineOf(kBirthDate).reason, ReadReason::kSourceUnavailable);
}

TEST_F(SourcedRead, ASourceThatIsGoneFromTheConfigurationIsUnavailable) {
  Link();
  const SourceSet none{{}};
  SourceFetcher fetcher{none, world_.clock,
                        [](absl::Duration, const std::function<void()>&) {},
                        [](std::string_view) {}};
  Mediator mediator{*world_.core, world_.gate, world_.reader, nullptr,
                    &fetcher};
  ReadReason reason = ReadReason::kReleased;
  mediator.Read(world_.Request({kIncome}),
                [&](absl::StatusOr<ReadAnswer> answer) {
                  reason = answer->lines.front().reason;
                });
  EXPECT_EQ(reason, ReadReason::kSourceUnavailable);
}

TEST_F(SourcedRead, APermitWithDaysAsksNobody) {
  Link();
  world_.gate.change = [](receipt::Permit& permit) {
    permit.days.from = base::ParseDay("2024-01-01").value();
  };
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kNoValue);
  EXPECT_EQ(world_.agency.question_count(), 0U);
}

TEST_F(SourcedRead, AFenceWhileTheSourceIsAskedStopsTheAnswer) {
  Link();
  world_.tax_channel.before = [&](const SourceRequest&) {
    world_.fences.Raise(world_.gate.record_text, 2);
  };
  auto answer = world_.ReadSourced({kIncome});
  ASSERT_THAT(answer, IsOk());
  EXPECT_FALSE(answer->HandOver([] {}));
}

TEST_F(SourcedRead, NobodyIsAskedOnceSheTookTheLinkBack) {
  Link();
  ASSERT_THAT(world_.sources_desk.Unlink(world_.anna, "tax"), IsOk());
  EXPECT_EQ(LineOf(kIncome).reason, ReadReason::kNoValue);
  EXPECT_EQ(world_.agency.question_count(), 0U);
}

TEST_F(SourcedRead, TwoServicesAreShownNothingThatJoinsThem) {
  Link();
  const ReadLine first = LineOf(kIncome);
  world_.agency.as_of += absl::Seconds(1);
  const ReadLine second = LineOf(kIncome);
  EXPECT_EQ(first.as_of, second.as_of);
  for (const ReadLine& line : {first, second}) {
    EXPECT_EQ(line.value_json.find("s-anna"), std::string::npos);
    EXPECT_EQ(line.source.find("s-anna"), std::string::npos);
  }
}

}  // namespace
}  // namespace limpid::vault
