#include "vault/statistics/statistic.h"

#include <algorithm>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "vault/statistics/noise.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kLabel = "limpid/statistic/1";

absl::Status NotCountable() {
  return absl::FailedPreconditionError(
      "the attribute has no such statistic: it identifies, or its values have "
      "no bounds");
}

std::optional<Countable::Range> RangeOf(const json::Value& schema) {
  const json::Value* const type = schema.Find("type");
  const json::Value* const low = schema.Find("minimum");
  const json::Value* const high = schema.Find("maximum");
  if (type == nullptr || !type->is_string() || type->string() != "integer" ||
      low == nullptr || !low->is_integer() || high == nullptr ||
      !high->is_integer() || low->integer() >= high->integer() ||
      low->integer() < -kMaxRange || high->integer() > kMaxRange) {
    return std::nullopt;
  }
  return Countable::Range{low->integer(), high->integer()};
}

std::vector<std::string> ValuesOf(
    const json::Value& schema, const std::optional<Countable::Range>& range) {
  std::vector<std::string> out;
  const json::Value* const listed = schema.Find("enum");
  const json::Value* const type = schema.Find("type");
  if (listed != nullptr && listed->is_array()) {
    for (const json::Value& value : listed->elements()) {
      out.push_back(json::Canonical(value));
    }
  } else if (type != nullptr && type->is_string() &&
             type->string() == "boolean") {
    out = {"false", "true"};
  } else if (range &&
             range->high - range->low < static_cast<std::int64_t>(kMaxCells)) {
    for (std::int64_t value = range->low; value <= range->high; ++value) {
      out.push_back(json::Canonical(json::Value(value)));
    }
  }
  if (out.size() > kMaxCells) out.clear();
  return out;
}

void WriteNumber(base::ByteWriter& out, std::int64_t value) {
  out.U64(static_cast<std::uint64_t>(value));
}

std::int64_t ReadNumber(base::ByteReader& reader) {
  return static_cast<std::int64_t>(reader.U64());
}

Statistic NoisedCount(const Tally& tally, crypto::RandomSource& random) {
  Statistic out;
  out.count = tally.count + DiscreteLaplace(random, kWholeScale);
  out.published = out.count >= kWholeThreshold;
  return out;
}

// Count and sum, half of the epsilon each. One person changes the sum of what
// is above the lowest value by at most the width of the range.
Statistic NoisedSum(const Countable::Range& range, const Tally& tally,
                    crypto::RandomSource& random) {
  const std::int64_t width = range.high - range.low;
  Statistic out;
  out.count = tally.count + DiscreteLaplace(random, kHalfScale);
  const std::int64_t above =
      tally.sum_above_low +
      DiscreteLaplace(random, kHalfScale * static_cast<std::uint64_t>(width));
  out.published = out.count >= kHalfThreshold;
  if (!out.published) return out;
  // What no group of that size could have is not shown.
  const std::int64_t possible =
      std::clamp<std::int64_t>(above, 0, width * out.count);
  out.sum = possible + range.low * out.count;
  out.mean_milli = range.low * 1'000 + possible * 1'000 / out.count;
  return out;
}

// One person is in one cell, so each cell has the whole epsilon.
Statistic NoisedHistogram(const Countable& countable, const Tally& tally,
                          crypto::RandomSource& random) {
  std::vector<std::int64_t> noisy = tally.cells;
  for (std::int64_t& cell : noisy) {
    cell += DiscreteLaplace(random, kWholeScale);
  }
  // With one cell alone, nearly everybody is in it, and that says as much about
  // the few others. The sum of the others would not do: the noise of many empty
  // cells together passes for a group.
  const auto large = std::count_if(
      noisy.begin(), noisy.end(),
      [](std::int64_t count) { return count >= kWholeThreshold; });
  Statistic out;
  out.published = large >= 2;
  for (std::size_t i = 0; i < noisy.size(); ++i) {
    StatisticCell cell;
    cell.value = countable.values[i];
    if (noisy[i] >= kWholeThreshold) cell.count = noisy[i];
    out.cells.push_back(std::move(cell));
  }
  return out;
}

}  // namespace

std::string_view FunctionName(StatisticFunction function) {
  switch (function) {
    case StatisticFunction::kCount:
      return "count";
    case StatisticFunction::kSum:
      return "sum";
    case StatisticFunction::kMean:
      return "mean";
    case StatisticFunction::kHistogram:
      return "histogram";
  }
  return "unknown";
}

absl::StatusOr<Countable> CountableFor(const Definition& definition,
                                       StatisticFunction function) {
  if (definition.direct_identifier) return NotCountable();
  Countable out;
  out.range = RangeOf(definition.schema);
  out.values = ValuesOf(definition.schema, out.range);
  switch (function) {
    case StatisticFunction::kCount:
      if (out.range || !out.values.empty()) return out;
      break;
    case StatisticFunction::kSum:
    case StatisticFunction::kMean:
      if (out.range) return out;
      break;
    case StatisticFunction::kHistogram:
      if (!out.values.empty()) return out;
      break;
  }
  return NotCountable();
}

bool Count(const Countable& countable, std::string_view value_json,
           Tally& tally) {
  if (tally.cells.size() < countable.values.size()) {
    tally.cells.resize(countable.values.size());
  }
  const auto cell =
      std::find(countable.values.begin(), countable.values.end(), value_json);
  std::int64_t above = 0;
  if (countable.range) {
    const auto value = json::ParseStrict(value_json);
    // An earlier schema may have allowed what this one does not.
    if (!value.ok() || !value->is_integer() ||
        value->integer() < countable.range->low ||
        value->integer() > countable.range->high) {
      return false;
    }
    above = value->integer() - countable.range->low;
  } else if (cell == countable.values.end()) {
    return false;
  }
  ++tally.count;
  tally.sum_above_low += above;
  if (cell != countable.values.end()) {
    ++tally.cells[static_cast<std::size_t>(cell - countable.values.begin())];
  }
  return true;
}

base::Bytes Statistic::Encode() const {
  base::ByteWriter out(kLabel);
  out.U8(published ? 1 : 0);
  WriteNumber(out, count);
  WriteNumber(out, sum);
  WriteNumber(out, mean_milli);
  out.U16(static_cast<std::uint16_t>(cells.size()));
  for (const StatisticCell& cell : cells) {
    out.Lp(cell.value).U8(cell.count ? 1 : 0);
    WriteNumber(out, cell.count.value_or(0));
  }
  return out.Take();
}

absl::StatusOr<Statistic> Statistic::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  Statistic out;
  out.published = reader.U8() != 0;
  out.count = ReadNumber(reader);
  out.sum = ReadNumber(reader);
  out.mean_milli = ReadNumber(reader);
  const std::uint16_t size = reader.U16();
  for (std::uint16_t i = 0; i < size && !reader.failed(); ++i) {
    StatisticCell cell;
    cell.value = reader.LpText();
    const bool shown = reader.U8() != 0;
    const std::int64_t number = ReadNumber(reader);
    if (shown) cell.count = number;
    out.cells.push_back(std::move(cell));
  }
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored statistic is damaged");
  }
  return out;
}

Statistic Noised(const Countable& countable, StatisticFunction function,
                 const Tally& tally, crypto::RandomSource& random) {
  Statistic out;
  switch (function) {
    case StatisticFunction::kCount:
      out = NoisedCount(tally, random);
      break;
    case StatisticFunction::kSum:
    case StatisticFunction::kMean:
      out = NoisedSum(*countable.range, tally, random);
      break;
    case StatisticFunction::kHistogram: {
      Tally whole = tally;
      whole.cells.resize(countable.values.size());
      out = NoisedHistogram(countable, whole, random);
      break;
    }
  }
  // The same shape for everything that is too little.
  return out.published ? out : Statistic();
}

}  // namespace limpid::vault
