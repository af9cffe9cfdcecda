// Facet values as numbers, counted: a value that nothing has any more is
// forgotten.

#ifndef LIMPID_ALGOREGISTER_SEARCH_VALUE_TABLE_H_
#define LIMPID_ALGOREGISTER_SEARCH_VALUE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "algoregister/search/facets.h"

namespace limpid::algoregister::search {

// Given again when its value is forgotten.
using ValueId = std::uint32_t;

// Thread-compatible.
class ValueTable {
 public:
  ValueId Take(const FacetValue& value) {
    const auto found = ids_.find(value);
    if (found != ids_.end()) {
      ++uses_[found->second];
      return found->second;
    }
    ValueId id = static_cast<ValueId>(values_.size());
    if (free_.empty()) {
      values_.push_back(value);
      uses_.push_back(1);
    } else {
      id = free_.back();
      free_.pop_back();
      values_[id] = value;
      uses_[id] = 1;
    }
    ids_.emplace(value, id);
    return id;
  }
  void Release(ValueId id) {
    if (--uses_[id] > 0) return;
    ids_.erase(values_[id]);
    values_[id] = FacetValue();
    free_.push_back(id);
  }
  [[nodiscard]] std::optional<ValueId> Find(const FacetValue& value) const {
    const auto found = ids_.find(value);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
  }
  // Of an id in use.
  [[nodiscard]] const FacetValue& Value(ValueId id) const {
    return values_[id];
  }
  // One above the largest id ever given.
  [[nodiscard]] std::size_t id_end() const { return values_.size(); }

 private:
  std::vector<FacetValue> values_;
  std::vector<std::uint32_t> uses_;
  std::vector<ValueId> free_;
  std::map<FacetValue, ValueId> ids_;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_VALUE_TABLE_H_
