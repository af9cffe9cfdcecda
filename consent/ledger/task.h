// What the sequencer runs: decided in order with others, committed with them,
// told when that is done. Knows neither the queue nor the store.

#ifndef LIMPID_CONSENT_LEDGER_TASK_H_
#define LIMPID_CONSENT_LEDGER_TASK_H_

#include "absl/status/status.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/persons.h"

namespace limpid::consent {

// One thing to do in order.
class Task {
 public:
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  // Whether it must be the only one of its batch, because it depends on rows
  // that another task of the batch could be changing.
  [[nodiscard]] virtual bool alone() const { return false; }
  // Whether it makes room for acts of persons: refused while as much as half of
  // what may wait waits.
  [[nodiscard]] virtual bool gives_way() const { return false; }
  // Decides, changes states in place, adds rows. Checks everything before it
  // changes anything: where something was added before an error, the whole
  // batch is dropped.
  virtual absl::Status Prepare(Persons& persons, Batch& batch) = 0;
  // Called on the thread before Finish of a task with fences, which are not
  // raised yet: the commit is settled, and Finish will be called with the same
  // unless the wait for the fences fails.
  virtual void Settled(const absl::Status& /*status*/,
                       const BatchProofs& /*proofs*/) {}
  // Called exactly once, on any thread: with OK when everything is durable and
  // every fence of the task has drained, otherwise with what went wrong.
  virtual void Finish(const absl::Status& status,
                      const BatchProofs& proofs) = 0;

 protected:
  Task() = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_TASK_H_
