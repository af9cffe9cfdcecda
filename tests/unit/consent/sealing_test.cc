#include "consent/ledger/sealing.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "consent/ledger/memory_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;
using testing::SecretOf;

Blinder MakeBlinder() { return {SecretOf(7), SecretOf(1)}; }

TEST(AccessIds, WorkedExampleOfTheFormatPage) {
  base::ByteArray<16> id{};
  const auto tail = base::HexDecode("03733a15b59a").value();
  std::copy(tail.begin(), tail.end(), id.begin() + 10);
  EXPECT_EQ(MakeBlinder().SequenceOf(AccessId(id)), 1U);
}

TEST(AccessIds, HideTheSequenceAndGiveItBack) {
  const Blinder blinder = MakeBlinder();
  std::set<AccessId> seen;
  for (const std::uint64_t sequence : {1ULL, 2ULL, 1ULL, (1ULL << 48U) - 1}) {
    const AccessId id = blinder.MakeAccessId(sequence);
    EXPECT_EQ(blinder.SequenceOf(id), sequence);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Blinder, SeparatesKindsAndParts) {
  const Blinder blinder = MakeBlinder();
  const auto a = base::AsBytes("a");
  const auto ab = base::AsBytes("ab");
  const auto b = base::AsBytes("b");
  const auto nothing = base::AsBytes("");
  EXPECT_EQ(blinder.Blind(1, {a, b}), blinder.Blind(1, {a, b}));
  EXPECT_NE(blinder.Blind(1, {a, b}), blinder.Blind(2, {a, b}));
  EXPECT_NE(blinder.Blind(1, {a, b}), blinder.Blind(1, {ab, nothing}));
  EXPECT_LT(blinder.ShardOf(IdOf<PersonId>(1)), 4'096);
}

TEST(SealedRow, OpensOnlyWhereItBelongs) {
  const base::SecretBytes key = SecretOf(5);
  PersonalRow row;
  row.key = {9, IdOf<PersonId>(1), RowKind::kRecord, {4}, 2};
  row.payload = SealRow(key, row.key, base::AsBytes("text"));
  EXPECT_EQ(OpenRow(key, row).value(), base::ToBytes("text"));
  const auto damage = StatusIs(absl::StatusCode::kDataLoss);
  PersonalRow moved = row;
  moved.key.shard = 8;
  EXPECT_THAT(OpenRow(key, moved), damage);
  moved = row;
  moved.key.person = IdOf<PersonId>(2);
  EXPECT_THAT(OpenRow(key, moved), damage);
  moved = row;
  moved.key.kind = RowKind::kRevision;
  EXPECT_THAT(OpenRow(key, moved), damage);
  moved = row;
  moved.key.id = {5};
  EXPECT_THAT(OpenRow(key, moved), damage);
  moved = row;
  moved.key.sequence = 3;
  EXPECT_THAT(OpenRow(key, moved), damage);
  EXPECT_THAT(OpenRow(SecretOf(6), row), damage);
}

TEST(SealedEntryRow, OpensOnlyAtItsSequenceAndHidesSmallDifferences) {
  const base::SecretBytes key = SecretOf(5);
  SealedEntry entry;
  entry.opening.fill(1);
  entry.position = 77;
  entry.entry = base::Bytes(300, 9);
  const base::Bytes payload = SealEntry(key, IdOf<PersonId>(1), 4, entry);
  const auto opened = OpenEntry(key, IdOf<PersonId>(1), 4, payload);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->entry, entry.entry);
  EXPECT_EQ(opened->position, 77U);
  EXPECT_EQ(opened->opening, entry.opening);
  EXPECT_FALSE(OpenEntry(key, IdOf<PersonId>(1), 5, payload).ok());
  EXPECT_FALSE(OpenEntry(key, IdOf<PersonId>(2), 4, payload).ok());
  EXPECT_FALSE(OpenEntry(SecretOf(6), IdOf<PersonId>(1), 4, payload).ok());
  entry.entry.resize(310);
  EXPECT_EQ(SealEntry(key, IdOf<PersonId>(1), 4, entry).size(), payload.size());
}

TEST(PersonKeys, AreWrappedForOnePersonOnly) {
  MemoryPersonKeyStore store;
  const testing::OneKek keks;
  PersonKeys keys(store, keks);
  const auto ann = IdOf<PersonId>(1);
  const auto bob = IdOf<PersonId>(2);
  const auto made = keys.Create(ann);
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(keys.Create(ann), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(keys.Get(bob), StatusIs(absl::StatusCode::kNotFound));
  // Without the cache.
  PersonKeys again(store, keks);
  const auto opened = again.Get(ann);
  ASSERT_THAT(opened, IsOk());
  EXPECT_TRUE(**opened == **made);
  ASSERT_THAT(store.Insert(bob, **store.Get(ann)), IsOk());
  EXPECT_THAT(again.Get(bob), StatusIs(absl::StatusCode::kDataLoss));
}

// Gives out a key that is erased before the answer is looked at.
class ErasedMeanwhile final : public PersonKeyStore {
 public:
  absl::Status Insert(const PersonId& person, const Wrapped& key) override {
    return store_.Insert(person, key);
  }
  absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const override {
    auto out = store_.Get(person);
    if (meanwhile) meanwhile();
    return out;
  }
  absl::Status PutLogKey(const PersonId& person, const Wrapped& key) override {
    return store_.PutLogKey(person, key);
  }
  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const override {
    return store_.GetLogKey(person);
  }
  absl::Status Erase(const PersonId& person) override {
    return store_.Erase(person);
  }

  std::function<void()> meanwhile;

 private:
  MemoryPersonKeyStore store_;
};

TEST(PersonKeys, AnErasedKeyIsNotRemembered) {
  ErasedMeanwhile store;
  const testing::OneKek keks;
  PersonKeys keys(store, keks);
  const auto ann = IdOf<PersonId>(1);
  const auto bob = IdOf<PersonId>(2);
  for (const PersonId& person : {ann, bob}) {
    ASSERT_THAT(keys.Create(person), IsOk());
    ASSERT_THAT(keys.MakeLogKey(person), IsOk());
  }
  ASSERT_THAT(keys.Erase(ann), IsOk());
  EXPECT_THAT(keys.Get(ann), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(keys.LogKeyOf(ann), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(keys.Get(bob), IsOk());
  EXPECT_THAT(keys.LogKeyOf(bob), IsOk());
  EXPECT_THAT(keys.Erase(ann), IsOk());
  // Read before, remembered after: not for the next one.
  PersonKeys others(store, keks);
  bool erased = false;
  store.meanwhile = [&] {
    if (std::exchange(erased, true)) return;
    ASSERT_THAT(others.Erase(bob), IsOk());
  };
  EXPECT_THAT(others.Get(bob), IsOk());
  EXPECT_THAT(others.Get(bob), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace limpid::consent
