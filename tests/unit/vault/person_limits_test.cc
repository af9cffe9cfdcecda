// How much one person may keep.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/attribute/person_vault.h"
#include "vault/attribute/usage.h"
#include "vault/suites/suite_rotation.h"

namespace limpid::vault {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kFull = absl::StatusCode::kResourceExhausted;

class PersonLimitsTest : public ::testing::Test {
 protected:
  // A vault that starts over what is stored.
  void Start(const PersonLimits& limits,
             crypto::Suite suite = crypto::Suite::kXChaCha20Poly1305) {
    auto core = VaultCore::Open({ExampleIdentity(), suite, 16},
                                {world_.keks, *world_.keys, *world_.store,
                                 world_.clock, crypto::SystemRandom(), limits});
    ASSERT_THAT(core, IsOk());
    core_ = *std::move(core);
    vault_.emplace(*core_, world_.publisher);
    auto eraser = Eraser::Open(*core_, world_.tombstones, *world_.copies,
                               {30, 7, 14, 30});
    ASSERT_THAT(eraser, IsOk());
    eraser_ = *std::move(eraser);
    desk_.emplace(*core_, *eraser_, world_.publisher);
  }
  static NewValue Name(std::size_t length = 1) {
    NewValue value;
    value.attribute = "person.name";
    value.value_json = R"({"family":")" + std::string(length, 'x') + "\"}";
    value.request_id = crypto::RandomArray<16>();
    return value;
  }
  absl::Status Put(const PersonCaller& who, const NewValue& value) {
    return vault_->Put(who, value).status();
  }
  [[nodiscard]] Usage Stored(const PersonCaller& who) const {
    return *world_.store->UsageOf(world_.core->blinder().OwnerOf(who.holder));
  }

  VaultWorld world_;
  std::unique_ptr<VaultCore> core_;
  std::optional<PersonVault> vault_;
  std::unique_ptr<Eraser> eraser_;
  std::optional<ErasureDesk> desk_;
};

TEST_F(PersonLimitsTest, VersionsAreBoundedForEachPersonOverAllAttributes) {
  Start({.versions = 3});
  NewValue birth = Name();
  birth.attribute = "person.birth_date";
  birth.value_json = "\"1990-02-28\"";
  ASSERT_THAT(Put(world_.anna, Name()), IsOk());
  ASSERT_THAT(Put(world_.anna, birth), IsOk());
  const NewValue third = Name();
  ASSERT_THAT(Put(world_.anna, third), IsOk());
  EXPECT_THAT(Put(world_.anna, Name()),
              StatusSays(kFull, "vault.person_versions"));
  // A retry of what is stored is no version more, and others are not hit.
  EXPECT_THAT(Put(world_.anna, third), IsOk());
  EXPECT_THAT(Put(world_.bela, Name()), IsOk());
  EXPECT_EQ(Stored(world_.anna).versions, 3U);
  // Rows of erased versions stay and count.
  ASSERT_THAT(desk_->EraseVersion(world_.anna, "person.name", 1), IsOk());
  EXPECT_THAT(Put(world_.anna, Name()), StatusIs(kFull));
}

TEST_F(PersonLimitsTest, BytesAreBoundedAndErasingMakesRoom) {
  // The longest that the schema lets a name be is 120.
  constexpr std::size_t kLong = 110;
  Start({});
  ASSERT_THAT(Put(world_.anna, Name(kLong)), IsOk());
  const std::uint64_t one = Stored(world_.anna).bytes;
  ASSERT_GT(one, kLong);
  Start({.bytes = 2 * one});
  ASSERT_THAT(Put(world_.anna, Name(kLong)), IsOk());
  EXPECT_THAT(Put(world_.anna, Name()), StatusSays(kFull, "vault.person_mib"));
  EXPECT_EQ(Stored(world_.anna).bytes, 2 * one);
  ASSERT_THAT(desk_->EraseVersion(world_.anna, "person.name", 1), IsOk());
  EXPECT_THAT(Put(world_.anna, Name(kLong)), IsOk());
  EXPECT_THAT(Put(world_.anna, Name(kLong)), StatusIs(kFull));
  // A second erasure of the same gives nothing back.
  ASSERT_THAT(desk_->EraseVersion(world_.anna, "person.name", 1), IsOk());
  EXPECT_THAT(Put(world_.anna, Name(kLong)), StatusIs(kFull));
}

// The rotation stops at a damaged row; what was asked for is emptied before.
TEST_F(PersonLimitsTest, AnErasureThatCannotBeFinishedMakesRoomToo) {
  constexpr std::size_t kLong = 110;
  Start({});
  ASSERT_THAT(Put(world_.anna, Name(kLong)), IsOk());
  NewValue birth = Name();
  birth.attribute = "person.birth_date";
  birth.value_json = "\"1990-02-28\"";
  ASSERT_THAT(Put(world_.anna, birth), IsOk());
  Start({.bytes = Stored(world_.anna).bytes});
  EXPECT_THAT(Put(world_.anna, Name(kLong)), StatusIs(kFull));
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  AttributeRow row = **world_.store->Find(
      owner,
      world_.core->blinder().NameKeyOf(world_.anna.holder, birth.attribute), 1);
  row.wrap.back() ^= 1;
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.erasure().Rewrap(row);
  }),
              IsOk());
  ASSERT_THAT(desk_->EraseVersion(world_.anna, "person.name", 1),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Put(world_.anna, Name(kLong)), IsOk());
}

// Envelopes of the second suite are shorter by twelve bytes.
TEST_F(PersonLimitsTest, WhatWasSealedAnewIsCountedAnew) {
  Start({});
  ASSERT_THAT(Put(world_.anna, Name()), IsOk());
  ASSERT_THAT(Put(world_.anna, Name()), IsOk());
  const std::uint64_t one = Stored(world_.anna).bytes / 2;
  Start({.bytes = 4 * one - 25}, crypto::Suite::kAes256Gcm);
  ASSERT_THAT(Put(world_.anna, Name()), IsOk());
  EXPECT_THAT(Put(world_.anna, Name()), StatusIs(kFull));
  SuiteRotation rotation(*core_, *eraser_, [](const crypto::KeyId&) {});
  ASSERT_THAT(rotation.Run(0, [] { return false; }), IsOk());
  EXPECT_EQ(Stored(world_.anna).bytes, 3 * (one - 12));
  EXPECT_THAT(Put(world_.anna, Name()), IsOk());
  EXPECT_THAT(Put(world_.anna, Name()), StatusIs(kFull));
}

TEST_F(PersonLimitsTest, ARestartCountsWhatIsThere) {
  Start({.versions = 2});
  ASSERT_THAT(Put(world_.anna, Name()), IsOk());
  Start({.versions = 2});
  ASSERT_THAT(Put(world_.anna, Name()), IsOk());
  Start({.versions = 2});
  EXPECT_THAT(Put(world_.anna, Name()), StatusIs(kFull));
}

TEST_F(PersonLimitsTest, WhatIsRefusedIsNotStored) {
  Start({.bytes = 1});
  EXPECT_THAT(Put(world_.anna, Name()), StatusIs(kFull));
  EXPECT_EQ(Stored(world_.anna), Usage());
  EXPECT_TRUE(vault_->List(world_.anna)->empty());
}

TEST_F(PersonLimitsTest, WhatIsForgottenIsCountedAnew) {
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  UsageBook book({.versions = 1, .bytes = 100});
  ASSERT_THAT(book.CheckRoom(*world_.store, owner, 100), IsOk());
  EXPECT_THAT(book.CheckRoom(*world_.store, owner, 101), StatusIs(kFull));
  // A transaction that failed after this: nothing is in the store.
  book.Stored(owner, 100);
  EXPECT_THAT(book.CheckRoom(*world_.store, owner, 0), StatusIs(kFull));
  book.Forget(owner);
  EXPECT_THAT(book.CheckRoom(*world_.store, owner, 100), IsOk());
}

}  // namespace
}  // namespace limpid::vault
