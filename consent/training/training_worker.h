// Connects consent with the algorithm register, and the thread that commits to
// snapshots when they are sealed there.

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_WORKER_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_WORKER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "consent/consent.h"
#include "consent/training/algorithm_register.h"

namespace limpid::consent {

// How often the register is asked about open snapshots.
inline constexpr absl::Duration kTrainingInterval = absl::Seconds(1);

// Once, before calls come in. Without it no snapshot is known to be sealed, and
// no deployment to be registered. `algorithms` must outlive `consent`.
void ConnectRegister(const Consent& consent, AlgorithmRegister& algorithms);

// Thread-compatible.
class TrainingWorker {
 public:
  // Starts the thread. `consent`, which is connected, must outlive it.
  explicit TrainingWorker(const Consent& consent);
  // Finishes the commit that is being made, and stops.
  ~TrainingWorker();
  TrainingWorker(const TrainingWorker&) = delete;
  TrainingWorker& operator=(const TrainingWorker&) = delete;

 private:
  void Run();

  Consent::State& state_;
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_WORKER_H_
