// When the body of a recovery slot is handed out, and when not.

#include "vault/recovery/recovery_desk.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/recovery_slot.h"
#include "common/base/wire.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/recovery_fixture.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

TEST_F(RecoveryDeskTest, TheBodyIsHandedOutAfterTheDelayAndNotListed) {
  const auto listed = slots_.List(world_.anna);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 2);
  EXPECT_FALSE((*listed)[0].body.empty());
  EXPECT_EQ((*listed)[1].name.kind, SlotKind::kRecovery);
  EXPECT_TRUE((*listed)[1].body.empty());
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "no recovery"));
  EXPECT_EQ(Start(), 1);
  world_.clock.Advance(kDelay - kTick);
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "waits until"));
  EXPECT_EQ(Listed().phase, RecoveryPhase::kWaiting);
  world_.clock.Advance(kTick);
  EXPECT_EQ(Listed().phase, RecoveryPhase::kOpen);
  const auto out = desk_.HandOut(world_.anna, id());
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->body, slot_.body);
  const auto key = client::OpenRecoverySlot(
      home_, {id(), out->slot.generation, out->slot.key_id}, out->body,
      recovery_key_);
  ASSERT_THAT(key, IsOk());
  EXPECT_TRUE(key->key == key_.key);
  EXPECT_EQ(Listed().phase, RecoveryPhase::kHandedOut);
  EXPECT_EQ(Listed().end, world_.clock.Now());
  // Again, with its one act.
  const std::uint64_t acts = Acts();
  world_.clock.Advance(absl::Hours(1));
  const auto again = desk_.HandOut(world_.anna, id());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->body, slot_.body);
  EXPECT_EQ(again->done.act.commitment, out->done.act.commitment);
  EXPECT_EQ(Acts(), acts);
}

TEST_F(RecoveryDeskTest, NobodyAskedInTimeIsOver) {
  Start();
  world_.clock.Advance(kDelay + RecoveryDesk::kOpenFor - kTick);
  EXPECT_EQ(Listed().phase, RecoveryPhase::kOpen);
  world_.clock.Advance(kTick);
  EXPECT_EQ(Listed().phase, RecoveryPhase::kOver);
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "over"));
  EXPECT_THAT(Cancel(1), StatusSays(kFailedPrecondition, "over"));
  // The next waits as long.
  EXPECT_EQ(Start(), 2);
  world_.clock.Advance(kDelay - kTick);
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "waits until"));
  world_.clock.Advance(kTick);
  EXPECT_THAT(HandOut(), IsOk());
  world_.clock.Advance(RecoveryDesk::kOpenFor);
  EXPECT_THAT(HandOut(), StatusIs(kFailedPrecondition));
  EXPECT_EQ(Listed().phase, RecoveryPhase::kHandedOut);
}

TEST_F(RecoveryDeskTest, StartingAgainAnswersWithTheOneThatRuns) {
  const auto first = desk_.Start(world_.anna, id());
  ASSERT_THAT(first, IsOk());
  const std::uint64_t acts = Acts();
  world_.clock.Advance(kDelay / 2);
  const auto again = desk_.Start(world_.anna, id());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->recovery.number, 1);
  EXPECT_EQ(again->recovery.open, first->recovery.open);
  EXPECT_EQ(again->act.commitment, first->act.commitment);
  EXPECT_EQ(Acts(), acts);
  // Another delay in the configuration changes none that runs.
  RecoveryDesk hasty(*world_.core, absl::Hours(1));
  EXPECT_EQ(hasty.Start(world_.anna, id())->recovery.open,
            first->recovery.open);
  EXPECT_THAT(hasty.HandOut(world_.anna, id()), StatusIs(kFailedPrecondition));
}

TEST_F(RecoveryDeskTest, ACancelStopsItForGood) {
  Start();
  EXPECT_THAT(Cancel(0), StatusIs(kFailedPrecondition));
  EXPECT_THAT(Cancel(2), StatusIs(kFailedPrecondition));
  world_.clock.Advance(kDelay);
  const auto cancelled = desk_.Cancel(world_.anna, id(), 1);
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->recovery.phase, RecoveryPhase::kCancelled);
  EXPECT_EQ(cancelled->recovery.cancels, 1);
  EXPECT_FALSE(cancelled->recovery.barred);
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "cancelled"));
  // A repetition is no second cancel.
  const std::uint64_t acts = Acts();
  const auto again = desk_.Cancel(world_.anna, id(), 1);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->act.commitment, cancelled->act.commitment);
  EXPECT_EQ(again->recovery.cancels, 1);
  EXPECT_EQ(Acts(), acts);
  EXPECT_EQ(Start(), 2);
  EXPECT_THAT(Cancel(1), StatusIs(kFailedPrecondition));
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "waits until"));
}

// Who holds the account's key must not be able to hide that it left.
TEST_F(RecoveryDeskTest, NothingHidesThatItWasHandedOut) {
  Start();
  world_.clock.Advance(kDelay);
  ASSERT_THAT(HandOut(), IsOk());
  const auto left = Listed().handed_out;
  ASSERT_TRUE(left.has_value());
  ASSERT_THAT(Cancel(1), IsOk());
  EXPECT_EQ(Listed().handed_out, left);
  world_.clock.Advance(RecoveryDesk::kOpenFor);
  EXPECT_EQ(Start(), 2);
  EXPECT_EQ(Listed().handed_out, left);
  ASSERT_THAT(Cancel(2), IsOk());
  EXPECT_EQ(Listed().handed_out, left);
}

// A cancel may be among the acts that were lost with the newer store.
TEST_F(RecoveryDeskTest, AStoreThatWasPutBackRunsNoRecoveryOn) {
  Start();
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    const LogHead head = transaction.Head().value();
    ActRow lost;
    lost.counter = head.counter + 1;
    lost.kind = ActKind::kLost;
    return transaction.AppendAct(lost);
  }),
              IsOk());
  world_.clock.Advance(kDelay);
  EXPECT_EQ(Listed().phase, RecoveryPhase::kOver);
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "put back"));
  EXPECT_EQ(Start(), 2);
  EXPECT_EQ(Listed().phase, RecoveryPhase::kWaiting);
  EXPECT_THAT(HandOut(), StatusSays(kFailedPrecondition, "waits until"));
  world_.clock.Advance(kDelay);
  EXPECT_THAT(HandOut(), IsOk());
}

TEST_F(RecoveryDeskTest, TwoCancelsBarItUntilTheSealedKeyAllows) {
  Bar();
  EXPECT_TRUE(Listed().barred);
  const std::uint64_t acts = Acts();
  EXPECT_THAT(desk_.Start(world_.anna, id()),
              StatusSays(kFailedPrecondition, "cancelled twice"));
  world_.clock.Advance(absl::Hours(24 * 365));
  EXPECT_THAT(desk_.Start(world_.anna, id()), StatusIs(kFailedPrecondition));
  EXPECT_EQ(Acts(), acts);
  EXPECT_THAT(Allow(2, Signed(2)), IsOk());
  EXPECT_EQ(Acts(), acts + 1);
  EXPECT_THAT(Allow(2, Signed(2)), IsOk());
  EXPECT_EQ(Acts(), acts + 1);
  EXPECT_EQ(Start(), 3);
  // One alone bars nothing.
  ASSERT_THAT(Cancel(3), IsOk());
  EXPECT_EQ(Start(), 4);
  ASSERT_THAT(Cancel(4), IsOk());
  EXPECT_TRUE(Listed().barred);
  // What allowed once allows no more.
  EXPECT_THAT(Allow(2, Signed(2)), StatusIs(kFailedPrecondition));
  EXPECT_THAT(Allow(4, Signed(2)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(Listed().barred);
}

TEST_F(RecoveryDeskTest, OnlyTheVoiceOfTheSealedKeyAllows) {
  Bar();
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  const base::Bytes statement =
      AllowStatement(ExampleIdentity().source, world_.anna.holder, id(), 2);
  EXPECT_THAT(Allow(2, world_.anna_key.Sign(statement)), StatusIs(kInvalid));
  const client::SealedKey other = client::MakeSealedKey(home_);
  EXPECT_THAT(Allow(2, client::SignAllow(home_, other, id(), 2)),
              StatusIs(kInvalid));
  SlotId another = id();
  another[0] ^= 1;
  EXPECT_THAT(Allow(2, client::SignAllow(home_, key_, another, 2)),
              StatusIs(kInvalid));
  client::SealedHome elsewhere = home_;
  elsewhere.holder[0] ^= 1;
  EXPECT_THAT(Allow(2, client::SignAllow(elsewhere, key_, id(), 2)),
              StatusIs(kInvalid));
  elsewhere = home_;
  elsewhere.source[0] ^= 1;
  EXPECT_THAT(Allow(2, client::SignAllow(elsewhere, key_, id(), 2)),
              StatusIs(kInvalid));
  const crypto::Ed25519Signature good = Signed(2);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    crypto::Ed25519Signature bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(Allow(2, bad), StatusIs(kInvalid));
  }
  EXPECT_TRUE(Listed().barred);
  EXPECT_THAT(Allow(2, good), IsOk());
}

TEST_F(RecoveryDeskTest, WhatIsNotBarredNeedsNoLeave) {
  Start();
  EXPECT_THAT(Allow(1, Signed(1)), StatusIs(kFailedPrecondition));
  ASSERT_THAT(Cancel(1), IsOk());
  EXPECT_THAT(Allow(1, Signed(1)), StatusIs(kFailedPrecondition));
  EXPECT_EQ(Listed().cancels, 1);
}

TEST_F(RecoveryDeskTest, ABarIsOfOneSlot) {
  Bar();
  const Slot other = RecoverySlot(9);
  ASSERT_THAT(slots_.Add(world_.anna, other), IsOk());
  EXPECT_THAT(desk_.Start(world_.anna, other.name.id), IsOk());
  EXPECT_THAT(desk_.Start(world_.anna, id()), StatusIs(kFailedPrecondition));
  const auto listed = desk_.List(world_.anna);
  ASSERT_EQ(listed->size(), 2);
  EXPECT_TRUE((*listed)[0].barred);
  EXPECT_EQ((*listed)[1].phase, RecoveryPhase::kWaiting);
}

TEST_F(RecoveryDeskTest, AnotherPersonReachesNothing) {
  Start();
  world_.clock.Advance(kDelay);
  EXPECT_TRUE(desk_.List(world_.bela)->empty());
  EXPECT_THAT(desk_.Start(world_.bela, id()), StatusIs(kNotFound));
  EXPECT_THAT(desk_.HandOut(world_.bela, id()), StatusIs(kNotFound));
  EXPECT_THAT(desk_.Cancel(world_.bela, id(), 1), StatusIs(kNotFound));
  EXPECT_THAT(desk_.Allow(world_.bela, id(), 1, Signed(1)),
              StatusIs(kNotFound));
  // Nor is a device slot one to recover through.
  SlotId device;
  device.fill(1);
  EXPECT_THAT(desk_.Start(world_.anna, device), StatusIs(kNotFound));
  EXPECT_THAT(HandOut(), IsOk());
}

TEST_F(RecoveryDeskTest, ARemovedSlotTakesItsRecoveryAlong) {
  Start();
  world_.clock.Advance(kDelay);
  ASSERT_THAT(slots_.Remove(world_.anna, slot_.name), IsOk());
  EXPECT_THAT(HandOut(), StatusIs(kNotFound));
  EXPECT_TRUE(desk_.List(world_.anna)->empty());
  EXPECT_THAT(slots_.Add(world_.anna, slot_),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(RecoveryDeskTest, AnErasedPersonHasNone) {
  Start();
  world_.clock.Advance(kDelay);
  ASSERT_THAT(world_.ErasePerson(world_.anna), IsOk());
  EXPECT_TRUE(world_.store->Recoveries(owner())->empty());
  EXPECT_THAT(HandOut(), StatusIs(kNotFound));
  EXPECT_THAT(desk_.Start(world_.anna, id()), StatusIs(kNotFound));
  EXPECT_TRUE(desk_.List(world_.anna)->empty());
}

TEST_F(RecoveryDeskTest, ARotationOfTheAssistedKeyKeepsIt) {
  world_.Put(world_.anna, "person.name", R"({"family":"J","given":"A"})");
  Start();
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, "person.name", 1), IsOk());
  world_.clock.Advance(kDelay);
  EXPECT_THAT(HandOut(), IsOk());
}

TEST_F(RecoveryDeskTest, ARowThatWasEditedAlarms) {
  Start();
  Edit([](RecoveryRow& row) { row.open_ms = row.start_ms; });
  EXPECT_THAT(HandOut(), StatusIs(absl::StatusCode::kDataLoss));
  Edit([](RecoveryRow& row) { row.open_ms += kDelay / kTick; });
  world_.clock.Advance(kDelay);
  EXPECT_THAT(HandOut(), IsOk());
}

TEST_F(RecoveryDeskTest, ACancelThatWasEditedAwayAlarms) {
  ASSERT_THAT(Cancel(Start()), IsOk());
  world_.clock.Advance(kDelay);
  Edit([](RecoveryRow& row) { row.state = RecoveryState::kStarted; });
  EXPECT_THAT(HandOut(), StatusIs(absl::StatusCode::kDataLoss));
  // As does a number that the log never heard of.
  Edit([](RecoveryRow& row) { row.number = 7; });
  EXPECT_THAT(HandOut(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RecoveryDeskTest, EveryStepIsProvenToItsPersonAlone) {
  Bar();
  ASSERT_THAT(Allow(2, Signed(2)), IsOk());
  Start();
  world_.clock.Advance(kDelay);
  ASSERT_THAT(HandOut(), IsOk());
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  const std::vector<std::pair<std::uint64_t, ActKind>> steps = {
      {1, ActKind::kRecoveryStart},  {1, ActKind::kRecoveryCancel},
      {2, ActKind::kRecoveryStart},  {2, ActKind::kRecoveryCancel},
      {2, ActKind::kRecoveryAllow},  {3, ActKind::kRecoveryStart},
      {3, ActKind::kRecoveryHandOut}};
  for (const auto& [number, kind] : steps) {
    const auto proof = world_.person.ProveSlot(world_.anna, id(), number, kind);
    ASSERT_THAT(proof, IsOk());
    EXPECT_TRUE(proof->leaf.has_value());
    const auto disclosure = Disclosure::Decode(proof->disclosure).value();
    const auto act = Act::Decode(disclosure.encoded_act);
    ASSERT_THAT(act, IsOk());
    EXPECT_EQ(act->kind, kind);
    EXPECT_EQ(act->value_version, number);
    EXPECT_EQ(act->key_id, key_.id);
    EXPECT_THAT(world_.person.ProveSlot(world_.bela, id(), number, kind),
                StatusIs(kNotFound));
  }
}

TEST_F(RecoveryDeskTest, TheActOfAStartIsThatOfThePage) {
  world_.clock.SetWall(absl::FromUnixMillis(1'767'225'600'000));
  Slot slot = RecoverySlot(0);
  slot.name.id = Counting<16>(0x90);
  ASSERT_THAT(slots_.Add(world_.anna, slot), IsOk());
  ASSERT_THAT(desk_.Start(world_.anna, slot.name.id), IsOk());
  ASSERT_THAT(desk_.Cancel(world_.anna, slot.name.id, 1), IsOk());
  ASSERT_THAT(desk_.Start(world_.anna, slot.name.id), IsOk());
  const auto proof = world_.person.ProveSlot(world_.anna, slot.name.id, 2,
                                             ActKind::kRecoveryStart);
  ASSERT_THAT(proof, IsOk());
  const auto disclosure = Disclosure::Decode(proof->disclosure).value();
  EXPECT_EQ(base::HexEncode(Act::Decode(disclosure.encoded_act)->body),
            "aeadaf26cea4b38c821f562036954e84a61e2d11084bf02ba02abfee2c5c8be7");
}

TEST_F(RecoveryDeskTest, ASlotWithoutAVoiceIsRefused) {
  Slot first = RecoverySlot(5);
  base::ByteWriter body("limpid/vault/slot/recovery/1");
  first.body =
      body.Raw(Counting<32>(3))
          .Lp(crypto::SealSecret(crypto::Suite::kAes256Gcm, CountingKey(1), {},
                                 Counting<16>(1), CountingKey(2)))
          .Take();
  EXPECT_THAT(slots_.Add(world_.anna, first),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // As an earlier version of the server would have stored it.
  SlotRow row;
  row.owner = owner();
  row.custody = Custody::kSealed;
  row.generation = key_.generation;
  row.slot_kind = SlotKind::kRecovery;
  row.slot_id = first.name.id;
  row.key_id = key_.id;
  ASSERT_THAT(world_.core->keys().AddSlot(row, first.body, 16), IsOk());
  EXPECT_THAT(desk_.Start(world_.anna, first.name.id),
              StatusIs(kFailedPrecondition));
  EXPECT_THAT(desk_.HandOut(world_.anna, first.name.id),
              StatusIs(kFailedPrecondition));
  EXPECT_EQ(desk_.List(world_.anna)->size(), 2);
}

TEST_F(RecoveryDeskTest, EveryBitOfTheBodyCounts) {
  const client::SlotPlace place = {id(), key_.generation, key_.id};
  for (std::size_t bit = 0; bit < slot_.body.size() * 8; ++bit) {
    base::Bytes bad = slot_.body;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(
        client::OpenRecoverySlot(home_, place, bad, recovery_key_).ok());
  }
}

}  // namespace
}  // namespace limpid::vault
