// The one ordered path of every state change and every authorisation: a thread
// that takes what is waiting, decides it, commits it as one transaction under a
// fencing epoch, signs it, and only then answers. If the commit fails, every
// item of the batch fails and nothing leaves. consent.md section 4

#ifndef LIMPID_CONSENT_LEDGER_SEQUENCER_H_
#define LIMPID_CONSENT_LEDGER_SEQUENCER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "consent/ledger/absent_key.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/call_task.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/clock_rule.h"
#include "consent/ledger/failed_rows.h"
#include "consent/ledger/permits.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/ports.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/stop_ledger.h"
#include "consent/ledger/store.h"
#include "consent/ledger/task.h"
#include "consent/notice/basis_notice.h"

namespace limpid::consent {

// Everything it stands on; all must outlive it.
struct SequencerParts {
  LedgerStore& store;
  PersonKeys& keys;
  StopLedger& stops;
  const AccessLog& log;
  const Blinder& blinder;
  Catalogue& catalogue;
  Permits& permits;
  const base::Clock& clock;
  const crypto::Ed25519PrivateKey& evidence_key;
  // Of the operator, 32 bytes.
  const base::SecretBytes& row_key;
  // Called after each commit that added stream events.
  std::function<void()> events_added;
  // Persons kept in memory between batches; about 4 kB each.
  std::size_t persons_in_memory = 16'384;
  // The store is known to be an older copy: pause what it holds as granted.
  bool store_is_older = false;
  // Called after each commit of the clock's that began a basis notice, on the
  // thread; must not block. May be empty.
  Noticed noticed = {};
  // ConsentOptions::alarm. May be empty.
  std::function<void(const absl::Status&)> alarm = {};
};

// Thread-safe.
class Sequencer {
 public:
  // Most items in one commit: bounds the memory of a batch and the wait of its
  // last item.
  static constexpr std::size_t kMaxBatch = 256;
  // Most items waiting; more are refused.
  static constexpr std::size_t kMaxWaiting = 8'192;
  // Of those that give way, by whatever waits: reads come as fast as services
  // send them, and must not keep a withdrawal out.
  static constexpr std::size_t kMaxWaitingReads = kMaxWaiting / 2;
  // Of those that wait with a person each, by whatever waits: 4 kB and two keys
  // in locked memory.
  static constexpr std::size_t kMaxWaitingPersons = 1'024;

  // Takes the epoch, brings store and stop ledger together (restored records
  // are paused, stops are replayed) and starts the thread. Catalogue must be
  // loaded.
  //
  // Errors: those of the ports, and
  //   kFailedPrecondition  the access log is older than the store.
  static absl::StatusOr<std::unique_ptr<Sequencer>> Start(SequencerParts parts);
  // Finishes what waits, then stops.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Reads the person of a call about `record` that is about to be queued, on
  // the caller's thread: Persons::LoadSubject. None where she is in memory, or
  // too much waits.
  [[nodiscard]] std::optional<PersonAhead> ReadAhead(
      const RecordId& record) const;

  // Queues `task`. When it cannot, the task is finished at once with
  // kResourceExhausted (too much waits) or kUnavailable (closed).
  void Submit(std::unique_ptr<Task> task);

  // Prepares and waits, also for its fences to drain; where the caller can be
  // answered later (base::LateAnswer), its answer waits for them and this does
  // not. `alone` as Task::alone. `prepare` is (Persons&, Batch&)
  // -> StatusOr<T>; `complete` is (T&, const BatchProofs&) and runs after the
  // commit.
  template <typename T>
  absl::StatusOr<T> Call(
      std::function<absl::StatusOr<T>(Persons&, Batch&)> prepare,
      std::function<void(T&, const BatchProofs&)> complete = nullptr,
      bool alone = false);

  // Runs what is due by the clock (expiry, lapse) and waits for it. The thread
  // does it by itself every kDueInterval; tests do not wait.
  void RunDue();

  [[nodiscard]] std::uint64_t epoch() const { return head_epoch_; }
  // Records that this start paused: the store was, or may be, an older copy.
  [[nodiscard]] std::size_t restored_count() const { return restored_count_; }
  // This start found none, and made it anew from the stops of the store.
  [[nodiscard]] bool stop_ledger_lost() const { return stop_ledger_lost_; }
  // Batches committed so far, for metrics and tests.
  [[nodiscard]] std::uint64_t batch_count() const { return batch_count_; }
  // Persons taken in so far as calls had read them.
  [[nodiscard]] std::uint64_t read_ahead_count() const {
    return persons_.read_ahead_count();
  }

 private:
  struct Item {
    std::unique_ptr<Task> task;
    absl::Status status;
    // Of this item, in the batch's fences.
    std::size_t first_fence = 0;
    std::size_t fence_count = 0;
    bool stops = false;
  };

  explicit Sequencer(SequencerParts parts, const LedgerHead& head);

  absl::Status Recover();
  absl::Status PauseRestored();
  absl::StatusOr<std::size_t> PausePage(RowKey& after);
  absl::Status Replay(Batch& batch, const StopEntry& stop);
  // Remembers in `batch` whose rows could not be written.
  absl::Status NoteAbsent(Batch& batch);
  // Pauses and replays for those whose key was missing at an earlier restoring
  // start and is there now. Walks the stop ledger once, however many they are.
  absl::Status FinishRestores();
  // Whom and what no start has settled yet.
  absl::Status RefuseWaiting();
  using MissedStops = std::map<PersonId, std::vector<StopEntry>>;
  // The stops behind `after` of those who are in `of`, in order.
  absl::Status CollectStops(std::uint64_t after, MissedStops& of);
  // `stops`: all of hers behind absent.stop, and perhaps earlier ones.
  absl::Status FinishRestore(const AbsentKey& absent,
                             const std::vector<StopEntry>& stops);
  // Destroys the keys of erased entries that are still there: a crash, or an
  // older copy of the key store.
  absl::Status FinishErasures();
  // Erases once more whom an older store holds, and keys of persons that an
  // older key store holds.
  absl::Status FinishAccountErasures();
  absl::Status EraseAgain(const PersonId& person);
  absl::Status FinishAccountErasure(const PublicRow& marker);
  [[nodiscard]] ErasingParts Erasing() const;
  // Not for OK.
  void Alarm(const absl::Status& what) const;
  void Run();
  // False when there is nothing left to do for ever.
  bool WaitForWork(std::vector<Item>& items);
  void RunBatch(std::vector<Item> items);
  // False when a task failed half-way: nothing of the batch may be stored.
  bool PrepareAll(std::vector<Item>& items, Batch& batch);
  absl::Status CommitBatch(Batch& batch);
  static void FailAll(std::vector<Item>& items, const absl::Status& status);
  static void SettleFencing(std::vector<Item>& items,
                            const absl::Status& stopped,
                            const BatchProofs& proofs);
  BatchProofs Sign(const Batch& batch) const;
  void FinishAll(std::vector<Item>& items, const Batch& batch,
                 const absl::Status& stopped,
                 const std::shared_ptr<const BatchProofs>& proofs);
  void SubmitDue();

  SequencerParts parts_;
  // Only the thread uses these after Start.
  LedgerHead head_;
  ClockRule clock_rule_;
  Persons persons_;
  FailedRows failed_due_;
  // Of this restoring start.
  std::set<PersonId> absent_;
  // Why nothing is done any more; OK while something is.
  absl::Status closed_;

  std::uint64_t head_epoch_;
  std::size_t restored_count_ = 0;
  bool stop_ledger_lost_ = false;
  std::atomic<std::uint64_t> batch_count_ = 0;

  mutable base::Mutex mutex_;
  base::ConditionVariable work_;
  std::deque<std::unique_ptr<Task>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

template <typename T>
absl::StatusOr<T> Sequencer::Call(
    std::function<absl::StatusOr<T>(Persons&, Batch&)> prepare,
    std::function<void(T&, const BatchProofs&)> complete, bool alone) {
  auto waiting = std::make_shared<internal::Waiting<T>>();
  Submit(std::make_unique<internal::CallTask<T>>(
      std::move(prepare), std::move(complete), waiting, alone));
  return waiting->Get();
}

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_SEQUENCER_H_
