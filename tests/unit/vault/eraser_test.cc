#include "vault/erasure/eraser.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/faulty_stores.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/erasure/person_rotation.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kBirth[] = "person.birth_date";
constexpr char kLanguage[] = "person.language";
constexpr char kDisability[] = "health.disability";

// A process over stores that outlive it and may die at any write.
struct Process {
  Process(KeyStore& disk_keys, VaultStore& disk_values,
          FakeTombstones& disk_file, FakeKeks& keks, FakeLog& log,
          const base::Clock& clock)
      : keys(disk_keys, faults),
        values(disk_values, faults),
        file(disk_file, faults),
        core(VaultCore::Open(
                 {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
                 {keks, keys, values, clock})
                 .value()),
        publisher(values, log),
        person(*core, publisher),
        eraser(Eraser::Open(*core, file, {30, 7, 14, 30}).value()),
        desk(*core, *eraser, publisher) {
    faults.writes = 0;
  }

  Faults faults;
  FaultyKeyStore keys;
  FaultyVaultStore values;
  FaultyTombstones file;
  std::unique_ptr<VaultCore> core;
  ActPublisher publisher;
  PersonVault person;
  std::unique_ptr<Eraser> eraser;
  ErasureDesk desk;
};

class Disk {
 public:
  // The next process; the one before is gone.
  Process& Start() {
    process_.reset();
    process_ = std::make_unique<Process>(*keys, *values, file, keks, log, clock);
    return *process_;
  }
  Process& operator*() { return *process_; }
  Process* operator->() { return process_.get(); }

  void Put(const PersonCaller& who, std::string_view attribute,
           std::string_view json) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = json;
    value.request_id = crypto::RandomArray<16>();
    ASSERT_THAT(process_->person.Put(who, value), IsOk());
  }
  // Two attributes and three versions of a third.
  void Fill(const PersonCaller& who) {
    Put(who, kBirth, "\"1990-02-28\"");
    Put(who, kLanguage, "\"nl\"");
    Put(who, kDisability, "true");
    Put(who, kDisability, "false");
    Put(who, kDisability, "true");
  }
  [[nodiscard]] std::optional<std::string> Value(const PersonCaller& who,
                                                 std::string_view attribute,
                                                 std::uint64_t version) {
    const auto got = process_->person.Get(who, attribute, version);
    if (absl::IsNotFound(got.status())) return std::nullopt;
    EXPECT_THAT(got, IsOk()) << attribute << version;
    return got.ok() ? std::optional(got->value.value_json) : "broken";
  }
  // All of Fill but the first version of the third, which may be either.
  void ExpectSurvivors(const PersonCaller& who) {
    EXPECT_EQ(Value(who, kBirth, 1), "\"1990-02-28\"");
    EXPECT_EQ(Value(who, kLanguage, 1), "\"nl\"");
    EXPECT_EQ(Value(who, kDisability, 2), "false");
    EXPECT_EQ(Value(who, kDisability, 3), "true");
    EXPECT_EQ(process_->person.List(who)->size(), 3);
    EXPECT_EQ(process_->person.History(who, kDisability, 0, 10)->size(), 3);
    for (const char* const attribute : {kBirth, kLanguage, kDisability}) {
      EXPECT_THAT(process_->person.Prove(who, attribute, 1, ActKind::kPut),
                  IsOk());
    }
  }
  [[nodiscard]] Owner OwnerOf(const PersonCaller& who) {
    return process_->core->blinder().OwnerOf(who.holder);
  }
  [[nodiscard]] std::vector<SlotRow> Slots(const PersonCaller& who) {
    return keys->ListSlots(OwnerOf(who)).value();
  }
  [[nodiscard]] std::size_t Owed() {
    return keys->Unfinished(std::nullopt)->size() +
           keys->OwnersInRotation()->size();
  }

  testing::FakeClock clock;
  FakeKeks keks;
  FakeLog log;
  FakeTombstones file;
  std::unique_ptr<KeyStore> keys = NewMemoryKeyStore();
  std::unique_ptr<VaultStore> values = NewMemoryVaultStore();

 private:
  std::unique_ptr<Process> process_;
};

class EraserTest : public ::testing::Test {
 protected:
  EraserTest() {
    disk_.Start();
    disk_.Fill(anna_);
    disk_.Fill(bela_);
  }
  PersonErasure Signed(absl::Time time) const {
    return {time, base::ToBytes(key_.Sign(PersonErasureStatement(
                      ExampleIdentity().source, time)))};
  }
  PersonErasure Signed() { return Signed(disk_.clock.Now()); }

  Disk disk_;
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  PersonCaller anna_{HolderId::Random(), key_.PublicKey()};
  PersonCaller bela_{HolderId::Random(),
                     crypto::Ed25519PrivateKey::Generate().PublicKey()};
};

TEST_F(EraserTest, RotatingMovesEverythingAndDestroysTheOldKey) {
  const SlotRow old = disk_.Slots(anna_).front();
  {
    const base::MutexLock lock(disk_->eraser->LockOf(disk_.OwnerOf(anna_)));
    ASSERT_THAT(disk_->eraser->Rotate(disk_.OwnerOf(anna_)), IsOk());
  }
  disk_.ExpectSurvivors(anna_);
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), "true");
  const auto slots = disk_.Slots(anna_);
  ASSERT_EQ(slots.size(), 1);
  EXPECT_EQ(slots.front().generation, 2);
  EXPECT_NE(slots.front().key_id, old.key_id);
  EXPECT_EQ(disk_.Slots(bela_).front().generation, 1);
  disk_.Start();
  disk_.ExpectSurvivors(anna_);
  disk_.Put(anna_, kBirth, "\"1990-02-27\"");
  EXPECT_EQ(disk_.Value(anna_, kBirth, 2), "\"1990-02-27\"");
  // Made and destroyed, each in the log.
  const Owner owner = disk_.OwnerOf(anna_);
  EXPECT_TRUE(disk_.values->FindAct({owner, NameKey(), 2, ActKind::kKey})
                  ->has_value());
  EXPECT_TRUE(disk_.values->FindAct({owner, NameKey(), 1, ActKind::kDestroy})
                  ->has_value());
}

// More rows and acts than one transaction moves.
TEST_F(EraserTest, RotatingMovesMoreThanOneBatch) {
  const auto many = PersonRotation::kBatch + 10;
  for (std::size_t i = 0; i < many; ++i) {
    disk_.Put(anna_, kLanguage, "\"de\"");
  }
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kLanguage, 7), IsOk());
  disk_.ExpectSurvivors(anna_);
  for (std::size_t version = 2; version <= many + 1; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kLanguage, version),
              version == 7 ? std::nullopt : std::optional("\"de\""));
  }
  EXPECT_EQ(disk_.Slots(anna_).size(), 1);
}

// The writes of one erasure, killed at each of them, before and after it took
// hold. Nothing but what was asked for is ever lost, and the next start ends it
// or finds that it was never decided.
TEST_F(EraserTest, KilledAtEveryWriteNothingElseIsLost) {
  for (const bool after : {false, true}) {
    bool finished = false;
    for (int step = 1; !finished; ++step) {
      ASSERT_LT(step, 40);
      SCOPED_TRACE(absl::StrCat("write ", step, after ? " after" : " before"));
      Disk disk;
      disk.Start();
      disk.Fill(anna_);
      disk.Fill(bela_);
      disk.Start().faults.die_at = step;
      disk->faults.after = after;
      finished = disk->desk.EraseVersion(anna_, kDisability, 1).ok();
      // A kill before anything is repaired: all of it is still read.
      disk.Start();
      disk.ExpectSurvivors(anna_);
      const bool decided = *disk.keys->LastTombstone() == 1;
      ASSERT_THAT(disk->eraser->Recover(false), IsOk());
      disk.ExpectSurvivors(anna_);
      disk.ExpectSurvivors(bela_);
      EXPECT_EQ(disk.Value(anna_, kDisability, 1),
                decided ? std::nullopt : std::optional("true"));
      EXPECT_EQ(disk.Slots(anna_).size(), 1);
      EXPECT_EQ(disk.Slots(anna_).front().generation > 1, decided);
      EXPECT_EQ(disk.Owed(), 0);
      EXPECT_EQ(disk.file.stones.size(), decided ? 1 : 0);
      EXPECT_TRUE(decided || !finished);
      // It can be said again, and new values come in.
      const auto again = disk->desk.EraseVersion(anna_, kDisability, 1);
      ASSERT_THAT(again, IsOk());
      EXPECT_FALSE(again->certificate.empty());
      disk.Put(anna_, kDisability, "false");
      EXPECT_EQ(disk.Value(anna_, kDisability, 4), "false");
    }
  }
}

// The same without a start in between: the process lives, a disk came back.
TEST_F(EraserTest, AFailedErasureIsFinishedByTheNextCall) {
  bool finished = false;
  for (int step = 1; !finished; ++step) {
    ASSERT_LT(step, 40);
    SCOPED_TRACE(step);
    Disk disk;
    disk.Start();
    disk.Fill(anna_);
    disk->faults.writes = 0;
    disk->faults.die_at = step;
    finished = disk->desk.EraseVersion(anna_, kDisability, 1).ok();
    disk->faults.dead = false;
    disk->faults.die_at = 0;
    disk.ExpectSurvivors(anna_);
    disk.Put(anna_, kLanguage, "\"de\"");
    ASSERT_THAT(disk->desk.EraseVersion(anna_, kDisability, 1), IsOk());
    disk.ExpectSurvivors(anna_);
    EXPECT_EQ(disk.Value(anna_, kLanguage, 2), "\"de\"");
    EXPECT_EQ(disk.Value(anna_, kDisability, 1), std::nullopt);
    EXPECT_EQ(disk.Owed(), 0);
    EXPECT_EQ(disk.Slots(anna_).size(), 1);
  }
}

// Killed while a killed erasure is being finished, again at every write.
TEST_F(EraserTest, ARecoveryMayBeKilledToo) {
  for (int first = 2; first < 12; ++first) {
    bool recovered = false;
    for (int second = 1; !recovered; ++second) {
      SCOPED_TRACE(absl::StrCat("writes ", first, " and ", second));
      ASSERT_LT(second, 40);
      Disk disk;
      disk.Start();
      disk.Fill(anna_);
      disk.Start().faults.die_at = first;
      disk->faults.after = true;
      (void)disk->desk.EraseVersion(anna_, kDisability, 1);
      disk.Start().faults.die_at = second;
      recovered = disk->eraser->Recover(false).ok();
      disk.Start();
      disk.ExpectSurvivors(anna_);
      ASSERT_THAT(disk->eraser->Recover(false), IsOk());
      disk.ExpectSurvivors(anna_);
      EXPECT_EQ(disk.Value(anna_, kDisability, 1), std::nullopt);
      EXPECT_EQ(disk.Slots(anna_).size(), 1);
    }
  }
}

TEST_F(EraserTest, NothingIsAnsweredBeforeTheCopyOutsideIsSynced) {
  disk_.file.fail = true;
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kUnavailable));
  // Neither is anything of it done where an older copy could undo it unseen.
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), "true");
  disk_.file.fail = false;
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  EXPECT_EQ(disk_.file.stones.size(), 1);
}

// Puts between any two writes of an erasure: none is lost, none is under a key
// that goes.
TEST_F(EraserTest, PutsDuringARotationSurviveIt) {
  int puts = 0;
  disk_->faults.before_write = [&](int) {
    disk_.Put(anna_, kLanguage, "\"de\"");
    ++puts;
  };
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_->faults.before_write = nullptr;
  ASSERT_GT(puts, 5);
  disk_.ExpectSurvivors(anna_);
  disk_.Start();
  for (int i = 0; i < puts; ++i) {
    EXPECT_EQ(disk_.Value(anna_, kLanguage, static_cast<std::uint64_t>(2 + i)), "\"de\"");
  }
  EXPECT_EQ(disk_.Slots(anna_).size(), 1);
}

// A put that took the old key out before the rotation and writes after it.
TEST_F(EraserTest, APutUnderALeftKeyTakesTheNewOne) {
  const Owner owner = disk_.OwnerOf(anna_);
  bool once = false;
  disk_->faults.before_write = [&](int) {
    if (once) return;
    once = true;
    const base::MutexLock lock(disk_->eraser->LockOf(owner));
    ASSERT_THAT(disk_->eraser->Rotate(owner), IsOk());
  };
  disk_.Put(anna_, kLanguage, "\"de\"");
  disk_->faults.before_write = nullptr;
  ASSERT_TRUE(once);
  EXPECT_EQ(disk_.Value(anna_, kLanguage, 2), "\"de\"");
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 2);
}

TEST_F(EraserTest, ReadsDuringARotationSeeEverything) {
  const auto all = [&](int) { disk_.ExpectSurvivors(anna_); };
  disk_->faults.before_write = all;
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_->faults.before_write = nullptr;
  all(0);
}

// A row whose wrap was spoilt: what was asked for is emptied, the old key stays,
// for it may be the only way to the spoilt one, and a start goes on.
TEST_F(EraserTest, ADamagedRowKeepsTheOldKeyAndSaysSo) {
  const Owner owner = disk_.OwnerOf(anna_);
  const NameKey name =
      disk_->core->blinder().NameKeyOf(anna_.holder, kLanguage);
  AttributeRow row = **disk_.values->Find(owner, name, 1);
  const base::Bytes good = row.wrap;
  const auto put_wrap = [&](const base::Bytes& wrap) {
    row.wrap = wrap;
    ASSERT_THAT(disk_.values->Write([&](VaultTransaction& transaction) {
      return transaction.erasure().Rewrap(row);
    }),
                IsOk());
  };
  base::Bytes bad = good;
  bad.back() ^= 1;
  put_wrap(bad);
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), std::nullopt);
  EXPECT_EQ(disk_.Value(anna_, kBirth, 1), "\"1990-02-28\"");
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 1);
  disk_.Start();
  const auto recovery = disk_->eraser->Recover(false);
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->stuck, 1);
  EXPECT_EQ(recovery->finished, 0);
  put_wrap(good);
  EXPECT_EQ(disk_->eraser->Recover(false)->finished, 1);
  disk_.ExpectSurvivors(anna_);
  EXPECT_EQ(disk_.Slots(anna_).size(), 1);
}

TEST_F(EraserTest, ARepeatedErasureAnswersAsTheFirst) {
  const auto first = disk_->desk.EraseVersion(anna_, kDisability, 1);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->values, 1);
  disk_.clock.Advance(absl::Hours(1));
  const auto again = disk_->desk.EraseVersion(anna_, kDisability, 1);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->time, first->time);
  EXPECT_EQ(again->commitment, first->commitment);
  EXPECT_EQ(again->certificate, first->certificate);
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 2);
}

TEST_F(EraserTest, AnAttributeGoesWithAllItsVersions) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 2), IsOk());
  const auto erased = disk_->desk.EraseAttribute(anna_, kDisability);
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->values, 2);
  const auto facts = ErasureCertificate::Decode(erased->certificate);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->attribute, kDisability);
  EXPECT_EQ(facts->versions, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(facts->generation, 2);
  EXPECT_EQ(facts->epoch, 5);
  for (std::uint64_t version = 1; version <= 3; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kDisability, version), std::nullopt);
  }
  EXPECT_EQ(disk_.Value(anna_, kBirth, 1), "\"1990-02-28\"");
  const auto again = disk_->desk.EraseAttribute(anna_, kDisability);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->certificate, erased->certificate);
  EXPECT_THAT(disk_->desk.EraseAttribute(anna_, "person.name"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EraserTest, OnePersonsErasureTouchesNobodyElse) {
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 9),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(disk_->desk.EraseAttribute(bela_, kDisability), IsOk());
  disk_.ExpectSurvivors(anna_);
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 1);
  EXPECT_THAT(disk_->desk.CertificateOfVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EraserTest, ACertificateIsProvenByTheLogAndItsSecondPartWaits) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  ASSERT_THAT(disk_->publisher.Tick(), IsOk());
  auto view = disk_->desk.CertificateOfVersion(anna_, kDisability, 1);
  ASSERT_THAT(view, IsOk());
  const auto disclosure = Disclosure::Decode(view->proof.disclosure);
  ASSERT_THAT(disclosure, IsOk());
  const auto act = Act::Decode(disclosure->encoded_act);
  ASSERT_THAT(act, IsOk());
  EXPECT_EQ(act->body, CertificateHash(view->certificate));
  EXPECT_EQ(CommitAct(disclosure->opening, disclosure->encoded_act),
            view->proof.commitment);
  ASSERT_TRUE(view->proof.leaf.has_value());
  base::Bytes leaf = {0x03};
  leaf.insert(leaf.end(), view->proof.commitment.begin(),
              view->proof.commitment.end());
  EXPECT_EQ(disk_.log.leaves.at(view->proof.leaf->index), leaf);

  EXPECT_EQ(view->state, FinalState::kWaiting);
  // The longest retention and one epoch.
  EXPECT_EQ(view->facts.not_before(),
            view->facts.time + absl::Hours(24 * (30 + 30)));
  disk_.clock.Advance(absl::Hours(24 * 60) - absl::Milliseconds(1));
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kWaiting);
  disk_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kKeyStands);
}

TEST_F(EraserTest, ItIsFinalOnlyWithoutAnyKeyThatAnOlderCopyNeeds) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_.clock.Advance(absl::Hours(24 * 61));
  disk_.keks.destroyed = 5;
  // FakeKeks still has the epochs before it.
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kKeyStands);
  disk_.keks.destroyed_up_to = 5;
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kFinal);
}

TEST_F(EraserTest, APersonIsErasedWhole) {
  SlotRow device = disk_.Slots(anna_).front();
  device.slot_kind = SlotKind::kDevice;
  device.slot_id.fill(9);
  ASSERT_THAT(disk_.keys->Insert(device), IsOk());
  SlotRow sealed = device;
  sealed.custody = Custody::kSealed;
  ASSERT_THAT(disk_.keys->Insert(sealed), IsOk());
  ASSERT_THAT(disk_->publisher.Tick(), IsOk());
  const auto erased = disk_->desk.ErasePerson(anna_, Signed());
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->values, 5);
  EXPECT_TRUE(disk_.Slots(anna_).empty());
  EXPECT_TRUE(disk_->person.List(anna_)->empty());
  EXPECT_THAT(disk_->person.History(anna_, kDisability, 0, 10),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(disk_->person.Prove(anna_, kBirth, 1, ActKind::kPut),
              StatusIs(absl::StatusCode::kNotFound));
  const Owner owner = disk_.OwnerOf(anna_);
  int hers = 0;
  for (const ActRow& act : *disk_.values->ActsFrom(1, 1000)) {
    if (act.owner == owner) ++hers;
  }
  EXPECT_EQ(hers, 1) << "all but the erasure are bare commitments";
  // The log goes on from what it has.
  ASSERT_THAT(disk_->publisher.Tick(), IsOk());
  EXPECT_EQ(disk_.log.leaves.size(), disk_.values->Head()->counter);
  disk_.ExpectSurvivors(bela_);
}

TEST_F(EraserTest, AnErasedPersonStoresNothingMoreAndAsksAgain) {
  const auto erased = disk_->desk.ErasePerson(anna_, Signed());
  ASSERT_THAT(erased, IsOk());
  NewValue value;
  value.attribute = kLanguage;
  value.value_json = "\"nl\"";
  value.request_id = crypto::RandomArray<16>();
  for (int start = 0; start < 2; ++start) {
    EXPECT_THAT(disk_->person.Put(anna_, value),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    const auto again = disk_->desk.ErasePerson(anna_, Signed());
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->commitment, erased->commitment);
    EXPECT_EQ(again->certificate, erased->certificate);
    EXPECT_EQ(disk_->desk.CertificateOfPerson(anna_)->certificate,
              erased->certificate);
    disk_.Start();
    ASSERT_THAT(disk_->eraser->Recover(false), IsOk());
  }
}

// A put that has its key already when everything is erased.
TEST_F(EraserTest, APutThatMeetsThePersonsErasureLeavesNothing) {
  bool once = false;
  disk_->faults.before_write = [&](int) {
    if (once) return;
    once = true;
    ASSERT_THAT(disk_->desk.ErasePerson(anna_, Signed()), IsOk());
  };
  NewValue value;
  value.attribute = kLanguage;
  value.value_json = "\"nl\"";
  value.request_id = crypto::RandomArray<16>();
  EXPECT_THAT(disk_->person.Put(anna_, value),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_TRUE(once);
  EXPECT_TRUE(disk_.values->ListNewest(disk_.OwnerOf(anna_))->empty());
}

TEST_F(EraserTest, OnlyHerFreshSignatureErasesAPerson) {
  const absl::Time now = disk_.clock.Now();
  PersonErasure other = Signed();
  other.time += absl::Milliseconds(1);
  PersonErasure spoilt = Signed();
  spoilt.signature.back() ^= 1;
  PersonErasure elsewhere = Signed();
  elsewhere.signature = base::ToBytes(
      key_.Sign(PersonErasureStatement(SourceId(Counting<16>(1)), now)));
  for (const PersonErasure& bad :
       {other, spoilt, elsewhere, PersonErasure{now, {}},
        Signed(now - absl::Minutes(6)), Signed(now + absl::Minutes(6))}) {
    EXPECT_THAT(disk_->desk.ErasePerson(anna_, bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(disk_->desk.ErasePerson(bela_, Signed()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  disk_.ExpectSurvivors(anna_);
}

TEST_F(EraserTest, KilledAtEveryWriteAPersonIsErasedOrWhole) {
  for (const bool after : {false, true}) {
    bool finished = false;
    for (int step = 1; !finished; ++step) {
      ASSERT_LT(step, 40);
      SCOPED_TRACE(absl::StrCat("write ", step, after ? " after" : " before"));
      Disk disk;
      disk.Start();
      disk.Fill(anna_);
      disk.Fill(bela_);
      disk.Start().faults.die_at = step;
      disk->faults.after = after;
      finished =
          disk->desk.ErasePerson(anna_, Signed(disk.clock.Now())).ok();
      disk.Start();
      ASSERT_THAT(disk->eraser->Recover(false), IsOk());
      disk.ExpectSurvivors(bela_);
      const bool decided = *disk.keys->LastTombstone() == 1;
      EXPECT_TRUE(decided || !finished);
      if (decided) {
        EXPECT_TRUE(disk.Slots(anna_).empty());
        EXPECT_TRUE(disk->person.List(anna_)->empty());
        EXPECT_EQ(disk.file.stones.size(), 1);
        EXPECT_EQ(disk.Owed(), 0);
      } else {
        disk.ExpectSurvivors(anna_);
      }
    }
  }
}

TEST_F(EraserTest, AKeyStoreThatForgotIsTold) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  // An empty key store: the values are under keys that are nowhere.
  disk_.keys = NewMemoryKeyStore();
  disk_.Start();
  EXPECT_THAT(disk_->eraser->Recover(false),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(*disk_.keys->LastTombstone(), 0) << "nothing was changed";
}

TEST_F(EraserTest, AFileOfAnotherVaultIsRefused) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_.file.stones.front().row.fill(1);
  disk_.Start();
  EXPECT_THAT(disk_->eraser->Recover(false),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EraserTest, ALostFileIsWrittenAnewFromTheKeyStore) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  const std::vector<Tombstone> stones = disk_.file.stones;
  disk_.file.stones.clear();
  disk_.Start();
  ASSERT_THAT(disk_->eraser->Recover(false), IsOk());
  EXPECT_EQ(disk_.file.stones, stones);
}

}  // namespace
}  // namespace limpid::vault
