// A lock that many readers hold at once, or one writer. A writer that waits is
// before every reader that comes later: readers without end do not keep it out.
// Like mutex.h, made of what ThreadSanitizer sees.

#ifndef LIMPID_COMMON_BASE_SHARED_MUTEX_H_
#define LIMPID_COMMON_BASE_SHARED_MUTEX_H_

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"

namespace limpid::base {

// Not recursive: a reader that takes it again may wait for a writer that waits
// for her.
class ABSL_LOCKABLE SharedMutex {
 public:
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    const MutexLock lock(mutex_);
    ++writers_waiting_;
    while (writing_ || readers_ > 0) changed_.Wait(mutex_);
    --writers_waiting_;
    writing_ = true;
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    const MutexLock lock(mutex_);
    writing_ = false;
    changed_.NotifyAll();
  }
  void ReaderLock() ABSL_SHARED_LOCK_FUNCTION() {
    const MutexLock lock(mutex_);
    while (writing_ || writers_waiting_ > 0) changed_.Wait(mutex_);
    ++readers_;
  }
  void ReaderUnlock() ABSL_UNLOCK_FUNCTION() {
    const MutexLock lock(mutex_);
    if (--readers_ == 0) changed_.NotifyAll();
  }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  int readers_ ABSL_GUARDED_BY(mutex_) = 0;
  int writers_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
};

class ABSL_SCOPED_LOCKABLE WriterMutexLock {
 public:
  explicit WriterMutexLock(SharedMutex& mutex)
      ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~WriterMutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  WriterMutexLock(const WriterMutexLock&) = delete;
  WriterMutexLock& operator=(const WriterMutexLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class ABSL_SCOPED_LOCKABLE ReaderMutexLock {
 public:
  explicit ReaderMutexLock(SharedMutex& mutex) ABSL_SHARED_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_.ReaderLock();
  }
  ~ReaderMutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.ReaderUnlock(); }
  ReaderMutexLock(const ReaderMutexLock&) = delete;
  ReaderMutexLock& operator=(const ReaderMutexLock&) = delete;

 private:
  SharedMutex& mutex_;
};

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_SHARED_MUTEX_H_
