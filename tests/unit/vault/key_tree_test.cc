#include "vault/keys/key_tree.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/forwarding_key_store.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

// Passes on to another store, except that a test may change what is found.
class TamperingStore final : public ForwardingKeyStore {
 public:
  TamperingStore() : TamperingStore(NewMemoryKeyStore()) {}

  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    ++finds;
    auto row = ForwardingKeyStore::FindServerSlot(
        instead_of ? *instead_of : owner, generation);
    if (row.ok() && row->has_value() && tamper) tamper(**row);
    return row;
  }

  std::function<void(SlotRow&)> tamper;
  std::optional<Owner> instead_of;
  mutable std::atomic<int> finds = 0;

 private:
  explicit TamperingStore(std::unique_ptr<KeyStore> inner)
      : ForwardingKeyStore(*inner), inner_(std::move(inner)) {}

  std::unique_ptr<KeyStore> inner_;
};

class KeyTreeTest : public ::testing::TestWithParam<crypto::Suite> {
 protected:
  KeyTree Tree(std::size_t cache_size = 0) {
    return KeyTree({ExampleIdentity(), GetParam(), cache_size}, keks_, store_);
  }

  FakeKeks keks_;
  TamperingStore store_;
  const absl::Time now_ = absl::FromUnixSeconds(1);
  const Owner anna_{7, HolderId(Counting<16>(1))};
  const Owner bela_{7, HolderId(Counting<16>(2))};
};

TEST_P(KeyTreeTest, MakesAKeyOnceAndFindsItAgain) {
  KeyTree tree = Tree();
  EXPECT_THAT(tree.Find(anna_, 0), StatusIs(absl::StatusCode::kNotFound));
  const auto made = tree.FindOrCreate(anna_, now_);
  ASSERT_THAT(made, IsOk());
  const auto again = tree.FindOrCreate(anna_, now_);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE((*made)->key == (*again)->key);
  EXPECT_EQ((*made)->id, (*again)->id);
  const auto other = tree.FindOrCreate(bela_, now_);
  ASSERT_THAT(other, IsOk());
  EXPECT_FALSE((*made)->key == (*other)->key);
}

TEST_P(KeyTreeTest, EveryFieldOfASlotIsBound) {
  KeyTree tree = Tree();
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  const std::vector<std::function<void(SlotRow&)>> changes = {
      [&](SlotRow& row) { row.owner = bela_; },
      [](SlotRow& row) { row.custody = Custody::kSealed; },
      [](SlotRow& row) { ++row.generation; },
      [](SlotRow& row) { row.slot_kind = SlotKind::kDevice; },
      [](SlotRow& row) { row.key_id.front() ^= 1; },
      [](SlotRow& row) { ++row.epoch; },
      [](SlotRow& row) { row.outer.clear(); },
      [](SlotRow& row) { row.outer.front() = 9; },
  };
  for (const auto& change : changes) {
    store_.tamper = change;
    EXPECT_THAT(tree.Find(anna_, 0), StatusIs(absl::StatusCode::kDataLoss));
  }
  store_.tamper = nullptr;
  EXPECT_THAT(tree.Find(anna_, 0), IsOk());
}

TEST_P(KeyTreeTest, EveryBitOfTheWrapIsBound) {
  KeyTree tree = Tree();
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  const std::size_t bits =
      (GetParam() == crypto::Suite::kAes256Gcm ? 93 : 105) * 8;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    store_.tamper = [bit](SlotRow& row) {
      row.outer[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    };
    EXPECT_THAT(tree.Find(anna_, 0), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_P(KeyTreeTest, SlotsOfTwoPersonsCannotBeExchanged) {
  KeyTree tree = Tree();
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  ASSERT_THAT(tree.FindOrCreate(bela_, now_), IsOk());
  store_.instead_of = bela_;
  store_.tamper = [&](SlotRow& row) { row.owner = anna_; };
  EXPECT_THAT(tree.Find(anna_, 0), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(KeyTreeTest, ADestroyedEpochKillsItsSlots) {
  {
    KeyTree tree = Tree();
    ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
    keks_.epoch = 6;
    ASSERT_THAT(tree.FindOrCreate(bela_, now_), IsOk());
  }
  keks_.destroyed = 5;
  KeyTree tree = Tree();
  EXPECT_FALSE(tree.Find(anna_, 0).ok());
  EXPECT_THAT(tree.Find(bela_, 0), IsOk());
}

// Gives a key, and lets something happen before it is taken.
class SlowKeks final : public KekSource {
 public:
  explicit SlowKeks(FakeKeks& inner) : inner_(inner) {}
  [[nodiscard]] std::uint32_t current_epoch() const override {
    return inner_.current_epoch();
  }
  absl::StatusOr<base::SecretBytes> Kek(std::uint32_t epoch) const override {
    auto key = inner_.Kek(epoch);
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    return key;
  }
  [[nodiscard]] std::vector<std::uint32_t> epochs() const override {
    return inner_.epochs();
  }
  absl::StatusOr<std::uint32_t> AddEpoch() override {
    return inner_.AddEpoch();
  }
  absl::Status DestroyKek(std::uint32_t epoch) override {
    return inner_.DestroyKek(epoch);
  }
  absl::StatusOr<base::SecretBytes> Named(std::string_view name) override {
    return inner_.Named(name);
  }

  mutable std::function<void()> meanwhile;

 private:
  FakeKeks& inner_;
};

TEST_P(KeyTreeTest, AKeyThatWasReadBeforeItsEndComesIntoNoCache) {
  ASSERT_THAT(Tree().FindOrCreate(anna_, now_), IsOk());
  keks_.epoch = 6;
  SlowKeks slow(keks_);
  KeyTree tree({ExampleIdentity(), GetParam(), 0}, slow, store_);
  slow.meanwhile = [&] { ASSERT_THAT(tree.DestroyEpoch(5), IsOk()); };
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(tree.Find(anna_, 0), StatusIs(absl::StatusCode::kDataLoss));
  }
}

// An older key store, from before its epoch's end.
TEST_P(KeyTreeTest, NothingIsMadeInPlaceOfAKeyThatIsDead) {
  ASSERT_THAT(Tree().FindOrCreate(anna_, now_), IsOk());
  keks_.epoch = 6;
  keks_.gone.insert(5);
  KeyTree tree = Tree();
  EXPECT_THAT(tree.FindOrCreate(anna_, now_),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(store_.List(anna_, Custody::kAssisted)->size(), 1);
  // The outer key of copies is nothing that cannot be made anew.
  const RecordKey record{1};
  keks_.gone.clear();
  keks_.epoch = 5;
  ASSERT_THAT(tree.FindOrCreateCopyKey(bela_, record, "rec_x", now_), IsOk());
  keks_.epoch = 6;
  keks_.gone.insert(5);
  KeyTree later = Tree();
  EXPECT_THAT(later.FindCopyKey(bela_, record, "rec_x"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(later.FindOrCreateCopyKey(bela_, record, "rec_x", now_), IsOk());
}

TEST_P(KeyTreeTest, RepeatedRandomnessDoesNotRepeatPersonKeys) {
  RepeatingRandom random;
  KeyTree tree({ExampleIdentity(), GetParam(), 0}, keks_, store_, random);
  const auto anna = tree.FindOrCreate(anna_, now_);
  const auto bela = tree.FindOrCreate(bela_, now_);
  ASSERT_THAT(anna, IsOk());
  ASSERT_THAT(bela, IsOk());
  EXPECT_FALSE((*anna)->key == (*bela)->key);
}

// A slot of a device of hers, with `body`.
SlotRow OwnSlot(const Owner& owner, std::uint8_t id) {
  SlotRow row;
  row.owner = owner;
  row.custody = Custody::kSealed;
  row.slot_kind = SlotKind::kRecovery;
  row.generation = 1;
  row.slot_id.fill(id);
  row.key_id = Counting<16>(9);
  return row;
}

// Whoever has the key of the key store's file can write what he likes there:
// not bring the body of one slot back under the name of another, as to be rid
// of what bars it.
TEST_P(KeyTreeTest, ASlotIsBoundToItsId) {
  KeyTree tree = Tree();
  SlotRow one = OwnSlot(anna_, 1);
  SlotRow other = OwnSlot(anna_, 2);
  const base::Bytes first = {1, 1};
  const base::Bytes second = {2, 2};
  ASSERT_THAT(tree.AddSlot(one, first, 16), IsOk());
  ASSERT_THAT(tree.AddSlot(other, second, 16), IsOk());
  EXPECT_EQ(*tree.UnwrapBody(one), first);
  EXPECT_EQ(*tree.UnwrapBody(other), second);
  SlotRow renamed = one;
  renamed.slot_id.fill(3);
  EXPECT_THAT(tree.UnwrapBody(renamed), StatusIs(absl::StatusCode::kDataLoss));
  SlotRow swapped = one;
  swapped.outer = other.outer;
  EXPECT_THAT(tree.UnwrapBody(swapped), StatusIs(absl::StatusCode::kDataLoss));
}

// One from before opens, and is bound to its id when it is wrapped anew.
TEST_P(KeyTreeTest, ASlotFromBeforeIsBoundAtTheNextEpoch) {
  KeyTree tree = Tree();
  SlotRow row = OwnSlot(anna_, 1);
  row.epoch = 5;
  Aad aad;
  aad.kind = AadKind::kSlot;
  aad.suite = static_cast<std::uint8_t>(GetParam());
  aad.operator_name = ExampleIdentity().operator_name;
  aad.holder = anna_.id;
  aad.key_id = row.key_id;
  aad.generation = row.generation;
  aad.epoch = row.epoch;
  aad.custody = row.custody;
  aad.slot_kind = static_cast<std::uint8_t>(row.slot_kind);
  base::ByteWriter name("limpid/vault/kek-id/1");
  const base::Digest32 digest = crypto::Sha256(
      name.Lp(ExampleIdentity().operator_name).U32(row.epoch).bytes());
  crypto::KeyId kek{};
  std::copy_n(digest.begin(), kek.size(), kek.begin());
  const base::Bytes body = {1, 2, 3};
  row.outer = crypto::Seal(GetParam(), *keks_.Kek(row.epoch), kek, aad.Encode(),
                           body, crypto::SystemRandom());
  EXPECT_EQ(*tree.UnwrapBody(row), body);
  keks_.epoch = 6;
  const auto anew = tree.Rewrap(row);
  ASSERT_THAT(anew, IsOk());
  EXPECT_EQ(*tree.UnwrapBody(*anew), body);
  SlotRow renamed = *anew;
  renamed.slot_id.fill(2);
  EXPECT_THAT(tree.UnwrapBody(renamed), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(KeyTreeTest, CacheIsBoundedAndForgets) {
  KeyTree tree = Tree(/*cache_size=*/1);
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  int before = store_.finds.load();
  ASSERT_THAT(tree.Find(anna_, 0), IsOk());
  EXPECT_EQ(store_.finds.load(), before);
  ASSERT_THAT(tree.FindOrCreate(bela_, now_), IsOk());
  before = store_.finds.load();
  ASSERT_THAT(tree.Find(anna_, 0), IsOk());
  EXPECT_EQ(store_.finds.load(), before + 1);
  tree.Forget(anna_.id);
  ASSERT_THAT(tree.Find(anna_, 0), IsOk());
  EXPECT_EQ(store_.finds.load(), before + 2);
}

TEST_P(KeyTreeTest, ANewGenerationIsTheNewestAndTheOldStaysUntilDestroyed) {
  KeyTree tree = Tree(/*cache_size=*/4);
  EXPECT_THAT(tree.AddGeneration(anna_, now_),
              StatusIs(absl::StatusCode::kNotFound));
  const auto first = tree.FindOrCreate(anna_, now_);
  ASSERT_THAT(first, IsOk());
  const auto second = tree.AddGeneration(anna_, now_);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ((*second)->generation, 2);
  EXPECT_FALSE((*second)->key == (*first)->key);
  EXPECT_EQ((*tree.Find(anna_, 0))->id, (*second)->id);
  EXPECT_EQ((*tree.FindOrCreate(anna_, now_))->id, (*second)->id);
  EXPECT_EQ((*tree.Find(anna_, 1))->id, (*first)->id);
  ASSERT_THAT(tree.DestroyBelow(anna_, 2), IsOk());
  EXPECT_THAT(tree.Find(anna_, 1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ((*tree.Find(anna_, 0))->id, (*second)->id);
}

// An erasure asks for it before and after the older one goes.
TEST_P(KeyTreeTest, ANewGenerationIsAtHandAfterItWasReadOnce) {
  KeyTree tree = Tree(/*cache_size=*/4);
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  const int before = store_.finds.load();
  const auto second = tree.AddGeneration(anna_, now_);
  ASSERT_THAT(second, IsOk());
  // For the number of the one before, and what was stored.
  EXPECT_EQ(store_.finds.load(), before + 2);
  EXPECT_EQ(*tree.Find(anna_, 2), *second);
  ASSERT_THAT(tree.DestroyBelow(anna_, 2), IsOk());
  EXPECT_EQ(*tree.Find(anna_, 2), *second);
  EXPECT_EQ(store_.finds.load(), before + 2);
  // The newest is looked up again: it may have been the older one.
  ASSERT_THAT(tree.Find(anna_, 0), IsOk());
  EXPECT_EQ(store_.finds.load(), before + 3);
  tree.Forget(anna_.id);
  ASSERT_THAT(tree.Find(anna_, 2), IsOk());
  EXPECT_EQ(store_.finds.load(), before + 4);
}

TEST_P(KeyTreeTest, AGenerationThatTheStoreSpoiltIsNotUsed) {
  KeyTree tree = Tree();
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  store_.tamper = [](SlotRow& row) {
    if (row.generation == 2) row.outer.back() ^= 1;
  };
  EXPECT_THAT(tree.AddGeneration(anna_, now_),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(KeyTreeTest, AReadThatMeetsADestructionKeepsNothing) {
  KeyTree tree = Tree(/*cache_size=*/4);
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  tree.Forget(anna_.id);
  bool destroyed = false;
  store_.tamper = [&](SlotRow&) {
    if (destroyed) return;
    destroyed = true;
    ASSERT_THAT(tree.DestroyBelow(anna_, 2), IsOk());
  };
  // It had its row before the destruction, and may answer.
  EXPECT_THAT(tree.Find(anna_, 1), IsOk());
  EXPECT_THAT(tree.Find(anna_, 1), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(KeyTreeTest, AnErasedPersonGetsNoKeyAgain) {
  KeyTree tree = Tree();
  ASSERT_THAT(tree.FindOrCreate(anna_, now_), IsOk());
  Tombstone person;
  person.kind = TombstoneKind::kPerson;
  person.owner = anna_;
  ASSERT_THAT(store_.Bury({&person, 1}), IsOk());
  EXPECT_THAT(tree.FindOrCreate(anna_, now_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(tree.FindOrCreate(bela_, now_), IsOk());
}

TEST_P(KeyTreeTest, CallersAtOnceGetOneKey) {
  KeyTree tree = Tree(/*cache_size=*/4);
  std::vector<absl::StatusOr<std::shared_ptr<const PersonKey>>> keys(
      8, absl::UnknownError(""));
  std::vector<std::thread> threads;
  for (auto& slot : keys) {
    threads.emplace_back([&] { slot = tree.FindOrCreate(anna_, now_); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& key : keys) {
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ((*key)->id, (*keys.front())->id);
  }
}

TEST_P(KeyTreeTest, BodiesAreBoundToTheirPlaceAndDieWithTheirEpoch) {
  KeyTree tree = Tree();
  SlotRow row;
  row.owner = anna_;
  row.custody = Custody::kSealed;
  row.generation = 1;
  row.slot_kind = SlotKind::kDevice;
  row.key_id = Counting<16>(9);
  const base::Bytes body = {1, 2, 3};
  ASSERT_THAT(tree.AddSlot(row, body, 16), IsOk());
  EXPECT_EQ(row.epoch, 5);
  EXPECT_EQ(*tree.UnwrapBody(row), body);
  const std::vector<std::function<void(SlotRow&)>> changes = {
      [&](SlotRow& one) { one.owner = bela_; },
      [](SlotRow& one) { one.custody = Custody::kAssisted; },
      [](SlotRow& one) { ++one.generation; },
      [](SlotRow& one) { one.slot_kind = SlotKind::kRecovery; },
      [](SlotRow& one) { one.slot_kind = SlotKind::kServer; },
      [](SlotRow& one) { one.key_id.front() ^= 1; },
      [](SlotRow& one) { ++one.epoch; },
      [](SlotRow& one) { one.outer.back() ^= 1; },
      [](SlotRow& one) { one.outer.clear(); },
  };
  for (const auto& change : changes) {
    SlotRow changed = row;
    change(changed);
    EXPECT_THAT(tree.UnwrapBody(changed),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  keks_.destroyed = 5;
  KeyTree later = Tree();
  EXPECT_THAT(later.UnwrapBody(row), StatusIs(absl::StatusCode::kNotFound));
  row.slot_kind = SlotKind::kServer;
  EXPECT_FALSE(tree.AddSlot(row, body, 16).ok());
}

INSTANTIATE_TEST_SUITE_P(Suites, KeyTreeTest,
                         ::testing::Values(crypto::Suite::kXChaCha20Poly1305,
                                           crypto::Suite::kAes256Gcm));

}  // namespace
}  // namespace limpid::vault
