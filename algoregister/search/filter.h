// What a list, a feed or a report is narrowed to, and its one text form: part
// of an address, which is also how a filter is saved and passed on.
// docs/formats/register-filter.md

#ifndef LIMPID_ALGOREGISTER_SEARCH_FILTER_H_
#define LIMPID_ALGOREGISTER_SEARCH_FILTER_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/day.h"

namespace limpid::algoregister::search {

// A long address; browsers and proxies take eight times as much.
inline constexpr std::size_t kMaxFilterBytes = 4'000;
// Over all names.
inline constexpr std::size_t kMaxFilterValues = 64;

struct Filter {
  // Full text, at most kMaxQueryBytes; empty for none.
  std::string query;
  // Values of facets, by the name of the facet: any of the values, and of all
  // facets named.
  std::map<std::string, std::set<std::string>> facets;
  // Compared with titles after folding A to Z; empty matches all.
  std::string title_prefix;
  // The newest version was drafted on this day (UTC) or later; 0 for any.
  base::Day changed_since = 0;
  // Retired registrations too.
  bool include_retired = false;

  friend bool operator==(const Filter&, const Filter&) = default;
};

// Reads "kind=deployment&status=in_use&q=parkeren": names in any order,
// repeated for several values, percent-encoded, "+" for a space.
//
// Errors:
//   kInvalidArgument  "filter: reason" or "filter.<name>: reason"; never the
//                     value.
absl::StatusOr<Filter> ParseFilter(std::string_view text);

// Names and values in the order of their bytes, each once; everything but
// letters, digits and "-._~" percent-encoded. Reads back as the same filter.
std::string FilterText(const Filter& filter);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_FILTER_H_
