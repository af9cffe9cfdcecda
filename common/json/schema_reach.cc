#include "common/json/schema_reach.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::json::internal {
namespace {

// How many schemas are tried. One schema counts for kMaxTried + 1 at most, and
// no more than kMaxSteps of them are added: sums fit.
using Count = std::int64_t;

constexpr Count kTooMany = Count{kMaxTried} + 1;
constexpr std::size_t kNameBytesPerStep = 64;

// What is tried on the parts one level below, by index or by name.
template <typename Key>
struct Level {
  // On a part that is not in `at`.
  Count other = 0;
  // How much more on these, which may be less than nothing.
  std::map<Key, Count> at;

  [[nodiscard]] Count At(const Key& key) const {
    const auto found = at.find(key);
    return other + (found == at.end() ? 0 : found->second);
  }
  [[nodiscard]] Count Worst() const {
    Count most = 0;
    for (const auto& [key, more] : at) most = std::max(most, more);
    return other + most;
  }
  void Add(const Level& both) {
    other += both.other;
    for (const auto& [key, more] : both.at) at[key] += more;
  }
  // Of the two, what is more on each part.
  static Level Either(const Level& one, const Level& two) {
    Level out;
    out.other = std::max(one.other, two.other);
    for (const Level* const each : {&one, &two}) {
      for (const auto& [key, more] : each->at) {
        out.at[key] = std::max(one.At(key), two.At(key)) - out.other;
      }
    }
    return out;
  }
};

// What a schema tries, references followed.
struct Load {
  // On the value itself, the schema included.
  Count here = 0;
  Level<std::size_t> elements;
  Level<std::string_view> members;
  // On a name of a member.
  Count names = 0;

  [[nodiscard]] std::size_t PartCount() const {
    return elements.at.size() + members.at.size();
  }
  void Add(const Load& both) {
    here += both.here;
    elements.Add(both.elements);
    members.Add(both.members);
    names += both.names;
  }
  static Load Either(const Load& one, const Load& two) {
    Load out;
    out.here = std::max(one.here, two.here);
    out.elements = Level<std::size_t>::Either(one.elements, two.elements);
    out.members = Level<std::string_view>::Either(one.members, two.members);
    out.names = std::max(one.names, two.names);
    return out;
  }
};

absl::Status TooMuch() {
  return absl::InvalidArgumentError(
      absl::StrCat(": tries more than ", kMaxTried,
                   " schemas on one part of a value; use fewer references "
                   "inside allOf, anyOf, oneOf and items"));
}

class Walk {
 public:
  Walk(const Value& root, Purpose purpose, std::size_t max_steps)
      : root_(root), purpose_(purpose), steps_left_(max_steps) {}

  // How many schemas `schema` tries along the worst way down a value of
  // `depth` levels; no more than kTooMany are counted.
  absl::StatusOr<Count> Worst(const Value& schema, std::size_t depth) {
    if (const auto known = worst_.find({&schema, depth});
        known != worst_.end()) {
      return known->second;
    }
    depth_ = depth;
    missing_.clear();
    Load load;
    LIMPID_RETURN_IF_ERROR(Add(schema, load));
    if (!missing_.empty()) {
      const std::set<const Value*> below = std::exchange(missing_, {});
      for (const Value* const one : below) {
        LIMPID_RETURN_IF_ERROR(Worst(*one, depth - 1).status());
      }
      // Again, now that all below is known: what waits on the stack is then
      // one place, and not one place inside another.
      depth_ = depth;
      load = Load();
      LIMPID_RETURN_IF_ERROR(Add(schema, load));
    }
    const Count worst =
        load.here +
        std::max({load.elements.Worst(), load.members.Worst(), load.names});
    return worst_[{&schema, depth}] = std::min(worst, kTooMany);
  }

 private:
  absl::Status Step(std::size_t count = 1) {
    if (steps_left_ < count) {
      return absl::InvalidArgumentError(
          ": takes too long to see how many schemas a value tries; use fewer "
          "members, or fewer references to schemas that hold themselves");
    }
    steps_left_ -= count;
    return absl::OkStatus();
  }

  // Adds what `schema` tries in the place that is walked.
  absl::Status Add(const Value& schema, Load& load) {
    LIMPID_RETURN_IF_ERROR(Step());
    // Those on the way are all tried here, whichever branch leads to them.
    if (++load.here > Count{kMaxTried} || on_the_way_.size() >= kMaxTried) {
      return TooMuch();
    }
    if (!on_the_way_.insert(&schema).second) {
      return absl::InvalidArgumentError(
          ": a reference leads back to where it stands");
    }
    for (const Member& member : schema.members()) {
      LIMPID_RETURN_IF_ERROR(AddHere(member, load));
    }
    LIMPID_RETURN_IF_ERROR(AddBranches(schema, load));
    if (depth_ > 0) {
      LIMPID_RETURN_IF_ERROR(AddElements(schema, load.elements));
      LIMPID_RETURN_IF_ERROR(AddMembers(schema, load));
    }
    on_the_way_.erase(&schema);
    return absl::OkStatus();
  }

  absl::Status AddHere(const Member& member, Load& load) {
    const std::string_view key = member.key;
    const Value& value = member.value;
    if (key == "$ref") return Add(Target(value), load);
    if (key == "not" || key == "if") return Add(value, load);
    if (key == "allOf" || key == "anyOf" || key == "oneOf") {
      for (const Value& one : value.elements()) {
        LIMPID_RETURN_IF_ERROR(Add(one, load));
      }
    } else if (key == "dependencies") {
      for (const Member& one : value.members()) {
        if (!one.value.is_object()) continue;
        LIMPID_RETURN_IF_ERROR(Add(one.value, load));
      }
    }
    return absl::OkStatus();
  }

  // A value goes one of the two ways.
  absl::Status AddBranches(const Value& schema, Load& load) {
    const Value* const yes = schema.Find("then");
    const Value* const no = schema.Find("else");
    if (yes == nullptr || no == nullptr) {
      const Value* const only = yes == nullptr ? no : yes;
      return only == nullptr ? absl::OkStatus() : Add(*only, load);
    }
    Load if_so;
    Load if_not;
    LIMPID_RETURN_IF_ERROR(Add(*yes, if_so));
    LIMPID_RETURN_IF_ERROR(Add(*no, if_not));
    // A chain of them goes over the parts of all that are behind it.
    LIMPID_RETURN_IF_ERROR(Step(if_so.PartCount() + if_not.PartCount()));
    load.Add(Load::Either(if_so, if_not));
    return absl::OkStatus();
  }

  absl::Status AddElements(const Value& schema, Level<std::size_t>& elements) {
    LIMPID_ASSIGN_OR_RETURN(const Count contains,
                            BelowOf(schema.Find("contains")));
    LIMPID_ASSIGN_OR_RETURN(const Count rest,
                            BelowOf(schema.Find("additionalItems")));
    Count other = rest;
    const Value* const items = schema.Find("items");
    if (items != nullptr && items->is_array()) {
      std::size_t index = 0;
      for (const Value& one : items->elements()) {
        LIMPID_ASSIGN_OR_RETURN(const Count each, BelowOf(&one));
        // An element has a schema of its own or that of the rest. The library,
        // collecting faults, tries the one it does not fit and then the rest.
        elements.at[index++] +=
            purpose_ == Purpose::kExplain ? each : each - rest;
      }
    } else {
      LIMPID_ASSIGN_OR_RETURN(const Count each, BelowOf(items));
      other = std::max(each, rest);
    }
    elements.other += contains + other;
    return absl::OkStatus();
  }

  absl::Status AddMembers(const Value& schema, Load& load) {
    Count patterns = 0;
    if (const Value* const all = schema.Find("patternProperties");
        all != nullptr) {
      for (const Member& one : all->members()) {
        LIMPID_ASSIGN_OR_RETURN(const Count each, BelowOf(&one.value));
        patterns += each;
      }
    }
    LIMPID_ASSIGN_OR_RETURN(const Count rest,
                            BelowOf(schema.Find("additionalProperties")));
    // The rest are those that neither a name nor a pattern takes; a name can
    // have every pattern too.
    const Count other = std::max(patterns, rest);
    load.members.other += other;
    if (const Value* const named = schema.Find("properties");
        named != nullptr) {
      for (const Member& one : named->members()) {
        // Names are compared, and may be long.
        LIMPID_RETURN_IF_ERROR(Step(one.key.size() / kNameBytesPerStep));
        LIMPID_ASSIGN_OR_RETURN(const Count each, BelowOf(&one.value));
        load.members.at[one.key] += each + patterns - other;
      }
    }
    LIMPID_ASSIGN_OR_RETURN(const Count names,
                            BelowOf(schema.Find("propertyNames")));
    load.names += names;
    return absl::OkStatus();
  }

  // What a schema tries one level below, or nothing yet, and then it is noted
  // as missing. Flags are schemas too, of additionalItems and
  // additionalProperties, and try nothing.
  absl::StatusOr<Count> BelowOf(const Value* schema) {
    if (schema == nullptr || !schema->is_object()) return 0;
    LIMPID_RETURN_IF_ERROR(Step());
    // A reference is its target and one more: many to one schema are looked at
    // once.
    Count more = 0;
    if (const Value* const reference = schema->Find("$ref");
        reference != nullptr) {
      schema = &Target(*reference);
      more = 1;
    }
    const auto known = worst_.find({schema, depth_ - 1});
    if (known != worst_.end()) return known->second + more;
    missing_.insert(schema);
    return 0;
  }

  const Value& Target(const Value& reference) {
    const Value*& target = targets_[&reference];
    if (target == nullptr) {
      target = root_.FindPointer(reference.string().substr(1));
    }
    return *target;
  }

  const Value& root_;
  const Purpose purpose_;
  std::size_t steps_left_;
  // Of the place that is walked: the levels below it, the schemas between its
  // own and the one that is added, and those below that are not known yet.
  std::size_t depth_ = 0;
  std::set<const Value*> on_the_way_;
  std::set<const Value*> missing_;
  std::map<const Value*, const Value*> targets_;
  std::map<std::pair<const Value*, std::size_t>, Count> worst_;
};

}  // namespace

absl::Status CheckReach(const Value& root, Purpose purpose,
                        std::size_t max_steps) {
  // Values are no deeper than the parser lets them be.
  LIMPID_ASSIGN_OR_RETURN(
      const Count worst,
      Walk(root, purpose, max_steps).Worst(root, ParseLimits().max_depth));
  return worst > Count{kMaxTried} ? TooMuch() : absl::OkStatus();
}

}  // namespace limpid::json::internal
