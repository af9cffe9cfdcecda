// What a key agent opens, and everything that it refuses.

#include "vault/keyagent/key_agent.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/agent_world.h"
#include "vault/keyagent/person_budget.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

class KeyAgentTest : public ::testing::Test {
 protected:
  KeyAgentTest() { Begin(); }

  // A new agent with the same key, as after a restart.
  void Begin() {
    agent_ = std::make_unique<KeyAgent>(
        world_.Options(),
        crypto::X25519PrivateKey::FromBytes(key_.Bytes()).value(), clock_,
        [this](AgentEvent event) { events_.push_back(event); });
    // What is of the first second may have been opened before the start.
    clock_.Advance(absl::Seconds(1));
  }

  absl::Status Opens(const DekAuthority& authority, const base::Bytes& box) {
    const std::vector<base::ByteView> boxes = {box};
    return agent_->Open(authority, boxes).status();
  }
  base::Bytes BirthBox(const HolderId& holder) {
    return world_.Box(key_.PublicKey(), holder, kBirth);
  }
  void ExpectRefused(const DekAuthority& authority, const base::Bytes& box) {
    EXPECT_THAT(Opens(authority, box),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  // A permit that `change` makes wrong before it is signed.
  void ExpectMisfit(const std::function<void(receipt::Permit&)>& change) {
    receipt::Permit permit = world_.Draft(anna_, {kBirth});
    change(permit);
    const SignedPermit sealed = world_.Sign(permit);
    ExpectRefused(&sealed, BirthBox(anna_));
  }

  testing::FakeClock clock_;
  AgentWorld world_{clock_};
  const crypto::X25519PrivateKey key_ = crypto::X25519PrivateKey::Generate();
  std::vector<AgentEvent> events_;
  std::unique_ptr<KeyAgent> agent_;
  const HolderId anna_ = HolderId::Random();
  const HolderId bela_ = HolderId::Random();
};

TEST_F(KeyAgentTest, OpensWhatAPermitNames) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth, kEmail});
  const base::Bytes birth = BirthBox(anna_);
  const base::Bytes email =
      world_.Box(key_.PublicKey(), anna_, kEmail,
                 [](BoxedDek& boxed) { boxed.dek = CountingKey(0x20); });
  const std::vector<base::ByteView> boxes = {email, birth};
  const auto opened = agent_->Open(&permit, boxes);
  ASSERT_THAT(opened, IsOk());
  ASSERT_EQ(opened->size(), 2);
  EXPECT_EQ(opened->front(), CountingKey(0x20));
  EXPECT_EQ(opened->back(), CountingKey(0x60));
  EXPECT_TRUE(events_.empty());
}

TEST_F(KeyAgentTest, OpensNothingOnNobodysWord) {
  ExpectRefused({}, BirthBox(anna_));
  EXPECT_EQ(events_, std::vector{AgentEvent::kRefused});
}

TEST_F(KeyAgentTest, BelievesConsentsSignatureAlone) {
  const receipt::Permit draft = world_.Draft(anna_, {kBirth});
  const auto other = crypto::Ed25519PrivateKey::Generate();
  const SignedPermit forged =
      world_.Sign(draft, other, receipt::BatchKind::kPermits);
  ExpectRefused(&forged, BirthBox(anna_));
  const SignedPermit receipt =
      world_.Sign(draft, world_.permit_key(), receipt::BatchKind::kReceipts);
  ExpectRefused(&receipt, BirthBox(anna_));
  SignedPermit moved = world_.Sign(draft);
  moved.proof.index ^= 1U;
  ExpectRefused(&moved, BirthBox(anna_));
  SignedPermit exchanged = world_.Sign(draft);
  exchanged.item = world_.Draft(bela_, {kBirth}).Encode();
  ExpectRefused(&exchanged, BirthBox(bela_));
}

TEST_F(KeyAgentTest, EveryBitOfAPermitCounts) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  const base::Bytes box = BirthBox(anna_);
  for (std::size_t bit = 0; bit < permit.item.size() * 8; ++bit) {
    SignedPermit flipped = permit;
    flipped.item[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ExpectRefused(&flipped, box);
  }
  EXPECT_THAT(Opens(&permit, box), IsOk());
}

TEST_F(KeyAgentTest, OpensNothingOfAnotherPersonOrAttribute) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  ExpectRefused(&permit, BirthBox(bela_));
  ExpectRefused(&permit, world_.Box(key_.PublicKey(), anna_, kEmail));
  // One that fits does not bring another along.
  const base::Bytes fits = BirthBox(anna_);
  const base::Bytes other = BirthBox(bela_);
  const std::vector<base::ByteView> both = {fits, other};
  EXPECT_THAT(agent_->Open(&permit, both),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Opens(&permit, fits), IsOk());
}

TEST_F(KeyAgentTest, OpensNothingOfAnotherVault) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  ExpectRefused(
      &permit, world_.Box(key_.PublicKey(), anna_, kBirth, [](BoxedDek& boxed) {
        boxed.vault.operator_name = "another";
      }));
  ExpectRefused(
      &permit, world_.Box(key_.PublicKey(), anna_, kBirth, [](BoxedDek& boxed) {
        boxed.vault.source = SourceId::Random();
      }));
  ExpectMisfit(
      [](receipt::Permit& one) { one.source = SourceId::Random().bytes(); });
}

TEST_F(KeyAgentTest, OpensNoOneOfACohort) {
  ExpectMisfit([](receipt::Permit& permit) {
    permit.lines.front().form = receipt::Form::kAggregate;
  });
}

TEST_F(KeyAgentTest, ABoxIsOpenedWholeOrNotAtAll) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  const base::Bytes box = BirthBox(anna_);
  for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
    base::Bytes flipped = box;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ExpectRefused(&permit, flipped);
  }
  ExpectRefused(&permit, {});
  const auto other = crypto::X25519PrivateKey::Generate();
  ExpectRefused(&permit, world_.Box(other.PublicKey(), anna_, kBirth));
  EXPECT_THAT(Opens(&permit, box), IsOk());
}

TEST_F(KeyAgentTest, APermitEndsWithItsLease) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  // The lease and the difference of two clocks.
  clock_.Advance(absl::Seconds(3) - absl::Milliseconds(1));
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  const SignedPermit late = world_.PermitFor(anna_, {kBirth});
  clock_.Advance(absl::Seconds(3));
  ExpectRefused(&late, BirthBox(anna_));
}

TEST_F(KeyAgentTest, APermitEndsWithItsRecord) {
  ExpectMisfit(
      [&](receipt::Permit& permit) { permit.not_after = clock_.Now(); });
}

TEST_F(KeyAgentTest, APermitIsNotFromTomorrow) {
  const absl::Time now = clock_.Now();
  clock_.SetWall(now + absl::Milliseconds(1001));
  const SignedPermit tomorrow = world_.PermitFor(anna_, {kBirth});
  clock_.SetWall(now + absl::Seconds(1));
  const SignedPermit close = world_.PermitFor(anna_, {kBirth});
  clock_.SetWall(now);
  ExpectRefused(&tomorrow, BirthBox(anna_));
  EXPECT_THAT(Opens(&close, BirthBox(anna_)), IsOk());
}

TEST_F(KeyAgentTest, EachLineOfAPermitOpensOnce) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth, kEmail});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  ExpectRefused(&permit, BirthBox(anna_));
  const base::Bytes email = world_.Box(key_.PublicKey(), anna_, kEmail);
  const std::vector<base::ByteView> twice = {email, email};
  EXPECT_THAT(agent_->Open(&permit, twice),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Opens(&permit, email), IsOk());
  ExpectRefused(&permit, email);
}

TEST_F(KeyAgentTest, AUsedPermitStaysSoBeyondItsLease) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  ASSERT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  for (int seconds = 0; seconds < 10; ++seconds) {
    clock_.Advance(absl::Seconds(1));
    ExpectRefused(&permit, BirthBox(anna_));
  }
  // Nor does a clock that is set back bring it again, once it was forgotten.
  const SignedPermit later = world_.PermitFor(bela_, {kBirth});
  ASSERT_THAT(Opens(&later, BirthBox(bela_)), IsOk());
  clock_.SetWall(clock_.Now() - absl::Seconds(9));
  ExpectRefused(&permit, BirthBox(anna_));
}

TEST_F(KeyAgentTest, AClockThatJumpsAheadForAMomentIsNotFollowed) {
  clock_.SetWall(clock_.Now() + absl::Hours(1));
  const SignedPermit ahead = world_.PermitFor(anna_, {kBirth});
  ExpectRefused(&ahead, BirthBox(anna_));
  const PersonProof proof = world_.ProofOf(anna_);
  ExpectRefused(&proof, BirthBox(anna_));
  // Told once, as what it is.
  EXPECT_EQ(events_, std::vector{AgentEvent::kClockJumped});
  clock_.SetWall(clock_.Now() - absl::Hours(1));
  const SignedPermit right = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&right, BirthBox(anna_)), IsOk());
}

TEST_F(KeyAgentTest, AJumpIsRefusedUntilTheClockIsRightOrTheAgentNew) {
  clock_.SetWall(clock_.Now() + absl::Minutes(5) + absl::Milliseconds(1));
  for (int minute = 0; minute < 10; ++minute) {
    const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
    ExpectRefused(&permit, BirthBox(anna_));
    clock_.Advance(absl::Minutes(1));
  }
  // A line in each minute.
  EXPECT_EQ(events_, std::vector(10, AgentEvent::kClockJumped));
  Begin();
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  // Back as well.
  clock_.SetWall(clock_.Now() - absl::Minutes(5) - absl::Milliseconds(1));
  const SignedPermit back = world_.PermitFor(bela_, {kBirth});
  ExpectRefused(&back, BirthBox(bela_));
  EXPECT_EQ(events_.size(), 11);
}

TEST_F(KeyAgentTest, SmallDifferencesOfTheClocksAreFollowed) {
  // As far as may be, and then again.
  for (int step = 0; step < 2; ++step) {
    clock_.SetWall(clock_.Now() + absl::Minutes(5));
    const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
    EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  }
  // Back a little: the latest time counts, until it has come again.
  clock_.SetWall(clock_.Now() - absl::Minutes(4));
  const SignedPermit early = world_.PermitFor(anna_, {kBirth});
  ExpectRefused(&early, BirthBox(anna_));
  clock_.Advance(absl::Minutes(4));
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  EXPECT_EQ(events_, std::vector{AgentEvent::kRefused});
}

TEST_F(KeyAgentTest, ARestartForgetsNoUse) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  ASSERT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  Begin();
  ExpectRefused(&permit, BirthBox(anna_));
  const SignedPermit fresh = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&fresh, BirthBox(anna_)), IsOk());
}

TEST_F(KeyAgentTest, OpensWhatIsHersForThePersonHerself) {
  const PersonProof proof = world_.ProofOf(anna_);
  EXPECT_THAT(Opens(&proof, BirthBox(anna_)), IsOk());
  // An export opens many.
  EXPECT_THAT(Opens(&proof, world_.Box(key_.PublicKey(), anna_, kEmail)),
              IsOk());
  ExpectRefused(&proof, BirthBox(bela_));
}

TEST_F(KeyAgentTest, AProofIsOfOneCallAndOneMinute) {
  const PersonProof proof = world_.ProofOf(anna_);
  PersonProof other = proof;
  other.method = "/limpid.vault.v1.PersonVaultService/PutAttribute";
  ExpectRefused(&other, BirthBox(anna_));
  PersonProof exchanged = proof;
  exchanged.source_token = world_.ProofOf(bela_).source_token;
  ExpectRefused(&exchanged, BirthBox(bela_));
  ExpectRefused(&exchanged, BirthBox(anna_));
  clock_.Advance(absl::Seconds(91));
  ExpectRefused(&proof, BirthBox(anna_));
}

TEST_F(KeyAgentTest, AProofForAnythingElseOpensNothing) {
  const PersonProof proof =
      world_.ProofOf(anna_, "/limpid.vault.v1.ErasureService/EraseAttribute");
  ExpectRefused(&proof, BirthBox(anna_));
}

TEST_F(KeyAgentTest, ACallOfHersOutlivesAStart) {
  const PersonProof proof = world_.ProofOf(anna_);
  clock_.Advance(absl::Seconds(1));
  Begin();
  EXPECT_THAT(Opens(&proof, BirthBox(anna_)), IsOk());
}

TEST_F(KeyAgentTest, OpensForSoManyPersonsAMinute) {
  for (int person = 0; person < 3; ++person) {
    const HolderId holder = HolderId::Random();
    const SignedPermit permit = world_.PermitFor(holder, {kBirth});
    EXPECT_THAT(Opens(&permit, BirthBox(holder)), IsOk());
  }
  SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  permit = world_.PermitFor(bela_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(bela_)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  // Told once, without saying who.
  EXPECT_EQ(events_, std::vector{AgentEvent::kBudgetSpent});
  clock_.Advance(absl::Minutes(1));
  permit = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
}

TEST_F(KeyAgentTest, WhatServicesReadStopsNoPersonHerself) {
  for (int person = 0; person < 3; ++person) {
    const HolderId holder = HolderId::Random();
    const SignedPermit permit = world_.PermitFor(holder, {kBirth});
    ASSERT_THAT(Opens(&permit, BirthBox(holder)), IsOk());
  }
  for (int person = 0; person < 3; ++person) {
    const HolderId holder = HolderId::Random();
    const PersonProof proof = world_.ProofOf(holder);
    EXPECT_THAT(Opens(&proof, BirthBox(holder)), IsOk());
  }
  // She has as many, and no more.
  const PersonProof proof = world_.ProofOf(anna_);
  EXPECT_THAT(Opens(&proof, BirthBox(anna_)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(KeyAgentTest, AServiceLeavesAQuarterToOthers) {
  KeyAgent agent(world_.Options(/*persons=*/4),
                 crypto::X25519PrivateKey::FromBytes(key_.Bytes()).value(),
                 clock_, nullptr);
  clock_.Advance(absl::Seconds(1));
  const auto reads = [&](std::uint8_t service, const HolderId& holder) {
    receipt::Permit permit = world_.Draft(holder, {kBirth});
    permit.service_key[0] = service;
    const SignedPermit sealed = world_.Sign(permit);
    const base::Bytes box = BirthBox(holder);
    const std::vector<base::ByteView> boxes = {box};
    return agent.Open(&sealed, boxes).ok();
  };
  EXPECT_TRUE(reads(1, anna_));
  for (int person = 0; person < 3; ++person) {
    EXPECT_TRUE(reads(2, HolderId::Random()));
  }
  // Of another's persons one counts for who reads her last.
  EXPECT_FALSE(reads(2, anna_));
  EXPECT_TRUE(reads(1, anna_));
}

TEST_F(KeyAgentTest, WhoIsRefusedForNowHasUsedNothing) {
  std::vector<HolderId> three;
  for (int person = 0; person < 3; ++person) {
    three.push_back(HolderId::Random());
    const SignedPermit permit = world_.PermitFor(three.back(), {kBirth});
    ASSERT_THAT(Opens(&permit, BirthBox(three.back())), IsOk());
  }
  clock_.Advance(absl::Seconds(59));
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
}

TEST_F(KeyAgentTest, RefusalsCostNoPersons) {
  for (int person = 0; person < 10; ++person) {
    const SignedPermit permit = world_.PermitFor(HolderId::Random(), {kBirth});
    ExpectRefused(&permit, BirthBox(anna_));
  }
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  EXPECT_THAT(Opens(&permit, BirthBox(anna_)), IsOk());
  EXPECT_EQ(events_, std::vector{AgentEvent::kRefused});
}

TEST_F(KeyAgentTest, TakesSoManyBoxesAtOnce) {
  const PersonProof proof = world_.ProofOf(anna_);
  const base::Bytes box = BirthBox(anna_);
  EXPECT_THAT(agent_->Open(&proof, {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  std::vector<base::ByteView> boxes(kMaxBoxes, box);
  EXPECT_THAT(agent_->Open(&proof, boxes), IsOk());
  boxes.emplace_back(box);
  EXPECT_THAT(agent_->Open(&proof, boxes),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// docs/formats/key-agent.md, "Worked example".
constexpr char kExampleBox[] =
    "166c696d7069642f7661756c742f64656b2d626f782f31efe76e784650cc7340"
    "96b268c4e8ef59000000cc883186b800b41d5cf0429695da9b3cc4f328ebcd18"
    "4a6e482fa578c103f06c77473ecf1cb1d0f214c6f53c874a946de03b7b9a4869"
    "0203d9bc71fa043fe4081a79c097eeb136fd0445089e0f72af69472d92b99645"
    "832c695ee8774a96927fd9f7ad452cc1ffe2a28b96da5aef543275c8934cffed"
    "6bf5f07ae1a458aca07937ef94eb8e88f222ce2d317fdf863f0e83de06cee2c1"
    "6b477d7929128899f35de0bd5d9141c375bc069fef6922162345cf617278b2e4"
    "00d36db96b486423c975cb5dfb95679c19ec735f80b3cb";

TEST(DekBoxTest, OpensTheWorkedExample) {
  const auto key = crypto::X25519PrivateKey::FromBytes(CountingKey(1)).value();
  EXPECT_EQ(base::HexEncode(key.PublicKey().bytes),
            "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c");
  const auto boxed = OpenDekBox(key, base::HexDecode(kExampleBox).value());
  ASSERT_THAT(boxed, IsOk());
  EXPECT_EQ(boxed->vault, ExampleIdentity());
  EXPECT_EQ(boxed->holder, HolderId(Counting<16>(0)));
  EXPECT_EQ(boxed->attribute, kBirth);
  EXPECT_EQ(boxed->schema_version, 1);
  EXPECT_EQ(boxed->version, 3);
  EXPECT_EQ(boxed->row, (Counting<16>(0xb0)));
  EXPECT_EQ(boxed->dek, CountingKey(0xe0));
}

TEST(PersonBudgetTest, CountsFromTheLastTime) {
  constexpr PersonBudget::Service kService{};
  PersonBudget budget(2);
  const HolderId anna = HolderId::Random();
  const HolderId bela = HolderId::Random();
  const HolderId cleo = HolderId::Random();
  EXPECT_TRUE(budget.Admit(anna, kService, absl::Seconds(0)));
  EXPECT_TRUE(budget.Admit(bela, kService, absl::Seconds(0)));
  EXPECT_FALSE(budget.Admit(cleo, kService, absl::Seconds(30)));
  EXPECT_TRUE(budget.Admit(anna, kService, absl::Seconds(30)));
  EXPECT_FALSE(
      budget.Admit(cleo, kService, absl::Seconds(60) - absl::Nanoseconds(1)));
  // Bela's minute is over, Anna's is not.
  EXPECT_TRUE(budget.Admit(cleo, kService, absl::Seconds(60)));
  EXPECT_FALSE(budget.Admit(bela, kService, absl::Seconds(60)));
}

TEST(PersonBudgetTest, OneServiceDoesNotHoldItForEver) {
  constexpr PersonBudget::Service kLarge{1};
  constexpr PersonBudget::Service kSmall{2};
  PersonBudget budget(8);
  std::vector<HolderId> persons;
  for (int person = 0; person < 8; ++person) {
    persons.push_back(HolderId::Random());
    // Alone, it may have them all.
    EXPECT_TRUE(budget.Admit(persons.back(), kLarge, absl::Seconds(person)));
  }
  const HolderId anna = HolderId::Random();
  EXPECT_FALSE(budget.Admit(anna, kSmall, absl::Seconds(30)));
  // It reads the same again, and gets none while it has more than its share.
  for (const HolderId& person : persons) {
    EXPECT_FALSE(budget.Admit(person, kLarge, absl::Seconds(50)));
  }
  // Two have run out: there are six, and it may go on with those.
  EXPECT_TRUE(budget.Admit(anna, kSmall, absl::Seconds(61)));
  EXPECT_FALSE(budget.Admit(persons[0], kLarge, absl::Seconds(61)));
  EXPECT_TRUE(budget.Admit(persons[7], kLarge, absl::Seconds(61)));
  EXPECT_TRUE(budget.Admit(HolderId::Random(), kSmall, absl::Seconds(61)));
  // A minute after the other asked last, it has them all again.
  for (const HolderId& person : persons) {
    EXPECT_TRUE(budget.Admit(person, kLarge, absl::Seconds(121)));
  }
}

}  // namespace
}  // namespace limpid::vault
