// A JSON Schema that values are checked against: the part of draft 7 that can
// be checked here in full. Whatever would be ignored is refused instead, so
// that a schema never promises more than it does.
// docs/adr/2026-11-20-json-schema-subset.md

#ifndef LIMPID_COMMON_JSON_SCHEMA_H_
#define LIMPID_COMMON_JSON_SCHEMA_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::json {

// Longest string, in bytes, that "pattern" and "format" are tried on: the
// regular expressions behind them use stack in proportion.
inline constexpr std::size_t kMaxMatchedStringBytes = 4096;

// Longest pattern, in bytes, and most of its groups: compiling one uses stack
// in proportion.
inline constexpr std::size_t kMaxPatternBytes = 1'024;
inline constexpr std::size_t kMaxPatternGroups = 64;

// Longest list, where a schema has "uniqueItems" anywhere: the library compares
// all pairs.
inline constexpr std::size_t kMaxComparedElements = 256;
// Of larger values it is not said where they do not fit: the library would
// collect a fault for each part.
inline constexpr std::size_t kMaxExplainedValues = 2'048;

// Immutable and thread-safe once compiled.
class Schema {
 public:
  // Checked keywords: type, enum, const; minimum, maximum, exclusiveMinimum,
  // exclusiveMaximum, multipleOf; minLength, maxLength, pattern, format (date,
  // date-time, time); items, additionalItems, contains, minItems, maxItems,
  // uniqueItems; properties, patternProperties, additionalProperties,
  // propertyNames, required, minProperties, maxProperties, dependencies; allOf,
  // anyOf, oneOf, not, if, then, else; $ref to "#" or below "#/definitions/"
  // and alone in its object. Annotations: title, description, default,
  // examples, $comment, and at the root $schema, $id.
  //
  // Errors:
  //   kInvalidArgument  any other keyword, or a keyword with a value of the
  //                     wrong shape; a reference that leads back to where it
  //                     stands; more schemas for one part of a value than can
  //                     be tried. The message starts with the JSON pointer.
  static absl::StatusOr<Schema> Compile(const Value& schema);
  // Stands for one that Compile refused with `why` and that somebody stored
  // before it did: no value fits, and Validate says why.
  static Schema Refusing(const absl::Status& why);

  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;
  Schema(Schema&& other) noexcept;
  Schema& operator=(Schema&& other) noexcept;
  ~Schema();

  // Errors:
  //   kInvalidArgument  "<JSON pointer>: reason". The root's pointer is "".
  //                     Neither the value nor a key that the schema does not
  //                     name appears in the message, except in the pointer.
  [[nodiscard]] absl::Status Validate(const Value& value) const;

 private:
  struct Compiled;
  explicit Schema(std::unique_ptr<const Compiled> compiled);
  std::unique_ptr<const Compiled> compiled_;
};

// Canonical length of the longest value where `schema` lists them all, or is
// boolean; else 0. Values padded to it tell nothing by their length.
std::size_t LongestListedValue(const Value& schema);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_SCHEMA_H_
