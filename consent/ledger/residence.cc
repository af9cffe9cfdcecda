#include "consent/ledger/residence.h"

namespace limpid::consent {

std::size_t Residence::PlaceOf(const PersonId& person) {
  const auto& bytes = person.bytes();
  return (bytes[0] * std::size_t{256} + bytes[1]) % kPlaces;
}

Residence::Turn Residence::TurnOf(const PersonId& person) const {
  const base::MutexLock lock(mutex_);
  // Both only grow.
  return cleared_ + left_.at(PlaceOf(person));
}

bool Residence::Holds(const RecordId& record) const {
  const base::MutexLock lock(mutex_);
  return records_.contains(record);
}

void Residence::Add(const RecordId& record) {
  const base::MutexLock lock(mutex_);
  records_.insert(record);
}

void Residence::Remove(const RecordId& record) {
  const base::MutexLock lock(mutex_);
  records_.erase(record);
}

void Residence::Leave(const PersonId& person) {
  const base::MutexLock lock(mutex_);
  ++left_.at(PlaceOf(person));
}

void Residence::Clear() {
  const base::MutexLock lock(mutex_);
  records_.clear();
  ++cleared_;
}

}  // namespace limpid::consent
