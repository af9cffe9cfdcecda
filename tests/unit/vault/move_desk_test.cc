#include "vault/portability/move_desk.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/forwarding_vault_store.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/portability/exporter.h"
#include "vault/portability/importer.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

const NewOperator& There() {
  static const NewOperator there{"new.example", Counting<32>(0x40)};
  return there;
}

// Lets something happen right after the first look at several rows.
class StoreThatIsOvertaken final : public ForwardingVaultStore {
 public:
  StoreThatIsOvertaken(std::unique_ptr<VaultStore> inner,
                       std::function<void()>& then)
      : ForwardingVaultStore(*inner), inner_(std::move(inner)), then_(then) {}

  absl::Status Snapshot(
      absl::FunctionRef<absl::Status(const VaultReads&)> work) const override {
    absl::Status looked = inner_->Snapshot(work);
    if (const auto then = std::exchange(then_, nullptr)) then();
    return looked;
  }

 private:
  const std::unique_ptr<VaultStore> inner_;
  std::function<void()>& then_;
};

class MoveDeskTest : public ::testing::Test {
 protected:
  MoveDeskTest() {
    world_.Put(world_.anna, "household.size", "3");
    world_.gate.Grant("household.size");
  }
  // As a device does after Get: a new move, or that the one that stands is
  // taken back or said again.
  MoveDeclaration Signed(const std::optional<NewOperator>& to) {
    const Whereabouts now = moves_.Get(world_.anna).value();
    return Signed(to, to && !now.to ? now.last_number + 1 : now.last_number);
  }
  MoveDeclaration Signed(const std::optional<NewOperator>& to,
                         std::uint64_t number) {
    const absl::Time now = world_.clock.Now();
    return {to, number, now,
            base::ToBytes(world_.anna_key.Sign(
                MoveStatement(ExampleIdentity().source, number, to, now)))};
  }
  absl::StatusOr<DoneAct> Move(const std::optional<NewOperator>& to) {
    return moves_.Declare(world_.anna, Signed(to));
  }
  std::optional<NewOperator> Where() {
    return moves_.Get(world_.anna).value().to;
  }
  ReadReason Read(std::optional<NewOperator>& to) {
    auto answer = world_.Read({"household.size"});
    if (!answer.ok()) return ReadReason::kInvalidated;
    to = answer->moved_to();
    return answer->lines.front().reason;
  }
  absl::Status Put() {
    NewValue value;
    value.attribute = "household.size";
    value.value_json = "4";
    value.request_id = crypto::RandomArray<16>();
    return world_.person.Put(world_.anna, value).status();
  }

  std::function<void()> overtaking_;
  VaultWorld world_{NewMemoryKeyStore(),
                    std::make_unique<StoreThatIsOvertaken>(
                        NewMemoryVaultStore(), overtaking_),
                    crypto::Suite::kXChaCha20Poly1305};
  MoveDesk moves_{*world_.core};
};

TEST(MoveStatement, HasTheBytesOfThePage) {
  const auto bytes =
      MoveStatement(SourceId(Counting<16>(0xa0)), 1, There(),
                    absl::FromCivil(absl::CivilSecond(2026, 11, 20, 12),
                                    absl::UTCTimeZone()));
  EXPECT_EQ(base::HexEncode(bytes),
            "136c696d7069642f7661756c742f6d6f76652f32a0a1a2a3a4a5a6a7a8a9aaabac"
            "adaeaf00000000000000010000000b6e65772e6578616d706c6540414243444546"
            "4748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f000001a1f8d3ea0"
            "0");
}

TEST_F(MoveDeskTest, WhoHoldsALivePermitIsToldWhere) {
  std::optional<NewOperator> to;
  EXPECT_EQ(Read(to), ReadReason::kReleased);
  EXPECT_FALSE(to.has_value());
  ASSERT_THAT(Move(There()), IsOk());
  auto answer = world_.Read({"household.size"});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines.front().reason, ReadReason::kMoved);
  EXPECT_EQ(answer->lines.front().value_json, "");
  EXPECT_EQ(answer->lines.front().version, 0U);
  EXPECT_EQ(answer->moved_to(), There());
  EXPECT_EQ(answer->ClosingAfter(true, true), Closing::kDropped);
  EXPECT_EQ(Where(), There());
}

// A read that saw the move may not say that there is nothing.
TEST_F(MoveDeskTest, AMoveTakenBackDuringAReadIsNoReasonToFindNothing) {
  ASSERT_THAT(Move(There()), IsOk());
  overtaking_ = [&] { EXPECT_THAT(Move(std::nullopt), IsOk()); };
  std::optional<NewOperator> to;
  EXPECT_EQ(Read(to), ReadReason::kReleased);
  EXPECT_EQ(overtaking_, nullptr);
  EXPECT_FALSE(to.has_value());
}

TEST_F(MoveDeskTest, WhoHoldsNoneIsAnsweredAsForAnybody) {
  world_.gate.lines.clear();
  const auto before = world_.Read({"household.size", "person.name"});
  ASSERT_THAT(Move(There()), IsOk());
  const auto after = world_.Read({"household.size", "person.name"});
  world_.gate.holder = HolderId::Random();
  const auto unknown = world_.Read({"household.size", "person.name"});
  for (const auto* answer : {&before, &after, &unknown}) {
    ASSERT_THAT(*answer, IsOk());
    EXPECT_FALSE((*answer)->moved_to().has_value());
    for (const ReadLine& line : (*answer)->lines) {
      EXPECT_EQ(line.reason, ReadReason::kNoConsent);
    }
  }
}

TEST_F(MoveDeskTest, WhatIsNotPermittedKeepsItsReason) {
  ASSERT_THAT(Move(There()), IsOk());
  const auto answer = world_.Read({"household.size", "person.name"});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].reason, ReadReason::kMoved);
  EXPECT_EQ(answer->lines[1].reason, ReadReason::kNoConsent);
}

TEST_F(MoveDeskTest, ShePutsNothingMoreAndReadsExportsAndErases) {
  ASSERT_THAT(Move(There()), IsOk());
  EXPECT_THAT(Put(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(world_.person.Get(world_.anna, "household.size", 1), IsOk());
  SlotDesk slots(*world_.core);
  Importer importer(*world_.core, slots);
  EXPECT_THAT(importer.Import(world_.anna, {}, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Exporter(*world_.core, slots).Page(world_.anna, {}), IsOk());
  EXPECT_THAT(world_.desk.EraseVersion(world_.anna, "household.size", 1),
              IsOk());
  // The rotation took the act along.
  EXPECT_EQ(Where(), There());
}

TEST_F(MoveDeskTest, TakenBackSheIsHereAgain) {
  std::optional<NewOperator> to;
  ASSERT_THAT(Move(There()), IsOk());
  ASSERT_THAT(Move(std::nullopt), IsOk());
  EXPECT_EQ(Read(to), ReadReason::kReleased);
  EXPECT_FALSE(to.has_value());
  EXPECT_THAT(Put(), IsOk());
  const NewOperator elsewhere{"third.example", Counting<32>(0x50)};
  ASSERT_THAT(Move(elsewhere), IsOk());
  EXPECT_EQ(Read(to), ReadReason::kMoved);
  EXPECT_EQ(to, elsewhere);
}

TEST_F(MoveDeskTest, TheSameAgainIsTheSameAct) {
  const auto first = Move(There());
  const auto again = Move(There());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->commitment, first->commitment);
  NewOperator other = There();
  other.evidence_key[0] ^= 1;
  EXPECT_THAT(Move(other), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Where(), There());
}

TEST_F(MoveDeskTest, NothingIsTakenBackTwice) {
  EXPECT_THAT(Move(std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(Move(There()), IsOk());
  const auto back = Move(std::nullopt);
  ASSERT_THAT(back, IsOk());
  // Its answer may have been lost.
  EXPECT_EQ(Move(std::nullopt)->commitment, back->commitment);
}

// Within its five minutes too.
TEST_F(MoveDeskTest, ASignatureDoesNotCountAgainAfterAnother) {
  const MoveDeclaration away = Signed(There());
  ASSERT_THAT(moves_.Declare(world_.anna, away), IsOk());
  const MoveDeclaration back = Signed(std::nullopt);
  ASSERT_THAT(moves_.Declare(world_.anna, back), IsOk());
  EXPECT_THAT(moves_.Declare(world_.anna, away),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Where(), std::nullopt);
  EXPECT_THAT(Put(), IsOk());
  ASSERT_THAT(Move(There()), IsOk());
  EXPECT_THAT(moves_.Declare(world_.anna, back),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(moves_.Declare(world_.anna, away),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Where(), There());
  // Nor one that she signed for later.
  EXPECT_THAT(moves_.Declare(world_.anna, Signed(std::nullopt, 3)),
              StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(Move(std::nullopt), IsOk());
  EXPECT_THAT(moves_.Declare(world_.anna, Signed(There(), 4)),
              StatusIs(absl::StatusCode::kAborted));
}

// Every read of hers looks for the last one.
TEST_F(MoveDeskTest, NobodyMovesWithoutEnd) {
  for (std::uint64_t i = 0; i < MoveDesk::kMostMoves; ++i) {
    ASSERT_THAT(Move(There()), IsOk());
    // The last one as well.
    ASSERT_THAT(Move(std::nullopt), IsOk());
  }
  EXPECT_THAT(Move(There()), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(moves_.Get(world_.anna)->last_number, MoveDesk::kMostMoves);
  EXPECT_THAT(Put(), IsOk());
}

TEST_F(MoveDeskTest, OnlyHerFreshSignatureOverAllOfItCounts) {
  const auto refused = [&](const MoveDeclaration& declaration) {
    EXPECT_THAT(moves_.Declare(world_.anna, declaration),
                StatusIs(absl::StatusCode::kInvalidArgument));
  };
  MoveDeclaration declaration = Signed(There());
  declaration.to->name = "third.example";
  refused(declaration);
  declaration = Signed(There());
  declaration.to->evidence_key[0] ^= 1;
  refused(declaration);
  declaration = Signed(There());
  declaration.to.reset();
  refused(declaration);
  declaration = Signed(There());
  declaration.time += absl::Milliseconds(1);
  refused(declaration);
  declaration = Signed(There());
  ++declaration.number;
  refused(declaration);
  declaration = Signed(There());
  declaration.signature.clear();
  refused(declaration);
  declaration = Signed(There());
  EXPECT_THAT(moves_.Declare(world_.bela, declaration),
              StatusIs(absl::StatusCode::kInvalidArgument));
  world_.clock.Advance(absl::Minutes(6));
  refused(declaration);
  refused(Signed(NewOperator{"", Counting<32>(0x40)}));
  refused(Signed(NewOperator{std::string(kMaxOperatorNameBytes + 1, 'x'), {}}));
  refused(Signed(NewOperator{ExampleIdentity().operator_name, {}}));
  EXPECT_EQ(Where(), std::nullopt);
}

TEST_F(MoveDeskTest, WhoIsErasedIsNowhere) {
  ASSERT_THAT(Move(There()), IsOk());
  ASSERT_THAT(world_.ErasePerson(world_.anna), IsOk());
  std::optional<NewOperator> to;
  EXPECT_EQ(Read(to), ReadReason::kNoValue);
  EXPECT_FALSE(to.has_value());
  EXPECT_FALSE(Move(There()).ok());
}

}  // namespace
}  // namespace limpid::vault
