#include "common/json/schema_reach.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::json::internal {
namespace {

// Schemas and how often each is tried.
using Tried = std::map<const Value*, std::size_t>;

// What one schema tries, references followed.
struct Reach {
  // On the value itself, this schema included.
  std::size_t here = 0;
  // On every element, and on that at an index.
  Tried elements;
  std::map<std::size_t, Tried> at_index;
  // On every member, on that of a name, and on names.
  Tried members;
  std::map<std::string, Tried, std::less<>> at_name;
  Tried names;
};

absl::Status TooMuch() {
  return absl::InvalidArgumentError(
      absl::StrCat(": tries more than ", kMaxTried,
                   " schemas on one part of a value; use fewer references "
                   "inside allOf, anyOf, oneOf and items"));
}

class Walk {
 public:
  explicit Walk(const Value& root) : root_(root) {}

  // How many schemas `schema` tries along the worst way down a value of
  // `depth` levels; no more than kMaxTried + 1 are counted.
  absl::StatusOr<std::size_t> Worst(const Value& schema, std::size_t depth) {
    const auto key = std::pair(&schema, depth);
    if (const auto known = worst_.find(key); known != worst_.end()) {
      return known->second;
    }
    LIMPID_ASSIGN_OR_RETURN(const Reach* const reach, ReachOf(schema));
    std::size_t below = 0;
    if (depth > 0) {
      LIMPID_ASSIGN_OR_RETURN(
          below, WorstBelow(reach->elements, reach->at_index, depth));
      LIMPID_ASSIGN_OR_RETURN(
          const std::size_t members,
          WorstBelow(reach->members, reach->at_name, depth));
      LIMPID_ASSIGN_OR_RETURN(const std::size_t names,
                              Sum(reach->names, depth));
      below = std::max({below, members, names});
    }
    const std::size_t worst = std::min(reach->here + below, kMaxTried + 1);
    worst_[key] = worst;
    return worst;
  }

 private:
  absl::StatusOr<std::size_t> Sum(const Tried& tried, std::size_t depth) {
    std::size_t sum = 0;
    for (const auto& [schema, times] : tried) {
      LIMPID_ASSIGN_OR_RETURN(const std::size_t each,
                              Worst(*schema, depth - 1));
      sum = std::min(sum + each * times, kMaxTried + 1);
    }
    return sum;
  }

  // Of what is tried on all of them, and on the one where most is.
  template <typename Key, typename Less>
  absl::StatusOr<std::size_t> WorstBelow(const Tried& all,
                                         const std::map<Key, Tried, Less>& each,
                                         std::size_t depth) {
    LIMPID_ASSIGN_OR_RETURN(const std::size_t common, Sum(all, depth));
    std::size_t most = 0;
    for (const auto& [key, tried] : each) {
      LIMPID_ASSIGN_OR_RETURN(const std::size_t one, Sum(tried, depth));
      most = std::max(most, one);
    }
    return common + most;
  }

  absl::StatusOr<const Reach*> ReachOf(const Value& schema) {
    const auto [found, fresh] = reaches_.try_emplace(&schema);
    if (fresh) LIMPID_RETURN_IF_ERROR(Add(schema, found->second));
    return &found->second;
  }

  // Adds what `schema` tries in the place where `reach` is.
  absl::Status Add(const Value& schema, Reach& reach) {
    // Flags are schemas too, of additionalItems and additionalProperties.
    if (!schema.is_object()) return absl::OkStatus();
    if (++reach.here > kMaxTried) return TooMuch();
    if (!on_the_way_.insert(&schema).second) {
      return absl::InvalidArgumentError(
          ": a reference leads back to where it stands");
    }
    for (const Member& member : schema.members()) {
      LIMPID_RETURN_IF_ERROR(AddKeyword(member, reach));
    }
    on_the_way_.erase(&schema);
    return absl::OkStatus();
  }

  absl::Status AddKeyword(const Member& member, Reach& reach) {
    const std::string_view key = member.key;
    const Value& value = member.value;
    if (key == "$ref") {
      return Add(*root_.FindPointer(value.string().substr(1)), reach);
    }
    if (key == "not" || key == "if" || key == "then" || key == "else") {
      return Add(value, reach);
    }
    if (key == "allOf" || key == "anyOf" || key == "oneOf") {
      for (const Value& one : value.elements()) {
        LIMPID_RETURN_IF_ERROR(Add(one, reach));
      }
      return absl::OkStatus();
    }
    if (key == "dependencies") {
      for (const Member& one : value.members()) {
        LIMPID_RETURN_IF_ERROR(Add(one.value, reach));
      }
      return absl::OkStatus();
    }
    AddBelow(key, value, reach);
    return absl::OkStatus();
  }

  static void AddBelow(std::string_view key, const Value& value, Reach& reach) {
    if (key == "contains" || key == "additionalItems" ||
        (key == "items" && !value.is_array())) {
      ++reach.elements[&value];
    } else if (key == "items") {
      std::size_t index = 0;
      for (const Value& one : value.elements()) ++reach.at_index[index++][&one];
    } else if (key == "additionalProperties") {
      ++reach.members[&value];
    } else if (key == "patternProperties") {
      for (const Member& one : value.members()) ++reach.members[&one.value];
    } else if (key == "properties") {
      for (const Member& one : value.members()) {
        ++reach.at_name[one.key][&one.value];
      }
    } else if (key == "propertyNames") {
      ++reach.names[&value];
    }
  }

  const Value& root_;
  // In the place that is being added to.
  std::set<const Value*> on_the_way_;
  std::map<const Value*, Reach> reaches_;
  std::map<std::pair<const Value*, std::size_t>, std::size_t> worst_;
};

}  // namespace

absl::Status CheckReach(const Value& root) {
  // Values are no deeper than the parser lets them be.
  LIMPID_ASSIGN_OR_RETURN(const std::size_t worst,
                          Walk(root).Worst(root, ParseLimits().max_depth));
  return worst > kMaxTried ? TooMuch() : absl::OkStatus();
}

}  // namespace limpid::json::internal
