// What a page of an erasure costs: what it does, however much there is of the
// person, and whatever there is of others.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/memory_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"
#include "tests/unit/consent/forwarding_store.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::IdOf;
using testing::SecretOf;

// Counts the rows that it hands out.
class Counting final : public testing::ForwardingStore {
 public:
  explicit Counting(LedgerStore& store) : ForwardingStore(store) {}

  // Since the last call.
  std::size_t TakeCount() { return std::exchange(count_, 0); }

  absl::StatusOr<std::optional<PersonalRow>> Get(
      const RowKey& key) const override {
    ++count_;
    return store().Get(key);
  }
  absl::StatusOr<std::optional<PersonalRow>> Find(
      RowKind kind, const RowId& lookup) const override {
    ++count_;
    return store().Find(kind, lookup);
  }
  absl::StatusOr<std::vector<PersonalRow>> ListDown(
      const RowKey& below, std::size_t limit) const override {
    return Counted(store().ListDown(below, limit));
  }
  absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person,
      RowKind kind) const override {
    return Counted(store().ListKind(shard, person, kind));
  }
  absl::StatusOr<std::vector<RowKey>> ListPerson(
      const RowKey& after, std::size_t limit) const override {
    return Counted(store().ListPerson(after, limit));
  }
  absl::StatusOr<std::vector<RowKey>> Due(std::int64_t now_ms,
                                          std::size_t limit) const override {
    return Counted(store().Due(now_ms, limit));
  }
  absl::StatusOr<std::vector<RowKey>> InState(
      RowKind kind, std::uint8_t state, const RowKey& after,
      std::size_t limit) const override {
    return Counted(store().InState(kind, state, after, limit));
  }
  absl::StatusOr<std::optional<PublicRow>> GetPublic(
      PublicKind kind, base::ByteView id) const override {
    ++count_;
    return store().GetPublic(kind, id);
  }
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind) const override {
    return Counted(store().ListPublic(kind));
  }
  absl::StatusOr<std::vector<EventRow>> Events(
      const RowId& service, std::uint64_t after,
      std::size_t limit) const override {
    return Counted(store().Events(service, after, limit));
  }
  absl::StatusOr<std::vector<EventRow>> EventsAbout(
      const PersonId& person, std::uint64_t below,
      std::size_t limit) const override {
    return Counted(store().EventsAbout(person, below, limit));
  }
  absl::StatusOr<std::vector<StopEntry>> Stops(
      std::uint64_t after) const override {
    return Counted(store().Stops(after));
  }
  absl::StatusOr<std::vector<LeafRow>> Leaves(
      std::uint64_t first, std::size_t limit) const override {
    return Counted(store().Leaves(first, limit));
  }

 private:
  template <typename T>
  absl::StatusOr<std::vector<T>> Counted(
      absl::StatusOr<std::vector<T>> rows) const {
    if (rows.ok()) count_ += rows->size();
    return rows;
  }

  mutable std::size_t count_ = 0;
};

class ErasurePages : public ::testing::Test {
 protected:
  // `count` rows of each of some kinds, numbers that nobody knows among them,
  // and as many events in an index.
  void Add(const PersonId& person, std::uint64_t count) {
    LedgerCommit commit;
    commit.head = head_;
    for (const unsigned kind : {3U, 4U, 5U, 9U, 14U, 15U, 200U}) {
      for (std::uint64_t i = 1; i <= count; ++i) {
        PersonalRow row;
        row.key = {blinder_.ShardOf(person),
                   person,
                   static_cast<RowKind>(kind),
                   {},
                   i};
        row.payload = {1};
        commit.inserts.push_back(row);
      }
    }
    RowId index{};
    index.fill(9);
    for (std::uint64_t i = 0; i < count; ++i) {
      EventRow event;
      event.service = index;
      event.position = ++commit.head.event;
      event.person = person;
      commit.events.push_back(event);
    }
    ASSERT_THAT(memory_.Commit(commit), IsOk());
    head_ = commit.head;
  }
  // One commit of the erasing, as the sequencer makes it.
  template <typename Step>
  void Run(Step step) {
    Batch batch(head_, {absl::FromUnixSeconds(1'000), /*jumped=*/false},
                blinder_);
    ASSERT_THAT(step(batch).status(), IsOk());
    ASSERT_THAT(memory_.Commit(batch.commit()), IsOk());
    head_ = batch.commit().head;
  }

  MemoryLedgerStore memory_;
  Counting store_{memory_};
  MemoryPersonKeyStore key_store_;
  testing::OneKek keks_;
  PersonKeys keys_{key_store_, keks_};
  Blinder blinder_{SecretOf(1), SecretOf(2)};
  const base::SecretBytes row_key_ = SecretOf(3);
  Catalogue catalogue_;
  LedgerHead head_ = *memory_.TakeEpoch();
  const ErasingParts parts_{store_, keys_, blinder_, row_key_, catalogue_};
};

TEST_F(ErasurePages, ReadWhatAPageHoldsAndNoMore) {
  const auto ann = IdOf<PersonId>(1);
  const auto bob = IdOf<PersonId>(2);
  constexpr std::uint64_t kMany = 1'500;
  Add(ann, kMany);
  Add(bob, kMany);
  ASSERT_THAT(keys_.Create(ann), IsOk());
  Run([&](Batch& batch) { return BeginErasing(parts_, ann, batch); });
  std::size_t pages = 0;
  std::size_t most = 0;
  for (bool last = false; !last; ++pages) {
    ASSERT_LT(pages, 100U);
    (void)store_.TakeCount();
    Run([&](Batch& batch) {
      const auto page = EraseNextPage(parts_, ann, batch);
      last = !page.ok() || page->last;
      return page;
    });
    most = std::max(most, store_.TakeCount());
  }
  // A page of what goes, and at most one of each kind that stays and is passed
  // over; the marker.
  EXPECT_LE(most, 3 * kErasedRows + 8);
  // Two kinds of stubs, the index, and the rest.
  EXPECT_GT(pages, 8 * kMany / kErasedRows);
  const RowKey first{
      blinder_.ShardOf(ann), ann, static_cast<RowKind>(0), {}, 0};
  const auto left = memory_.ListPerson(first, SIZE_MAX);
  ASSERT_THAT(left, IsOk());
  EXPECT_EQ(left->size(), 2 * kMany);
  for (const RowKey& key : *left) {
    EXPECT_TRUE(key.kind == RowKind::kEntry || key.kind == RowKind::kEmbargoed);
  }
  EXPECT_TRUE(memory_.EventsAbout(ann, INT64_MAX, 10)->empty());
  // Nobody else's.
  const RowKey his{blinder_.ShardOf(bob), bob, static_cast<RowKind>(0), {}, 0};
  EXPECT_EQ(memory_.ListPerson(his, SIZE_MAX)->size(), 7 * kMany);
  EXPECT_EQ(memory_.EventsAbout(bob, INT64_MAX, SIZE_MAX)->size(), kMany);
}

}  // namespace
}  // namespace limpid::consent
