// Fences are how a withdrawal reaches permits that are already out. They know
// records by their text id and revisions by number, nothing of consent. One
// object per process, fed by consent (directly, or over the wire in the split
// form). A fence at revision r kills every permit made under a revision below
// r.

#ifndef LIMPID_VAULT_GATE_FENCES_H_
#define LIMPID_VAULT_GATE_FENCES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "vault/gate/release_permit.h"

namespace limpid::vault {

// A fence is remembered for twice the longest lease (receipt::kMaxLease): no
// permit that arrives late outlives it. Thread-safe. Holds must not outlive it.
class Fences {
 public:
  // `clock` must outlive this object.
  explicit Fences(const base::Clock& clock);
  ~Fences();
  Fences(const Fences&) = delete;
  Fences& operator=(const Fences&) = delete;

  // The live side of a permit made under `revision` of `record`; dead from the
  // start if a fence above `revision` has passed.
  std::unique_ptr<PermitHold> Open(std::string_view record,
                                   std::uint64_t revision);

  // From the moment this returns, no permit of `record` made under a revision
  // below `revision` hands a byte over. Bytes handed over before may still be
  // on their way: Drain waits for them.
  void Raise(std::string_view record, std::uint64_t revision);

  // The same for every permit that is open now: for when fences may have been
  // missed.
  void KillAll();

  // Waits until every permit of `record` below `revision` that handed bytes
  // over is closed, at most `timeout` (receipt::kMaxLease is enough: a client
  // discards later answers). Returns whether all were closed. Blocks.
  bool Drain(std::string_view record, std::uint64_t revision,
             absl::Duration timeout);

  // Permits not closed yet, for metrics and tests.
  [[nodiscard]] std::uint64_t open_count() const;

 private:
  struct State;
  class Hold;

  std::unique_ptr<State> state_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_GATE_FENCES_H_
