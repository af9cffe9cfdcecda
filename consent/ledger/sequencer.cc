#include "consent/ledger/sequencer.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/ledger/due.h"

namespace limpid::consent {
namespace {

// How late an event of expiry may be; the decision itself never waits for it.
constexpr absl::Duration kDueInterval = absl::Milliseconds(500);
// How often leases are looked at while a fence waits for them.
constexpr absl::Duration kPollInterval = absl::Milliseconds(5);
// Most records that one look at the clock ends.
constexpr std::size_t kMaxDue = 128;

// Nobody outside may learn more than that it is not known.
absl::Status Unknown(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) return status;
  return absl::UnavailableError(
      "it is not known whether this was stored; read before trying again");
}

// Whatever is added changes one of these.
using BatchSize = std::array<std::size_t, 14>;

BatchSize SizeOf(Batch& batch) {
  const LedgerCommit& commit = batch.commit();
  return {commit.deletes.size(),       commit.inserts.size(),
          commit.puts.size(),          commit.public_inserts.size(),
          commit.public_puts.size(),   commit.events.size(),
          commit.stops.size(),         commit.leaves.size(),
          batch.services().size(),     batch.agreements().size(),
          batch.after_commit().size(), batch.fences().size(),
          commit.event_deletes.size(), commit.public_deletes.size()};
}

absl::Status Stopped() {
  return absl::UnavailableError(
      "consent stopped before what was permitted was over; try again");
}

// A task that waits for its fences, which drain in any order and on whatever
// threads close the permits.
class Draining {
 public:
  Draining(std::unique_ptr<Task> task, absl::Status status,
           std::shared_ptr<const BatchProofs> proofs, std::size_t fence_count)
      : task_(std::move(task)),
        status_(std::move(status)),
        proofs_(std::move(proofs)),
        left_(fence_count) {}
  // Whoever stops the role does not end the wait.
  ~Draining() {
    if (left_ > 0) task_->Finish(Stopped(), {});
  }
  Draining(const Draining&) = delete;
  Draining& operator=(const Draining&) = delete;

  // One fence of the task has drained; the last one finishes it.
  void Drained() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      task_->Finish(status_, *proofs_);
    }
  }

 private:
  const std::unique_ptr<Task> task_;
  const absl::Status status_;
  // Shared with the other tasks of the batch.
  const std::shared_ptr<const BatchProofs> proofs_;
  std::atomic<std::size_t> left_;
};

}  // namespace

Sequencer::Sequencer(SequencerParts parts, const LedgerHead& head)
    : parts_(std::move(parts)),
      head_(head),
      clock_rule_(parts_.clock, absl::FromUnixMillis(head.clock_ms)),
      persons_(parts_.store, parts_.keys, parts_.blinder,
               parts_.persons_in_memory),
      failed_due_(parts_.clock),
      head_epoch_(head.epoch) {}

absl::StatusOr<std::unique_ptr<Sequencer>> Sequencer::Start(
    SequencerParts parts) {
  LIMPID_ASSIGN_OR_RETURN(const LedgerHead head, parts.store.TakeEpoch());
  std::unique_ptr<Sequencer> out(new Sequencer(std::move(parts), head));
  LIMPID_RETURN_IF_ERROR(out->Recover());
  out->thread_ = std::thread([sequencer = out.get()] { sequencer->Run(); });
  return out;
}

Sequencer::~Sequencer() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    work_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

std::optional<PersonAhead> Sequencer::ReadAhead(const RecordId& record) const {
  {
    const base::MutexLock lock(mutex_);
    if (queue_.size() >= kMaxWaitingPersons) return std::nullopt;
  }
  return persons_.ReadAhead(record);
}

void Sequencer::Submit(std::unique_ptr<Task> task) {
  absl::Status refused;
  {
    const base::MutexLock lock(mutex_);
    if (stopping_) {
      refused = absl::UnavailableError("consent is stopping");
    } else if (queue_.size() >=
               (task->gives_way() ? kMaxWaitingReads : kMaxWaiting)) {
      refused = absl::ResourceExhaustedError("too much waits; try later");
    } else {
      queue_.push_back(std::move(task));
      work_.NotifyOne();
      return;
    }
  }
  task->Finish(refused, {});
}

bool Sequencer::WaitForWork(std::vector<Item>& items) {
  const bool polling = parts_.permits.Poll();
  const base::MutexLock lock(mutex_);
  if (queue_.empty() && !stopping_) {
    (void)work_.WaitFor(mutex_, polling ? kPollInterval : kDueInterval);
  }
  while (!queue_.empty() && items.size() < kMaxBatch) {
    const bool alone = queue_.front()->alone();
    if (alone && !items.empty()) break;
    items.push_back({std::move(queue_.front()), absl::OkStatus()});
    queue_.pop_front();
    if (alone) break;
  }
  return !items.empty() || !stopping_;
}

void Sequencer::Run() {
  absl::Duration next_due = parts_.clock.Monotonic();
  for (;;) {
    std::vector<Item> items;
    if (!WaitForWork(items)) break;
    if (!items.empty()) RunBatch(std::move(items));
    persons_.Trim();
    if (parts_.clock.Monotonic() < next_due) continue;
    next_due = parts_.clock.Monotonic() + kDueInterval;
    SubmitDue();
  }
}

void Sequencer::SubmitDue() {
  if (!closed_.ok()) return;
  const ClockRule::Reading now = clock_rule_.Read();
  if (now.jumped) return;
  failed_due_.Release();
  const auto due = parts_.store.Due(absl::ToUnixMillis(now.time),
                                    kMaxDue + failed_due_.size());
  if (!due.ok()) return;
  std::vector<Item> items;
  for (const RowKey& row : *due) {
    if (items.size() == kMaxDue) break;
    if (failed_due_.Waits(row)) continue;
    items.emplace_back().task = MakeDueTask(row, Erasing(), parts_.catalogue,
                                            failed_due_, parts_.noticed);
  }
  if (!items.empty()) RunBatch(std::move(items));
  // Once for a look, whatever it met: each is met again.
  Alarm(failed_due_.TakeDamage());
}

void Sequencer::RunDue() {
  // Runs behind everything that waits, on the sequencer's own thread.
  class Due final : public Task {
   public:
    Due(Sequencer& sequencer, std::shared_ptr<internal::Waiting<bool>> waiting)
        : sequencer_(sequencer), waiting_(std::move(waiting)) {}
    [[nodiscard]] bool alone() const override { return true; }
    absl::Status Prepare(Persons& /*persons*/, Batch& /*batch*/) override {
      return absl::OkStatus();
    }
    void Finish(const absl::Status& status,
                const BatchProofs& /*proofs*/) override {
      if (status.ok()) sequencer_.SubmitDue();
      waiting_->Set(true);
    }

   private:
    Sequencer& sequencer_;
    std::shared_ptr<internal::Waiting<bool>> waiting_;
  };
  auto waiting = std::make_shared<internal::Waiting<bool>>();
  Submit(std::make_unique<Due>(*this, waiting));
  (void)waiting->Get();
}

bool Sequencer::PrepareAll(std::vector<Item>& items, Batch& batch) {
  bool whole = true;
  for (Item& item : items) {
    const BatchSize before = SizeOf(batch);
    const std::size_t stops = batch.commit().stops.size();
    item.first_fence = batch.fences().size();
    item.status = item.task->Prepare(persons_, batch);
    item.fence_count = batch.fences().size() - item.first_fence;
    item.stops = batch.commit().stops.size() != stops;
    whole = whole && (item.status.ok() || SizeOf(batch) == before);
  }
  return whole;
}

absl::Status Sequencer::CommitBatch(Batch& batch) {
  if (batch.empty()) return absl::OkStatus();
  absl::Status committed = parts_.store.Commit(batch.commit());
  if (!committed.ok()) {
    // Memory is ahead of the store now.
    persons_.Clear();
    if (absl::IsAborted(committed)) {
      closed_ = absl::UnavailableError(
          "another process leads; this one decides no more");
    }
    return committed;
  }
  head_ = batch.commit().head;
  batch_count_.fetch_add(1, std::memory_order_relaxed);
  for (Service& service : batch.services()) {
    parts_.catalogue.Put(std::move(service));
  }
  for (Agreement& agreement : batch.agreements()) {
    parts_.catalogue.Put(std::move(agreement));
  }
  for (const auto& work : batch.after_commit()) work();
  return absl::OkStatus();
}

void Sequencer::FailAll(std::vector<Item>& items, const absl::Status& status) {
  for (Item& item : items) {
    item.task->Finish(item.status.ok() ? status : item.status, {});
  }
}

BatchProofs Sequencer::Sign(const Batch& batch) const {
  BatchProofs out;
  if (!batch.permits().empty()) {
    out.permits =
        receipt::SignBatch(receipt::BatchKind::kPermits, batch.epoch(),
                           batch.time(), batch.permits(), parts_.evidence_key);
  }
  if (!batch.receipts().empty()) {
    out.receipts =
        receipt::SignBatch(receipt::BatchKind::kReceipts, batch.epoch(),
                           batch.time(), batch.receipts(), parts_.evidence_key);
  }
  return out;
}

void Sequencer::RunBatch(std::vector<Item> items) {
  if (!closed_.ok()) {
    FailAll(items, closed_);
    return;
  }
  Batch batch(head_, clock_rule_.Read(), parts_.blinder);
  if (!PrepareAll(items, batch)) {
    // Memory is ahead of the store now.
    persons_.Clear();
    FailAll(items, absl::UnavailableError("nothing was stored; try again"));
    return;
  }
  const absl::Status committed = CommitBatch(batch);
  if (!committed.ok()) {
    FailAll(items, Unknown(committed));
    return;
  }
  // From here on the store has it. The stop ledger comes before any answer.
  const absl::Status stopped = batch.commit().stops.empty()
                                   ? absl::OkStatus()
                                   : parts_.stops.Append(batch.commit().stops);
  if (!stopped.ok()) {
    closed_ = absl::UnavailableError(
        "the stop ledger failed; consent decides no more until it is started "
        "again");
  }
  const auto proofs = std::make_shared<const BatchProofs>(Sign(batch));
  SettleFencing(items, stopped, *proofs);
  FinishAll(items, batch, stopped, proofs);
  if (!batch.commit().events.empty() && parts_.events_added) {
    parts_.events_added();
  }
}

void Sequencer::SettleFencing(std::vector<Item>& items,
                              const absl::Status& stopped,
                              const BatchProofs& proofs) {
  for (Item& item : items) {
    if (item.fence_count == 0) continue;
    item.task->Settled(stopped.ok() ? item.status : Unknown(stopped), proofs);
  }
}

void Sequencer::FinishAll(std::vector<Item>& items, const Batch& batch,
                          const absl::Status& stopped,
                          const std::shared_ptr<const BatchProofs>& proofs) {
  // Permits first: a fence of the same batch must reach them too.
  for (Item& item : items) {
    if (item.fence_count != 0) continue;
    const bool failed = item.status.ok() && item.stops && !stopped.ok();
    item.task->Finish(failed ? Unknown(stopped) : item.status, *proofs);
  }
  for (Item& item : items) {
    if (item.fence_count == 0) continue;
    // Shared between the fences that wait and nobody else.
    const auto draining = std::make_shared<Draining>(
        std::move(item.task), stopped.ok() ? item.status : Unknown(stopped),
        proofs, item.fence_count);
    for (std::size_t i = 0; i < item.fence_count; ++i) {
      const Fence& fence = batch.fences()[item.first_fence + i];
      auto drained = [draining] { draining->Drained(); };
      if (fence.repeated) {
        parts_.permits.FenceAgain(fence.record, fence.revision,
                                  std::move(drained));
      } else {
        parts_.permits.Fence(fence.record, fence.revision, std::move(drained));
      }
    }
  }
}

}  // namespace limpid::consent
