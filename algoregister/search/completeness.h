// How much a registration says of what is asked: a state for each field. What
// is asked is what the registration itself mentions, in whatever state, and the
// few fields that are asked of everyone; fields of other countries' standards
// are not held against it. docs/adr/2026-11-30-search-in-memory.md

#ifndef LIMPID_ALGOREGISTER_SEARCH_COMPLETENESS_H_
#define LIMPID_ALGOREGISTER_SEARCH_COMPLETENESS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/ids.h"
#include "common/base/day.h"
#include "common/json/value.h"

namespace limpid::algoregister::search {

enum class FieldState : std::uint8_t {
  kGiven,
  kMissing,
  kNotApplicable,
  kInProgress,
  kWithheld,
};
inline constexpr std::size_t kFieldStates = 5;

// "given", "not_applicable", ... as contents spell it.
std::string_view FieldStateName(FieldState state);

struct AskedField {
  // Name of the field table's row, which outlives everything.
  std::string_view name;
  FieldState state = FieldState::kMissing;
  // Until when it is in progress, or is to be reviewed; 0 for neither. A due
  // date without a day is the last day of its month or year.
  base::Day due = 0;
};

// Without the naming field, which is always given; in the table's order.
std::vector<AskedField> AskedFieldsOf(const json::Value& content);

// Of 100: given ones of those that apply, rounded down; 100 when none does.
int CompletenessPercent(const std::vector<AskedField>& fields);
// "0-24", "25-49", "50-74", "75-99" or "100".
std::string_view CompletenessBand(int percent);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_COMPLETENESS_H_
