// Cases out of CSV into counts per group.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/csv.h"
#include "algoregister/evidence/read_json.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister::evidence {
namespace {

constexpr std::size_t kBins = 10;

absl::Status AtLine(std::size_t line, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line, ": ", base::ToAbsl(reason)));
}

// A decimal number, finite: "0.25", "-3", "1e-3".
std::optional<double> ReadScore(std::string_view text) {
  constexpr std::string_view kAllowed = "0123456789.-eE+";
  if (text.find_first_not_of(kAllowed) != std::string_view::npos) {
    return std::nullopt;
  }
  double out = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || at != end || !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

// Where the header put the columns of the manifest.
struct Columns {
  std::size_t label = 0;
  std::size_t prediction = 0;
  std::optional<std::size_t> override_column;
  std::vector<std::size_t> groups;
};

absl::StatusOr<std::size_t> PlaceOf(std::span<const std::string> header,
                                    std::string_view column) {
  const auto count = std::count(header.begin(), header.end(), column);
  if (count != 1) {
    return AtLine(1, count == 0 ? "a column of the manifest is missing"
                                : "a column comes twice");
  }
  return static_cast<std::size_t>(
      std::find(header.begin(), header.end(), column) - header.begin());
}

absl::StatusOr<Columns> ReadHeader(const Manifest& manifest,
                                   std::span<const std::string> header) {
  Columns out;
  std::size_t named = 2 + manifest.group_columns.size();
  LIMPID_ASSIGN_OR_RETURN(out.label, PlaceOf(header, manifest.label.column));
  LIMPID_ASSIGN_OR_RETURN(out.prediction,
                          PlaceOf(header, manifest.prediction.column));
  if (manifest.override_column) {
    LIMPID_ASSIGN_OR_RETURN(out.override_column,
                            PlaceOf(header, manifest.override_column->column));
    ++named;
  }
  for (const std::string& column : manifest.group_columns) {
    LIMPID_ASSIGN_OR_RETURN(const std::size_t place, PlaceOf(header, column));
    out.groups.push_back(place);
  }
  if (header.size() != named) {
    return AtLine(1, "a column that the manifest does not name");
  }
  return out;
}

// One case.
struct Case {
  bool label = false;
  bool prediction = false;
  std::optional<bool> overridden;
  std::optional<double> score;
  std::vector<std::string> groups;

  [[nodiscard]] Counts AsCounts() const {
    Counts out;
    out.tp = label && prediction ? 1 : 0;
    out.fp = !label && prediction ? 1 : 0;
    out.fn = label && !prediction ? 1 : 0;
    out.tn = !label && !prediction ? 1 : 0;
    if (overridden) out.overridden = *overridden ? 1 : 0;
    return out;
  }
};

absl::StatusOr<bool> ReadEither(std::size_t line, std::string_view field,
                                std::string_view positive,
                                std::string_view negative) {
  if (field == positive) return true;
  if (field == negative) return false;
  return AtLine(line, "a field has neither of its column's two values");
}

absl::StatusOr<Case> ReadCase(const Manifest& manifest, const Columns& columns,
                              std::size_t line,
                              std::span<const std::string> fields) {
  Case out;
  LIMPID_ASSIGN_OR_RETURN(
      out.label, ReadEither(line, fields[columns.label],
                            manifest.label.positive, manifest.label.negative));
  const Prediction& prediction = manifest.prediction;
  const std::string& predicted = fields[columns.prediction];
  if (prediction.threshold) {
    out.score = ReadScore(predicted);
    if (!out.score) return AtLine(line, "a score is no finite number");
    out.prediction = *out.score >= *prediction.threshold;
  } else {
    LIMPID_ASSIGN_OR_RETURN(
        out.prediction,
        ReadEither(line, predicted, prediction.positive, prediction.negative));
  }
  if (columns.override_column) {
    LIMPID_ASSIGN_OR_RETURN(out.overridden,
                            ReadEither(line, fields[*columns.override_column],
                                       manifest.override_column->positive,
                                       manifest.override_column->negative));
  }
  for (const std::size_t place : columns.groups) {
    if (fields[place].empty() || fields[place].size() > kMaxNameBytes) {
      return AtLine(line, "a group is empty or too long");
    }
    out.groups.push_back(fields[place]);
  }
  return out;
}

absl::Status ForEachCase(const Manifest& manifest, std::string_view rows,
                         absl::FunctionRef<void(const Case&)> take) {
  std::optional<Columns> columns;
  return ReadCsv(
      rows,
      [&](std::size_t line,
          std::span<const std::string> fields) -> absl::Status {
        if (!columns) {
          LIMPID_ASSIGN_OR_RETURN(columns, ReadHeader(manifest, fields));
          return absl::OkStatus();
        }
        LIMPID_ASSIGN_OR_RETURN(const Case one,
                                ReadCase(manifest, *columns, line, fields));
        take(one);
        return absl::OkStatus();
      });
}

void Add(Cells& cells, const std::vector<std::string>& key,
         const Counts& counts) {
  const auto [at, is_new] = cells.try_emplace(key, counts);
  if (!is_new) at->second += counts;
}

// Scores of each group of one column, in tenths.
class Calibrator {
 public:
  explicit Calibrator(const Manifest& manifest) : manifest_(manifest) {}

  void Take(const Case& one) {
    if (!one.score || *one.score < 0 || *one.score > 1) {
      usable_ = false;
      return;
    }
    const auto bin = std::min(
        static_cast<std::size_t>(*one.score * static_cast<double>(kBins)),
        kBins - 1);
    for (std::size_t at = 0; at < one.groups.size(); ++at) {
      CalibrationBin& into = bins_[{at, one.groups[at]}][bin];
      ++into.n;
      into.positives += one.label ? 1 : 0;
      into.score_sum += *one.score;
    }
  }

  [[nodiscard]] std::vector<Calibration> Finish() const {
    std::vector<Calibration> out;
    if (!usable_) return out;
    for (const auto& [key, bins] : bins_) {
      out.push_back({.attribute = manifest_.group_columns[key.first],
                     .group = key.second,
                     .bins = {bins.begin(), bins.end()}});
    }
    return out;
  }

 private:
  const Manifest& manifest_;
  bool usable_ = true;
  std::map<std::pair<std::size_t, std::string>,
           std::array<CalibrationBin, kBins>>
      bins_;
};

absl::StatusOr<Grouping> Sum(
    const Cells& cells, std::string attribute,
    absl::FunctionRef<std::string(const std::vector<std::string>&)> name) {
  std::map<std::string, Counts> sums;
  for (const auto& [key, counts] : cells) {
    const auto [at, is_new] = sums.try_emplace(name(key), counts);
    if (!is_new) at->second += counts;
  }
  Grouping out{.attribute = std::move(attribute)};
  for (const auto& [group, counts] : sums) {
    out.groups.push_back({group, counts});
  }
  LIMPID_RETURN_IF_ERROR(CheckGroupCount({&out, 1}));
  return out;
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += kJoin;
    out += part;
  }
  return out;
}

absl::StatusOr<Grouping> Intersection(const Manifest& manifest,
                                      const Cells& cells) {
  for (const auto& [key, counts] : cells) {
    for (const std::string& value : key) {
      if (value.find(kJoin) != std::string::npos) {
        return absl::InvalidArgumentError(
            "a value of a group holds \" & \", which joins intersections");
      }
    }
  }
  LIMPID_ASSIGN_OR_RETURN(Grouping out,
                          Sum(cells, Joined(manifest.group_columns), Joined));
  if (manifest.reference.size() == manifest.group_columns.size()) {
    std::vector<std::string> reference;
    for (const std::string& column : manifest.group_columns) {
      reference.push_back(manifest.reference.find(column)->second);
    }
    const std::string name = Joined(reference);
    // Each value is a group of its column; together they may be nobody.
    if (out.Find(name) != nullptr) out.reference = name;
  }
  return out;
}

}  // namespace

absl::StatusOr<Cells> CountCells(const Manifest& manifest,
                                 std::string_view rows) {
  Cells out;
  LIMPID_RETURN_IF_ERROR(ForEachCase(manifest, rows, [&out](const Case& one) {
    Add(out, one.groups, one.AsCounts());
  }));
  return out;
}

absl::StatusOr<Evidence> GroupCells(const Manifest& manifest,
                                    const Cells& cells) {
  Evidence out;
  out.settings = manifest.settings;
  std::int64_t n = 0;
  for (const auto& [key, counts] : cells) n += counts.n();
  if (n == 0) return absl::InvalidArgumentError("there is no case in it");
  if (n > kMaxCases) {
    return absl::ResourceExhaustedError("more than 1,000,000,000 cases");
  }
  for (std::size_t at = 0; at < manifest.group_columns.size(); ++at) {
    const std::string& column = manifest.group_columns[at];
    LIMPID_ASSIGN_OR_RETURN(
        Grouping grouping,
        Sum(cells, column,
            [at](const std::vector<std::string>& key) { return key[at]; }));
    const auto reference = manifest.reference.find(column);
    if (reference != manifest.reference.end()) {
      if (grouping.Find(reference->second) == nullptr) {
        return absl::InvalidArgumentError("a reference group has no cases");
      }
      grouping.reference = reference->second;
    }
    out.groupings.push_back(std::move(grouping));
  }
  if (manifest.intersections && manifest.group_columns.size() > 1) {
    LIMPID_ASSIGN_OR_RETURN(Grouping grouping, Intersection(manifest, cells));
    out.groupings.push_back(std::move(grouping));
  }
  LIMPID_RETURN_IF_ERROR(CheckGroupCount(out.groupings));
  out.total = out.groupings.front().Total();
  return out;
}

absl::StatusOr<Evidence> CountRows(const Manifest& manifest,
                                   std::string_view rows) {
  Cells cells;
  Calibrator calibrator(manifest);
  LIMPID_RETURN_IF_ERROR(ForEachCase(manifest, rows, [&](const Case& one) {
    Add(cells, one.groups, one.AsCounts());
    calibrator.Take(one);
  }));
  LIMPID_ASSIGN_OR_RETURN(Evidence out, GroupCells(manifest, cells));
  out.calibrations = calibrator.Finish();
  return out;
}

}  // namespace limpid::algoregister::evidence
