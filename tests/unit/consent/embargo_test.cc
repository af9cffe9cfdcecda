// Embargo for lawful secrecy: who may have one, that nothing tells of it before
// its date, that everything is told at it, and that the person can check it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/embargo_check.h"
#include "common/receipt/receipt.h"
#include "consent/audit/audit.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/embargo/allowing.h"
#include "consent/embargo/embargo_desk.h"
#include "consent/embargo/embargoed.h"
#include "consent/log/completion_writing.h"
#include "consent/log/erasure_desk.h"
#include "consent/log/log_heads.h"
#include "consent/notice/notice_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/embargo_fixture.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::AccessKind;
using receipt::LegalBasis;
using testing::Released;
using testing::World;

using testing::ContentUnder;
using testing::kDay;
using testing::kFirst;
using testing::kSecond;

class Embargo : public testing::EmbargoWorld {};

EmbargoedEntry ExampleRow() {
  EmbargoedEntry out;
  out.position = 5;
  out.opening.fill(2);
  out.days = 30;
  out.until = testing::kStart;
  out.ends[30].sequence = 7;
  out.ends[30].commitment.fill(3);
  out.entry = {0xab};
  return out;
}

TEST(EmbargoedEntry, WorkedExampleOfTheFormatPage) {
  const base::Bytes encoded = ExampleRow().Encode();
  ASSERT_EQ(encoded.size(), 128U);
  EXPECT_EQ(base::HexEncode(base::ByteView(encoded).first(124)),
            "186c696d7069642f656d626172676f65642d656e7472792f31"
            "0000000000000005"
            "0202020202020202020202020202020202020202020202020202020202020202"
            "001e0000019b76daa800"
            "0001001e0000000000000007"
            "0303030303030303030303030303030303030303030303030303030303030303"
            "00000001ab");
  EXPECT_EQ(EmbargoedEntry::Decode(encoded).value(), ExampleRow());
}

TEST(EmbargoedEntry, RefusesWhatCannotBe) {
  const auto refused = [](const base::Bytes& bytes) {
    EXPECT_THAT(EmbargoedEntry::Decode(bytes),
                StatusIs(absl::StatusCode::kDataLoss));
  };
  base::Bytes damaged = ExampleRow().Encode();
  damaged.back() = 1;
  refused(damaged);
  damaged = ExampleRow().Encode();
  damaged.resize(damaged.size() + 128);
  refused(damaged);
  for (std::size_t size = 0; size < 124; ++size) {
    base::Bytes cut = ExampleRow().Encode();
    cut.resize(size);
    refused(cut);
  }
  EmbargoedEntry entry = ExampleRow();
  entry.days = 0;
  refused(entry.Encode());
  entry.days = 367;
  refused(entry.Encode());
  // A chain that it does not end.
  entry.days = 29;
  refused(entry.Encode());
}

TEST(EmbargoAllowing, OnlyWhatALawLaysDownAndNothingThatTells) {
  EXPECT_THAT(CheckContent(ContentUnder(1)), IsOk());
  EXPECT_THAT(CheckContent(ContentUnder(366, LegalBasis::kPublicTask)), IsOk());
  for (const LegalBasis basis :
       {LegalBasis::kConsent, LegalBasis::kContract,
        LegalBasis::kVitalInterests, LegalBasis::kLegitimateInterests}) {
    EXPECT_THAT(CheckContent(ContentUnder(1, basis)),
                StatusSays(absl::StatusCode::kInvalidArgument, "embargo_days"))
        << LegalBasisName(basis);
    EXPECT_THAT(CheckContent(ContentUnder(0, basis)), IsOk());
  }
  const auto refused = [](AgreementContent content) {
    EXPECT_THAT(CheckContent(content),
                StatusSays(absl::StatusCode::kInvalidArgument, "embargo_days"));
  };
  refused(ContentUnder(367));
  AgreementContent content = ContentUnder(30);
  content.use_count_max = 9;
  refused(content);
  content = ContentUnder(30);
  content.frequency = {1, 3'600};
  refused(content);
  content = ContentUnder(30);
  content.ai_training = true;
  content.systems = {testing::IdOf<SystemId>(8)};
  refused(content);
  content = ContentUnder(30);
  content.lines.front().form = receipt::Form::kAggregate;
  EXPECT_THAT(CheckEmbargo(content),
              StatusSays(absl::StatusCode::kInvalidArgument, "counting"));
}

TEST(EmbargoAllowing, TheHashCoversItAndLongerIsMaterial) {
  const testing::ThreePurposes purposes;
  const AgreementContent none = ContentUnder(0);
  const AgreementContent month = ContentUnder(30);
  EXPECT_NE(testing::CareAgreement(none).hash,
            testing::CareAgreement(month).hash);
  EXPECT_EQ(
      ParseAgreement(StoredAgreement(testing::CareAgreement(month)))->content,
      month);
  EXPECT_TRUE(IsMaterialChange(none, month, purposes));
  EXPECT_TRUE(IsMaterialChange(month, ContentUnder(31), purposes));
  EXPECT_FALSE(IsMaterialChange(month, ContentUnder(29), purposes));
  EXPECT_FALSE(IsMaterialChange(month, none, purposes));
  const auto changes = CompareContents(none, month, purposes);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].path, "embargo_days");
  EXPECT_EQ(changes[0].sentence,
            "You are told of an access after at most 30 days instead of 0.");
}

TEST_F(Embargo, AServiceGetsItByTwoAdministratorsAndADay) {
  const auto publish = [&] {
    return consent().CreateAgreement(world_.service()->id, std::nullopt,
                                     ContentUnder(20));
  };
  Service alone = testing::CareService();
  alone.id = ServiceId();
  alone.keys = {base::Digest32{9}};
  alone.embargo_days = 20;
  EXPECT_THAT(consent().CreateService({99}, alone),
              StatusSays(absl::StatusCode::kInvalidArgument, "embargo"));
  const auto proposed = Propose(20);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->state, ServiceChangeState::kProposed);
  EXPECT_THAT(consent().ApproveServiceChange(kFirst, proposed->id),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(consent().ApproveServiceChange(kSecond, proposed->id), IsOk());
  EXPECT_FALSE(publish().ok());
  world_.clock().Advance(kServiceChangeDelay);
  ASSERT_THAT(consent().RunServiceChanges(), IsOk());
  world_.Restart();
  EXPECT_THAT(publish(), IsOk());
  EXPECT_THAT(consent().CreateAgreement(world_.service()->id, std::nullopt,
                                        ContentUnder(21)),
              StatusSays(absl::StatusCode::kFailedPrecondition, "embargo"));
  EXPECT_THAT(Propose(367), StatusIs(absl::StatusCode::kInvalidArgument));
  // Longer is another change, shorter is in effect at once.
  EXPECT_EQ(Propose(21)->state, ServiceChangeState::kProposed);
  EXPECT_EQ(Propose(19)->state, ServiceChangeState::kInEffect);
}

TEST_F(Embargo, AChangeReadsBackWhatItStored) {
  ServiceChange change;
  change.before = LimitsOf(testing::CareService());
  change.after = change.before;
  for (const auto& [from, to] : {std::pair{0U, 30U}, {30U, 0U}, {366U, 365U}}) {
    change.before.embargo_days = from;
    change.after.embargo_days = to;
    const base::Bytes bytes = change.Encode();
    EXPECT_EQ(ServiceChange::Decode(bytes).value(), change);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(
          ServiceChange::Decode(base::ByteView(bytes).first(size)).ok());
    }
  }
}

TEST_F(Embargo, NothingTellsBeforeTheDate) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  LogHeads heads(consent());
  const auto view = [&] {
    return consent().GetRecord(ann_.id, record).value();
  };
  const auto before = Log();
  const auto head = heads.HeadOf(ann_.id);
  const std::uint64_t uses = view().use_count;
  const std::uint64_t leaves = LeafCount();
  auto answer = world_.Read(record);
  ASSERT_TRUE(Released(answer));
  EXPECT_FALSE(answer->promise.empty());
  answer->release->hold->CloseWith(receipt::AccessOutcome::kReleased);
  WriteCompletions(consent().state(), /*all=*/true);
  // Into the public log, like every other; so is what became of it.
  EXPECT_EQ(LeafCount(), leaves + 2);
  const auto quiet = [&] {
    EXPECT_EQ(Log().size(), before.size());
    EXPECT_EQ(Log().front().entry, before.front().entry);
    EXPECT_EQ(heads.HeadOf(ann_.id).value(), head.value());
    EXPECT_EQ(view().use_count, uses);
    EXPECT_EQ(view().revision.number, 2U);
    EXPECT_TRUE(Notices().empty());
    EXPECT_TRUE(DutiesOf(record).empty());
    EXPECT_TRUE(Told().empty());
    EXPECT_THAT(consent().GetAccessReceipt(ann_.id, answer->access),
                StatusIs(absl::StatusCode::kNotFound));
    AccessFilter filter;
    filter.record = record;
    EXPECT_EQ(consent().ListAccesses(ann_.id, filter, 0, 100)->entries.size(),
              2U);
    for (const EmbargoOpening& one : Openings()) EXPECT_TRUE(one.steps.empty());
  };
  quiet();
  // Nor a start.
  world_.Restart();
  LogHeads again(consent());
  EXPECT_EQ(Log().size(), before.size());
  EXPECT_TRUE(Told().empty());
  // The record ends by itself in 30 days; 20 days less a moment pass.
  world_.clock().Advance(20 * kDay - absl::Milliseconds(1));
  consent().RunDue();
  EXPECT_EQ(Log().size(), before.size());
  EXPECT_TRUE(Told().empty());
  Advance(absl::Milliseconds(1));
  // The read, and what became of it.
  EXPECT_EQ(Told().size(), 2U);
}

TEST_F(Embargo, AtItsDateEverythingIsTold) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  auto answer = world_.Read(record);
  ASSERT_TRUE(Released(answer));
  const absl::Time read = world_.clock().Now();
  answer->release->hold->CloseWith(receipt::AccessOutcome::kPartial);
  world_.clock().Advance(absl::Seconds(3));
  WriteCompletions(consent().state(), /*all=*/true);
  Visible();
  Advance(20 * kDay);
  EXPECT_EQ(CountOf(AccessKind::kEmbargoEnded), 1U);
  const auto told = Told();
  ASSERT_EQ(told.size(), 2U);
  // The last entered first.
  EXPECT_EQ(told[0].view.entry.kind, AccessKind::kAccessCompleted);
  ASSERT_EQ(told[0].view.entry.completions.size(), 1U);
  EXPECT_EQ(told[0].view.entry.completions[0],
            (receipt::Completion{1, receipt::AccessOutcome::kPartial}));
  const receipt::AccessEntry& entry = told[1].view.entry;
  EXPECT_EQ(entry.kind, AccessKind::kReleaseDecided);
  EXPECT_EQ(entry.access, answer->access.bytes());
  EXPECT_EQ(entry.time, read);
  EXPECT_EQ(entry.sequence, 1U);
  EXPECT_EQ(entry.record, record.bytes());
  EXPECT_EQ(told[1].days, 20);
  EXPECT_EQ(told[1].until, read + 20 * kDay);
  ExpectProven(2);

  const auto notices = Notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].notice.count, 1U);
  EXPECT_EQ(notices[0].notice.first_access, answer->access);
  EXPECT_EQ(notices[0].notice.begin, world_.clock().Now());
  // Of the day of the release.
  const auto duties = DutiesOf(record);
  ASSERT_EQ(duties.size(), 1U);
  EXPECT_EQ(duties[0].duty.cause, DutyCause::kDataLife);
  EXPECT_GE(duties[0].duty.opens, read + 30 * kDay);
  EXPECT_LE(duties[0].duty.opens, read + 31 * kDay);

  ASSERT_THAT(consent().TickLog(), IsOk());
  const auto receipt = consent().GetAccessReceipt(ann_.id, answer->access);
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->stage, ReceiptStage::kLogged);
  const auto other = world_.NewCitizen(12);
  EXPECT_THAT(consent().GetAccessReceipt(other.id, answer->access),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(EmbargoDesk(consent())
                  .ListTold(other.id, std::nullopt, 10)
                  ->accesses.empty());
  // Once.
  consent().RunDue();
  world_.Restart();
  consent().RunDue();
  EXPECT_EQ(CountOf(AccessKind::kEmbargoEnded), 1U);
  EXPECT_EQ(Notices()[0].notice.count, 1U);
}

TEST_F(Embargo, ADutyThatCameDueMeanwhileOpensWhenSheIsTold) {
  Give(20);
  AgreementContent content = ContentUnder(20);
  content.retention_days = 1;
  const RecordId record =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  Read(record);
  Advance(20 * kDay);
  const auto duties = DutiesOf(record);
  ASSERT_EQ(duties.size(), 1U);
  EXPECT_EQ(duties[0].duty.opens, world_.clock().Now());
  EXPECT_EQ(duties[0].duty.due, world_.clock().Now() + kConfirmTime);
}

// Two reads of one day, the second told when the duty of the first runs.
TEST_F(Embargo, ToldLaterItLeavesTheDutyOfItsDayAsItIs) {
  Give(20);
  AgreementContent content = ContentUnder(20);
  content.retention_days = 1;
  const RecordId record =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  Read(record);
  world_.clock().Advance(absl::Hours(1));
  Read(record);
  Advance(20 * kDay - absl::Hours(1));
  // Scheduled and opened by the clock.
  Advance(absl::Minutes(1));
  const auto before = DutiesOf(record);
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].duty.state, DutyState::kOpen);
  // What the process knew of it is gone.
  world_.Restart();
  Advance(absl::Hours(1));
  Advance(absl::Minutes(1));
  EXPECT_EQ(Told().size(), 2U);
  auto after = DutiesOf(record);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].duty, before[0].duty);
}

TEST_F(Embargo, ToldLaterItOpensNoAnsweredDutyOfItsDay) {
  Give(20);
  AgreementContent content = ContentUnder(20);
  content.retention_days = 1;
  const RecordId record =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  Read(record);
  world_.clock().Advance(absl::Hours(1));
  Read(record);
  Advance(20 * kDay - absl::Hours(1));
  Advance(absl::Minutes(1));
  ASSERT_THAT(DutyDesk(consent()).AcknowledgeDeletion(
                  world_.service()->id, DutiesOf(record).at(0).duty.id),
              IsOk());
  world_.Restart();
  Advance(absl::Hours(1));
  EXPECT_EQ(Told().size(), 2U);
  const auto duties = DutiesOf(record);
  ASSERT_EQ(duties.size(), 1U);
  EXPECT_EQ(duties[0].duty.state, DutyState::kAcknowledged);
}

TEST_F(Embargo, AVisibleEntryLooksTheSameWithAndWithout) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Visible();
  const std::size_t without = Openings().front().entry.size();
  Read(record);
  Read(record);
  Visible();
  EXPECT_EQ(Openings().front().entry.size(), without);
  // A year after, both open to their end, and not a moment before.
  const absl::Time last = world_.clock().Now();
  const auto before = [&](absl::Time time) {
    const auto log = Log();
    return static_cast<std::uint64_t>(std::count_if(
        log.begin(), log.end(),
        [time](const AccessView& view) { return view.entry.time < time; }));
  };
  Advance(receipt::kMaxEmbargoDays * kDay - absl::Milliseconds(1));
  EXPECT_EQ(Judge().complete_count, before(last));
  Advance(absl::Milliseconds(1));
  const auto found = Judge();
  EXPECT_TRUE(found.alarms.empty()) << found.alarms.front();
  EXPECT_EQ(found.complete_count, before(last + absl::Milliseconds(1)));
  EXPECT_EQ(found.proven_count, 2U);
}

TEST_F(Embargo, AShorterOneIsToldWithoutAWordOfALonger) {
  Give(30);
  const RecordId shorter = GrantedUnder(10);
  const RecordId longer = GrantedUnder(20);
  Read(longer);
  Read(shorter);
  Read(longer);
  Read(shorter);
  Visible();
  Advance(10 * kDay);
  auto told = Told();
  ASSERT_EQ(told.size(), 2U);
  // Numbers of a chain of their own.
  EXPECT_EQ(told[0].view.entry.sequence, 2U);
  EXPECT_EQ(told[1].view.entry.sequence, 1U);
  for (const ToldAccess& one : told) {
    EXPECT_EQ(one.days, 10);
    EXPECT_EQ(RecordId(one.view.entry.record), shorter);
  }
  ExpectProven(2);
  Advance(10 * kDay);
  told = Told();
  ASSERT_EQ(told.size(), 4U);
  EXPECT_NE(told[0].log, told[1].log);
  ExpectProven(4);
}

}  // namespace
}  // namespace limpid::consent
