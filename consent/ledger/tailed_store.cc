#include "consent/ledger/tailed_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/detached.h"
#include "common/base/status_macros.h"
#include "consent/ledger/commit_codec.h"
#include "consent/ledger/tailed_impl.h"

namespace limpid::consent {
namespace internal {
namespace {

// How far the tables may be behind: long enough that many commits share their
// pages, and that readers, whose page caches each take-over empties, read some
// pages twice; short enough that a start has little to do and the two segments
// never fill.
constexpr absl::Duration kTakeOverInterval = absl::Milliseconds(500);
// After a full disk.
constexpr absl::Duration kRetryInterval = absl::Milliseconds(500);

}  // namespace

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
    LIMPID_ASSIGN_OR_RETURN(const auto same, GetPublic(row.kind, row.id));
    if (same && !Goes(commit, row))
      return absl::AlreadyExistsError("a row is taken");
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

}  // namespace internal

absl::StatusOr<std::unique_ptr<TailedStore>> OpenTailedStore(
    LedgerStore& tables, const std::filesystem::path& directory,
    base::SecretBytes key) {
  LIMPID_ASSIGN_OR_RETURN(const LedgerHead head, tables.Head());
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<RedoTail> tail,
                          RedoTail::Open(directory, std::move(key), head.tail));
  auto out = std::make_unique<internal::Tailed>(tables, std::move(tail), head);
  LIMPID_RETURN_IF_ERROR(out->Start(head));
  return out;
}

}  // namespace limpid::consent
