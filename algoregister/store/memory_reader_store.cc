#include "algoregister/store/memory_reader_store.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {
namespace {

bool Has(const RestrictedReader& reader, const base::Digest32& thumbprint) {
  const auto& all = reader.certificate_thumbprints;
  return std::find(all.begin(), all.end(), thumbprint) != all.end();
}

}  // namespace

absl::StatusOr<RestrictedReader> MemoryReaderStore::Create(
    const RestrictedReader& reader,
    const base::ByteArray<base::kIdBytes>& request) {
  const base::MutexLock lock(mutex_);
  const auto made = requests_.find(request);
  if (made != requests_.end()) return readers_.at(made->second);
  if (readers_.size() >= kMaxReaders) {
    return absl::ResourceExhaustedError("there are too many readers");
  }
  for (const auto& [id, other] : readers_) {
    for (const base::Digest32& thumbprint : reader.certificate_thumbprints) {
      if (Has(other, thumbprint)) {
        return absl::AlreadyExistsError(
            "a certificate belongs to another reader");
      }
    }
  }
  readers_[reader.id] = reader;
  requests_[request] = reader.id;
  return reader;
}

absl::Status MemoryReaderStore::Remove(const RestrictedReaderId& id) {
  const base::MutexLock lock(mutex_);
  const auto found = readers_.find(id);
  if (found == readers_.end()) return absl::NotFoundError("no such reader");
  found->second.removed = true;
  return absl::OkStatus();
}

absl::StatusOr<RestrictedReader> MemoryReaderStore::FindByCertificate(
    const base::Digest32& thumbprint) const {
  const base::MutexLock lock(mutex_);
  for (const auto& [id, reader] : readers_) {
    if (Has(reader, thumbprint) && !reader.removed) return reader;
  }
  return absl::NotFoundError("no such reader");
}

absl::Status MemoryReaderStore::Count(const RestrictedReaderId& id) {
  const base::MutexLock lock(mutex_);
  const auto found = readers_.find(id);
  if (found == readers_.end()) return absl::NotFoundError("no such reader");
  ++found->second.read_count;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RestrictedReader>> MemoryReaderStore::List() const {
  const base::MutexLock lock(mutex_);
  std::vector<RestrictedReader> out;
  for (const auto& [id, reader] : readers_) out.push_back(reader);
  return out;
}

}  // namespace limpid::algoregister
