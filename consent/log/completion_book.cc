#include "consent/log/completion_book.h"

#include <atomic>
#include <utility>

#include "absl/functional/function_ref.h"

namespace limpid::consent {
namespace {

class Completing final : public OpenPermit {
 public:
  Completing(std::unique_ptr<OpenPermit> permit,
             std::shared_ptr<CompletionBook> book,
             const PermittedAccess& access)
      : permit_(std::move(permit)), book_(std::move(book)), access_(access) {}

  [[nodiscard]] bool Live() const override { return permit_->Live(); }
  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    return permit_->HandOverIfLive(hand_over);
  }
  void Close() override {
    closed_ = true;
    permit_->Close();
  }
  void CloseWith(receipt::AccessOutcome outcome) override {
    if (!closed_.exchange(true)) book_->Add(access_, outcome);
    permit_->Close();
  }

 private:
  const std::unique_ptr<OpenPermit> permit_;
  // Shared with every other permit that is out.
  const std::shared_ptr<CompletionBook> book_;
  const PermittedAccess access_;
  std::atomic<bool> closed_ = false;
};

}  // namespace

void CompletionBook::Add(const PermittedAccess& access,
                         receipt::AccessOutcome outcome) {
  const base::MutexLock lock(mutex_);
  if (count_ >= kMaxWaiting) return;
  ++count_;
  const Key key(access.person, access.record);
  std::vector<SaidOutcome>& said = waiting_[key];
  if (said.empty()) order_.emplace_back(clock_.Monotonic(), key);
  said.push_back(
      {access.sequence, access.decided, access.embargo_days, outcome});
}

std::vector<SaidOfRecord> CompletionBook::Take(std::size_t limit, bool all) {
  std::vector<SaidOfRecord> out;
  const base::MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  while (!order_.empty() && out.size() < limit) {
    const auto& [since, key] = order_.front();
    if (!all && now - since < kCompletionDelay) break;
    auto waiting = waiting_.extract(key);
    count_ -= waiting.mapped().size();
    out.push_back({key.first, key.second, std::move(waiting.mapped())});
    order_.pop_front();
  }
  return out;
}

std::size_t CompletionBook::waiting_count() const {
  const base::MutexLock lock(mutex_);
  return count_;
}

std::unique_ptr<OpenPermit> CompletingPermit(
    std::unique_ptr<OpenPermit> permit, std::shared_ptr<CompletionBook> book,
    const PermittedAccess& access) {
  return std::make_unique<Completing>(std::move(permit), std::move(book),
                                      access);
}

}  // namespace limpid::consent
