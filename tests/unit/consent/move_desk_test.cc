// A consent walks from one whole role to another.

#include "consent/move/move_desk.h"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "consent/move/move.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::Citizen;
using testing::KeyOf;
using testing::Released;
using testing::World;

constexpr char kOld[] = "limpid.example";
constexpr char kNew[] = "new.example";
constexpr std::uint8_t kOldSeed = 0xe1;
constexpr std::uint8_t kNewSeed = 0xe9;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class MoveDeskTest : public ::testing::Test {
 protected:
  RecordView Granted(AgreementContent content = testing::CareContent()) {
    return old_.Granted(ann_, old_.Publish(std::move(content)));
  }
  // Her signed wish to take the record as it stands.
  receipt::SignedMove Signed(const RecordView& record,
                             std::string_view to = kNew) {
    receipt::MoveStatement statement;
    statement.from_operator = kOld;
    statement.to_operator = std::string(to);
    statement.to_key = KeyOf(kNewSeed).PublicKey().bytes;
    statement.nonce.fill(nonce_++);
    statement.record = record.revision.record.Text();
    statement.revision = record.revision.number + 1;
    statement.predecessor = record.revision.Hash();
    statement.time = old_.clock().Now();
    return receipt::SignMove(statement, ann_.key);
  }
  absl::StatusOr<std::string> Out(const RecordView& record) {
    return MoveDesk(old_.consent())
        .MoveOut(ann_.id, record.revision.record, Signed(record));
  }
  absl::StatusOr<RecordView> In(
      const std::string& file,
      AgreementContent content = testing::CareContent()) {
    const AgreementPointer agreement = new_.Publish(std::move(content));
    return MoveDesk(new_.consent())
        .Activate(ann_there_.id, {agreement->id, agreement->version, file});
  }
  // What the new operator's own service asks, granted.
  absl::Status GrantedThere() {
    const RecordView asked = new_.Request(ann_there_, new_.agreement());
    receipt::Statement statement = testing::StatementFor(
        asked.revision, *asked.agreement, new_.clock().Now());
    statement.operator_name = kNew;
    return new_.consent()
        .Grant(ann_there_.id, asked.revision.record,
               receipt::SignStatement(statement, ann_there_.key))
        .status();
  }
  // Linked to the vault of the world, so that reads can be allowed.
  static void Link(World& world, const Citizen& citizen) {
    ASSERT_THAT(world.consent().IssueSourceToken(citizen.id, World::vault()),
                IsOk());
  }
  void SetUp() override {
    Link(old_, ann_);
    Link(new_, ann_there_);
  }

  testing::MemoryStores old_stores_;
  testing::MemoryStores new_stores_;
  World old_{old_stores_};
  World new_{new_stores_,
             {kNew, kNewSeed, {{kOld, KeyOf(kOldSeed).PublicKey()}}}};
  Citizen ann_ = old_.NewCitizen(1);
  Citizen ann_there_ = new_.NewCitizen(1);
  std::uint8_t nonce_ = 1;
};

TEST_F(MoveDeskTest, EndsHereAndGoesOnThere) {
  // Uses are counted where they are limited.
  AgreementContent thrice = testing::CareContent();
  thrice.use_count_max = 3;
  const RecordView granted = Granted(thrice);
  EXPECT_TRUE(Released(old_.Read(granted.revision.record)));
  const auto file = Out(granted);
  ASSERT_THAT(file, IsOk());
  EXPECT_FALSE(Released(old_.Read(granted.revision.record)));
  const auto ended = old_.consent().GetRecord(ann_.id, granted.revision.record);
  EXPECT_EQ(ended->state, RecordState::kTerminated);
  EXPECT_EQ(ended->revision.reason, kMovedReason);

  const auto there = In(*file, thrice);
  ASSERT_THAT(there, IsOk());
  EXPECT_EQ(there->state, RecordState::kGranted);
  EXPECT_EQ(there->use_count, 1U);
  EXPECT_EQ(there->revision.lines, granted.revision.lines);
  EXPECT_EQ(there->revision.until, granted.revision.until);
  EXPECT_TRUE(Released(new_.Read(there->revision.record)));
  EXPECT_THAT(new_.consent().GetHistory(ann_there_.id, there->revision.record),
              IsOk());
  EXPECT_THAT(
      new_.consent().GetRecordReceipt(ann_there_.id, there->revision.record),
      IsOk());
}

TEST_F(MoveDeskTest, TheSameMoveIsTheSameRecordAndGoesOutOnce) {
  const RecordView granted = Granted();
  const receipt::SignedMove move = Signed(granted);
  const MoveDesk desk(old_.consent());
  const RecordId id = granted.revision.record;
  const auto file = desk.MoveOut(ann_.id, id, move);
  ASSERT_THAT(file, IsOk());
  const auto again = desk.MoveOut(ann_.id, id, move);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(MoveExport::Parse(*file)->revisions,
            MoveExport::Parse(*again)->revisions);
  // For anybody else it is too late: one end, one new operator.
  EXPECT_THAT(desk.MoveOut(ann_.id, id, Signed(granted, "third.example")),
              StatusIs(kPrecondition));
  const auto first = In(*file);
  const auto second = In(*again);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->revision, second->revision);
  new_.Restart();
  const auto third = In(*file);
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(third->revision.record, first->revision.record);
}

TEST_F(MoveDeskTest, AReplayDoesNotReviveWhatWasWithdrawnThere) {
  const auto file = Out(Granted());
  const auto there = In(*file);
  ASSERT_THAT(there, IsOk());
  const RecordId id = there->revision.record;
  ASSERT_THAT(new_.consent().Withdraw(ann_there_.id, id), IsOk());
  const auto again = In(*file);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->state, RecordState::kWithdrawn);
  EXPECT_FALSE(Released(new_.Read(id)));
}

TEST_F(MoveDeskTest, IsAnsweredAlsoWhenItsValidityIsOver) {
  const auto file = Out(Granted());
  const auto there = In(*file);
  ASSERT_THAT(there, IsOk());
  new_.clock().Advance(there->revision.until - new_.clock().Now());
  const auto again = In(*file);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->revision.record, there->revision.record);
  // To her alone.
  const Citizen eve = new_.NewCitizen(6);
  EXPECT_FALSE(MoveDesk(new_.consent())
                   .Activate(eve.id, {new_.agreement()->id, 1, *file})
                   .ok());
}

// What was used of it here is in no older copy.
TEST_F(MoveDeskTest, AnOlderStoreDoesNotActivateItAgain) {
  AgreementContent once = testing::CareContent();
  once.use_count_max = 1;
  const auto file = Out(Granted(once));
  const AgreementPointer agreement = new_.Publish(once);
  const MoveIn move{agreement->id, agreement->version, *file};
  MemoryLedgerStore older;
  older.PutBack(new_stores_.memory());
  const auto there = MoveDesk(new_.consent()).Activate(ann_there_.id, move);
  ASSERT_THAT(there, IsOk());
  ASSERT_TRUE(Released(new_.Read(there->revision.record)));
  new_.Stop();
  new_stores_.memory().PutBack(older);
  new_.Restart();
  EXPECT_THAT(MoveDesk(new_.consent()).Activate(ann_there_.id, move),
              StatusSays(kPrecondition, "came here before"));
  new_.Restart();
  EXPECT_THAT(MoveDesk(new_.consent()).Activate(ann_there_.id, move),
              StatusSays(kPrecondition, "came here before"));
}

// docs/formats/asked-question.md
TEST_F(MoveDeskTest, BringsNoSecondQuestionAboutOneAttribute) {
  AgreementContent older = testing::CareContent();
  older.lines[1].parameters = R"({"n":21})";
  const auto file = Out(Granted(older));
  ASSERT_THAT(GrantedThere(), IsOk());
  EXPECT_THAT(In(*file, older), StatusIs(kPrecondition));
  // And what came is remembered like what was granted here.
  ann_ = old_.NewCitizen(2);
  ann_there_ = new_.NewCitizen(2);
  ASSERT_THAT(In(*Out(Granted(older)), older), IsOk());
  EXPECT_THAT(GrantedThere(), StatusIs(kPrecondition));
}

// Never again: a one-time grant spent during a move (consent.md section 8).
TEST_F(MoveDeskTest, AOneTimeGrantIsNotSpentDuringAMove) {
  AgreementContent once = testing::CareContent();
  once.use_count_max = 1;
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    const RecordView granted = Granted(once);
    const receipt::SignedMove move = Signed(granted);
    std::atomic<int> reads_here = 0;
    std::atomic<bool> moved = false;
    // The move comes first in the first round, the reads in the last ones.
    std::thread reader(
        [&, after = absl::Microseconds(10) * (kRounds - 1 - round)] {
          absl::SleepFor(after);
          while (round == 0 && !moved) absl::SleepFor(after);
          for (int i = 0; i < 3; ++i) {
            if (Released(old_.Read(granted.revision.record))) ++reads_here;
          }
        });
    const auto file = MoveDesk(old_.consent())
                          .MoveOut(ann_.id, granted.revision.record, move);
    moved = true;
    const bool late = Released(old_.Read(granted.revision.record));
    reader.join();
    EXPECT_FALSE(late);
    int reads_there = 0;
    if (file.ok()) {
      const auto there = In(*file, once);
      ASSERT_THAT(there, IsOk());
      for (int i = 0; i < 2; ++i) {
        if (Released(new_.Read(there->revision.record))) ++reads_there;
      }
    }
    EXPECT_EQ(reads_here + reads_there, 1) << file.status();
  }
}

TEST_F(MoveDeskTest, ADamagedFileIsRefusedByItsPlace) {
  const std::string file = Out(Granted()).value();
  const auto with = [&](std::string_view old, std::string_view fresh) {
    std::string out = file;
    out.replace(out.find(old), old.size(), fresh);
    return out;
  };
  EXPECT_THAT(In("{}"), StatusSays(kInvalid, "export: "));
  EXPECT_THAT(In(with("\"proof\"", "\"prooF\"")),
              StatusSays(kInvalid, "unknown member"));
  EXPECT_THAT(In(with("new.example", "two.example")),
              StatusSays(kInvalid, "export: "));
  EXPECT_THAT(In(with("Help at home", "Help in jail")),
              StatusSays(kInvalid, "export: "));
  for (std::size_t at = 0; at < file.size(); at += 11) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(In(damaged).ok()) << at;
  }
  EXPECT_THAT(In(file), IsOk());
}

TEST_F(MoveDeskTest, OnlyAKnownOperatorAndTheSamePersonAndQuestion) {
  const std::string file = Out(Granted()).value();
  AgreementContent wider = testing::CareContent();
  wider.retention_days += 1;
  EXPECT_THAT(In(file, wider), StatusSays(kPrecondition, "agreement_id"));
  const Citizen eve = new_.NewCitizen(6);
  const AgreementPointer agreement = new_.Publish(testing::CareContent());
  const MoveIn move{agreement->id, agreement->version, file};
  EXPECT_THAT(MoveDesk(new_.consent()).Activate(eve.id, move),
              StatusIs(kInvalid));
  testing::MemoryStores stores;
  World stranger(stores, {kNew, kNewSeed, {}});
  const Citizen ann = stranger.NewCitizen(1);
  const AgreementPointer same = stranger.agreement();
  EXPECT_THAT(MoveDesk(stranger.consent())
                  .Activate(ann.id, {same->id, same->version, file}),
              StatusSays(kPrecondition, "not known"));
  // Its name with another key.
  testing::MemoryStores more;
  World deceived(more, {kNew, kNewSeed, {{kOld, KeyOf(3).PublicKey()}}});
  const Citizen too = deceived.NewCitizen(1);
  EXPECT_THAT(MoveDesk(deceived.consent())
                  .Activate(too.id, {deceived.agreement()->id, 1, file}),
              StatusIs(kInvalid));
}

TEST_F(MoveDeskTest, PausedStaysPausedAndAPeriodIsSpent) {
  AgreementContent rare = testing::CareContent();
  rare.frequency = {2, 3'600};
  RecordView record = Granted(rare);
  const RecordId id = record.revision.record;
  record = old_.consent().Pause(ann_.id, id)->record;
  const auto file = Out(record);
  ASSERT_THAT(file, IsOk());
  const auto there = In(*file, rare);
  ASSERT_THAT(there, IsOk());
  EXPECT_EQ(there->state, RecordState::kPaused);
  const RecordId here = there->revision.record;
  ASSERT_THAT(new_.consent().Resume(ann_there_.id, here), IsOk());
  EXPECT_FALSE(Released(new_.Read(here)));
  new_.clock().Advance(absl::Hours(1));
  EXPECT_TRUE(Released(new_.Read(here)));
}

TEST_F(MoveDeskTest, NoPeriodIsSpentBeforeValidityBegins) {
  AgreementContent rare = testing::CareContent();
  rare.frequency = {1, 3'600};
  const RecordView asked = old_.Request(ann_, old_.Publish(rare));
  receipt::Statement statement = testing::StatementFor(
      asked.revision, *asked.agreement, old_.clock().Now());
  statement.from = old_.clock().Now() + absl::Hours(1);
  const auto granted =
      old_.consent().Grant(ann_.id, asked.revision.record,
                           receipt::SignStatement(statement, ann_.key));
  ASSERT_THAT(granted, IsOk());
  const auto there = In(Out(granted->record).value(), rare);
  ASSERT_THAT(there, IsOk());
  new_.clock().Advance(absl::Hours(1));
  EXPECT_TRUE(Released(new_.Read(there->revision.record)));
  EXPECT_FALSE(Released(new_.Read(there->revision.record)));
}

TEST_F(MoveDeskTest, WhatIsNotHersToMoveStays) {
  const RecordView granted = Granted();
  const Citizen bob = old_.NewCitizen(2);
  const MoveDesk desk(old_.consent());
  EXPECT_THAT(desk.MoveOut(bob.id, granted.revision.record, Signed(granted)),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk.GetExport(ann_.id, granted.revision.record),
              StatusIs(absl::StatusCode::kNotFound));
  receipt::SignedMove unsigned_move = Signed(granted);
  unsigned_move.signature[0] ^= 1;
  EXPECT_THAT(desk.MoveOut(ann_.id, granted.revision.record, unsigned_move),
              StatusIs(kInvalid));
  EXPECT_TRUE(Released(old_.Read(granted.revision.record)));
  EXPECT_THAT(Out(old_.Request(ann_)), StatusIs(kPrecondition));
}

TEST_F(MoveDeskTest, TheEndOutlivesARestart) {
  const RecordView granted = Granted();
  const auto file = Out(granted);
  ASSERT_THAT(file, IsOk());
  old_.Restart();
  EXPECT_FALSE(Released(old_.Read(granted.revision.record)));
  const auto again =
      MoveDesk(old_.consent()).GetExport(ann_.id, granted.revision.record);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(MoveExport::Parse(*file)->revisions,
            MoveExport::Parse(*again)->revisions);
}

// An export says that nothing is handed out here any more.
TEST_F(MoveDeskTest, ASecondExportWaitsForBytesOnTheirWay) {
  const RecordView granted = Granted();
  const RecordId id = granted.revision.record;
  const receipt::SignedMove move = Signed(granted);
  const auto answer = old_.Read(id);
  ASSERT_TRUE(answer->release->hold->HandOverIfLive([] {}));
  const MoveDesk desk(old_.consent());
  const auto out = [&] { return desk.MoveOut(ann_.id, id, move).status(); };
  const auto waits = [](const std::future<absl::Status>& done) {
    return done.wait_for(std::chrono::milliseconds(100)) ==
           std::future_status::timeout;
  };
  auto first = std::async(std::launch::async, out);
  while (Released(old_.Read(id))) std::this_thread::yield();
  auto second = std::async(std::launch::async, out);
  auto third = std::async(std::launch::async,
                          [&] { return desk.GetExport(ann_.id, id).status(); });
  EXPECT_TRUE(waits(second));
  EXPECT_TRUE(waits(third));
  EXPECT_TRUE(waits(first));
  answer->release->hold->Close();
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(second.get(), IsOk());
  EXPECT_THAT(third.get(), IsOk());
}

}  // namespace
}  // namespace limpid::consent
