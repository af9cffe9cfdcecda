#include "consent/agreement/limits_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/day.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::consent {
namespace {

absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(path), ": ", base::ToAbsl(why)));
}

std::string LinePath(std::size_t line, std::string_view field) {
  return absl::StrCat("lines[", line, "].", base::ToAbsl(field));
}

// An optional line tied to the others would not be optional: who leaves it out
// would lose the rest.
absl::Status CheckAtomic(const AgreementContent& content) {
  if (!content.atomic) return absl::OkStatus();
  std::set<SourceId> sources;
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const AgreementLine& line = content.lines[i];
    if (line.necessity != Necessity::kRequired) {
      return Wrong(LinePath(i, "necessity"),
                   "is optional, and an atomic agreement would tie it to the "
                   "required ones");
    }
    if (line.source.none()) {
      return Wrong(LinePath(i, "source_id"),
                   "is required in an atomic agreement");
    }
    sources.insert(line.source);
  }
  if (sources.size() < 2) {
    return Wrong("atomic", "needs lines of two sources or more");
  }
  return absl::OkStatus();
}

absl::Status CheckFrequency(const UseFrequency& frequency) {
  if (frequency == UseFrequency{}) return absl::OkStatus();
  if (frequency.use_count_max == 0 ||
      frequency.use_count_max > static_cast<std::uint64_t>(json::kMaxInteger)) {
    return Wrong("use_frequency.use_count_max", "is zero or too large");
  }
  if (frequency.period_seconds < kMinPeriodSeconds ||
      frequency.period_seconds > kMaxPeriodSeconds) {
    return Wrong("use_frequency.period_seconds",
                 "is not between 60 and 31622400");
  }
  return absl::OkStatus();
}

absl::Status CheckRange(const DataRange& range) {
  if (!range.from.empty() && !base::ParseDay(range.from).ok()) {
    return Wrong("data_range.from_date", "is not a day");
  }
  if (!range.to.empty() && !base::ParseDay(range.to).ok()) {
    return Wrong("data_range.to_date", "is not a day");
  }
  if (!DaysOf(range).ok()) {
    return Wrong("data_range.to_date", "is before from_date");
  }
  return absl::OkStatus();
}

// A cohort permit names no days, and who is counted is gathered over versions
// with ranges of their own.
absl::Status CheckCounted(const AgreementContent& content) {
  if (content.data_range.open()) return absl::OkStatus();
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    if (content.lines[i].form != receipt::Form::kAggregate) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("data_range: no statistic keeps to it; leave it out, or ",
                     LinePath(i, "form"), " to an agreement of its own"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckLimits(const AgreementContent& content) {
  LIMPID_RETURN_IF_ERROR(CheckAtomic(content));
  LIMPID_RETURN_IF_ERROR(CheckFrequency(content.frequency));
  return CheckRange(content.data_range);
}

absl::Status CheckSources(const AgreementContent& content,
                          const std::set<SourceId>& sources) {
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const SourceId& source = content.lines[i].source;
    if (source.none() || sources.contains(source)) continue;
    return absl::FailedPreconditionError(absl::StrCat(LinePath(i, "source_id"),
                                                      ": is no source of this "
                                                      "operator"));
  }
  return CheckCounted(content);
}

}  // namespace limpid::consent
