#include "algoregister/store/memory_service_key_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

StoredServiceKey* MemoryServiceKeyStore::Find(
    const receipt::ServiceIdBytes& service, std::uint32_t number) {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const auto& key) {
        return key.service == service && key.number == number;
      });
  return found == keys_.end() ? nullptr : &*found;
}

absl::Status MemoryServiceKeyStore::Add(const StoredServiceKey& key) {
  const base::MutexLock lock(mutex_);
  const StoredServiceKey* const same = Find(key.service, key.number);
  if (same != nullptr && same->entry == key.entry) return absl::OkStatus();
  const bool follows =
      key.number == 1 || Find(key.service, key.number - 1) != nullptr;
  if (same != nullptr || key.number == 0 || !follows) {
    return absl::AbortedError("another entry of the service came first");
  }
  keys_.push_back(key);
  keys_.back().leaf_index.reset();
  return absl::OkStatus();
}

absl::Status MemoryServiceKeyStore::MarkLogged(
    std::span<const ServiceKeyPlace> places) {
  const base::MutexLock lock(mutex_);
  for (const ServiceKeyPlace& place : places) {
    if (Find(place.service, place.number) == nullptr) {
      return absl::NotFoundError("no such entry of a service's key");
    }
  }
  for (const ServiceKeyPlace& place : places) {
    Find(place.service, place.number)->leaf_index = place.leaf_index;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredServiceKey>> MemoryServiceKeyStore::Pending()
    const {
  const base::MutexLock lock(mutex_);
  std::vector<StoredServiceKey> out;
  for (const StoredServiceKey& key : keys_) {
    if (!key.leaf_index) out.push_back(key);
  }
  return out;
}

absl::StatusOr<std::uint64_t> MemoryServiceKeyStore::LoggedSize() const {
  const base::MutexLock lock(mutex_);
  std::uint64_t size = 0;
  for (const StoredServiceKey& key : keys_) {
    if (key.leaf_index) size = std::max(size, *key.leaf_index + 1);
  }
  return size;
}

absl::StatusOr<std::vector<StoredServiceKey>> MemoryServiceKeyStore::List(
    const receipt::ServiceIdBytes& service, std::uint32_t after,
    std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<StoredServiceKey> out;
  // A service's entries are added in the order of their numbers.
  for (const StoredServiceKey& key : keys_) {
    if (key.service == service && key.number > after && key.leaf_index &&
        out.size() < limit) {
      out.push_back(key);
    }
  }
  return out;
}

}  // namespace limpid::algoregister
