#include "consent/ledger/tailed_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/detached.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "consent/ledger/commit_codec.h"
#include "consent/ledger/pending_rows.h"
#include "consent/ledger/redo_tail.h"

namespace limpid::consent {
namespace {

// How far the tables may be behind: long enough that many commits share their
// pages, and that readers, whose page caches each take-over empties, read some
// pages twice; short enough that a start has little to do and the two segments
// never fill.
constexpr absl::Duration kTakeOverInterval = absl::Milliseconds(500);
// After a full disk.
constexpr absl::Duration kRetryInterval = absl::Milliseconds(500);

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
  absl::StatusOr<std::vector<RowKey>> Due(std::int64_t now_ms,
                                          std::size_t limit) const override;
  absl::StatusOr<std::vector<RowKey>> InState(RowKind kind, std::uint8_t state,
                                              const RowKey& after,
                                              std::size_t limit) const override;
  absl::StatusOr<std::optional<PublicRow>> GetPublic(
      PublicKind kind, base::ByteView id) const override;
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind) const override;
  absl::StatusOr<std::vector<EventRow>> Events(
      const RowId& service, std::uint64_t after,
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

Tailed::~Tailed() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Tailed::Replay(LedgerHead& head) {
  PendingRows rows;
  const std::uint64_t epoch = head.epoch;
  for (const TailRecord& record : tail_->TakeFound()) {
    LIMPID_ASSIGN_OR_RETURN(LedgerCommit commit,
                            DecodeCommit(record.plaintext));
    rows.Add(commit);
    head = commit.head;
  }
  LedgerCommit merged = rows.Merged();
  merged.head = head;
  merged.head.epoch = epoch;
  merged.head.tail = tail_->last();
  LIMPID_RETURN_IF_ERROR(tables_.Commit(merged));
  head = merged.head;
  return absl::OkStatus();
}

absl::Status Tailed::Start(LedgerHead head) {
  if (tail_->last() != head.tail) {
    LIMPID_RETURN_IF_ERROR(Replay(head));
  }
  {
    const base::MutexLock lock(mutex_);
    applied_ = head.tail;
    appended_ = head.tail;
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

absl::StatusOr<LedgerHead> Tailed::TakeEpoch() {
  const base::MutexLock one(commit_mutex_);
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  LIMPID_ASSIGN_OR_RETURN(LedgerHead head, tables_.TakeEpoch());
  const base::MutexLock lock(mutex_);
  epoch_ = head.epoch;
  head.tail = 0;
  return head;
}

absl::StatusOr<LedgerHead> Tailed::Head() const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  LIMPID_ASSIGN_OR_RETURN(LedgerHead head, tables_.Head());
  head.tail = 0;
  return head;
}

absl::Status Tailed::CheckCommit(const LedgerCommit& commit) const {
  const base::MutexLock lock(mutex_);
  if (!trouble_.ok()) return base::Detached(trouble_);
  if (commit.head.epoch != epoch_) {
    return absl::AbortedError("another process leads");
  }
  if (fresh_.Clashes(commit) || moving_.Clashes(commit)) {
    return absl::AlreadyExistsError("a row or lookup is taken");
  }
  return absl::OkStatus();
}

// Entries are left out: their numbers come from the person's own chain, and
// looking for each would cost what the tail saves.
absl::Status Tailed::CheckTaken(const LedgerCommit& commit) const {
  const auto stays = [&commit](const std::optional<PersonalRow>& row) {
    return row && std::find(commit.deletes.begin(), commit.deletes.end(),
                            row->key) == commit.deletes.end();
  };
  for (const PersonalRow& row : commit.inserts) {
    if (row.key.kind == RowKind::kEntry) continue;
    // With what is on its way: a row that the tables still have may go.
    LIMPID_ASSIGN_OR_RETURN(const auto same, Get(row.key));
    if (stays(same)) return absl::AlreadyExistsError("a row is taken");
    if (!row.lookup) continue;
    LIMPID_ASSIGN_OR_RETURN(const auto found, Find(row.key.kind, *row.lookup));
    if (stays(found)) return absl::AlreadyExistsError("a lookup is taken");
  }
  for (const PublicRow& row : commit.public_inserts) {
    LIMPID_ASSIGN_OR_RETURN(const auto same,
                            tables_.GetPublic(row.kind, row.id));
    if (same) return absl::AlreadyExistsError("a row is taken");
  }
  return absl::OkStatus();
}

// A commit too large for the tail waits for the tables.
absl::Status Tailed::CommitPast(const LedgerCommit& commit) {
  LIMPID_RETURN_IF_ERROR(tail_->Usable());
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  LedgerCommit past = commit;
  past.head.tail = tail_->last() + 1;
  LIMPID_RETURN_IF_ERROR(tail_->Skip(tables_.Commit(past)));
  const base::MutexLock lock(mutex_);
  applied_ = appended_ = past.head.tail;
  return absl::OkStatus();
}

absl::Status Tailed::MakeRoom(std::size_t bytes) {
  if (tail_->HasRoom(bytes, applied())) return absl::OkStatus();
  return WaitApplied();
}

absl::Status Tailed::Commit(const LedgerCommit& commit) {
  const base::MutexLock one(commit_mutex_);
  LIMPID_RETURN_IF_ERROR(CheckCommit(commit));
  LIMPID_RETURN_IF_ERROR(CheckTaken(commit));
  const base::Bytes encoded = EncodeCommit(commit);
  if (encoded.size() > RedoTail::kMaxPlaintextBytes) return CommitPast(commit);
  LIMPID_RETURN_IF_ERROR(MakeRoom(encoded.size()));
  LIMPID_RETURN_IF_ERROR(tail_->Append(encoded));
  const base::MutexLock lock(mutex_);
  fresh_.Add(commit);
  appended_ = tail_->last();
  if (appended_ == applied_ + 1) changed_.NotifyAll();
  return absl::OkStatus();
}

absl::Status Tailed::PutPlan(std::uint64_t epoch, const PlanRow& plan) {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.PutPlan(epoch, plan);
}

absl::Status Tailed::WaitApplied() const {
  const base::MutexLock lock(mutex_);
  const std::uint64_t wanted = appended_;
  while (applied_ < wanted && trouble_.ok() && !stopping_) {
    hurry_ = true;
    changed_.NotifyAll();
    changed_.Wait(mutex_);
  }
  return applied_ >= wanted ? absl::OkStatus() : base::Detached(trouble_);
}

void Tailed::Run() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      while (!stopping_ && applied_ == appended_) changed_.Wait(mutex_);
      if (applied_ == appended_) return;
      const absl::Duration pause =
          trouble_.ok() ? kTakeOverInterval : kRetryInterval;
      if (!stopping_ && !hurry_) (void)changed_.WaitFor(mutex_, pause);
      // Only a full disk passes by itself.
      const bool final = !trouble_.ok() && !absl::IsResourceExhausted(trouble_);
      if (final || (stopping_ && !trouble_.ok())) return;
    }
    TakeOver();
  }
}

void Tailed::TakeOver() {
  const PendingRows* moving = nullptr;
  std::uint64_t epoch = 0;
  std::uint64_t until = 0;
  {
    const base::MutexLock lock(mutex_);
    // After a failure the old ones are still here, and go first.
    if (moving_.empty()) std::swap(moving_, fresh_);
    // Others only read it, so this thread may do so without the lock.
    moving = &moving_;
    epoch = epoch_;
    until = applied_ + moving_.count();
    hurry_ = false;
  }
  LedgerCommit merged = moving->Merged();
  merged.head.epoch = epoch;
  merged.head.tail = until;
  absl::Status taken = tables_.Commit(merged);
  if (absl::IsAlreadyExists(taken)) {
    taken = absl::DataLossError("a promised row is in the tables already");
  }
  // Freed after the lock.
  PendingRows done;
  const base::MutexLock lock(mutex_);
  trouble_ = base::Detached(taken);
  if (taken.ok()) {
    applied_ = until;
    std::swap(done, moving_);
  }
  changed_.NotifyAll();
}

absl::StatusOr<std::optional<PersonalRow>> Tailed::Get(
    const RowKey& key) const {
  {
    const base::MutexLock lock(mutex_);
    const std::optional<PersonalRow>* row = fresh_.Get(key);
    if (row == nullptr) row = moving_.Get(key);
    if (row != nullptr) return *row;
  }
  return tables_.Get(key);
}

absl::StatusOr<std::optional<PersonalRow>> Tailed::Find(
    RowKind kind, const RowId& lookup) const {
  {
    const base::MutexLock lock(mutex_);
    const PersonalRow* row = fresh_.Find(kind, lookup);
    if (row == nullptr) row = moving_.Find(kind, lookup);
    if (row != nullptr) {
      // Its newest value may be in the other one, under another lookup, or it
      // goes.
      const std::optional<PersonalRow>* const newest = fresh_.Get(row->key);
      if (newest == nullptr) return std::optional<PersonalRow>(*row);
      if (*newest && (*newest)->lookup == lookup) return *newest;
      return std::optional<PersonalRow>();
    }
  }
  LIMPID_ASSIGN_OR_RETURN(std::optional<PersonalRow> found,
                          tables_.Find(kind, lookup));
  if (!found) return found;
  // A newer value may be on its way.
  LIMPID_ASSIGN_OR_RETURN(found, Get(found->key));
  if (found && found->lookup != lookup) found.reset();
  return found;
}

PendingRows::Changes Tailed::PendingRange(const RowKey& first,
                                          const RowKey& end) const {
  const base::MutexLock lock(mutex_);
  PendingRows::Changes out = fresh_.Range(first, end);
  // Where both touch a row, the newer one says what it will be.
  out.merge(moving_.Range(first, end));
  return out;
}

absl::StatusOr<std::vector<PersonalRow>> Tailed::ListDown(
    const RowKey& below, std::size_t limit) const {
  RowKey first = below;
  first.sequence = 0;
  PendingRows::Changes pending = PendingRange(first, below);
  // Each row that goes may hide one of the tables' rows.
  const std::size_t deleted = CountDeleted(pending);
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<PersonalRow> out,
      tables_.ListDown(below,
                       limit > SIZE_MAX - deleted ? limit : limit + deleted));
  if (pending.empty()) return out;
  out = Overlay(out, std::move(pending));
  std::reverse(out.begin(), out.end());
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::vector<PersonalRow>> Tailed::ListKind(
    std::uint16_t shard, const PersonId& person, RowKind kind) const {
  const RowKey first{shard, person, kind, {}, 0};
  // The last key of the kind, which no row has: the next kind's first would not
  // do for the last kind.
  RowKey end = first;
  end.id.fill(UINT8_MAX);
  end.sequence = UINT64_MAX;
  PendingRows::Changes pending = PendingRange(first, end);
  LIMPID_ASSIGN_OR_RETURN(std::vector<PersonalRow> out,
                          tables_.ListKind(shard, person, kind));
  if (pending.empty()) return out;
  return Overlay(out, std::move(pending));
}

// Does not wait for the tables: the sequencer asks this twice a second and
// would stand still meanwhile. The lock keeps what is on its way where it is
// until the tables have been read.
absl::StatusOr<std::vector<RowKey>> Tailed::Due(std::int64_t now_ms,
                                                std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<RowKey> out;
  // Rows that are on their way with another value count for nothing here.
  for (std::size_t ask = limit; limit != 0; ask *= 2) {
    LIMPID_ASSIGN_OR_RETURN(out, tables_.Due(now_ms, ask));
    const bool all = out.size() < ask;
    std::erase_if(out, [this](const RowKey& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                           mutex_) { return IsPending(key); });
    if (all || out.size() >= limit) break;
  }
  const std::vector<RowKey> pending = DueOf(fresh_, moving_, now_ms);
  out.insert(out.end(), pending.begin(), pending.end());
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::vector<RowKey>> Tailed::InState(RowKind kind,
                                                    std::uint8_t state,
                                                    const RowKey& after,
                                                    std::size_t limit) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.InState(kind, state, after, limit);
}

absl::StatusOr<std::optional<PublicRow>> Tailed::GetPublic(
    PublicKind kind, base::ByteView id) const {
  {
    const base::MutexLock lock(mutex_);
    const PublicRow* row = fresh_.GetPublic(kind, id);
    if (row == nullptr) row = moving_.GetPublic(kind, id);
    if (row != nullptr) return std::optional<PublicRow>(*row);
  }
  return tables_.GetPublic(kind, id);
}

absl::StatusOr<std::vector<PublicRow>> Tailed::ListPublic(
    PublicKind kind) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.ListPublic(kind);
}

absl::StatusOr<std::vector<EventRow>> Tailed::Events(const RowId& service,
                                                     std::uint64_t after,
                                                     std::size_t limit) const {
  std::vector<EventRow> pending;
  {
    const base::MutexLock lock(mutex_);
    pending = moving_.Events(service, after);
    const std::vector<EventRow> newer = fresh_.Events(service, after);
    pending.insert(pending.end(), newer.begin(), newer.end());
  }
  LIMPID_ASSIGN_OR_RETURN(std::vector<EventRow> out,
                          tables_.Events(service, after, limit));
  return WithPending(std::move(out), std::move(pending), limit);
}

absl::StatusOr<std::vector<StopEntry>> Tailed::Stops(
    std::uint64_t after) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.Stops(after);
}

absl::StatusOr<std::vector<LeafRow>> Tailed::Leaves(std::uint64_t first,
                                                    std::size_t limit) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.Leaves(first, limit);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TailedStore>> OpenTailedStore(
    LedgerStore& tables, const std::filesystem::path& directory,
    base::SecretBytes key) {
  LIMPID_ASSIGN_OR_RETURN(const LedgerHead head, tables.Head());
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<RedoTail> tail,
                          RedoTail::Open(directory, std::move(key), head.tail));
  auto out = std::make_unique<Tailed>(tables, std::move(tail), head);
  LIMPID_RETURN_IF_ERROR(out->Start(head));
  return out;
}

}  // namespace limpid::consent
