// One question per organisation about one attribute of a person.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"
#include "tests/unit/consent/forwarding_store.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

// Counts how often all records of a person are read.
class CountedLists final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person,
      RowKind kind) const override {
    if (kind == RowKind::kRecord) ++lists;
    return ForwardingStore::ListKind(shard, person, kind);
  }
  mutable std::atomic<int> lists = 0;
};

class AskedQuestions : public ::testing::Test {
 protected:
  Consent& consent() { return world_.consent(); }

  // An agreement of the same service that asks another age.
  AgreementPointer Asking(int years) {
    AgreementContent content = testing::CareContent();
    content.lines[1].parameters = R"({"n":)" + std::to_string(years) + "}";
    return world_.Publish(content);
  }
  absl::StatusOr<ChangedRecord> Grant(const RecordView& record) {
    return consent().Grant(ann_.id, record.revision.record,
                           world_.StatementFor(ann_, record));
  }
  absl::Status Granting(const AgreementPointer& agreement) {
    return Grant(world_.Request(ann_, agreement)).status();
  }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(AskedQuestions, ASecondThresholdIsRefusedAndTheSameIsNot) {
  const RecordView first = world_.Granted(ann_);
  const auto refused = Granting(Asking(21));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_NE(refused.message().find("lines[1]"), std::string::npos);
  EXPECT_THAT(Granting(Asking(18)), IsOk());
  // Nothing of the refused record changed, and the first still answers.
  EXPECT_TRUE(testing::Released(world_.Read(first.revision.record)));
}

TEST_F(AskedQuestions, StandsAfterTheWithdrawalWhenItWasAnswered) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(testing::Released(world_.Read(record)));
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.Restart();
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AskedQuestions, IsForgottenWhenItEndedUnanswered) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  ASSERT_THAT(Granting(Asking(21)), IsOk());
  // Now that one stands.
  EXPECT_THAT(Granting(Asking(18)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AskedQuestions, CountsWhenALaterRecordAnsweredIt) {
  const RecordId unread = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Withdraw(ann_.id, unread), IsOk());
  const RecordId read = world_.Granted(ann_).revision.record;
  // It may be read yet.
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_TRUE(testing::Released(world_.Read(read)));
  ASSERT_THAT(consent().Withdraw(ann_.id, read), IsOk());
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.Restart();
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AskedQuestions, CountsWhenTheFirstEndsUnreadAfterALaterWasRead) {
  const RecordId first = world_.Granted(ann_).revision.record;
  const RecordId later = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(testing::Released(world_.Read(later)));
  ASSERT_THAT(consent().Withdraw(ann_.id, later), IsOk());
  ASSERT_THAT(consent().Withdraw(ann_.id, first), IsOk());
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // From the tables alone, too.
  world_.Restart();
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AskedQuestions, CountsWhenItWasNarrowedAwayAfterTheAnswer) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(testing::Released(world_.Read(record)));
  ASSERT_THAT(
      consent().Narrow(ann_.id, record, {{"person.name"}, std::nullopt}),
      IsOk());
  EXPECT_THAT(Granting(Asking(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AskedQuestions, IsForgottenWhenAllOfThemEndedUnanswered) {
  const RecordId one = world_.Granted(ann_).revision.record;
  const RecordId two = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Withdraw(ann_.id, one), IsOk());
  ASSERT_THAT(consent().Withdraw(ann_.id, two), IsOk());
  EXPECT_THAT(Granting(Asking(21)), IsOk());
}

// Who has thousands of records does not have each of them opened at a refusal.
TEST(AskedQuestionsOfManyRecords, TheOneThatAskedFirstIsEnough) {
  testing::StoresBehind<CountedLists> stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  (void)world.Granted(ann);
  for (int i = 0; i < 3; ++i) (void)world.Request(ann, world.agreement());
  AgreementContent content = testing::CareContent();
  content.lines[1].parameters = R"({"n":21})";
  const RecordView record = world.Request(ann, world.Publish(content));
  stores.front().lists = 0;
  EXPECT_THAT(world.consent()
                  .Grant(ann.id, record.revision.record,
                         world.StatementFor(ann, record))
                  .status(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(stores.front().lists, 0);
}

TEST_F(AskedQuestions, AnotherOrganisationMayAskItsOwn) {
  world_.Granted(ann_);
  Service other = testing::CareService();
  other.id = ServiceId();
  other.organisation = "City of Leiden";
  other.keys = {base::Digest32{60}};
  base::ByteArray<16> request_id{};
  request_id.fill(60);
  const auto made = consent().CreateService(request_id, other);
  ASSERT_THAT(made, IsOk());
  AgreementContent content = testing::CareContent();
  content.lines[1].parameters = R"({"n":21})";
  const auto agreement =
      consent().CreateAgreement((*made)->id, std::nullopt, content);
  ASSERT_THAT(agreement, IsOk());
  NewRequest request;
  request.agreement = (*agreement)->id;
  request.version = 1;
  const auto code = consent().CreateRequest((*made)->id, request);
  ASSERT_THAT(code, IsOk());
  const auto bound = consent().BindRequest(ann_.id, code->code);
  ASSERT_THAT(bound, IsOk());
  EXPECT_THAT(Grant(*bound), IsOk());
}

TEST_F(AskedQuestions, SignedOrNotItIsTheSameQuestion) {
  const auto attested = [this](int years) {
    AgreementContent content = testing::CareContent();
    content.lines[1].form = receipt::Form::kAttested;
    content.lines[1].parameters = R"({"n":)" + std::to_string(years) + "}";
    return world_.Publish(content);
  };
  world_.Granted(ann_);
  EXPECT_THAT(Granting(attested(21)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Granting(attested(18)), IsOk());
  // And what was asked signed stands in the way of another unsigned.
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen bob = world.NewCitizen(2);
  const auto granting = [&](int years, receipt::Form form) {
    AgreementContent content = testing::CareContent();
    content.lines[1].form = form;
    content.lines[1].parameters = R"({"n":)" + std::to_string(years) + "}";
    const RecordView record = world.Request(bob, world.Publish(content));
    return world.consent()
        .Grant(bob.id, record.revision.record, world.StatementFor(bob, record))
        .status();
  };
  EXPECT_THAT(granting(18, receipt::Form::kAttested), IsOk());
  EXPECT_THAT(granting(21, receipt::Form::kDerived),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AskedQuestions, AreOfOnePerson) {
  world_.Granted(ann_);
  const testing::Citizen bob = world_.NewCitizen(2);
  const RecordView record = world_.Request(bob, Asking(21));
  EXPECT_THAT(consent().Grant(bob.id, record.revision.record,
                              world_.StatementFor(bob, record)),
              IsOk());
}

// docs/formats/asked-question.md
TEST(AskedQuestion, IsEncodedAsThePageSays) {
  const AskedQuestion question{testing::IdOf<RecordId>(1), "over_n/1",
                               R"({"n":18})"};
  const base::Bytes bytes = question.Encode();
  EXPECT_EQ(base::HexEncode(bytes),
            "176c696d7069642f61736b65642d7175657374696f6e2f31"
            "01010101010101010101010101010101"
            "000000086f7665725f6e2f31"
            "000000087b226e223a31387d");
  EXPECT_EQ(*AskedQuestion::Decode(bytes), question);
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_THAT(AskedQuestion::Decode(longer),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::consent
