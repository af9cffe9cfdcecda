// Endpoints of services that a test answers for: nothing leaves the process.

#ifndef LIMPID_TESTS_UNIT_CONSENT_FAKE_PUSH_H_
#define LIMPID_TESTS_UNIT_CONSENT_FAKE_PUSH_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "consent/push/push_transport.h"

namespace limpid::consent::testing {

struct Pushed {
  std::string url;
  std::string token;
};

// Thread-safe.
class FakePush final : public PushTransport {
 public:
  using Answer = std::function<absl::StatusOr<PushAnswer>(const Pushed&)>;

  // 202 to everybody until told otherwise.
  void AnswerWith(Answer answer) {
    const base::MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  void AnswerWith(int status, const std::string& body = "") {
    AnswerWith([=](const Pushed& /*pushed*/) {
      return PushAnswer{status, body};
    });
  }
  // Called when a channel is cancelled.
  void OnCancel(std::function<void()> hook) {
    const base::MutexLock lock(mutex_);
    on_cancel_ = std::move(hook);
  }
  [[nodiscard]] std::vector<Pushed> pushed() const {
    const base::MutexLock lock(mutex_);
    return pushed_;
  }
  void Forget() {
    const base::MutexLock lock(mutex_);
    pushed_.clear();
  }

  [[nodiscard]] absl::Status CheckHost(const PushUrl& url) const override {
    if (url.host != "10.0.0.1") return absl::OkStatus();
    return absl::InvalidArgumentError("is not on a public address");
  }
  absl::StatusOr<std::unique_ptr<PushChannel>> Open(
      const PushUrl& url) override {
    return std::make_unique<Channel>(*this, url.Text());
  }

 private:
  class Channel final : public PushChannel {
   public:
    Channel(FakePush& push, std::string url)
        : push_(push), url_(std::move(url)) {}
    absl::StatusOr<PushAnswer> Post(std::string_view token) override {
      if (cancelled_) return absl::CancelledError("cancelled");
      auto answer = push_.Take({url_, std::string(token)});
      if (cancelled_) return absl::CancelledError("cancelled");
      return answer;
    }
    void Cancel() override {
      cancelled_ = true;
      push_.Cancelled();
    }

   private:
    FakePush& push_;
    const std::string url_;
    std::atomic<bool> cancelled_ = false;
  };

  absl::StatusOr<PushAnswer> Take(const Pushed& pushed) {
    Answer answer;
    {
      const base::MutexLock lock(mutex_);
      pushed_.push_back(pushed);
      answer = answer_;
    }
    // Outside the lock: it may wait.
    if (answer) return answer(pushed);
    return PushAnswer{202, ""};
  }

  void Cancelled() {
    const base::MutexLock lock(mutex_);
    if (on_cancel_) on_cancel_();
  }

  mutable base::Mutex mutex_;
  std::function<void()> on_cancel_ ABSL_GUARDED_BY(mutex_);
  Answer answer_ ABSL_GUARDED_BY(mutex_);
  std::vector<Pushed> pushed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_FAKE_PUSH_H_
