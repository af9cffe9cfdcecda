// The inside of the tailed store, for its own .cc files: tailed_store.cc takes
// commits and moves them into the tables, tailed_reads.cc reads both.

#ifndef LIMPID_CONSENT_LEDGER_TAILED_IMPL_H_
#define LIMPID_CONSENT_LEDGER_TAILED_IMPL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "consent/ledger/pending_rows.h"
#include "consent/ledger/redo_tail.h"
#include "consent/ledger/tailed_store.h"

namespace limpid::consent::internal {

// Thread-safe, one commit at a time.
class Tailed final : public TailedStore {
 public:
  Tailed(LedgerStore& tables, std::unique_ptr<RedoTail> tail,
         const LedgerHead& head)
      : tables_(tables),
        tail_(std::move(tail)),
        older_(tail_->stale()),
        epoch_(head.epoch),
        applied_(head.tail),
        appended_(head.tail) {}
  ~Tailed() override;
  Tailed(const Tailed&) = delete;
  Tailed& operator=(const Tailed&) = delete;

  // Applies what the tail held, then starts the thread.
  absl::Status Start(LedgerHead head);

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
  absl::StatusOr<std::optional<PlanRow>> LastPlan() const override {
    return tables_.LastPlan();
  }
  absl::StatusOr<std::optional<PlanRow>> PlanFor(
      std::uint64_t position) const override {
    return tables_.PlanFor(position);
  }

  [[nodiscard]] std::uint64_t applied() const override {
    const base::MutexLock lock(mutex_);
    return applied_;
  }
  [[nodiscard]] std::uint64_t appended() const override {
    const base::MutexLock lock(mutex_);
    return appended_;
  }
  absl::Status WaitApplied() const override;
  [[nodiscard]] bool tables_are_older() const override { return older_; }
  absl::Status SettleOlder() override { return tail_->Settle(); }

 private:
  absl::Status Replay(LedgerHead& head);
  absl::Status CheckCommit(const LedgerCommit& commit) const;
  absl::Status CheckTaken(const LedgerCommit& commit) const;
  absl::Status CommitPast(const LedgerCommit& commit);
  absl::Status MakeRoom(std::size_t bytes);
  void Run();
  void TakeOver();
  [[nodiscard]] PendingRows::Changes PendingRange(const RowKey& first,
                                                  const RowKey& end) const;
  // Events that are on their way out.
  [[nodiscard]] std::set<EventKey> GoneEvents() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool IsPending(const RowKey& key) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return fresh_.Get(key) != nullptr || moving_.Get(key) != nullptr;
  }

  LedgerStore& tables_;
  // Only the committing caller uses it.
  const std::unique_ptr<RedoTail> tail_;
  const bool older_;

  // One commit at a time.
  base::Mutex commit_mutex_;

  mutable base::Mutex mutex_;
  mutable base::ConditionVariable changed_;
  std::uint64_t epoch_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t applied_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t appended_ ABSL_GUARDED_BY(mutex_);
  // Newer than what the thread is taking over.
  PendingRows fresh_ ABSL_GUARDED_BY(mutex_);
  // What the thread is taking over; it alone replaces it, under the lock.
  PendingRows moving_ ABSL_GUARDED_BY(mutex_);
  // Somebody waits for the tables.
  mutable bool hurry_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Why the tables took nothing over the last time; OK when they did.
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace limpid::consent::internal

#endif  // LIMPID_CONSENT_LEDGER_TAILED_IMPL_H_
