#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {
namespace {

template <typename Key>
bool Share(const std::vector<Key>& left, const std::vector<Key>& right) {
  return std::find_first_of(left.begin(), left.end(), right.begin(),
                            right.end()) != left.end();
}

}  // namespace

bool MemoryPublisherStore::Clashes(const Publisher& publisher) const {
  return std::any_of(
      publishers_.begin(), publishers_.end(), [&publisher](const auto& entry) {
        const Publisher& other = entry.second;
        return other.id != publisher.id &&
               (Share(other.certificate_thumbprints,
                      publisher.certificate_thumbprints) ||
                Share(other.signing_keys, publisher.signing_keys));
      });
}

absl::StatusOr<Publisher> MemoryPublisherStore::Create(
    const Publisher& publisher,
    const base::ByteArray<base::kIdBytes>& request) {
  const base::MutexLock lock(mutex_);
  const auto made = requests_.find(request);
  if (made != requests_.end()) return publishers_.at(made->second);
  if (publishers_.contains(publisher.id) || Clashes(publisher)) {
    return absl::AlreadyExistsError("a key belongs to another publisher");
  }
  publishers_[publisher.id] = publisher;
  requests_[request] = publisher.id;
  return publisher;
}

absl::Status MemoryPublisherStore::Update(const Publisher& publisher) {
  const base::MutexLock lock(mutex_);
  if (!publishers_.contains(publisher.id)) {
    return absl::NotFoundError("no such publisher");
  }
  if (Clashes(publisher)) {
    return absl::AlreadyExistsError("a key belongs to another publisher");
  }
  publishers_[publisher.id] = publisher;
  return absl::OkStatus();
}

absl::StatusOr<Publisher> MemoryPublisherStore::FindByCertificate(
    const base::Digest32& thumbprint) const {
  const base::MutexLock lock(mutex_);
  for (const auto& [id, publisher] : publishers_) {
    if (Share(publisher.certificate_thumbprints, {thumbprint})) {
      return publisher;
    }
  }
  return absl::NotFoundError("no such publisher");
}

absl::StatusOr<Publisher> MemoryPublisherStore::FindBySigningKey(
    const crypto::Ed25519PublicKey& key) const {
  const base::MutexLock lock(mutex_);
  for (const auto& [id, publisher] : publishers_) {
    if (Share(publisher.signing_keys, {key})) return publisher;
  }
  return absl::NotFoundError("no such publisher");
}

absl::StatusOr<std::vector<Publisher>> MemoryPublisherStore::List(
    const std::optional<PublisherId>& after, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<Publisher> out;
  for (const auto& [id, publisher] : publishers_) {
    if ((!after || *after < id) && out.size() < limit) {
      out.push_back(publisher);
    }
  }
  return out;
}

}  // namespace limpid::algoregister
