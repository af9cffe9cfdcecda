// What consent answers about deletion duties: plain values for the edges.

#ifndef LIMPID_CONSENT_DUTY_DUTY_VIEWS_H_
#define LIMPID_CONSENT_DUTY_DUTY_VIEWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "consent/duty/duty.h"
#include "consent/ledger/catalogue.h"

namespace limpid::consent {

struct DutyView {
  // Its `state` is that of now.
  Duty duty;
  // Null when the service is gone.
  ServicePointer service;
};

struct DutyPage {
  std::vector<DutyView> duties;
  // Duties of the page that are missing here because they do not open.
  std::size_t unreadable = 0;
  // Where the next page starts; 0 at the end.
  std::uint64_t next_after = 0;
};

// Place in a person's duties.
struct DutyCursor {
  RecordId record;
  std::uint64_t sequence = 0;
};

struct PersonDutyPage {
  std::vector<DutyView> duties;
  // As of DutyPage.
  std::size_t unreadable = 0;
  // Absent at the end.
  std::optional<DutyCursor> next;
};

// What one service owes.
struct OverdueDuties {
  ServiceId service;
  // Null when the service is gone.
  ServicePointer known;
  std::uint64_t count = 0;
  // When the oldest of them was due.
  absl::Time oldest = absl::InfiniteFuture();
};

struct OverdueCount {
  std::vector<OverdueDuties> services;
  // Duties that do not open: whose they are and whether they are overdue is not
  // known.
  std::size_t unreadable = 0;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DUTY_DUTY_VIEWS_H_
