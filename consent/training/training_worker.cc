#include "consent/training/training_worker.h"

#include "consent/consent_state.h"
#include "consent/training/training_sealing.h"

namespace limpid::consent {

void ConnectRegister(const Consent& consent, AlgorithmRegister& algorithms) {
  consent.state().algorithms = &algorithms;
}

TrainingWorker::TrainingWorker(const Consent& consent)
    : state_(consent.state()), thread_([this] { Run(); }) {}

TrainingWorker::~TrainingWorker() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void TrainingWorker::Run() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      if (!stopping_) (void)changed_.WaitFor(mutex_, kTrainingInterval);
      if (stopping_) return;
    }
    RunTraining(state_);
  }
}

}  // namespace limpid::consent
