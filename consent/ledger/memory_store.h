// The ledger's stores in memory, for tests: the same contracts as the SQL ones,
// proven by the same conformance suites. Commits can be made to fail.

#ifndef LIMPID_CONSENT_LEDGER_MEMORY_STORE_H_
#define LIMPID_CONSENT_LEDGER_MEMORY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

class MemoryLedgerStore final : public LedgerStore {
 public:
  MemoryLedgerStore() = default;

  // The next commits answer this, storing nothing, until it is OK again.
  void FailCommits(absl::Status status);
  // The next commits store everything and still answer this: a lost answer.
  void LoseAnswers(absl::Status status);
  // As FailCommits, once `count` more commits have been stored.
  void FailCommitsAfter(std::size_t count, absl::Status status);

  // Holds what `copy` holds from now on: an older copy that is put back.
  void PutBack(const MemoryLedgerStore& copy);

  absl::StatusOr<LedgerHead> TakeEpoch() override;
  absl::StatusOr<LedgerHead> Head() const override;
  absl::Status Commit(const LedgerCommit& commit) override;
  absl::Status PutPlan(std::uint64_t epoch, const PlanRow& plan) override;
  absl::StatusOr<std::optional<PersonalRow>> Get(
      const RowKey& key) const override;
  absl::StatusOr<std::optional<PersonalRow>> Find(
      RowKind kind, const RowId& lookup) const override;
  absl::StatusOr<std::vector<PersonalRow>> ListDown(
      const RowKey& below, std::size_t limit) const override;
  absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person, RowKind kind) const override;
  absl::StatusOr<std::vector<RowKey>> ListPerson(
      const RowKey& after, std::size_t limit) const override;
  absl::StatusOr<std::vector<RowKey>> Due(std::int64_t now_ms,
                                          std::size_t limit) const override;
  absl::StatusOr<std::vector<RowKey>> InState(RowKind kind, std::uint8_t state,
                                              const RowKey& after,
                                              std::size_t limit) const override;
  absl::StatusOr<std::optional<PublicRow>> GetPublic(
      PublicKind kind, base::ByteView id) const override;
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind) const override;
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind, base::ByteView after, std::size_t limit) const override;
  absl::StatusOr<std::vector<EventRow>> Events(
      const RowId& service, std::uint64_t after,
      std::size_t limit) const override;
  absl::StatusOr<std::vector<EventRow>> EventsAbout(
      const PersonId& person, std::uint64_t below,
      std::size_t limit) const override;
  absl::StatusOr<std::vector<StopEntry>> Stops(
      std::uint64_t after) const override;
  absl::StatusOr<std::vector<LeafRow>> Leaves(std::uint64_t first,
                                              std::size_t limit) const override;
  absl::StatusOr<std::optional<PlanRow>> LastPlan() const override;
  absl::StatusOr<std::optional<PlanRow>> PlanFor(
      std::uint64_t position) const override;

 private:
  struct Contents {
    LedgerHead head;
    std::map<RowKey, PersonalRow> rows;
    std::map<std::pair<RowKind, RowId>, RowKey> lookups;
    std::map<std::pair<PublicKind, base::Bytes>, PublicRow> public_rows;
    std::map<std::pair<RowId, std::uint64_t>, EventRow> events;
    std::map<std::uint64_t, StopEntry> stops;
    std::map<std::uint64_t, LeafRow> leaves;
    std::map<std::uint64_t, PlanRow> plans;
  };

  static void DeleteRow(Contents& contents, const RowKey& key);
  static absl::Status PutRow(Contents& contents, const PersonalRow& row,
                             bool replace);
  static absl::Status Apply(Contents& contents, const LedgerCommit& commit);

  mutable base::Mutex mutex_;
  Contents contents_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  absl::Status lost_answer_ ABSL_GUARDED_BY(mutex_);
  // Commits before failure_ is answered.
  std::size_t until_failure_ ABSL_GUARDED_BY(mutex_) = 0;
};

class MemoryPersonKeyStore final : public PersonKeyStore {
 public:
  MemoryPersonKeyStore() = default;
  absl::Status Insert(const PersonId& person, const Wrapped& key) override;
  absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const override;
  absl::Status PutLogKey(const PersonId& person, const Wrapped& key) override;
  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const override;
  absl::Status Erase(const PersonId& person) override;

  // Holds what `copy` holds from now on: an older copy that is put back.
  void PutBack(const MemoryPersonKeyStore& copy);
  // The next changes of log keys, and erasures, answer this until it is OK
  // again.
  void FailLogKeys(absl::Status status);

 private:
  mutable base::Mutex mutex_;
  std::map<PersonId, Wrapped> keys_ ABSL_GUARDED_BY(mutex_);
  std::map<PersonId, Wrapped> log_keys_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_MEMORY_STORE_H_
