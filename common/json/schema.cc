#include "common/json/schema.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/schema_reach.h"
#include "nlohmann/json.hpp"
#include "valijson/adapters/nlohmann_json_adapter.hpp"
#include "valijson/schema.hpp"
#include "valijson/schema_parser.hpp"
#include "valijson/validation_results.hpp"
#include "valijson/validator.hpp"

namespace limpid::json {

struct Schema::Compiled {
  valijson::Schema schema;
  bool matches_strings = false;
  bool compares_elements = false;
  // Whether collecting faults tries no more than a check does.
  bool explains = true;
  // Why nothing fits; empty where values are checked.
  std::string refusal;
};

namespace {

using base::ToAbsl;

// What a keyword's value holds, which decides where to look for more.
enum class Shape {
  kPlain,
  kNumber,
  kCount,
  kFlag,
  kSchema,
  kSchemaOrFlag,
  kSchemaOrList,
  kSchemaList,
  kSchemaMap,
  kDependencies,
  kPattern,
  kFormat,
  kReference,
  kRootOnly,
};

struct Keyword {
  std::string_view name;
  Shape shape;
};

constexpr auto kKeywords = std::to_array<Keyword>({
    {"$comment", Shape::kPlain},
    {"$id", Shape::kRootOnly},
    {"$ref", Shape::kReference},
    {"$schema", Shape::kRootOnly},
    {"additionalItems", Shape::kSchemaOrFlag},
    {"additionalProperties", Shape::kSchemaOrFlag},
    {"allOf", Shape::kSchemaList},
    {"anyOf", Shape::kSchemaList},
    {"const", Shape::kPlain},
    {"contains", Shape::kSchema},
    {"default", Shape::kPlain},
    {"definitions", Shape::kSchemaMap},
    {"dependencies", Shape::kDependencies},
    {"description", Shape::kPlain},
    {"else", Shape::kSchema},
    {"enum", Shape::kPlain},
    {"examples", Shape::kPlain},
    {"exclusiveMaximum", Shape::kNumber},
    {"exclusiveMinimum", Shape::kNumber},
    {"format", Shape::kFormat},
    {"if", Shape::kSchema},
    {"items", Shape::kSchemaOrList},
    {"maxItems", Shape::kCount},
    {"maxLength", Shape::kCount},
    {"maxProperties", Shape::kCount},
    {"maximum", Shape::kNumber},
    {"minItems", Shape::kCount},
    {"minLength", Shape::kCount},
    {"minProperties", Shape::kCount},
    {"minimum", Shape::kNumber},
    {"multipleOf", Shape::kNumber},
    {"not", Shape::kSchema},
    {"oneOf", Shape::kSchemaList},
    {"pattern", Shape::kPattern},
    {"patternProperties", Shape::kSchemaMap},
    {"properties", Shape::kSchemaMap},
    {"propertyNames", Shape::kSchema},
    {"required", Shape::kPlain},
    {"then", Shape::kSchema},
    {"title", Shape::kPlain},
    {"type", Shape::kPlain},
    {"uniqueItems", Shape::kFlag},
});

absl::Status Fault(std::string_view pointer, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(pointer), ": ", ToAbsl(reason)));
}

std::string Below(std::string_view pointer, std::string_view token) {
  return absl::StrCat(ToAbsl(pointer), "/", PointerToken(token));
}

nlohmann::json ToNlohmann(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return nullptr;
    case Kind::kBool:
      return value.boolean();
    case Kind::kInteger:
      return value.integer();
    case Kind::kReal:
      return value.number();
    case Kind::kString:
      return value.string();
    case Kind::kArray: {
      auto out = nlohmann::json::array();
      for (const Value& element : value.elements()) {
        out.push_back(ToNlohmann(element));
      }
      return out;
    }
    case Kind::kObject: {
      auto out = nlohmann::json::object();
      for (const Member& member : value.members()) {
        out[member.key] = ToNlohmann(member.value);
      }
      return out;
    }
  }
  return nullptr;
}

// Refuses every keyword that the validator would ignore or mistake.
class KeywordCheck {
 public:
  explicit KeywordCheck(const Value& root) : root_(root) {}

  absl::Status CheckSchema(const Value& schema, const std::string& pointer) {
    if (!schema.is_object()) return Fault(pointer, "not a schema object");
    checked_.insert(&schema);
    for (const Member& member : schema.members()) {
      const auto* const keyword = std::find_if(
          kKeywords.begin(), kKeywords.end(),
          [&member](const Keyword& k) { return k.name == member.key; });
      const std::string below = Below(pointer, member.key);
      if (keyword == kKeywords.end()) return Fault(below, "unknown keyword");
      if (keyword->shape == Shape::kReference && schema.size() != 1) {
        return Fault(below, "must be alone in its object");
      }
      LIMPID_RETURN_IF_ERROR(
          CheckKeyword(keyword->shape, member.value, below, pointer.empty()));
      if (member.key == "uniqueItems") compares_elements_ = true;
      if (member.key == "additionalItems") has_additional_items_ = true;
    }
    return absl::OkStatus();
  }
  // A target that is no schema would be used without a look at its keywords.
  [[nodiscard]] absl::Status CheckTargets() const {
    for (const auto& [target, pointer] : targets_) {
      if (!checked_.contains(target)) {
        return Fault(pointer, "refers to what is no schema");
      }
    }
    return absl::OkStatus();
  }
  [[nodiscard]] bool matches_strings() const { return matches_strings_; }
  [[nodiscard]] bool compares_elements() const { return compares_elements_; }
  [[nodiscard]] bool has_additional_items() const {
    return has_additional_items_;
  }

 private:
  static absl::Status Require(bool holds, std::string_view pointer,
                              std::string_view reason) {
    return holds ? absl::OkStatus() : Fault(pointer, reason);
  }

  absl::Status CheckKeyword(Shape shape, const Value& value,
                            const std::string& pointer, bool at_root) {
    switch (shape) {
      case Shape::kPlain:
        return absl::OkStatus();
      // The library would read "1" as 1 and skip what it cannot read.
      case Shape::kNumber:
        return Require(value.is_number(), pointer, "not a number");
      case Shape::kCount:
        return Require(value.is_integer() && value.integer() >= 0, pointer,
                       "not a count");
      case Shape::kFlag:
        return Require(value.is_bool(), pointer, "not true or false");
      case Shape::kRootOnly:
        return Require(at_root, pointer, "allowed at the root only");
      case Shape::kSchema:
        return CheckSchema(value, pointer);
      case Shape::kSchemaOrFlag:
        return value.is_bool() ? absl::OkStatus() : CheckSchema(value, pointer);
      case Shape::kSchemaOrList:
        return value.is_array() ? CheckList(value, pointer)
                                : CheckSchema(value, pointer);
      case Shape::kSchemaList:
        return CheckList(value, pointer);
      case Shape::kSchemaMap:
        return CheckMap(value, pointer, /*lists_allowed=*/false);
      case Shape::kDependencies:
        return CheckMap(value, pointer, /*lists_allowed=*/true);
      case Shape::kPattern:
        return CheckPattern(value, pointer);
      case Shape::kFormat:
        return CheckFormat(value, pointer);
      case Shape::kReference:
        return CheckReference(value, pointer);
    }
    return Fault(pointer, "unknown keyword");
  }

  absl::Status CheckList(const Value& list, const std::string& pointer) {
    if (!list.is_array()) return Fault(pointer, "not a list of schemas");
    std::size_t index = 0;
    for (const Value& element : list.elements()) {
      LIMPID_RETURN_IF_ERROR(
          CheckSchema(element, absl::StrCat(pointer, "/", index++)));
    }
    return absl::OkStatus();
  }

  absl::Status CheckMap(const Value& map, const std::string& pointer,
                        bool lists_allowed) {
    if (!map.is_object()) return Fault(pointer, "not a map of schemas");
    const bool patterns = pointer.ends_with("/patternProperties");
    for (const Member& member : map.members()) {
      const std::string below = Below(pointer, member.key);
      if (patterns) {
        LIMPID_RETURN_IF_ERROR(CheckPattern(Value(member.key), below));
      }
      if (lists_allowed && member.value.is_array()) continue;
      LIMPID_RETURN_IF_ERROR(CheckSchema(member.value, below));
    }
    return absl::OkStatus();
  }

  absl::Status CheckPattern(const Value& value, const std::string& pointer) {
    if (!value.is_string()) return Fault(pointer, "not a regular expression");
    matches_strings_ = true;
    const std::string& pattern = value.string();
    const auto groups = std::count(pattern.begin(), pattern.end(), '(');
    if (pattern.size() > kMaxPatternBytes ||
        static_cast<std::size_t>(groups) > kMaxPatternGroups) {
      return Fault(pointer, "a pattern of more than 1 KiB or 64 groups");
    }
    try {
      const std::regex compiled(pattern);
    } catch (const std::exception&) {
      return Fault(pointer, "not a regular expression");
    }
    return absl::OkStatus();
  }

  absl::Status CheckFormat(const Value& value, const std::string& pointer) {
    matches_strings_ = true;
    if (value == Value("date") || value == Value("date-time") ||
        value == Value("time")) {
      return absl::OkStatus();
    }
    return Fault(pointer, "a format that is not checked here");
  }

  absl::Status CheckReference(const Value& value, const std::string& pointer) {
    constexpr std::string_view kDefinitions = "#/definitions/";
    if (!value.is_string() ||
        (value.string() != "#" && !value.string().starts_with(kDefinitions))) {
      return Fault(pointer, "not a reference inside this schema");
    }
    const Value* const target = root_.FindPointer(value.string().substr(1));
    if (target == nullptr || !target->is_object()) {
      return Fault(pointer, "refers to nothing");
    }
    // A chain of references could be a circle.
    if (target->Find("$ref") != nullptr) {
      return Fault(pointer, "refers to another reference");
    }
    targets_.emplace_back(target, pointer);
    return absl::OkStatus();
  }

  const Value& root_;
  std::set<const Value*> checked_;
  // Of references, and where those stand.
  std::vector<std::pair<const Value*, std::string>> targets_;
  bool matches_strings_ = false;
  bool compares_elements_ = false;
  bool has_additional_items_ = false;
};

// The library's context is "<root>", "[a]", "[0]", ...
std::string PointerOf(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {
    const std::string& step = context[i];
    if (step.size() < 2) continue;
    pointer += "/" + PointerToken(step.substr(1, step.size() - 2));
  }
  return pointer;
}

// The library's sentences can quote keys of the value; these are its own words
// up to the quote.
std::string_view ReasonOf(std::string_view description) {
  if (description.starts_with("Missing required property")) return description;
  if (description.starts_with("Object contains a property")) {
    return "has a member that the schema does not allow";
  }
  const bool quotes = description.find_first_of("'\"") != std::string::npos &&
                      description.find("' constraint") == std::string::npos;
  return quotes ? "does not fit the schema" : description;
}

absl::Status CheckStringSizes(const Value& value, const std::string& pointer) {
  if (value.is_string() && value.string().size() > kMaxMatchedStringBytes) {
    return Fault(pointer, "too long for a text that is matched");
  }
  if (value.is_array()) {
    std::size_t index = 0;
    for (const Value& element : value.elements()) {
      LIMPID_RETURN_IF_ERROR(
          CheckStringSizes(element, absl::StrCat(pointer, "/", index++)));
    }
  }
  if (value.is_object()) {
    for (const Member& member : value.members()) {
      LIMPID_RETURN_IF_ERROR(
          CheckStringSizes(Value(member.key), Below(pointer, member.key)));
      LIMPID_RETURN_IF_ERROR(
          CheckStringSizes(member.value, Below(pointer, member.key)));
    }
  }
  return absl::OkStatus();
}

// Every element is compared with every other.
absl::Status CheckListSizes(const Value& value, const std::string& pointer) {
  if (value.is_array()) {
    if (value.elements().size() > kMaxComparedElements) {
      return Fault(pointer, "too many elements to compare with each other");
    }
    std::size_t index = 0;
    for (const Value& element : value.elements()) {
      LIMPID_RETURN_IF_ERROR(
          CheckListSizes(element, absl::StrCat(pointer, "/", index++)));
    }
  }
  if (value.is_object()) {
    for (const Member& member : value.members()) {
      LIMPID_RETURN_IF_ERROR(
          CheckListSizes(member.value, Below(pointer, member.key)));
    }
  }
  return absl::OkStatus();
}

// Values in `value`, itself included; counts no further than `limit`.
std::size_t CountValues(const Value& value, std::size_t limit) {
  std::size_t count = 1;
  const auto add = [&](const Value& inner) {
    if (count < limit) count += CountValues(inner, limit - count);
  };
  if (value.is_array()) {
    for (const Value& element : value.elements()) add(element);
  }
  if (value.is_object()) {
    for (const Member& member : value.members()) add(member.value);
  }
  return count;
}

}  // namespace

Schema::Schema(std::unique_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}
Schema::Schema(Schema&& other) noexcept = default;
Schema& Schema::operator=(Schema&& other) noexcept = default;
Schema::~Schema() = default;

absl::StatusOr<Schema> Schema::Compile(const Value& schema) {
  KeywordCheck check(schema);
  LIMPID_RETURN_IF_ERROR(check.CheckSchema(schema, ""));
  LIMPID_RETURN_IF_ERROR(check.CheckTargets());
  LIMPID_RETURN_IF_ERROR(internal::CheckReach(schema));
  auto compiled = std::make_unique<Compiled>();
  compiled->matches_strings = check.matches_strings();
  compiled->compares_elements = check.compares_elements();
  compiled->explains =
      !check.has_additional_items() ||
      internal::CheckReach(schema, internal::Purpose::kExplain).ok();
  try {
    const nlohmann::json document = ToNlohmann(schema);
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(adapter, compiled->schema);
  } catch (const std::exception&) {
    return absl::InvalidArgumentError(
        ": a keyword has a value of the wrong shape");
  }
  return Schema(std::move(compiled));
}

Schema Schema::Refusing(const absl::Status& why) {
  auto compiled = std::make_unique<Compiled>();
  compiled->refusal = absl::StrCat("the schema itself is refused (",
                                   why.message(), "); it needs a new version");
  return Schema(std::move(compiled));
}

absl::Status Schema::Validate(const Value& value) const {
  if (!compiled_->refusal.empty()) return Fault("", compiled_->refusal);
  if (compiled_->matches_strings) {
    LIMPID_RETURN_IF_ERROR(CheckStringSizes(value, ""));
  }
  if (compiled_->compares_elements) {
    LIMPID_RETURN_IF_ERROR(CheckListSizes(value, ""));
  }
  try {
    const nlohmann::json document = ToNlohmann(value);
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    // Stops at the first fault; asked for faults, the library collects all.
    if (validator.validate(compiled_->schema, adapter, nullptr)) {
      return absl::OkStatus();
    }
    if (!compiled_->explains) {
      return Fault("", "does not fit the schema, which cannot say where");
    }
    if (CountValues(value, kMaxExplainedValues) >= kMaxExplainedValues) {
      return Fault("",
                   "does not fit the schema, and is too large to say where");
    }
    valijson::ValidationResults results;
    (void)validator.validate(compiled_->schema, adapter, &results);
    // The innermost fault is reported first.
    valijson::ValidationResults::Error error;
    if (!results.popError(error)) return Fault("", "does not fit the schema");
    return Fault(PointerOf(error.context), ReasonOf(error.description));
  } catch (const std::exception&) {
    return Fault("", "does not fit the schema");
  }
}

std::size_t LongestListedValue(const Value& schema) {
  const Value* type = schema.Find("type");
  if (type != nullptr && type->is_string() && type->string() == "boolean") {
    return std::string_view("false").size();
  }
  const Value* values = schema.Find("enum");
  if (values == nullptr || !values->is_array()) return 0;
  std::size_t longest = 0;
  for (const Value& value : values->elements()) {
    longest = std::max(longest, Canonical(value).size());
  }
  return longest;
}

}  // namespace limpid::json
