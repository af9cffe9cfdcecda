// Lets many wrap at once and one alone start an epoch. Whoever wants to be
// alone is let in as soon as those inside are done, however many more come: a
// shared mutex of the platform lets readers pass a waiting writer for ever.

#ifndef LIMPID_VAULT_KEYS_WRAP_GATE_H_
#define LIMPID_VAULT_KEYS_WRAP_GATE_H_

#include <cstddef>

#include "common/base/mutex.h"

namespace limpid::vault {

// Thread-safe. Neither of the two may be entered by a thread that is inside.
class WrapGate {
 public:
  WrapGate() = default;
  WrapGate(const WrapGate&) = delete;
  WrapGate& operator=(const WrapGate&) = delete;
  ~WrapGate() = default;

  class Inside {
   public:
    explicit Inside(WrapGate& gate) : gate_(gate) { gate_.Enter(); }
    ~Inside() { gate_.Leave(); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    WrapGate& gate_;
  };

  class Alone {
   public:
    explicit Alone(WrapGate& gate) : gate_(gate) { gate_.Close(); }
    ~Alone() { gate_.Open(); }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;

   private:
    WrapGate& gate_;
  };

 private:
  void Enter() {
    const base::MutexLock lock(mutex_);
    while (closed_) changed_.Wait(mutex_);
    ++inside_;
  }
  void Leave() {
    const base::MutexLock lock(mutex_);
    if (--inside_ == 0) changed_.NotifyAll();
  }
  void Close() {
    const base::MutexLock lock(mutex_);
    while (closed_) changed_.Wait(mutex_);
    closed_ = true;
    while (inside_ > 0) changed_.Wait(mutex_);
  }
  void Open() {
    const base::MutexLock lock(mutex_);
    closed_ = false;
    changed_.NotifyAll();
  }

  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::size_t inside_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_WRAP_GATE_H_
