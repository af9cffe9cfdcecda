#include "algoregister/evidence/claims.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/read_json.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister::evidence {
namespace {

constexpr std::size_t kMaxIdBytes = 100;
constexpr std::int64_t kMaxDecimals = 15;

absl::Status ReadOptionalNumber(const json::Value& object,
                                std::string_view pointer, std::string_view key,
                                std::optional<double>& out) {
  if (object.Find(key) == nullptr) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(out, ReadNumber(object, pointer, key));
  return absl::OkStatus();
}

absl::StatusOr<Claim> ReadClaim(const json::Value& object,
                                std::string_view pointer) {
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(object, pointer, {"metric", "value"},
                   {"attribute", "group", "ci_low", "ci_high", "decimals"}));
  Claim out;
  LIMPID_ASSIGN_OR_RETURN(out.metric,
                          ReadText(object, pointer, "metric", kMaxIdBytes));
  LIMPID_ASSIGN_OR_RETURN(out.value, ReadNumber(object, pointer, "value"));
  if (object.Find("attribute") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        out.attribute, ReadText(object, pointer, "attribute", kMaxNameBytes));
  }
  if (object.Find("group") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(out.group,
                            ReadText(object, pointer, "group", kMaxNameBytes));
  }
  LIMPID_RETURN_IF_ERROR(
      ReadOptionalNumber(object, pointer, "ci_low", out.ci_low));
  LIMPID_RETURN_IF_ERROR(
      ReadOptionalNumber(object, pointer, "ci_high", out.ci_high));
  if (object.Find("decimals") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        const std::int64_t decimals,
        ReadInteger(object, pointer, "decimals", 0, kMaxDecimals));
    out.decimals = static_cast<int>(decimals);
  }
  return out;
}

// As much of a claim as can be shown, and why it is no more.
Claim Unreadable(const json::Value& object, const absl::Status& why) {
  const auto text = [&object](std::string_view key) {
    return object.GetString(key).value_or("");
  };
  Claim out = {.metric = text("metric"),
               .attribute = text("attribute"),
               .group = text("group"),
               .unreadable = std::string(why.message())};
  const json::Value* const value = object.Find("value");
  if (value != nullptr && value->is_number()) out.value = value->number();
  return out;
}

absl::Status CheckList(const json::Value& list, std::string_view pointer) {
  if (!list.is_array()) return Fault(pointer, "must be a list");
  if (list.size() > kMaxClaims) return Fault(pointer, "more than 500 claims");
  return absl::OkStatus();
}

std::string At(std::string_view pointer, std::size_t index) {
  return absl::StrCat(base::ToAbsl(pointer), "/", index);
}

// Whether a decimal number of so many decimals is nearest to `value`.
bool HasDecimals(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  const double scaled = value * scale;
  // Beyond, a double has no finer decimals to give away.
  constexpr double kWhole = 9'007'199'254'740'992;
  return std::abs(scaled) >= kWhole || std::round(scaled) / scale == value;
}

// Half a unit of the last decimal that was written. What has more decimals than
// the claim says was not rounded to them: 0.05 to 0 decimals is no rounded 0.5.
double Rounding(const Claim& claim, double value) {
  const bool rounded = claim.decimals && HasDecimals(value, *claim.decimals);
  return rounded ? 0.5 * std::pow(10.0, -*claim.decimals) : 0.0;
}

bool Near(double left, double right, double tolerance) {
  // The sum of tolerances is rounded itself: a unit in the last place more.
  return std::abs(left - right) <=
         tolerance + std::numeric_limits<double>::epsilon() * std::abs(right);
}

// The grouping a claim is about. All groupings have the same cases where
// there is a total.
const Grouping* GroupingOf(const Evidence& evidence, const Claim& claim,
                           Scope scope) {
  if (!claim.attribute.empty()) return evidence.Find(claim.attribute);
  if (evidence.groupings.empty()) return nullptr;
  const bool of_all = scope == Scope::kGroup && claim.group.empty();
  if (evidence.groupings.size() == 1 || (of_all && evidence.total)) {
    return &evidence.groupings.front();
  }
  return nullptr;
}

void JudgeInterval(CheckedClaim& checked) {
  const Claim& claim = checked.claim;
  if (!claim.ci_low && !claim.ci_high) return;
  if (!checked.recomputed.interval) {
    checked.interval_mark = Mark::kNotCheckable;
    return;
  }
  const auto near = [&claim](const std::optional<double>& end, double ours) {
    return !end || Near(*end, ours, kIntervalTolerance + Rounding(claim, *end));
  };
  const Interval& ours = *checked.recomputed.interval;
  const bool low = near(claim.ci_low, ours.low);
  const bool high = near(claim.ci_high, ours.high);
  checked.interval_mark = low && high ? Mark::kRecomputed : Mark::kDiffers;
  if (!(low && high) && checked.reason.empty()) {
    checked.reason = "the interval is another";
  }
}

CheckedClaim CheckOne(const Evidence& evidence, const Claim& claim) {
  CheckedClaim out{.claim = claim, .metric = FindMetric(claim.metric)};
  if (claim.ci_low || claim.ci_high) out.interval_mark = Mark::kNotCheckable;
  if (!claim.unreadable.empty()) {
    out.reason = claim.unreadable;
    return out;
  }
  if (out.metric == nullptr) {
    out.reason = "no metric of ours has this id";
    return out;
  }
  const Grouping* const grouping =
      GroupingOf(evidence, claim, out.metric->scope);
  if (grouping == nullptr) {
    out.reason = claim.attribute.empty()
                     ? "the claim does not say which grouping it is about"
                     : "the evidence has no such grouping";
    return out;
  }
  out.recomputed = ComputeMetric(*out.metric, evidence, *grouping, claim.group);
  if (out.recomputed.lacking) {
    out.reason = out.recomputed.reason;
    return out;
  }
  if (!out.recomputed.value) {
    out.mark = Mark::kDiffers;
    out.reason = absl::StrCat("undefined here: ", out.recomputed.reason);
    return out;
  }
  const bool same = Near(claim.value, *out.recomputed.value,
                         kValueTolerance + Rounding(claim, claim.value));
  out.mark = same ? Mark::kRecomputed : Mark::kDiffers;
  if (!same) out.reason = "the value is another";
  JudgeInterval(out);
  return out;
}

}  // namespace

std::string_view MarkName(Mark mark) {
  switch (mark) {
    case Mark::kRecomputed:
      return "recomputed";
    case Mark::kDiffers:
      return "differs";
    case Mark::kNotCheckable:
      return "not_checkable";
  }
  return "";
}

absl::StatusOr<std::vector<Claim>> ReadClaims(const json::Value& list,
                                              std::string_view pointer) {
  LIMPID_RETURN_IF_ERROR(CheckList(list, pointer));
  std::vector<Claim> out;
  out.reserve(list.size());
  for (const json::Value& element : list.elements()) {
    LIMPID_ASSIGN_OR_RETURN(Claim claim,
                            ReadClaim(element, At(pointer, out.size())));
    out.push_back(std::move(claim));
  }
  return out;
}

absl::StatusOr<std::vector<Claim>> ReadEachClaim(const json::Value& list,
                                                 std::string_view pointer) {
  LIMPID_RETURN_IF_ERROR(CheckList(list, pointer));
  std::vector<Claim> out;
  out.reserve(list.size());
  for (const json::Value& element : list.elements()) {
    auto claim = ReadClaim(element, At(pointer, out.size()));
    out.push_back(claim.ok() ? *std::move(claim)
                             : Unreadable(element, claim.status()));
  }
  return out;
}

std::vector<CheckedClaim> CheckClaims(const Evidence& evidence,
                                      std::span<const Claim> claims) {
  std::vector<CheckedClaim> out;
  out.reserve(claims.size());
  for (const Claim& claim : claims) out.push_back(CheckOne(evidence, claim));
  return out;
}

std::vector<CheckedClaim> Uncheckable(std::span<const Claim> claims,
                                      std::string_view reason) {
  std::vector<CheckedClaim> out;
  out.reserve(claims.size());
  for (const Claim& claim : claims) {
    CheckedClaim one{.claim = claim,
                     .metric = FindMetric(claim.metric),
                     .reason = claim.unreadable.empty() ? std::string(reason)
                                                        : claim.unreadable};
    if (claim.ci_low || claim.ci_high) one.interval_mark = Mark::kNotCheckable;
    out.push_back(std::move(one));
  }
  return out;
}

MarkCounts CountMarks(std::span<const CheckedClaim> claims) {
  MarkCounts out;
  for (const CheckedClaim& one : claims) {
    const auto is = [&one](Mark mark) {
      return one.mark == mark || one.interval_mark == mark;
    };
    if (is(Mark::kDiffers)) {
      ++out.differs;
    } else if (is(Mark::kNotCheckable)) {
      ++out.not_checkable;
    } else {
      ++out.recomputed;
    }
  }
  return out;
}

}  // namespace limpid::algoregister::evidence
