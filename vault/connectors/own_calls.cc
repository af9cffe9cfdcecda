#include "vault/connectors/own_calls.h"

#include "absl/status/status.h"

namespace limpid::vault {

void OwnCalls::Turn::End() {
  if (ended_) return;
  ended_ = true;
  calls_.LetGo(source_, holder_);
}

absl::StatusOr<std::shared_ptr<OwnCalls::Turn>> OwnCalls::Take(
    std::string_view source, const HolderId& holder, std::size_t most) {
  const base::MutexLock lock(mutex_);
  auto found = waiting_.find(source);
  if (found == waiting_.end()) {
    found = waiting_.try_emplace(std::string(source)).first;
  }
  std::set<HolderId>& waiting = found->second;
  if (waiting.contains(holder)) {
    return absl::ResourceExhaustedError(
        "source: another call of yours waits for it; try again when that has "
        "its answer");
  }
  if (waiting.size() >= most) {
    return absl::ResourceExhaustedError(
        "source: too many persons wait for it; try again");
  }
  waiting.insert(holder);
  return std::make_shared<Turn>(*this, found->first, holder);
}

void OwnCalls::LetGo(const std::string& source, const HolderId& holder) {
  const base::MutexLock lock(mutex_);
  const auto found = waiting_.find(source);
  if (found == waiting_.end()) return;
  found->second.erase(holder);
  if (found->second.empty()) waiting_.erase(found);
}

}  // namespace limpid::vault
