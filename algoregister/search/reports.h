// What bodies say of what is asked, and what they promised and did not do.
// Over active registrations; pure functions of the entries and a day, so that
// nobody waits for a report.

#ifndef LIMPID_ALGOREGISTER_SEARCH_REPORTS_H_
#define LIMPID_ALGOREGISTER_SEARCH_REPORTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/ids.h"
#include "algoregister/search/completeness.h"
#include "algoregister/search/entry.h"
#include "common/base/day.h"

namespace limpid::algoregister::search {

// How many fields are in each state, by FieldState.
using StateCounts = std::array<std::uint64_t, kFieldStates>;

struct FieldTally {
  RegistrationKind kind = RegistrationKind::kOrganisation;
  // Of the field table.
  std::string_view name;
  std::string_view label;
  StateCounts counts{};
};

struct BodyTally {
  RegistrationId organisation;
  std::string title;
  // 0 for a body that registered nothing.
  std::uint64_t registration_count = 0;
  StateCounts counts{};
};

struct CompletenessReport {
  // Every active organisation, by folded title, then id.
  std::vector<BodyTally> bodies;
  std::uint64_t registration_count = 0;
  // Of all registrations that were asked about, those without an organisation
  // among them.
  StateCounts counts{};
  // By kind, then in the order of the field table.
  std::vector<FieldTally> fields;
};

// Of one organisation, or of all.
CompletenessReport ReportCompleteness(
    const EntrySnapshot& entries,
    const std::optional<RegistrationId>& organisation);

// A field that was to be given, or reviewed, before today.
struct OverdueField {
  Place place = 0;
  std::string_view name;
  std::string_view label;
  // kInProgress or kWithheld.
  FieldState state = FieldState::kInProgress;
  base::Day due = 0;
};

// The longest overdue first, equals by id, then in the table's order. A field
// is overdue from the day after its due date on.
std::vector<OverdueField> ListOverdue(
    const EntrySnapshot& entries, base::Day today,
    const std::optional<RegistrationId>& organisation);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_REPORTS_H_
