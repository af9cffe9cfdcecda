// The cohorts of the present epoch, in memory, as far as they are gathered. A
// copy of what the records say, kept true by fences: lost with the process and
// gathered again. Knows no store.

#ifndef LIMPID_CONSENT_COHORT_COHORT_BOOK_H_
#define LIMPID_CONSENT_COHORT_COHORT_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "consent/cohort/cohort.h"
#include "consent/ids.h"
#include "consent/ledger/person_state.h"

namespace limpid::consent {

// What a cohort is about. Not the service: the agreement is one service's.
struct CohortKey {
  AgreementId agreement;
  SourceId source;
  std::string purpose;
  std::string attribute;

  friend auto operator<=>(const CohortKey&, const CohortKey&) = default;
  friend bool operator==(const CohortKey&, const CohortKey&) = default;
};

CohortKey KeyOf(const CohortRequest& request);

// One who counts.
struct Contributor {
  HolderId holder;
  // Of the record when it was admitted.
  std::uint64_t revision = 0;
  // Of the agreement.
  std::uint32_t version = 0;
  // End of the validity, or of the delegation it stands on.
  absl::Time until;
};

// A record as it would be of somebody whose own act could not change it: what
// the rules say about it now, they say about every record of the version.
struct VersionSample {
  PersonState person;
  LiveRecord record;
};

// One question that waits for its permit.
struct CohortAsk {
  CohortRequest request;
  CohortCallback callback;
};

struct Cohort {
  CohortKey key;
  std::uint64_t epoch = 0;
  ServiceId service;
  // In the service's stream: looked at so far; where this gathering ends.
  std::uint64_t position = 0;
  std::uint64_t end = 0;
  std::size_t event_count = 0;
  bool gathering = false;
  // The stream is gone through twice: nobody is entered before it is known that
  // the cohort is not too large, which would cost her a use for nothing.
  bool entering = false;
  bool whole = false;
  // Why there is none in this epoch; OK otherwise.
  absl::Status refused;
  // In this epoch so far; read from the store at the first page.
  std::uint32_t permit_count = 0;
  std::unordered_map<RecordId, Contributor> contributors;
  // Everybody admitted, so that nobody counts twice.
  std::unordered_set<PersonId> persons;
  // By version of the agreement.
  std::map<std::uint32_t, VersionSample> samples;
  std::vector<CohortAsk> waiting;
};

// Shared between the book and the task that works on it.
using CohortPointer = std::shared_ptr<Cohort>;

// Used by the sequencer's thread alone.
class CohortBook {
 public:
  // Null when there is none of that epoch.
  [[nodiscard]] CohortPointer Find(const CohortKey& key,
                                   std::uint64_t epoch) const;
  // A new one, in place of what was kept under the key. Cohorts of other
  // epochs go, and idle ones while the memory is over kMaxCohortMemory.
  CohortPointer Open(const CohortKey& key, std::uint64_t epoch,
                     const ServiceId& service);
  void Drop(const CohortPointer& cohort);

  // The record counts in no permit from here on.
  void Fence(const RecordId& record, std::uint64_t revision);

  [[nodiscard]] std::size_t contributor_count() const;

 private:
  void MakeRoom(std::uint64_t epoch);

  std::map<CohortKey, CohortPointer> cohorts_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_COHORT_COHORT_BOOK_H_
