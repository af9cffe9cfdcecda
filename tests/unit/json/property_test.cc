// Whatever is written reads back, and canonical form is a fixed point.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace limpid::json {
namespace {

// One Unicode scalar value as UTF-8.
std::string Utf8(std::uint32_t point) {
  const auto tail = [point](unsigned shift) {
    return static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
  };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0U | (point >> 6U)), tail(0)};
  if (point < 0x10000) {
    return {static_cast<char>(0xe0U | (point >> 12U)), tail(6), tail(0)};
  }
  return {static_cast<char>(0xf0U | (point >> 18U)), tail(12), tail(6),
          tail(0)};
}

rc::Gen<std::string> AnyText() {
  const auto scalar = rc::gen::oneOf(rc::gen::inRange(0U, 0x80U),
                                     rc::gen::inRange(0x80U, 0xd800U),
                                     rc::gen::inRange(0xe000U, 0x110000U));
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(scalar),
                      [](const std::vector<std::uint32_t>& points) {
                        std::string out;
                        for (const std::uint32_t p : points) out += Utf8(p);
                        return out;
                      });
}

// Generated values are small, their text now and then is not.
constexpr ParseLimits kWide{.max_bytes = std::size_t{1} << 28U,
                            .max_values = 10'000'000};

rc::Gen<Value> AnyValue(int depth) {
  auto leaf = rc::gen::oneOf(
      rc::gen::just(Value()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); }),
      rc::gen::map(rc::gen::inRange<std::int64_t>(-kMaxInteger, kMaxInteger),
                   [](std::int64_t n) { return Value(n); }),
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                   [](std::uint64_t bits) {
                     const auto value =
                         Value::FromDouble(std::bit_cast<double>(bits));
                     return value.ok() ? *value : Value(0);
                   }),
      rc::gen::map(AnyText(),
                   [](std::string t) { return Value(std::move(t)); }));
  if (depth == 0) return leaf;
  const auto inner = AnyValue(depth - 1);
  const auto array = rc::gen::map(
      rc::gen::scale(0.3, rc::gen::container<std::vector<Value>>(inner)),
      [](std::vector<Value> all) { return Value(std::move(all)); });
  const auto object = rc::gen::map(
      rc::gen::scale(
          0.3, rc::gen::container<std::vector<std::pair<std::string, Value>>>(
                   rc::gen::pair(AnyText(), inner))),
      [](const std::vector<std::pair<std::string, Value>>& all) {
        Value out = Value::Object();
        for (const auto& [key, value] : all) out.Set(key, value);
        return out;
      });
  return rc::gen::oneOf(leaf, array, object);
}

RC_GTEST_PROP(JsonProperty, WhatIsWrittenReadsBack, ()) {
  const Value value = *AnyValue(3);
  const std::string canonical = Canonical(value);
  RC_ASSERT(base::IsUtf8(canonical));
  const auto again = ParseStrict(canonical, kWide);
  RC_ASSERT(again.ok());
  RC_ASSERT(*again == value);
  RC_ASSERT(Canonical(*again) == canonical);
  RC_ASSERT(*ParseStrict(Pretty(value), kWide) == value);
}

RC_GTEST_PROP(JsonProperty, EqualValuesAndOnlyTheyHaveEqualBytes, ()) {
  const Value left = *AnyValue(2);
  const Value right = *AnyValue(2);
  RC_ASSERT((left == right) == (Canonical(left) == Canonical(right)));
}

RC_GTEST_PROP(JsonProperty, DamagedTextIsRefusedOrHasAnotherCanonicalForm, ()) {
  const std::string canonical = Canonical(*AnyValue(2));
  std::string damaged = canonical;
  const auto at = *rc::gen::inRange<std::size_t>(0, damaged.size());
  damaged[at] = static_cast<char>(*rc::gen::inRange(0, 256));
  const auto parsed = ParseStrict(damaged, kWide);
  if (damaged != canonical && parsed.ok()) {
    RC_ASSERT(*ParseStrict(Canonical(*parsed), kWide) == *parsed);
  }
}

}  // namespace
}  // namespace limpid::json
