// Erasing an account of which something is damaged, keys that stay where they
// should be gone, and what others are shown in the middle.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/delegation/mandates.h"
#include "consent/duty/duty_rows.h"
#include "consent/propagation/stream_reader.h"
#include "consent/receipt/service_receipt.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/account_erasure_fixture.h"
#include "tests/unit/consent/delegation_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::Citizen;
using testing::Released;
using testing::World;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

class DamagedErasure : public testing::AccountErasureWorld {
 protected:
  void Store(LedgerCommit commit) {
    commit.head = *stores_.ledger().Head();
    ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  }
  // Of which nothing opens any more.
  void Damage(PersonalRow row) {
    row.payload = {1, 2, 3};
    LedgerCommit commit;
    commit.puts = {std::move(row)};
    Store(std::move(commit));
  }
  std::vector<PersonalRow> RowsOfKind(const Citizen& who, RowKind kind) {
    return stores_.ledger()
        .ListKind(consent().state().blinder.ShardOf(who.id), who.id, kind)
        .value();
  }
  void DamageRecord(const Citizen& who, const RecordId& record) {
    for (PersonalRow& row : RowsOfKind(who, RowKind::kRecord)) {
      if (row.key.id == record.bytes()) Damage(std::move(row));
    }
  }
  void DamageMarker(const Citizen& who) {
    PublicRow row;
    row.kind = PublicKind::kErasedAccount;
    row.id = base::ToBytes(who.id.bytes());
    row.payload = {1, 2, 3};
    LedgerCommit commit;
    commit.public_puts = {std::move(row)};
    Store(std::move(commit));
  }
  // Records of which the service heard that their person was erased.
  std::vector<RecordId> ToldErased() {
    const auto rows = stores_.ledger().Events(
        StreamOf(consent().state().blinder, world_.service()->id), 0, 1'000);
    EXPECT_THAT(rows, IsOk());
    std::vector<RecordId> out;
    for (const EventRow& row : *rows) {
      if (row.payload.empty()) out.push_back(row.record);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  // Begun, and the keys cannot be destroyed for now.
  void BeginAndStay(const Citizen& who) {
    keys().FailLogKeys(absl::UnavailableError("disk"));
    const auto begun = Erase(who, /*give_up_duties=*/true);
    ASSERT_THAT(begun, IsOk());
    ASSERT_FALSE(begun->finished);
  }
  void GoOn() {
    keys().FailLogKeys(absl::OkStatus());
    world_.clock().Advance(absl::Minutes(11));
    for (int i = 0; i < 12; ++i) consent().RunDue();
  }
};

TEST_F(DamagedErasure, ARecordThatDoesNotOpenKeepsNobody) {
  const RecordId ended = Ended(ann_);
  // In force: nobody can withdraw it any more.
  const RecordId damaged = world_.Granted(ann_).revision.record;
  DamageRecord(ann_, damaged);
  world_.Restart();
  ASSERT_TRUE(world_.alarms().empty());
  EXPECT_THAT(consent().Withdraw(ann_.id, damaged), StatusIs(kDataLoss));
  const auto erased = Erase(ann_);
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(erased->finished);
  EXPECT_EQ(erased->unreadable_count, 1U);
  EXPECT_EQ(world_.alarms().size(), 1U);
  ExpectGone(ann_);
  // Its service's stream says whose it was.
  std::vector<RecordId> both = {ended, damaged};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(ToldErased(), both);
}

TEST_F(DamagedErasure, WhatStillOpensIsAskedAsEver) {
  const RecordId damaged = world_.Granted(ann_).revision.record;
  const RecordId record = world_.Granted(ann_).revision.record;
  DamageRecord(ann_, damaged);
  world_.Restart();
  EXPECT_THAT(Erase(ann_, /*give_up_duties=*/true),
              StatusSays(kRefused, "1 consent(s) are in force"));
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_THAT(Erase(ann_), StatusSays(kRefused, "1 deletion(s)"));
  EXPECT_THAT(consent().GetAccount(ann_.id), IsOk());
  EXPECT_TRUE(ToldErased().empty());
}

TEST_F(DamagedErasure, ADutyThatDoesNotOpenKeepsNobody) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_THAT(Erase(ann_), StatusIs(kRefused));
  const auto duties = RowsOfKind(ann_, RowKind::kDeletionDuty);
  ASSERT_EQ(duties.size(), 1U);
  Damage(duties.front());
  const auto erased = Erase(ann_);
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->unreadable_count, 1U);
  EXPECT_FALSE(world_.alarms().empty());
  ExpectGone(ann_);
}

// What loading her reads, and erasing her does not need.
TEST_F(DamagedErasure, NothingElseOfHersKeepsNobody) {
  (void)Ended(ann_);
  const RecordId record = world_.Granted(ann_).revision.record;
  Damage(RowsOfKind(ann_, RowKind::kEntry).back());
  world_.Restart();
  EXPECT_THAT(consent().Withdraw(ann_.id, record), StatusIs(kDataLoss));
  // It is in force as ever.
  EXPECT_THAT(Erase(ann_), StatusSays(kRefused, "1 consent(s) are in force"));
  world_.clock().Advance(absl::Hours(24 * 400));
  ASSERT_THAT(Erase(ann_, /*give_up_duties=*/true), IsOk());
  ExpectGone(ann_);
  const auto stubs = RowsOf(ann_.id);
  const auto lost =
      std::count_if(stubs.begin(), stubs.end(),
                    [](const PersonalRow& row) { return row.payload.empty(); });
  EXPECT_EQ(lost, 1);
  EXPECT_FALSE(world_.alarms().empty());
}

// A wrap that does not open is not a key that is gone: what it costs is told.
TEST_F(DamagedErasure, AKeyThatDoesNotOpenIsToldAndKeepsNobody) {
  (void)Ended(ann_);
  // Begun, and nothing more.
  stores_.memory().FailCommitsAfter(1, absl::UnavailableError("disk"));
  ASSERT_THAT(Erase(ann_), IsOk());
  world_.Stop();
  stores_.memory().FailCommits(absl::OkStatus());
  ASSERT_THAT(keys().Erase(ann_.id), IsOk());
  ASSERT_THAT(keys().Insert(ann_.id, {1, {1, 2, 3}}), IsOk());
  ASSERT_THAT(world_.TryStart(), IsOk());
  GoOn();
  ExpectGone(ann_);
  EXPECT_FALSE(world_.alarms().empty());
}

TEST_F(DamagedErasure, ADamagedMarkerStopsNoStart) {
  const RecordId record = Ended(ann_);
  const RecordId other = world_.Granted(bob_).revision.record;
  BeginAndStay(ann_);
  DamageMarker(ann_);
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_EQ(world_.alarms().size(), 1U);
  EXPECT_TRUE(Released(world_.Read(other)));
  ExpectOut(ann_);
  EXPECT_FALSE(Released(world_.Read(record)));
  // The stop ledger has her: it begins again, and ends.
  GoOn();
  ExpectGone(ann_);
  // The same for somebody who was finished.
  DamageMarker(ann_);
  ASSERT_THAT(world_.TryStart(), IsOk());
  ExpectOut(ann_);
  GoOn();
  ExpectGone(ann_);
  EXPECT_TRUE(Released(world_.Read(other)));
}

// Meanwhile nobody is let in, and others go on.
TEST_F(DamagedErasure, ADamagedMarkerIsToldWhileTheServerRuns) {
  (void)Ended(ann_);
  BeginAndStay(ann_);
  DamageMarker(ann_);
  keys().FailLogKeys(absl::OkStatus());
  world_.clock().Advance(absl::Minutes(11));
  for (int i = 0; i < 3; ++i) consent().RunDue();
  EXPECT_FALSE(world_.alarms().empty());
  ExpectOut(ann_);
  EXPECT_TRUE(Released(world_.Read(world_.Granted(bob_).revision.record)));
}

// One that nothing else speaks of erases nobody.
TEST_F(DamagedErasure, AMarkerOutOfNowhereErasesNothing) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto before = RowsOf(bob_.id);
  DamageMarker(bob_);
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_EQ(world_.alarms().size(), 1U);
  GoOn();
  EXPECT_EQ(RowsOf(bob_.id), before);
  EXPECT_THAT(consent().GetAccount(bob_.id), StatusIs(kNotFound));
  EXPECT_TRUE(Released(world_.Read(record)));
}

TEST_F(DamagedErasure, ARowOfAnAbsentKeyKeepsNobody) {
  (void)Ended(ann_);
  PublicRow row;
  row.kind = PublicKind::kAbsentKey;
  row.id = base::ToBytes(ann_.id.bytes());
  row.payload = {1};
  LedgerCommit commit;
  commit.public_puts = {row};
  Store(commit);
  ASSERT_THAT(Erase(ann_), IsOk());
  ExpectGone(ann_);
  // Nor any later start.
  EXPECT_THAT(world_.TryStart(), IsOk());
}

// --- keys that stay ---

class NoKek final : public KekSource {
 public:
  [[nodiscard]] std::uint32_t current_epoch() const override { return 1; }
  [[nodiscard]] absl::StatusOr<base::SecretBytes> Kek(
      std::uint32_t /*epoch*/) const override {
    return absl::NotFoundError("the ring is an older one");
  }
};

// Says that keys are destroyed, and keeps them.
class KeepingKeys final : public PersonKeyStore {
 public:
  explicit KeepingKeys(PersonKeyStore& keys) : keys_(keys) {}
  absl::Status Insert(const PersonId& person, const Wrapped& key) override {
    return keys_.Insert(person, key);
  }
  absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const override {
    return keys_.Get(person);
  }
  absl::Status PutLogKey(const PersonId& person, const Wrapped& key) override {
    return keys_.PutLogKey(person, key);
  }
  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const override {
    return keys_.GetLogKey(person);
  }
  absl::Status Erase(const PersonId& /*person*/) override {
    return absl::OkStatus();
  }

 private:
  PersonKeyStore& keys_;
};

TEST(LeftKeys, AreGoneOnlyWhereTheKeyStoreHasNothing) {
  MemoryPersonKeyStore store;
  const auto ann = testing::IdOf<PersonId>(2);
  const auto make = [&] {
    ASSERT_THAT(store.Insert(ann, {1, {1, 2, 3}}), IsOk());
    ASSERT_THAT(store.PutLogKey(ann, {1, {1, 2, 3}}), IsOk());
  };
  make();
  // What they are under is missing: not found, and there all the same.
  const NoKek nothing;
  PersonKeys keys(store, nothing);
  ASSERT_THAT(keys.Get(ann), StatusIs(kNotFound));
  EXPECT_TRUE(*keys.Holds(ann));
  EXPECT_THAT(DestroyLeftKeys(keys, ann), IsOk());
  EXPECT_FALSE(store.Get(ann)->has_value());
  EXPECT_FALSE(store.GetLogKey(ann)->has_value());
  EXPECT_FALSE(*keys.Holds(ann));
  // The log key alone.
  ASSERT_THAT(store.PutLogKey(ann, {1, {1, 2, 3}}), IsOk());
  EXPECT_THAT(DestroyLeftKeys(keys, ann), IsOk());
  EXPECT_FALSE(store.GetLogKey(ann)->has_value());
  make();
  store.FailLogKeys(absl::UnavailableError("disk"));
  EXPECT_THAT(DestroyLeftKeys(keys, ann),
              StatusIs(absl::StatusCode::kUnavailable));
  KeepingKeys keeping(store);
  PersonKeys kept(keeping, nothing);
  EXPECT_THAT(DestroyLeftKeys(kept, ann), StatusIs(kDataLoss));
}

class ErasingTheRest : public DamagedErasure {
 protected:
  // Until her keys are destroyed, with pages of rows still to go.
  void EraseUpToTheKeys() {
    for (int i = 0; i < 300; ++i) (void)world_.Request(ann_);
    copy_.PutBack(keys());
    stores_.memory().FailCommitsAfter(1, absl::UnavailableError("disk"));
    ASSERT_THAT(Erase(ann_), IsOk());
    stores_.memory().FailCommits(absl::OkStatus());
    world_.clock().Advance(absl::Minutes(11));
    for (int i = 0; i < 50 && !KeysDestroyed(); ++i) consent().RunDue();
    ASSERT_TRUE(KeysDestroyed());
    ASSERT_FALSE(*consent().state().person_keys.Holds(ann_.id));
  }
  bool KeysDestroyed() {
    const ErasedAccount marker = Marker(ann_);
    return marker.stage == ErasingStage::kRest &&
           marker.below == ErasedAccount::kKeysDestroyed;
  }
  void RunDue() {
    for (int i = 0; i < 20; ++i) consent().RunDue();
  }

  MemoryPersonKeyStore copy_;
};

// Each page would wait for the key store's disk.
TEST_F(ErasingTheRest, KeysAreDestroyedOnce) {
  EraseUpToTheKeys();
  keys().FailLogKeys(absl::UnavailableError("disk"));
  RunDue();
  ExpectGone(ann_);
}

TEST_F(ErasingTheRest, KeysThatComeBackInBetweenGoAgain) {
  EraseUpToTheKeys();
  world_.Stop();
  keys().PutBack(copy_);
  ASSERT_TRUE(keys().Get(ann_.id)->has_value());
  ASSERT_THAT(world_.TryStart(), IsOk());
  RunDue();
  ExpectGone(ann_);
}

// --- what others are shown in the middle, and afterwards ---

TEST_F(DamagedErasure, InTheMiddleSheIsNobodyToAnybody) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(Released(world_.Read(record)));
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  const RecordId other = world_.Granted(bob_).revision.record;
  ASSERT_THAT(consent().Withdraw(bob_.id, other), IsOk());
  const DutyDesk duties(consent());
  const ServiceId service = world_.service()->id;
  ASSERT_EQ(duties.ListServiceDuties(service, false, 0, 10)->duties.size(), 2U);
  ASSERT_THAT(ServiceReceipt(consent(), service, record), IsOk());
  const DutyId hers =
      duties.ListDuties(ann_.id, record).value().duties.front().duty.id;
  BeginAndStay(ann_);
  ASSERT_TRUE(*consent().state().person_keys.Holds(ann_.id));

  // Bob's alone, and none that could not be answered.
  const auto page = duties.ListServiceDuties(service, true, 0, 10);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->duties.size(), 1U);
  EXPECT_EQ(page->duties.front().duty.record, other);
  EXPECT_EQ(page->unreadable, 0U);
  EXPECT_THAT(DutyDesk(consent()).AcknowledgeDeletion(service, hers),
              StatusIs(kNotFound));
  EXPECT_THAT(duties.ListDuties(ann_.id, std::nullopt), StatusIs(kNotFound));
  world_.clock().Advance(absl::Hours(24 * 60));
  const auto overdue = duties.ListOverdueDuties();
  ASSERT_THAT(overdue, IsOk());
  ASSERT_EQ(overdue->services.size(), 1U);
  EXPECT_EQ(overdue->services.front().count, 1U);
  EXPECT_THAT(ServiceReceipt(consent(), service, record), StatusIs(kNotFound));
  EXPECT_THAT(consent().GetRecord(ann_.id, record), StatusIs(kNotFound));
  EXPECT_THAT(consent().ListAccesses(ann_.id, {}, 0, 10), StatusIs(kNotFound));
  GoOn();
  ExpectGone(ann_);
}

class ErasedRepresented : public ConsentDelegation {
 protected:
  absl::StatusOr<BegunErasure> Erase(const Citizen& who) {
    receipt::AccountErasureRequest terms;
    terms.operator_name = "limpid.example";
    terms.person = who.id.Text();
    terms.time = world_.clock().Now();
    terms.give_up_duties = true;
    return AccountErasureDesk(consent()).Erase(
        who.id, receipt::SignAccountErasure(terms, who.key));
  }
  std::vector<EventRow> About(const Citizen& who) {
    return stores_.ledger().EventsAbout(who.id, INT64_MAX, 1'000).value();
  }
  std::vector<EventRow> MandatesOf(const Citizen& who) {
    return stores_.ledger()
        .Events(MandateIndexOf(consent().state().blinder, who.id), 0, 1'000)
        .value();
  }
};

// Only the streams of services still name her: they hear of it from them.
TEST_F(ErasedRepresented, IsInNoIndexOfOthers) {
  (void)Record(Terms(receipt::DelegationKind::kParent, {&mother_, &father_}));
  const RecordId record = world_.Granted(anna_).revision.record;
  ASSERT_THAT(consent().Withdraw(anna_.id, record), IsOk());
  const RecordId other = world_.Granted(bob_).revision.record;
  ASSERT_THAT(consent().Withdraw(bob_.id, other), IsOk());
  const RowId stream =
      StreamOf(consent().state().blinder, world_.service()->id);
  ASSERT_EQ(MandatesOf(mother_).size(), 1U);
  // Three of the record, its duty, two mandates.
  ASSERT_EQ(About(anna_).size(), 6U);
  ASSERT_THAT(Erase(anna_), IsOk());
  const auto left = About(anna_);
  EXPECT_EQ(left.size(), 4U);
  for (const EventRow& row : left) EXPECT_EQ(row.service, stream);
  EXPECT_TRUE(MandatesOf(mother_).empty());
  EXPECT_TRUE(MandatesOf(father_).empty());
  // Nobody else's.
  EXPECT_EQ(About(bob_).size(), 4U);
  const auto duties =
      DutyDesk(consent()).ListServiceDuties(world_.service()->id, false, 0, 10);
  ASSERT_THAT(duties, IsOk());
  EXPECT_EQ(duties->duties.size(), 1U);
}

// Who gave a representative powers is not kept by her number either.
TEST_F(ErasedRepresented, ARepresentativeLeavesHerOwnIndex) {
  const auto terms =
      Terms(receipt::DelegationKind::kParent, {&mother_, &father_});
  const HeldDelegation held = Record(terms);
  ASSERT_THAT(Erase(mother_), IsOk());
  EXPECT_TRUE(MandatesOf(mother_).empty());
  EXPECT_EQ(MandatesOf(father_).size(), 1U);
  // Anna's own account says what it said.
  const auto delegations = consent().state().ReadDelegations(anna_.id);
  ASSERT_THAT(delegations, IsOk());
  EXPECT_EQ(delegations->size(), 1U);
}

}  // namespace
}  // namespace limpid::consent
