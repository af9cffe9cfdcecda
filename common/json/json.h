// Reading and writing JSON: one strict parser for every text from outside, one
// canonical form for everything hashed or signed (RFC 8785), one indented form
// for people. Nothing else in the project parses JSON.
// docs/formats/canonical-json.md

#ifndef LIMPID_COMMON_JSON_JSON_H_
#define LIMPID_COMMON_JSON_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/position.h"
#include "common/json/value.h"

namespace limpid::json {

struct ParseLimits {
  // The largest request body of ours; bulk files raise it.
  std::size_t max_bytes = std::size_t{1} << 20U;
  // Arrays and objects inside each other. The deepest schema we know has 20.
  std::size_t max_depth = 64;
  // Values of every kind in all, so that "[[],[],...]" cannot cost fifty times
  // its size.
  std::size_t max_values = 200'000;
};

// Parses one JSON text (RFC 8259) and nothing but one.
//
// Refused beside what the grammar refuses: a key that appears twice in one
// object, bytes that are not UTF-8, a lone surrogate, a byte-order mark, bytes
// after the value, a number that is not finite or that a double would turn
// into zero, an integer literal beyond +-kMaxInteger that is not spelled as
// canonical form spells it (9007199254740993 would change in silence).
//
// Errors:
//   kInvalidArgument   "line L column C: reason", both from 1, columns in
//                      bytes; never any of the text.
//   kResourceExhausted over a limit; the same form.
absl::StatusOr<Value> ParseStrict(std::string_view text,
                                  const ParseLimits& limits = {});

// The same for a piece of a larger text that starts at `start` of it: errors
// name the place in the larger one.
absl::StatusOr<Value> ParseStrictFrom(std::string_view text, Position start,
                                      const ParseLimits& limits = {});

// RFC 8785 (JCS): no white space, keys by UTF-16 code units, numbers as
// ECMAScript prints them. The bytes to hash and sign.
std::string Canonical(const Value& value);
// The same at the end of `out`, for texts that are written around it.
void AppendCanonical(const Value& value, std::string& out);

// The same order with two spaces of indentation and a final newline.
std::string Pretty(const Value& value);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_JSON_H_
