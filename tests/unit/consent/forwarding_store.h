// A ledger store that hands every call on: for tests that change one of them.

#ifndef LIMPID_TESTS_UNIT_CONSENT_FORWARDING_STORE_H_
#define LIMPID_TESTS_UNIT_CONSENT_FORWARDING_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/ledger/store.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent::testing {

class ForwardingStore : public LedgerStore {
 public:
  // Must outlive it.
  explicit ForwardingStore(LedgerStore& store) : store_(store) {}

  absl::StatusOr<LedgerHead> TakeEpoch() override { return store_.TakeEpoch(); }
  absl::StatusOr<LedgerHead> Head() const override { return store_.Head(); }
  absl::Status Commit(const LedgerCommit& commit) override {
    return store_.Commit(commit);
  }
  absl::Status PutPlan(std::uint64_t epoch, const PlanRow& plan) override {
    return store_.PutPlan(epoch, plan);
  }
  absl::StatusOr<std::optional<PersonalRow>> Get(
      const RowKey& key) const override {
    return store_.Get(key);
  }
  absl::StatusOr<std::optional<PersonalRow>> Find(
      RowKind kind, const RowId& lookup) const override {
    return store_.Find(kind, lookup);
  }
  absl::StatusOr<std::vector<PersonalRow>> ListDown(
      const RowKey& below, std::size_t limit) const override {
    return store_.ListDown(below, limit);
  }
  absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person,
      RowKind kind) const override {
    return store_.ListKind(shard, person, kind);
  }
  absl::StatusOr<std::vector<RowKey>> ListPerson(
      const RowKey& after, std::size_t limit) const override {
    return store_.ListPerson(after, limit);
  }
  absl::StatusOr<std::vector<RowKey>> Due(std::int64_t now_ms,
                                          std::size_t limit) const override {
    return store_.Due(now_ms, limit);
  }
  absl::StatusOr<std::vector<RowKey>> InState(
      RowKind kind, std::uint8_t state, const RowKey& after,
      std::size_t limit) const override {
    return store_.InState(kind, state, after, limit);
  }
  absl::StatusOr<std::optional<PublicRow>> GetPublic(
      PublicKind kind, base::ByteView id) const override {
    return store_.GetPublic(kind, id);
  }
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind) const override {
    return store_.ListPublic(kind);
  }
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind, base::ByteView after, std::size_t limit) const override {
    return store_.ListPublic(kind, after, limit);
  }
  absl::StatusOr<std::vector<EventRow>> Events(
      const RowId& service, std::uint64_t after,
      std::size_t limit) const override {
    return store_.Events(service, after, limit);
  }
  absl::StatusOr<std::vector<EventRow>> EventsAbout(
      const PersonId& person, std::uint64_t below,
      std::size_t limit) const override {
    return store_.EventsAbout(person, below, limit);
  }
  absl::StatusOr<std::vector<StopEntry>> Stops(
      std::uint64_t after) const override {
    return store_.Stops(after);
  }
  absl::StatusOr<std::vector<LeafRow>> Leaves(
      std::uint64_t first, std::size_t limit) const override {
    return store_.Leaves(first, limit);
  }
  absl::StatusOr<std::optional<PlanRow>> LastPlan() const override {
    return store_.LastPlan();
  }
  absl::StatusOr<std::optional<PlanRow>> PlanFor(
      std::uint64_t position) const override {
    return store_.PlanFor(position);
  }

 protected:
  [[nodiscard]] LedgerStore& store() const { return store_; }

 private:
  LedgerStore& store_;
};

// Stores in memory behind a `Store`, which is a ForwardingStore.
template <typename Store>
class StoresBehind final : public Stores {
 public:
  LedgerStore& ledger() override { return front_; }
  PersonKeyStore& keys() override { return stores_.keys(); }
  Store& front() { return front_; }

 private:
  MemoryStores stores_;
  Store front_{stores_.ledger()};
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_FORWARDING_STORE_H_
