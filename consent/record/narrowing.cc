#include "consent/record/narrowing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::consent {
namespace {

using Lines = std::vector<std::uint16_t>;

// Positions that stay, ascending.
absl::StatusOr<Lines> KeptLines(const Narrowing& narrowing,
                                const Revision& current,
                                const Agreement& agreement) {
  Lines kept;
  for (std::size_t i = 0; i < narrowing.keep.size(); ++i) {
    const auto at = agreement.FindLine(narrowing.keep[i]);
    const auto position = static_cast<std::uint16_t>(at.value_or(0));
    if (!at || !std::binary_search(current.lines.begin(), current.lines.end(),
                                   position)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "keep_attributes[", i,
          "]: is not in force; giving more needs a grant of its own"));
    }
    kept.push_back(position);
  }
  std::sort(kept.begin(), kept.end());
  if (std::adjacent_find(kept.begin(), kept.end()) != kept.end()) {
    return absl::InvalidArgumentError("keep_attributes: has one value twice");
  }
  return kept;
}

absl::Status CheckRequired(const Lines& kept, const Revision& current,
                           const Agreement& agreement) {
  for (const std::uint16_t line : current.lines) {
    if (agreement.content.lines.at(line).necessity != Necessity::kRequired ||
        std::binary_search(kept.begin(), kept.end(), line)) {
      continue;
    }
    return absl::FailedPreconditionError(
        "keep_attributes: leaves out a required line; withdraw the record "
        "instead");
  }
  return absl::OkStatus();
}

absl::Status CheckUntil(absl::Time until, const Revision& current,
                        absl::Time now) {
  if (until <= now || until <= current.from) {
    return absl::InvalidArgumentError(
        "until_time: leaves no time; withdraw the record instead");
  }
  if (until > current.until) {
    return absl::FailedPreconditionError(
        "until_time: is later than what was granted; giving more needs a grant "
        "of its own");
  }
  return absl::OkStatus();
}

}  // namespace

bool DropsLines(const Narrowing& narrowing, const Revision& current,
                const Agreement& agreement) {
  if (narrowing.keep.empty()) return false;
  return std::any_of(
      current.lines.begin(), current.lines.end(), [&](std::uint16_t line) {
        const auto& attribute = agreement.content.lines.at(line).attribute;
        return std::find(narrowing.keep.begin(), narrowing.keep.end(),
                         attribute) == narrowing.keep.end();
      });
}

absl::StatusOr<std::optional<Revision>> NarrowedRevision(
    const Narrowing& narrowing, const Revision& current,
    const Agreement& agreement, absl::Time now) {
  if (narrowing.keep.empty() && !narrowing.until) {
    return absl::InvalidArgumentError(
        "keep_attributes: names nothing, and until_time is absent");
  }
  Lines lines = current.lines;
  if (!narrowing.keep.empty()) {
    LIMPID_ASSIGN_OR_RETURN(lines, KeptLines(narrowing, current, agreement));
    LIMPID_RETURN_IF_ERROR(CheckRequired(lines, current, agreement));
  }
  // Revisions carry whole milliseconds; rounding down gives less, not more.
  const absl::Time until = absl::FromUnixMillis(
      absl::ToUnixMillis(narrowing.until.value_or(current.until)));
  if (narrowing.until) {
    LIMPID_RETURN_IF_ERROR(CheckUntil(until, current, now));
  }
  if (lines == current.lines && until == current.until) {
    return std::optional<Revision>();
  }
  LIMPID_ASSIGN_OR_RETURN(Revision next,
                          NextRevision(current, RecordEvent::kNarrow,
                                       receipt::Actor::kPerson, now));
  next.lines = std::move(lines);
  next.until = until;
  return std::optional<Revision>(std::move(next));
}

}  // namespace limpid::consent
