// Which entries of her log a person wants to see.

#ifndef LIMPID_CONSENT_LOG_ACCESS_FILTER_H_
#define LIMPID_CONSENT_LOG_ACCESS_FILTER_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// All that is set must hold; nothing set is everything.
struct AccessFilter {
  std::optional<RecordId> record;
  std::optional<ServiceId> service;
  // A DPV IRI: entries for it or a narrower purpose. Empty for all.
  std::string purpose;
  // from <= time < until.
  std::optional<absl::Time> from;
  std::optional<absl::Time> until;

  // Errors:
  //   kInvalidArgument  an unknown purpose, or an end before its beginning;
  //                     names the field.
  [[nodiscard]] absl::Status Check(const Purposes& purposes) const;
  [[nodiscard]] bool Matches(const receipt::AccessEntry& entry,
                             const Purposes& purposes) const;
  // For an entry of which only the time is known.
  [[nodiscard]] bool MatchesTime(absl::Time time) const;
  // Times only grow along a log: below such an entry nothing matches.
  [[nodiscard]] bool EndsAt(const receipt::AccessEntry& entry) const {
    return from && entry.time < *from;
  }
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_ACCESS_FILTER_H_
