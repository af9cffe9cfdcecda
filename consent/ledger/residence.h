// Who is in the sequencer's memory, for those who read ahead of it.
// docs/adr/2026-12-01-read-before-the-sequencer.md

#ifndef LIMPID_CONSENT_LEDGER_RESIDENCE_H_
#define LIMPID_CONSENT_LEDGER_RESIDENCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_set>

#include "common/base/mutex.h"
#include "consent/ids.h"

namespace limpid::consent {

// What is stored of a person changes only while she is in memory. So whoever
// asks for her turn, reads her then, and finds the turn unchanged while she is
// not in memory, has read what is stored.
//
// Only the sequencer's thread changes it. Thread-safe.
class Residence {
 public:
  // Grows when she leaves memory, or somebody else who has the same place here.
  using Turn = std::uint64_t;
  [[nodiscard]] Turn TurnOf(const PersonId& person) const;
  // Whether the record was told to be in memory. One that is and was not told
  // is read for nothing.
  [[nodiscard]] bool Holds(const RecordId& record) const;

  void Add(const RecordId& record);
  void Remove(const RecordId& record);
  // She left memory, or what is stored of her changed without her being there;
  // after the commit.
  void Leave(const PersonId& person);
  // Everybody did.
  void Clear();

 private:
  // So many that those who leave while a call waits seldom share its place.
  static constexpr std::size_t kPlaces = 4'096;
  // Ids are random.
  static std::size_t PlaceOf(const PersonId& person);

  mutable base::Mutex mutex_;
  std::unordered_set<RecordId> records_ ABSL_GUARDED_BY(mutex_);
  std::array<Turn, kPlaces> left_ ABSL_GUARDED_BY(mutex_){};
  Turn cleared_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_RESIDENCE_H_
