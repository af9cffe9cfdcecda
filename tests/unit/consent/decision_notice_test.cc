// Decision notices: who may send one to whom, once, and who reads it.

#include "consent/decision_notice/decision_notice.h"

#include <algorithm>
#include <string>
#include <vector>

#include "consent/decision_notice/decision_notice_desk.h"
#include "consent/decision_notice/notice_limiter.h"
#include "consent/decision_notice/notice_places.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/account_erasure_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::IdOf;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

DecisionContent Content() {
  DecisionContent out;
  out.deployment = IdOf<DeploymentId>(4);
  out.deployment_version = 2;
  out.decided = absl::FromUnixSeconds(1'000);
  out.inputs = {"person.birth_date"};
  out.factors = {"The income of the household", "Its size"};
  out.contact = "The desk on the first floor";
  out.objection = "Write within six weeks";
  out.outcome = "Granted in part";
  return out;
}

class DecisionNotices : public testing::AccountErasureWorld {
 protected:
  DecisionNotices() {
    world_.algorithms().PutDeployment(IdOf<DeploymentId>(4), 3);
  }
  [[nodiscard]] DecisionNoticeDesk Desk() {
    return DecisionNoticeDesk(consent());
  }
  absl::StatusOr<DecisionNoticeId> Send(const RecordId& record,
                                        const DecisionContent& content,
                                        std::uint8_t request = 1) {
    base::ByteArray<16> id{};
    id.fill(request);
    return Desk().Send(world_.service()->id, record, id, content);
  }
  struct Elsewhere {
    ServiceId service;
    RecordId record;
  };
  Elsewhere GrantedToAnother(const testing::Citizen& who) {
    Service service = testing::CareService();
    service.id = ServiceId();
    service.organisation = "Province";
    service.keys = {base::Digest32{2}};
    const auto made = consent().CreateService({9}, service);
    EXPECT_THAT(made, IsOk());
    const auto agreement = consent().CreateAgreement((*made)->id, std::nullopt,
                                                     testing::CareContent());
    EXPECT_THAT(agreement, IsOk());
    return {(*made)->id, world_.Granted(who, *agreement).revision.record};
  }
  std::vector<DecisionNoticeView> Of(const testing::Citizen& who) {
    const auto page = Desk().List(who.id, std::nullopt, 100);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? page->notices : std::vector<DecisionNoticeView>();
  }
};

TEST_F(DecisionNotices, ReachThePersonAndNobodyElse) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto sent = Send(record, Content());
  ASSERT_THAT(sent, IsOk());
  const auto notices = Of(ann_);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].notice.id, *sent);
  EXPECT_EQ(notices[0].notice.content, Content());
  EXPECT_EQ(notices[0].notice.record, record);
  EXPECT_EQ(notices[0].service->id, world_.service()->id);
  EXPECT_TRUE(Of(bob_).empty());
  EXPECT_THAT(Desk().Get(bob_.id, *sent), StatusIs(kNotFound));
  EXPECT_THAT(Desk().Acknowledge(bob_.id, *sent), StatusIs(kNotFound));
  world_.Restart();
  EXPECT_EQ(Desk().Get(ann_.id, *sent)->notice.content, Content());
}

TEST_F(DecisionNotices, AreSealedForHer) {
  ASSERT_THAT(Send(world_.Granted(ann_).revision.record, Content()), IsOk());
  for (const PersonalRow& row : RowsOf(ann_.id)) {
    const std::string text(row.payload.begin(), row.payload.end());
    EXPECT_EQ(text.find("household"), std::string::npos);
  }
}

TEST_F(DecisionNotices, ComeFromTheServiceOfARecordThatWasGranted) {
  const RecordId waiting = world_.Request(ann_).revision.record;
  EXPECT_THAT(Send(waiting, Content()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Send(IdOf<RecordId>(77), Content()), StatusIs(kNotFound));
  const RecordId record = world_.Granted(ann_).revision.record;
  EXPECT_THAT(Desk().Send(IdOf<ServiceId>(99), record, {}, Content()),
              StatusIs(kNotFound));
  // What ended can still be explained.
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_THAT(Send(record, Content()), IsOk());
}

TEST_F(DecisionNotices, NameADeploymentThatTheRegisterHas) {
  const RecordId record = world_.Granted(ann_).revision.record;
  DecisionContent other = Content();
  other.deployment_version = 4;
  EXPECT_THAT(Send(record, other), StatusIs(kInvalid));
  other.deployment = IdOf<DeploymentId>(5);
  EXPECT_THAT(Send(record, other), StatusIs(kInvalid));
  world_.algorithms().BeAway(true);
  EXPECT_THAT(Send(record, Content()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(Of(ann_).empty());
}

TEST_F(DecisionNotices, AreKeptOnceForOneRequest) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto first = Send(record, Content());
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(Send(record, Content()).value(), *first);
  world_.Restart();
  EXPECT_EQ(Send(record, Content()).value(), *first);
  DecisionContent other = Content();
  other.outcome = "Refused";
  EXPECT_THAT(Send(record, other), StatusIs(absl::StatusCode::kAlreadyExists));
  const RecordId of_bob = world_.Granted(bob_).revision.record;
  EXPECT_THAT(Send(of_bob, Content()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Of(ann_).size(), 1U);
  EXPECT_TRUE(Of(bob_).empty());
}

TEST_F(DecisionNotices, AreReadAndSaidToBeRead) {
  const auto sent = Send(world_.Granted(ann_).revision.record, Content());
  ASSERT_THAT(sent, IsOk());
  EXPECT_EQ(Of(ann_)[0].notice.acknowledged, absl::UnixEpoch());
  const absl::Time when = world_.clock().Now();
  EXPECT_EQ(Desk().Acknowledge(ann_.id, *sent)->notice.acknowledged, when);
  world_.clock().Advance(absl::Hours(1));
  EXPECT_EQ(Desk().Acknowledge(ann_.id, *sent)->notice.acknowledged, when);
  EXPECT_EQ(Of(ann_)[0].notice.acknowledged, when);
  EXPECT_EQ(Of(ann_)[0].notice.content, Content());
}

TEST_F(DecisionNotices, OfADayAreLimitedForEachService) {
  const RecordId record = world_.Granted(ann_).revision.record;
  for (std::size_t i = 0; i < kMaxServiceNoticesADay; ++i) {
    ASSERT_THAT(Send(record, Content(), static_cast<std::uint8_t>(i)), IsOk());
  }
  const auto full = Send(record, Content(), 200);
  EXPECT_THAT(full, StatusSays(absl::StatusCode::kResourceExhausted,
                               "try again tomorrow"));
  // Another service has room, and so has another person.
  const auto other = GrantedToAnother(ann_);
  EXPECT_THAT(Desk().Send(other.service, other.record, {}, Content()), IsOk());
  EXPECT_THAT(Send(world_.Granted(bob_).revision.record, Content(), 201),
              IsOk());
  world_.Restart();
  EXPECT_THAT(Send(record, Content(), 200),
              StatusIs(absl::StatusCode::kResourceExhausted));
  world_.clock().Advance(absl::Hours(24));
  EXPECT_THAT(Send(record, Content(), 200), IsOk());
}

TEST_F(DecisionNotices, AreListedInPagesTheNewestFirst) {
  const RecordId record = world_.Granted(ann_).revision.record;
  std::vector<DecisionNoticeId> sent;
  for (std::uint8_t i = 0; i < 45; ++i) {
    world_.clock().Advance(absl::Milliseconds(1));
    sent.insert(sent.begin(), Send(record, Content(), i).value());
  }
  std::vector<DecisionNoticeId> seen;
  std::optional<DecisionNoticeCursor> after;
  do {
    const auto page = Desk().List(ann_.id, after, 20);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->notices.size(), 20U);
    for (const auto& one : page->notices) seen.push_back(one.notice.id);
    after = page->next;
  } while (after);
  EXPECT_EQ(seen, sent);
}

// Payloads of sixteen kilobytes each would hold the sequencer up.
TEST_F(DecisionNotices, AreCountedByTheirKeysAndReadByThePage) {
  const RecordId record = world_.Granted(ann_).revision.record;
  for (std::uint8_t i = 0; i < 30; ++i) {
    ASSERT_THAT(Send(record, Content(), i), IsOk());
  }
  // One that does not open is met by the page it stands on alone, and by no
  // sending.
  const auto rows = RowsOf(ann_.id);
  LedgerCommit damage;
  damage.head = stores_.ledger().Head().value();
  for (PersonalRow row : rows) {
    if (row.key.kind != RowKind::kDecisionNotice) continue;
    row.payload.back() ^= 1U;
    damage.puts.push_back(row);
  }
  ASSERT_EQ(damage.puts.size(), 30U);
  ASSERT_THAT(stores_.ledger().Commit(damage), IsOk());
  world_.clock().Advance(absl::Milliseconds(1));
  EXPECT_THAT(Send(record, Content(), 40), IsOk());
  const auto page = Desk().List(ann_.id, std::nullopt, 1);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->notices.size(), 1U);
  EXPECT_EQ(page->unreadable, 0U);
  ASSERT_TRUE(page->next.has_value());
  EXPECT_EQ(Desk().List(ann_.id, page->next, 1)->unreadable, 30U);
}

TEST_F(DecisionNotices, AreRefusedForAnothersDeployment) {
  const RecordId record = world_.Granted(ann_).revision.record;
  world_.algorithms().PutOther(world_.service()->keys.front());
  EXPECT_THAT(Send(record, Content()),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_TRUE(Of(ann_).empty());
  // What the register knows of another service's certificate is nothing here.
  const auto other = GrantedToAnother(ann_);
  EXPECT_THAT(Desk().Send(other.service, other.record, {}, Content()), IsOk());
}

// Rows of before there were places.
TEST_F(DecisionNotices, WithoutAPlaceAreFoundAndCountToNoService) {
  const auto sent = Send(world_.Granted(ann_).revision.record, Content());
  ASSERT_THAT(sent, IsOk());
  const auto& person = consent().state().person_keys.Get(ann_.id);
  ASSERT_THAT(person, IsOk());
  for (PersonalRow row : RowsOf(ann_.id)) {
    if (row.key.kind != RowKind::kDecisionNotice) continue;
    LedgerCommit commit;
    commit.head = stores_.ledger().Head().value();
    commit.deletes = {row.key};
    const base::Bytes opened = OpenRow(**person, row).value();
    row.key.sequence = 0;
    row.payload = SealRow(**person, row.key, opened);
    commit.inserts = {row};
    ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  }
  EXPECT_EQ(Desk().Get(ann_.id, *sent)->notice.content, Content());
  EXPECT_EQ(Of(ann_).size(), 1U);
  EXPECT_NE(Desk().Acknowledge(ann_.id, *sent)->notice.acknowledged,
            absl::UnixEpoch());
  EXPECT_NE(Of(ann_)[0].notice.acknowledged, absl::UnixEpoch());
}

TEST_F(DecisionNotices, GoWithTheAccount) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_THAT(Send(record, Content()), IsOk());
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  Acknowledge();
  ASSERT_THAT(Erase(ann_), IsOk());
  ExpectGone(ann_);
  EXPECT_THAT(Send(record, Content(), 2), StatusIs(kNotFound));
}

TEST(DecisionContentCheck, NamesTheFieldAndNeverTheValue) {
  const absl::Time now = absl::FromUnixSeconds(2'000);
  ASSERT_THAT(CheckDecisionContent(Content(), now), IsOk());
  const std::vector<std::pair<std::string, void (*)(DecisionContent&)>> faults =
      {{"deployment_id", [](auto& c) { c.deployment = {}; }},
       {"deployment_version", [](auto& c) { c.deployment_version = 0; }},
       {"decision_time", [](auto& c) { c.decided = absl::UnixEpoch(); }},
       {"decision_time",
        [](auto& c) { c.decided = absl::FromUnixSeconds(3'000); }},
       {"inputs", [](auto& c) { c.inputs.clear(); }},
       {"inputs", [](auto& c) { c.inputs.resize(65, "secret"); }},
       {"inputs[0]", [](auto& c) { c.inputs[0] = std::string(129, 's'); }},
       {"factors", [](auto& c) { c.factors.clear(); }},
       {"factors", [](auto& c) { c.factors.resize(17, "secret"); }},
       {"factors[1]", [](auto& c) { c.factors[1] = "secret\x1b[2J"; }},
       {"contact", [](auto& c) { c.contact.clear(); }},
       {"objection", [](auto& c) { c.objection = "secret\xff"; }},
       {"outcome", [](auto& c) { c.outcome = std::string(2'001, 's'); }}};
  for (const auto& [path, fault] : faults) {
    DecisionContent other = Content();
    fault(other);
    const absl::Status status = CheckDecisionContent(other, now);
    EXPECT_THAT(status, StatusIs(kInvalid)) << path;
    EXPECT_EQ(status.message().rfind(path + ":", 0), 0U) << status;
    EXPECT_EQ(status.message().find("secret"), absl::string_view::npos);
  }
}

// docs/formats/decision-notice.md
TEST(DecisionNoticeFormat, GivesTheWorkedExampleAndRefusesEveryPrefix) {
  DecisionNotice notice;
  notice.service = IdOf<ServiceId>(3);
  notice.record = IdOf<RecordId>(2);
  notice.received = absl::FromUnixSeconds(1'767'225'600);
  notice.content.deployment = IdOf<DeploymentId>(4);
  notice.content.deployment_version = 2;
  notice.content.decided = absl::FromUnixSeconds(1'767'225'600);
  notice.content.inputs = {"a"};
  notice.content.factors = {"f"};
  notice.content.contact = "c";
  notice.content.objection = "o";
  const base::Bytes bytes = notice.Encode();
  EXPECT_EQ(base::HexEncode(bytes),
            "186c696d7069642f6465636973696f6e2d6e6f746963652f31"
            "0303030303030303030303030303030302020202020202020202020202020202"
            "0000019b76daa8000000000000000000"
            "04040404040404040404040404040404000000020000019b76daa800"
            "00010000000161000100000001660000000163000000016f00000000");
  EXPECT_EQ(DecisionNotice::Decode(bytes).value(), notice);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(DecisionNotice::Decode(base::ByteView(bytes).first(i)).ok());
  }
}

// What a person has: `count` notices of each sender, one an hour.
std::vector<RowKey> KeysOf(std::initializer_list<std::uint64_t> senders,
                           std::uint64_t count, std::uint64_t first_ms) {
  std::vector<RowKey> out;
  for (const std::uint64_t sender : senders) {
    for (std::uint64_t i = 0; i < count; ++i) {
      RowKey key;
      key.kind = RowKind::kDecisionNotice;
      key.sequence = (first_ms + i * 3'600'000) << 21U | sender;
      out.push_back(key);
    }
  }
  return out;
}

TEST(NoticeRoom, IsBoundedForADayAndForEver) {
  constexpr auto kFull = absl::StatusCode::kResourceExhausted;
  const std::uint64_t now_ms = 1'767'225'600'000;
  const std::uint64_t day_ms = 24 * 3'600'000;
  const auto at = [](std::uint64_t ms, std::uint64_t sender) {
    return ms << 21U | sender;
  };
  const auto long_ago = KeysOf({1}, kMaxServiceNotices, 0);
  EXPECT_THAT(CheckRoom(long_ago, at(now_ms, 1)),
              StatusSays(kFull, "none is taken later either"));
  EXPECT_THAT(CheckRoom(long_ago, at(now_ms, 2)), IsOk());
  EXPECT_THAT(CheckRoom(KeysOf({1}, kMaxServiceNotices - 1, 0), at(now_ms, 1)),
              IsOk());
  const auto of_four = KeysOf({1, 2, 3, 4}, kMaxServiceNotices, 0);
  ASSERT_EQ(of_four.size(), kMaxDecisionNotices);
  // Four services do not take the first ten of a fifth, nor more than those.
  EXPECT_THAT(CheckRoom(of_four, at(now_ms, 1)), StatusIs(kFull));
  auto of_five = of_four;
  for (std::size_t i = 0; i < kReservedServiceNotices; ++i) {
    EXPECT_THAT(CheckRoom(of_five, at(now_ms, 5)), IsOk()) << i;
    of_five.push_back(KeysOf({5}, 1, i).front());
  }
  EXPECT_THAT(CheckRoom(of_five, at(now_ms, 5)),
              StatusSays(kFull, "none is taken later either"));
  EXPECT_THAT(CheckRoom(of_five, at(now_ms, 6)), IsOk());
  auto many = KeysOf({1, 2, 3, 4, 5, 6, 7, 8}, kMaxServiceNotices, 0);
  ASSERT_EQ(many.size(), kMaxNoticesWithReserved);
  EXPECT_THAT(CheckRoom(many, at(now_ms, 9)), StatusIs(kFull));
  many.pop_back();
  EXPECT_THAT(CheckRoom(many, at(now_ms, 9)), IsOk());
  // Ten senders with twenty within the day.
  const auto today =
      KeysOf({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 20, now_ms - day_ms + 1);
  ASSERT_EQ(today.size(), kMaxDecisionNoticesADay);
  EXPECT_THAT(CheckRoom(today, at(now_ms, 11)),
              StatusSays(kFull, "try again tomorrow"));
  EXPECT_THAT(CheckRoom(today, at(now_ms + 1, 11)), IsOk());
  // Those without a place are nobody's.
  EXPECT_THAT(CheckRoom(std::vector<RowKey>(kMaxServiceNotices), at(now_ms, 0)),
              IsOk());
}

TEST(NoticeLimiter, CountsEachServiceWithinAnHour) {
  NoticeLimiter limiter;
  const auto take = [&limiter](std::uint8_t service, absl::Duration now) {
    return limiter.Take(IdOf<ServiceId>(service), now);
  };
  for (std::size_t i = 0; i < kMaxDecisionNoticesAnHour; ++i) {
    ASSERT_TRUE(take(1, absl::Seconds(1)));
  }
  EXPECT_FALSE(take(1, absl::Seconds(2)));
  EXPECT_TRUE(take(2, absl::Seconds(2)));
  EXPECT_FALSE(take(1, absl::Hours(1)));
  EXPECT_TRUE(take(1, absl::Hours(1) + absl::Seconds(1)));
}

}  // namespace
}  // namespace limpid::consent
