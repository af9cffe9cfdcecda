// What being counted costs and leaves: a use of the record, once a day.

#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/cohort_permit.h"
#include "consent/agreement/agreement.h"
#include "consent/ledger/memory_store.h"
#include "consent/notice/notice_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/cohort_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::CohortTest;
using testing::SurveyContent;

constexpr auto kDay = receipt::kCohortEpoch;

TEST_F(CohortTest, BeingCountedIsAUse) {
  AgreementContent once = SurveyContent();
  once.use_count_max = 1;
  survey_ = Publish(once);
  const Citizen ann = Linked(1);
  const RecordId record = Grant(ann);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(world_.consent().GetRecord(ann.id, record)->state,
            RecordState::kExhausted);
  // The same use: one a day.
  EXPECT_EQ(Ask().value(), Of({&ann}));
  world_.clock().Advance(kDay);
  EXPECT_TRUE(Ask()->empty());
}

// A restart, a lost answer or a lack of memory: the use is spent already.
TEST_F(CohortTest, GatheredAgainItAsksNoSecondUse) {
  AgreementContent once = SurveyContent();
  once.use_count_max = 1;
  survey_ = Publish(once);
  const Citizen ann = Linked(1);
  const RecordId record = Grant(ann);
  stores_.memory().LoseAnswers(absl::UnavailableError("who knows"));
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable));
  stores_.memory().LoseAnswers(absl::OkStatus());
  EXPECT_EQ(Ask().value(), Of({&ann}));
  world_.Restart();
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Counted(ann).size(), 1U);
  EXPECT_EQ(world_.consent().GetRecord(ann.id, record)->state,
            RecordState::kExhausted);
  world_.clock().Advance(kDay);
  EXPECT_TRUE(Ask()->empty());
}

TEST_F(CohortTest, GatheredAgainItFitsInItsPeriodToo) {
  AgreementContent daily = SurveyContent();
  daily.frequency = {1, 24 * 3'600};
  survey_ = Publish(daily);
  const Citizen ann = Linked(1);
  Grant(ann);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  world_.Restart();
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Counted(ann).size(), 1U);
  world_.clock().Advance(kDay);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Counted(ann).size(), 2U);
}

// Another's use is none of this cohort's.
TEST_F(CohortTest, AUseSpentElsewhereLeavesNoneToBeCounted) {
  AgreementContent once = SurveyContent();
  once.lines[1].form = receipt::Form::kAggregate;
  once.use_count_max = 1;
  survey_ = Publish(once);
  const Citizen ann = Linked(1);
  Grant(ann, survey_, {0, 1});
  CohortRequest births = Question();
  births.attribute = "person.birth_date";
  EXPECT_EQ(Ask(births)->release->members.size(), 1U);
  EXPECT_TRUE(Ask()->empty());
  world_.Restart();
  EXPECT_TRUE(Ask()->empty());
  EXPECT_EQ(Ask(births)->release->members.size(), 1U);
  EXPECT_EQ(Counted(ann).size(), 1U);
}

TEST_F(CohortTest, APersonCountsUnderOneRecordADay) {
  const Citizen ann = Linked(1);
  const RecordId first = Grant(ann);
  const RecordId second = Grant(ann);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  ASSERT_THAT(Withdraw(ann, first), IsOk());
  EXPECT_TRUE(Ask()->empty());
  world_.Restart();
  EXPECT_TRUE(Ask()->empty());
  world_.clock().Advance(kDay);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  const auto seen = Counted(ann);
  ASSERT_EQ(seen.size(), 2U);
  // Newest first.
  EXPECT_EQ(seen[0].entry.record, second.bytes());
  EXPECT_EQ(seen[1].entry.record, first.bytes());
}

// The copy knows of the first use and not of the last: what the stop ledger
// ended is not revived by having been counted.
TEST_F(CohortTest, AnOlderStoreRevivesNoExhaustedRecord) {
  AgreementContent twice = SurveyContent();
  twice.lines[1].form = receipt::Form::kAggregate;
  twice.use_count_max = 2;
  survey_ = Publish(twice);
  const Citizen ann = Linked(1);
  const RecordId record = Grant(ann, survey_, {0, 1});
  EXPECT_EQ(Ask().value(), Of({&ann}));
  MemoryLedgerStore yesterday;
  yesterday.PutBack(stores_.memory());
  CohortRequest births = Question();
  births.attribute = "person.birth_date";
  EXPECT_EQ(Ask(births)->release->members.size(), 1U);
  EXPECT_EQ(world_.consent().GetRecord(ann.id, record)->state,
            RecordState::kExhausted);
  world_.Stop();
  stores_.memory().PutBack(yesterday);
  world_.Restart();
  EXPECT_EQ(world_.consent().GetRecord(ann.id, record)->state,
            RecordState::kExhausted);
  EXPECT_TRUE(Ask()->empty());
}

TEST_F(CohortTest, ACohortThatIsTooLargeCostsNobodyAUse) {
  world_.LimitCohorts(2);
  world_.Restart();
  AgreementContent once = SurveyContent();
  once.use_count_max = 1;
  survey_ = Publish(once);
  std::vector<Citizen> citizens;
  std::vector<RecordId> records;
  for (std::uint8_t seed = 1; seed <= 3; ++seed) {
    citizens.push_back(Linked(seed));
    records.push_back(Grant(citizens.back()));
  }
  const auto refused = StatusIs(absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Ask(), refused);
  EXPECT_THAT(Ask(), refused);
  for (std::size_t i = 0; i < citizens.size(); ++i) {
    EXPECT_TRUE(Counted(citizens[i]).empty());
    EXPECT_EQ(world_.consent().GetRecord(citizens[i].id, records[i])->state,
              RecordState::kGranted);
  }
  // Refused for the epoch, whoever goes.
  ASSERT_THAT(Withdraw(citizens[0], records[0]), IsOk());
  EXPECT_THAT(Ask(), refused);
  world_.clock().Advance(kDay);
  EXPECT_EQ(Ask().value(), Of({&citizens[1], &citizens[2]}));
}

class CountedNotices : public CohortTest {
 protected:
  AgreementPointer SurveyUnder(receipt::LegalBasis basis) {
    AgreementContent content = SurveyContent();
    content.basis = basis;
    return Publish(content);
  }
  std::vector<NoticeView> Told(const Citizen& citizen) {
    return NoticeDesk(world_.consent())
        .List(citizen.id, /*unread_only=*/false, std::nullopt, 100)
        .value()
        .notices;
  }
};

TEST_F(CountedNotices, BeingCountedUnderALawIsTold) {
  survey_ = SurveyUnder(receipt::LegalBasis::kPublicTask);
  const Citizen ann = Linked(1);
  const RecordId record = Grant(ann);
  std::promise<BasisNotice> heard;
  ASSERT_THAT(NoticeDesk(world_.consent())
                  .Watch(ann.id,
                         [&heard](const NoticeItem& item) {
                           if (!item.notice) return true;
                           heard.set_value(item.notice->notice);
                           return false;
                         }),
              IsOk());
  EXPECT_EQ(Ask().value(), Of({&ann}));
  const auto told = Told(ann);
  ASSERT_EQ(told.size(), 1U);
  const BasisNotice& notice = told[0].notice;
  EXPECT_EQ(notice.record, record);
  EXPECT_EQ(notice.basis, receipt::LegalBasis::kPublicTask);
  EXPECT_EQ(notice.count, 1U);
  EXPECT_EQ(notice.purposes, std::vector{std::string(testing::kStatistics)});
  EXPECT_EQ(notice.attributes,
            std::vector{std::string(testing::kHouseholdSize)});
  EXPECT_EQ(notice.first_access.bytes(), Counted(ann)[0].entry.access);
  EXPECT_EQ(heard.get_future().get().id, notice.id);
  // Gathered again she is not counted again.
  world_.Restart();
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Told(ann)[0].notice.count, 1U);
  world_.clock().Advance(kDay);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Told(ann).size(), 2U);
}

TEST_F(CountedNotices, NobodyIsCountedWithoutHerNotice) {
  survey_ = SurveyUnder(receipt::LegalBasis::kPublicTask);
  const Citizen ann = Linked(1);
  Grant(ann);
  stores_.memory().FailCommits(absl::UnavailableError("no disk"));
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable));
  stores_.memory().FailCommits(absl::OkStatus());
  EXPECT_TRUE(Told(ann).empty());
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Told(ann)[0].notice.count, 1U);
}

TEST_F(CountedNotices, ConsentAndContractAreNotTold) {
  const Citizen ann = Linked(1);
  Grant(ann);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  survey_ = SurveyUnder(receipt::LegalBasis::kContract);
  Grant(ann);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_TRUE(Told(ann).empty());
}

}  // namespace
}  // namespace limpid::consent
