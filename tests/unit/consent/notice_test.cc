// Processing under another basis than consent or contract is told to the
// person, in the commit that lets it happen, once a day.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "consent/ledger/memory_store.h"
#include "consent/notice/basis_notice.h"
#include "consent/notice/notice_desk.h"
#include "consent/record/basis.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::AccessKind;
using receipt::LegalBasis;
using testing::IdOf;
using testing::World;

BasisNotice ExampleNotice() {
  BasisNotice out;
  out.id = IdOf<BasisNoticeId>(1);
  out.record = IdOf<RecordId>(2);
  out.number = 3;
  out.service = IdOf<ServiceId>(4);
  out.agreement = IdOf<AgreementId>(5);
  out.agreement_version = 6;
  out.basis = LegalBasis::kLegalObligation;
  out.begin = out.last = out.acknowledged = testing::kStart;
  out.first_access = IdOf<AccessId>(7);
  out.count = 9;
  out.seen = 8;
  out.purposes = {"p"};
  out.attributes = {"a"};
  return out;
}

TEST(BasisNotice, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(base::HexEncode(ExampleNotice().Encode()),
            "156c696d7069642f62617369732d6e6f746963652f31"
            "0101010101010101010101010101010102020202020202020202020202020202"
            "0000000000000003"
            "0404040404040404040404040404040405050505050505050505050505050505"
            "0000000603"
            "0000019b76daa8000000019b76daa800"
            "07070707070707070707070707070707"
            "000000000000000900000000000000080000019b76daa800"
            "0001000000017000010000000161");
  EXPECT_EQ(BasisNotice::Decode(ExampleNotice().Encode()).value(),
            ExampleNotice());
}

TEST(BasisNotice, RefusesWhatCannotBe) {
  const auto refused = [](const base::Bytes& bytes) {
    EXPECT_THAT(BasisNotice::Decode(bytes),
                StatusIs(absl::StatusCode::kDataLoss));
  };
  base::Bytes longer = ExampleNotice().Encode();
  longer.push_back(0);
  refused(longer);
  BasisNotice notice = ExampleNotice();
  notice.number = 0;
  refused(notice.Encode());
  notice = ExampleNotice();
  notice.seen = notice.count + 1;
  refused(notice.Encode());
  notice = ExampleNotice();
  notice.last = notice.begin - absl::Milliseconds(1);
  refused(notice.Encode());
  for (const int basis : {0, 7}) {
    notice = ExampleNotice();
    notice.basis = static_cast<LegalBasis>(basis);
    refused(notice.Encode());
  }
}

TEST(BasisNotice, RemembersEachThingOnceAndNotWithoutEnd) {
  BasisNotice notice;
  const std::vector<receipt::AccessLine> lines = {
      {"a", 1, "", "", receipt::Reason::kReleased},
      {"b", 0, "", "", receipt::Reason::kPurpose}};
  for (int i = 0; i < 20; ++i) {
    const std::string purpose = "p" + std::to_string(i / 2);
    notice.Count({IdOf<AccessId>(1), testing::kStart, purpose, lines});
  }
  EXPECT_EQ(notice.count, 20U);
  EXPECT_EQ(notice.purposes.size(), kMaxNoticePurposes);
  // Only what was released.
  EXPECT_EQ(notice.attributes, std::vector<std::string>{"a"});
}

TEST(BasisRemedies, OnlyConsentSpeaksOfWithdrawing) {
  for (int i = 2; i <= 6; ++i) {
    const auto basis = static_cast<LegalBasis>(i);
    const std::string remedy(RemedyOf(basis));
    EXPECT_NE(remedy.find("Article"), std::string::npos) << i;
    EXPECT_EQ(remedy.find("ithdraw"), std::string::npos) << i;
    EXPECT_EQ(MayObject(basis), ObjectionRefusal(basis).empty()) << i;
    EXPECT_NE(LawOf(basis), LawOf(LegalBasis::kConsent));
  }
}

class BasisNotices : public ::testing::Test {
 protected:
  Consent& consent() { return world_.consent(); }

  // A granted record of `person` under `basis`, of a service of its own.
  RecordId GrantedUnder(LegalBasis basis, const testing::Citizen& person) {
    Service service = testing::CareService();
    service.id = ServiceId();
    key_ = base::Digest32{50};
    key_[1] = ++services_;
    service.keys = {key_};
    service.bases = {basis};
    base::ByteArray<16> request_id{};
    request_id.fill(static_cast<std::uint8_t>(90 + services_));
    const auto made = consent().CreateService(request_id, service).value();
    AgreementContent content = testing::CareContent();
    content.basis = basis;
    NewRequest request;
    request.agreement =
        consent().CreateAgreement(made->id, std::nullopt, content).value()->id;
    request.version = 1;
    const std::string code =
        consent().CreateRequest(made->id, request).value().code;
    const RecordView bound = consent().BindRequest(person.id, code).value();
    EXPECT_THAT(consent().Grant(person.id, bound.revision.record,
                                world_.StatementFor(person, bound)),
                IsOk());
    return bound.revision.record;
  }
  RecordId GrantedUnder(LegalBasis basis) { return GrantedUnder(basis, ann_); }

  // By the service of the last GrantedUnder.
  absl::StatusOr<Authorisation> Read(const RecordId& record) {
    AuthoriseRequest request = World::ReadRequestFor(record);
    request.caller_key = key_;
    return world_.Ask(std::move(request));
  }
  std::vector<NoticeView> List(bool unread_only) {
    return NoticeDesk(consent())
        .List(ann_.id, unread_only, std::nullopt, 100)
        .value()
        .notices;
  }
  std::vector<NoticeView> All() { return List(false); }
  // Flips one bit of every notice of the record.
  void Damage(const RecordId& record) {
    for (const auto state : {std::uint8_t{0}, std::uint8_t{1}}) {
      for (const RowKey& key : RowsIn(state)) {
        if (key.id != record.bytes()) continue;
        Change(key, [](PersonalRow& row) { row.payload.back() ^= 1U; });
      }
    }
  }
  // Behind the back of consent.
  void Change(const RowKey& key,
              const std::function<void(PersonalRow&)>& change) {
    MemoryLedgerStore& store = stores_.memory();
    LedgerCommit commit;
    commit.head = store.Head().value();
    commit.puts.push_back(store.Get(key).value().value());
    change(commit.puts.back());
    ASSERT_THAT(store.Commit(commit), IsOk());
  }
  std::vector<RowKey> RowsIn(std::uint8_t state) {
    return stores_.memory()
        .InState(RowKind::kBasisNotice, state, {}, 100)
        .value();
  }
  absl::StatusOr<NoticeView> Acknowledge(const BasisNotice& notice) {
    return NoticeDesk(consent()).Acknowledge(ann_.id, notice.id, notice.count);
  }
  std::size_t CountOf(AccessKind kind) {
    std::size_t out = 0;
    const auto log = consent().ListAccesses(ann_.id, {}, 0, 1'000);
    for (const AccessView& view : log->entries) {
      out += view.entry.kind == kind ? 1 : 0;
    }
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(11);
  base::Digest32 key_{};
  std::uint8_t services_ = 0;
};

TEST_F(BasisNotices, TheFirstAccessIsToldAndTheNextAreCounted) {
  const RecordId record = GrantedUnder(LegalBasis::kPublicTask);
  EXPECT_TRUE(All().empty());
  const auto first = Read(record);
  ASSERT_TRUE(testing::Released(first));
  const absl::Time begin = world_.clock().Now();
  world_.clock().Advance(absl::Minutes(1));
  for (int i = 0; i < 999; ++i) ASSERT_TRUE(testing::Released(Read(record)));
  const auto notices = All();
  ASSERT_EQ(notices.size(), 1U);
  const BasisNotice& notice = notices[0].notice;
  EXPECT_EQ(notice.record, record);
  EXPECT_EQ(notice.number, 1U);
  EXPECT_EQ(notice.basis, LegalBasis::kPublicTask);
  EXPECT_EQ(notice.first_access, first->access);
  EXPECT_EQ(notice.begin, begin);
  EXPECT_EQ(notice.last, begin + absl::Minutes(1));
  EXPECT_EQ(notice.count, 1'000U);
  EXPECT_EQ(notice.purposes,
            std::vector<std::string>{std::string(testing::kCare)});
  EXPECT_EQ(notice.attributes,
            (std::vector<std::string>{"person.name", "person.birth_date"}));
  EXPECT_EQ(notices[0].service->organisation, "City of Delft");
  EXPECT_EQ(CountOf(AccessKind::kProcessingNotified), 1U);
}

TEST_F(BasisNotices, ADayLaterSheIsToldAgain) {
  const RecordId record = GrantedUnder(LegalBasis::kLegalObligation);
  ASSERT_TRUE(testing::Released(Read(record)));
  world_.clock().Advance(kNoticeWindow - absl::Milliseconds(1));
  ASSERT_TRUE(testing::Released(Read(record)));
  EXPECT_EQ(All().size(), 1U);
  world_.clock().Advance(absl::Milliseconds(1));
  ASSERT_TRUE(testing::Released(Read(record)));
  const auto notices = All();
  ASSERT_EQ(notices.size(), 2U);
  // Newest first.
  EXPECT_EQ(notices[0].notice.number, 2U);
  EXPECT_EQ(notices[0].notice.count, 1U);
  EXPECT_EQ(notices[1].notice.count, 2U);
  EXPECT_NE(notices[0].notice.id, notices[1].notice.id);
}

TEST_F(BasisNotices, ConsentAndContractAreNotTold) {
  const RecordId contract = GrantedUnder(LegalBasis::kContract);
  ASSERT_TRUE(testing::Released(Read(contract)));
  const RecordId consented = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(testing::Released(world_.Read(consented)));
  EXPECT_TRUE(All().empty());
  for (const LegalBasis basis :
       {LegalBasis::kLegalObligation, LegalBasis::kVitalInterests,
        LegalBasis::kPublicTask, LegalBasis::kLegitimateInterests}) {
    const std::size_t before = All().size();
    ASSERT_TRUE(testing::Released(Read(GrantedUnder(basis))));
    EXPECT_EQ(All().size(), before + 1) << LegalBasisName(basis);
  }
}

TEST_F(BasisNotices, ARefusedReadIsNoProcessing) {
  const RecordId record = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_THAT(consent().ObjectTo(ann_.id, record, "my situation"), IsOk());
  EXPECT_FALSE(testing::Released(Read(record)));
  EXPECT_TRUE(All().empty());
}

TEST_F(BasisNotices, NoAccessWithoutItsNotice) {
  const RecordId record = GrantedUnder(LegalBasis::kPublicTask);
  stores_.memory().FailCommits(absl::UnavailableError("down"));
  EXPECT_FALSE(Read(record).ok());
  stores_.memory().FailCommits(absl::OkStatus());
  EXPECT_TRUE(All().empty());
  ASSERT_TRUE(testing::Released(Read(record)));
  EXPECT_EQ(All()[0].notice.count, 1U);
}

TEST_F(BasisNotices, ARestartForgetsNeitherCountNorWhatSheRead) {
  const RecordId record = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_TRUE(testing::Released(Read(record)));
  ASSERT_THAT(Acknowledge(All()[0].notice), IsOk());
  world_.Restart();
  ASSERT_TRUE(testing::Released(Read(record)));
  const auto notices = All();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].notice.count, 2U);
  EXPECT_EQ(notices[0].notice.seen, 1U);
}

TEST_F(BasisNotices, SheAcknowledgesWhatSheWasShownAndNoMore) {
  const RecordId record = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_TRUE(testing::Released(Read(record)));
  const BasisNotice shown = All()[0].notice;
  // Came while she read.
  ASSERT_TRUE(testing::Released(Read(record)));
  const auto read = Acknowledge(shown);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->notice.seen, 1U);
  EXPECT_EQ(read->notice.acknowledged, world_.clock().Now());
  ASSERT_EQ(List(true).size(), 1U);
  ASSERT_THAT(Acknowledge(List(true)[0].notice), IsOk());
  EXPECT_TRUE(List(true).empty());
  // An old device takes nothing back.
  EXPECT_EQ(Acknowledge(shown)->notice.seen, 2U);
  // And what comes next is counted behind it.
  ASSERT_TRUE(testing::Released(Read(record)));
  EXPECT_EQ(List(true)[0].notice.seen, 2U);
  EXPECT_EQ(List(true)[0].notice.count, 3U);
}

TEST_F(BasisNotices, AcknowledgingIsHersAloneAndBounded) {
  ASSERT_TRUE(testing::Released(Read(GrantedUnder(LegalBasis::kPublicTask))));
  const BasisNotice notice = All()[0].notice;
  NoticeDesk desk(consent());
  const testing::Citizen bob = world_.NewCitizen(12);
  EXPECT_THAT(desk.Acknowledge(bob.id, notice.id, 1),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk.Acknowledge(ann_.id, IdOf<BasisNoticeId>(9), 1),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk.Acknowledge(ann_.id, notice.id, 0),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(desk.Acknowledge(ann_.id, notice.id, 2),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(List(true).size(), 1U);
  EXPECT_TRUE(desk.List(bob.id, false, std::nullopt, 10)->notices.empty());
}

TEST_F(BasisNotices, ADamagedRowHidesNoOther) {
  const RecordId first = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_TRUE(testing::Released(Read(first)));
  const RecordId second = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_TRUE(testing::Released(Read(second)));
  Damage(first);
  const auto page =
      NoticeDesk(consent()).List(ann_.id, false, std::nullopt, 100);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->unreadable, 1U);
  ASSERT_EQ(page->notices.size(), 1U);
  EXPECT_EQ(page->notices[0].notice.record, second);
  const auto unread =
      NoticeDesk(consent()).List(ann_.id, true, std::nullopt, 100);
  ASSERT_THAT(unread, IsOk());
  EXPECT_EQ(unread->unreadable, 1U);
  EXPECT_EQ(unread->notices.size(), 1U);
}

TEST_F(BasisNotices, APageOpensWhatItShowsAndNothingElse) {
  std::vector<RecordId> records;
  for (int i = 0; i < 5; ++i) {
    records.push_back(GrantedUnder(LegalBasis::kPublicTask));
    ASSERT_TRUE(testing::Released(Read(records.back())));
    world_.clock().Advance(absl::Minutes(1));
  }
  ASSERT_THAT(Acknowledge(All().back().notice), IsOk());
  Damage(records[0]);
  Damage(records[2]);
  const auto first = NoticeDesk(consent()).List(ann_.id, false, {}, 2);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->unreadable, 0U);
  EXPECT_EQ(first->notices[1].notice.record, records[3]);
  // Each is counted on one page.
  const auto second =
      NoticeDesk(consent()).List(ann_.id, false, first->next, 2);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->unreadable, 2U);
  ASSERT_EQ(second->notices.size(), 1U);
  EXPECT_EQ(second->notices[0].notice.record, records[1]);
  EXPECT_FALSE(second->next.has_value());
  // What she is known to have read is not looked at.
  EXPECT_EQ(NoticeDesk(consent()).List(ann_.id, true, {}, 9)->unreadable, 1U);
}

TEST_F(BasisNotices, WhatARowSaysOutsideItsSealIsNotBelieved) {
  const RecordId record = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_TRUE(testing::Released(Read(record)));
  ASSERT_EQ(RowsIn(0).size(), 1U);
  ASSERT_THAT(Acknowledge(All()[0].notice), IsOk());
  ASSERT_EQ(RowsIn(1).size(), 1U);
  // As an earlier version left it.
  Change(RowsIn(1)[0], [](PersonalRow& row) { row.state = 0; });
  EXPECT_TRUE(List(true).empty());
  Change(RowsIn(0)[0], [](PersonalRow& row) { ++row.created_ms; });
  EXPECT_TRUE(All().empty());
  EXPECT_EQ(NoticeDesk(consent()).List(ann_.id, false, {}, 9)->unreadable, 1U);
  // The next access puts all of it right.
  ASSERT_TRUE(testing::Released(Read(record)));
  EXPECT_EQ(List(true).size(), 1U);
  EXPECT_EQ(RowsIn(0).size(), 1U);
}

TEST_F(BasisNotices, PagesHoldEachOnce) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        testing::Released(Read(GrantedUnder(LegalBasis::kVitalInterests))));
  }
  std::vector<BasisNotice> met;
  std::optional<NoticeCursor> after;
  do {
    const auto page = NoticeDesk(consent()).List(ann_.id, false, after, 2);
    ASSERT_THAT(page, IsOk());
    for (const NoticeView& view : page->notices) met.push_back(view.notice);
    after = page->next;
  } while (after);
  const auto all = All();
  ASSERT_EQ(met.size(), 5U);
  for (std::size_t i = 0; i < met.size(); ++i) {
    EXPECT_EQ(met[i], all[i].notice);
  }
}

// Collects what a stream brings. Shared with the subscription.
class Listener {
 public:
  bool Take(const NoticeItem& item) {
    const base::MutexLock lock(mutex_);
    if (item.notice) heard_.push_back(item.notice->notice);
    if (!item.notice) ++heartbeats_;
    changed_.NotifyAll();
    return true;
  }
  std::vector<BasisNotice> Wait(std::size_t count, int heartbeats = 0) {
    const base::MutexLock lock(mutex_);
    for (int i = 0;
         i < 500 && (heard_.size() < count || heartbeats_ < heartbeats); ++i) {
      (void)changed_.WaitFor(mutex_, absl::Milliseconds(20));
    }
    return heard_;
  }

 private:
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::vector<BasisNotice> heard_ ABSL_GUARDED_BY(mutex_);
  int heartbeats_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(BasisNotices, AStreamBringsWhatIsUnreadAndThenWhatIsNew) {
  const RecordId first = GrantedUnder(LegalBasis::kPublicTask);
  ASSERT_TRUE(testing::Released(Read(first)));
  const auto listen = [this] {
    auto listener = std::make_shared<Listener>();
    EXPECT_THAT(NoticeDesk(consent()).Watch(ann_.id,
                                            [listener](const NoticeItem& item) {
                                              return listener->Take(item);
                                            }),
                IsOk());
    return listener;
  };
  const auto device = listen();
  ASSERT_EQ(device->Wait(1).size(), 1U);
  // Counted, and no second word of it.
  ASSERT_TRUE(testing::Released(Read(first)));
  const RecordId second = GrantedUnder(LegalBasis::kLegalObligation);
  ASSERT_TRUE(testing::Released(Read(second)));
  const auto heard = device->Wait(2);
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0].record, first);
  EXPECT_EQ(heard[1].record, second);
  // Another device hears what she has not read.
  ASSERT_THAT(Acknowledge(heard[1]), IsOk());
  const auto other = listen();
  const auto unread = other->Wait(1);
  ASSERT_EQ(unread.size(), 1U);
  EXPECT_EQ(unread[0].record, first);
}

TEST_F(BasisNotices, SomebodyElseHearsNothingAndStreamsAreBounded) {
  const testing::Citizen bob = world_.NewCitizen(12);
  auto listener = std::make_shared<Listener>();
  const NoticeSink sink = [listener](const NoticeItem& item) {
    return listener->Take(item);
  };
  NoticeDesk desk(consent());
  for (std::size_t i = 0; i < kMaxNoticeStreams; ++i) {
    ASSERT_THAT(desk.Watch(bob.id, sink), IsOk());
  }
  EXPECT_THAT(desk.Watch(bob.id, sink),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(
      desk.Watch(ann_.id, [](const NoticeItem& /*item*/) { return true; }),
      IsOk());
  ASSERT_TRUE(testing::Released(Read(GrantedUnder(LegalBasis::kPublicTask))));
  // The first word of each stream comes at once.
  EXPECT_TRUE(listener->Wait(0, static_cast<int>(kMaxNoticeStreams)).empty());
}

}  // namespace
}  // namespace limpid::consent
