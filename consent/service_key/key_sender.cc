#include "consent/service_key/key_sender.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::consent {
namespace {

// How often the book is looked at, should nobody notify.
constexpr absl::Duration kLookInterval = absl::Seconds(30);

// The register has something else in its place, or lacks what is before it.
bool Differs(const absl::Status& status) {
  return absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status);
}

absl::Duration WaitAfter(std::uint32_t failures) {
  // Ten doublings are over the longest wait.
  constexpr std::uint32_t kMostDoublings = 10;
  const std::uint32_t doublings = std::min(failures - 1, kMostDoublings);
  return std::min(absl::Seconds(1) * (std::int64_t{1} << doublings),
                  kLongestKeyWait);
}

}  // namespace

ServiceKeySender::ServiceKeySender(const Parts& parts, KeyCommits commits)
    : parts_(parts), commits_(std::move(commits)) {}

ServiceKeySender::~ServiceKeySender() { Stop(); }

void ServiceKeySender::Start() {
  worker_ = std::thread([this] { Work(); });
}

void ServiceKeySender::Notify() {
  const base::MutexLock lock(mutex_);
  changed_.NotifyAll();
}

void ServiceKeySender::Stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (worker_.joinable()) worker_.join();
}

std::optional<ServiceId> ServiceKeySender::Pick(absl::Duration& wait) {
  const absl::Duration now = parts_.clock.Monotonic();
  for (const auto& [service, waits] : parts_.book.Items()) {
    if (!waits && compared_.contains(service)) continue;
    const auto trouble = troubles_.find(service);
    if (trouble == troubles_.end() || trouble->second.next <= now) {
      return service;
    }
    wait = std::min(wait, trouble->second.next - now);
  }
  return std::nullopt;
}

bool ServiceKeySender::IsCompared(const ServiceId& service) const {
  const base::MutexLock lock(mutex_);
  return compared_.contains(service);
}

absl::Status ServiceKeySender::Compare(const ServiceKeyChain& chain) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::Bytes> theirs,
                          parts_.directory.Read(chain.service));
  const bool same =
      theirs.size() == chain.logged_count &&
      std::equal(theirs.begin(), theirs.end(), chain.entries.begin());
  if (!same) {
    LIMPID_RETURN_IF_ERROR(commits_.differs(chain.service, theirs));
  }
  const base::MutexLock lock(mutex_);
  compared_.insert(chain.service);
  return absl::OkStatus();
}

absl::Status ServiceKeySender::Attempt(const ServiceId& service) {
  const ServiceKeyChain chain = parts_.book.Find(service);
  if (!IsCompared(service)) return Compare(chain);
  if (!chain.waits()) return absl::OkStatus();
  const auto index =
      parts_.directory.Publish(chain.entries[chain.logged_count]);
  if (index.ok()) return commits_.logged(service, chain.logged_count + 1);
  if (!Differs(index.status())) return index.status();
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::Bytes> theirs,
                          parts_.directory.Read(service));
  return commits_.differs(service, theirs);
}

void ServiceKeySender::Serve(const ServiceId& service) {
  const absl::Status status = Attempt(service);
  const base::MutexLock lock(mutex_);
  if (status.ok()) {
    troubles_.erase(service);
    return;
  }
  KeyTrouble& trouble = troubles_[service];
  ++trouble.count;
  trouble.code = status.code();
  trouble.next = parts_.clock.Monotonic() + WaitAfter(trouble.count);
}

void ServiceKeySender::RunDue() {
  for (;;) {
    std::optional<ServiceId> picked;
    {
      const base::MutexLock lock(mutex_);
      absl::Duration wait = kLookInterval;
      if (!stopping_) picked = Pick(wait);
    }
    if (!picked) return;
    Serve(*picked);
  }
}

void ServiceKeySender::Work() {
  for (;;) {
    std::optional<ServiceId> picked;
    {
      const base::MutexLock lock(mutex_);
      for (;;) {
        if (stopping_) return;
        absl::Duration wait = kLookInterval;
        picked = Pick(wait);
        if (picked) break;
        (void)changed_.WaitFor(mutex_, wait);
      }
    }
    Serve(*picked);
  }
}

std::optional<KeyTrouble> ServiceKeySender::TroubleOf(
    const ServiceId& service) const {
  const base::MutexLock lock(mutex_);
  const auto at = troubles_.find(service);
  if (at == troubles_.end()) return std::nullopt;
  return at->second;
}

}  // namespace limpid::consent
