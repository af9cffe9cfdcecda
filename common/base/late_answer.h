// An answer that waits for more than the work that makes it: what the work set
// in motion and nobody needs a thread to wait for. Whoever knows such a thing
// holds the answer of its thread; whoever runs the work gives the answer, and
// goes on. Knows no calls and no clock: what is held must be released.

#ifndef LIMPID_COMMON_BASE_LATE_ANSWER_H_
#define LIMPID_COMMON_BASE_LATE_ANSWER_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace limpid::base {

// Of one piece of work. Thread-safe.
class LateAnswer {
 public:
  LateAnswer() = default;
  ~LateAnswer() = default;
  LateAnswer(const LateAnswer&) = delete;
  LateAnswer& operator=(const LateAnswer&) = delete;

  // Of the work that runs on this thread. Null when its caller cannot be
  // answered later: then whoever has to wait for something waits here.
  static std::shared_ptr<LateAnswer> OfThisThread();

  // Runs with OK, or with the first failure that something was released with:
  // then what the work made is not to be said.
  using Answer = std::function<void(const absl::Status& held)>;

  // One thing more to wait for; before Give. Each is released once, with what
  // became of it.
  void Hold();
  void Release(const absl::Status& status);

  // The work is done: runs `answer` once nothing is held, here or in the last
  // Release. Called once.
  void Give(Answer answer);

  // Makes an answer that of this thread while it lives.
  class Scope {
   public:
    explicit Scope(std::shared_ptr<LateAnswer> answer);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    std::shared_ptr<LateAnswer> before_;
  };

 private:
  Mutex mutex_;
  // What is held, and 1 for the work until Give.
  std::size_t held_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  Answer answer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_LATE_ANSWER_H_
