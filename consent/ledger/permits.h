// The permits that are out. A fence kills every permit of a record below a
// revision at once; whoever raised it waits until bytes that were already
// handed over are done with, or the lease has run out. consent.md section 4

#ifndef LIMPID_CONSENT_LEDGER_PERMITS_H_
#define LIMPID_CONSENT_LEDGER_PERMITS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"

namespace limpid::consent {

// One permit. Close is called on destruction if nobody called it. Thread-safe.
class OpenPermit {
 public:
  virtual ~OpenPermit() = default;
  OpenPermit(const OpenPermit&) = delete;
  OpenPermit& operator=(const OpenPermit&) = delete;

  // Whether bytes may still be handed over: no fence, and within the lease. An
  // answer of true can be outdated at once; HandOverIfLive is the decision.
  [[nodiscard]] virtual bool Live() const = 0;
  // Runs `hand_over` under the fence lock if the permit is live and returns
  // whether it ran. It may only queue bytes, must not block and must not call
  // back here. At most once per permit.
  virtual bool HandOverIfLive(absl::FunctionRef<void()> hand_over) = 0;
  // Nothing more will be sent under the permit.
  virtual void Close() = 0;
  // The same, with what became of the access. What was closed before is not
  // closed otherwise.
  virtual void CloseWith(receipt::AccessOutcome /*outcome*/) { Close(); }

 protected:
  OpenPermit() = default;
};

// Thread-safe. Permits may outlive it.
class Permits {
 public:
  // `clock` must outlive this object and its permits.
  explicit Permits(const base::Clock& clock);
  ~Permits();
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;

  // A permit made under `revision`, live until `lease` from now.
  std::unique_ptr<OpenPermit> Open(const RecordId& record,
                                   std::uint64_t revision,
                                   absl::Duration lease);

  // From the moment this returns, no permit of `record` below `revision` hands
  // a byte over. Calls `drained` once, when those that had handed over are
  // closed or out of lease: here, in Close, or in Poll. Never when this object
  // goes before that: then it is dropped.
  void Fence(const RecordId& record, std::uint64_t revision,
             std::function<void()> drained);

  // As Fence, of which those who listen have heard before.
  void FenceAgain(const RecordId& record, std::uint64_t revision,
                  std::function<void()> drained);

  // No fence drains within `time` from now, for permits that are not known
  // here. A later call never shortens it.
  void HoldFences(absl::Duration time);

  // Calls `fenced` at the beginning of every Fence, on its thread and before it
  // waits for anything, until it returns false. Must not block nor call back
  // here.
  using FenceSink =
      std::function<bool(const RecordId& record, std::uint64_t revision)>;
  void Listen(FenceSink fenced);

  // Fires what waits for leases that have run out. Returns whether anything
  // still waits.
  bool Poll();

  // Permits not closed yet, for metrics and tests.
  [[nodiscard]] std::size_t open_count() const;

 private:
  struct State;
  class Handle;

  // Shared with the permits, which may be closed after this object is gone.
  std::shared_ptr<State> state_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PERMITS_H_
