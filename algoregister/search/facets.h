// What lists can be narrowed by, as a table over field names: a facet whose
// field no kind has yet is empty and harms nobody.

#ifndef LIMPID_ALGOREGISTER_SEARCH_FACETS_H_
#define LIMPID_ALGOREGISTER_SEARCH_FACETS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister::search {

// Where a facet's values come from.
enum class FacetSource {
  kKind,
  // The organisation that a list shows: its id.
  kOrganisation,
  // The first of `fields` that is given: its code, codes, text, texts,
  // references or names of records; else the state of the first that is not
  // missing, or "missing", where the kind has any.
  kField,
  // "yes" when one of `fields` is given, "no" when the kind has one.
  kAnyGiven,
  // Tags of the languages of the texts.
  kLanguage,
  // The band of completeness.h.
  kCompleteness,
  // "yes" when an active evaluation names it, "no" for what can be evaluated.
  // Not of the registration itself: the index adds it.
  kEvidence,
};

struct FacetSpec {
  std::string_view name;
  // For people, in English.
  std::string_view label;
  FacetSource source;
  std::span<const std::string_view> fields = {};
};

// In the order in which they are shown.
std::span<const FacetSpec> Facets();
// Place in Facets(), if there is one of this name.
std::optional<std::size_t> FindFacet(std::string_view name);

// One value of one facet.
struct FacetValue {
  // Place in Facets().
  std::size_t facet = 0;
  // At most kMaxFacetValueBytes, cut between characters.
  std::string value;

  friend auto operator<=>(const FacetValue&, const FacetValue&) = default;
};
inline constexpr std::size_t kMaxFacetValueBytes = 200;

// The values of a valid content, each once, ascending; without kEvidence.
std::vector<FacetValue> FacetValuesOf(const json::Value& content);

// For people, in English: the label of a code, else the value itself.
std::string FacetValueLabel(const FacetValue& value);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_FACETS_H_
