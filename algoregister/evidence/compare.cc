#include "algoregister/evidence/compare.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/csv.h"
#include "algoregister/evidence/read_json.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace limpid::algoregister::evidence {
namespace {

constexpr double kLevel = 0.95;

// Of a case whose set lacks the column.
constexpr std::uint32_t kNotSaid = std::numeric_limits<std::uint32_t>::max();
// A group that the left set does not have.
constexpr std::uint32_t kElsewhere = kNotSaid - 1;

// Names in the order in which they came: a case keeps a number and no text.
class Names {
 public:
  std::uint32_t Add(std::string_view name) {
    const auto found = places_.find(name);
    if (found != places_.end()) return found->second;
    const auto place = static_cast<std::uint32_t>(places_.size());
    places_.emplace(name, place);
    return place;
  }
  [[nodiscard]] std::uint32_t Find(std::string_view name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? kElsewhere : found->second;
  }
  // Sorted by name.
  [[nodiscard]] const auto& places() const { return places_; }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  std::map<std::string, std::uint32_t, std::less<>> places_;
};

struct Row {
  std::uint32_t result = 0;
  // In the order of the left set's columns.
  std::vector<std::uint32_t> groups;
};

struct Column {
  std::string name;
  Names groups;
};

struct ResultSet {
  std::vector<Column> columns;
  std::map<std::string, Row> cases;
};

absl::Status AtLine(std::size_t line, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line, ": ", base::ToAbsl(reason)));
}

absl::Status OverLimit(std::size_t line, std::string_view reason) {
  return absl::ResourceExhaustedError(
      absl::StrCat("line ", line, ": ", base::ToAbsl(reason)));
}

class SetReader {
 public:
  // `left` is null for the left set itself. The right one's groups are only
  // compared with those of the left, and not kept.
  SetReader(Names& results, const ResultSet* left)
      : results_(results), left_(left) {}

  absl::Status Take(std::size_t line, std::span<const std::string> fields) {
    return header_.empty() ? TakeHeader(fields) : TakeCase(line, fields);
  }
  ResultSet Finish() { return std::move(out_); }

 private:
  absl::Status TakeHeader(std::span<const std::string> fields) {
    header_.assign(fields.begin(), fields.end());
    const std::set<std::string> once(fields.begin(), fields.end());
    if (once.size() != fields.size()) return AtLine(1, "a column comes twice");
    if (!once.contains("case") || !once.contains("result")) {
      return AtLine(1, "needs the columns case and result");
    }
    if (fields.size() - 2 > kMaxGroupColumns) {
      return OverLimit(1, "more than 8 columns of groups");
    }
    for (const std::string& name : fields) places_.push_back(PlaceOf(name));
    return absl::OkStatus();
  }

  // Where a row keeps the group of this column, if it does.
  std::optional<std::size_t> PlaceOf(const std::string& name) {
    if (name == "case" || name == "result") return std::nullopt;
    if (left_ == nullptr) {
      out_.columns.push_back({.name = name});
      return out_.columns.size() - 1;
    }
    const auto& columns = left_->columns;
    const auto found =
        std::find_if(columns.begin(), columns.end(),
                     [&name](const Column& one) { return one.name == name; });
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
  }

  absl::Status TakeCase(std::size_t line, std::span<const std::string> fields) {
    Row row;
    row.groups.assign(
        left_ == nullptr ? out_.columns.size() : left_->columns.size(),
        kNotSaid);
    std::string name;
    for (std::size_t at = 0; at < fields.size(); ++at) {
      if (fields[at].empty()) return AtLine(line, "a field is empty");
      if (header_[at] == "case") {
        name = fields[at];
        continue;
      }
      if (fields[at].size() > kMaxNameBytes) {
        return OverLimit(line, "a result or a group has more than 400 bytes");
      }
      if (header_[at] == "result") {
        row.result = results_.Add(fields[at]);
      } else if (const auto place = places_[at]) {
        row.groups[*place] = GroupOf(*place, fields[at]);
      }
    }
    LIMPID_RETURN_IF_ERROR(CheckLimits(line));
    if (!out_.cases.emplace(std::move(name), std::move(row)).second) {
      return AtLine(line, "a case comes twice");
    }
    return absl::OkStatus();
  }

  std::uint32_t GroupOf(std::size_t place, std::string_view group) {
    return left_ == nullptr ? out_.columns[place].groups.Add(group)
                            : left_->columns[place].groups.Find(group);
  }

  [[nodiscard]] absl::Status CheckLimits(std::size_t line) const {
    if (results_.size() > kMaxResults) {
      return OverLimit(line, "more than 20 different results");
    }
    std::size_t groups = 0;
    for (const Column& column : out_.columns) groups += column.groups.size();
    if (groups > kMaxGroups) return OverLimit(line, "more than 500 groups");
    return absl::OkStatus();
  }

  Names& results_;
  const ResultSet* left_;
  std::vector<std::string> header_;
  // By place in the header.
  std::vector<std::optional<std::size_t>> places_;
  ResultSet out_;
};

absl::StatusOr<ResultSet> ReadSet(std::string_view side, std::string_view text,
                                  SetReader reader) {
  if (text.size() > kMaxResultSetBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(base::ToAbsl(side), ": more than 3,145,728 bytes"));
  }
  const absl::Status read = ReadCsv(
      text, [&reader](std::size_t line, std::span<const std::string> fields) {
        return reader.Take(line, fields);
      });
  if (!read.ok()) {
    return absl::Status(read.code(),
                        absl::StrCat(base::ToAbsl(side), ": ", read.message()));
  }
  return reader.Finish();
}

absl::Status CheckSameCases(const ResultSet& left, const ResultSet& right) {
  const auto alone = [](const ResultSet& in, const ResultSet& other) {
    return std::count_if(
        in.cases.begin(), in.cases.end(),
        [&other](const auto& one) { return !other.cases.contains(one.first); });
  };
  const auto only_left = alone(left, right);
  const auto only_right = alone(right, left);
  if (left.cases.empty() && right.cases.empty()) {
    return absl::InvalidArgumentError("left: there is no case in it");
  }
  if (only_left == 0 && only_right == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("not the same cases: ", only_left,
                   " are in the left set "
                   "alone, ",
                   only_right, " in the right one"));
}

absl::Status CheckSameGroups(const Row& left, const Row& right) {
  for (std::size_t at = 0; at < left.groups.size(); ++at) {
    if (right.groups[at] != kNotSaid && right.groups[at] != left.groups[at]) {
      return absl::InvalidArgumentError(
          "right: a case is in another group than in the left set");
    }
  }
  return absl::OkStatus();
}

// From exact counts: kappa = (n * agreed - chance) / (n * n - chance).
std::optional<double> Kappa(const Agreement& of) {
  std::map<std::size_t, std::int64_t> lefts;
  std::map<std::size_t, std::int64_t> rights;
  for (const auto& [pair, count] : of.cells) {
    lefts[pair.first] += count;
    rights[pair.second] += count;
  }
  Wide chance = 0;
  for (const auto& [result, count] : lefts) {
    const auto other = rights.find(result);
    if (other != rights.end()) chance += Wide{count} * other->second;
  }
  const auto out =
      Fraction::Of(Wide{of.n} * of.agreed - chance, Wide{of.n} * of.n - chance);
  return out ? std::optional(out->value()) : std::nullopt;
}

Agreement Finished(Agreement of) {
  of.rate = static_cast<double>(of.agreed) / static_cast<double>(of.n);
  // Invariant: n > 0, so that there is one.
  of.interval = WilsonInterval({of.agreed, of.n}, kLevel).value_or(Interval());
  of.kappa = Kappa(of);
  return of;
}

// Counts pairs of results over all cases and by group.
class Tally {
 public:
  // Both must outlive it.
  Tally(const Names& results, const std::vector<Column>& columns)
      : columns_(columns), by_name_(results.size()) {
    for (const auto& [name, place] : results.places()) {
      by_name_[place] = results_.size();
      results_.push_back(name);
    }
    for (const Column& column : columns) {
      std::vector<Agreement>& groups =
          groups_.emplace_back(column.groups.size());
      for (const auto& [name, place] : column.groups.places()) {
        groups[place].attribute = column.name;
        groups[place].group = name;
      }
    }
  }

  absl::Status Add(const Row& left, const Row& right) {
    const std::pair cell(by_name_[left.result], by_name_[right.result]);
    LIMPID_RETURN_IF_ERROR(Count(all_, cell));
    for (std::size_t at = 0; at < groups_.size(); ++at) {
      LIMPID_RETURN_IF_ERROR(Count(groups_[at][left.groups[at]], cell));
    }
    return absl::OkStatus();
  }

  Comparison Finish() {
    Comparison out;
    out.results = std::move(results_);
    out.agreements.push_back(Finished(std::move(all_)));
    for (std::size_t at = 0; at < groups_.size(); ++at) {
      for (const auto& [name, place] : columns_[at].groups.places()) {
        out.agreements.push_back(Finished(std::move(groups_[at][place])));
      }
    }
    return out;
  }

 private:
  absl::Status Count(Agreement& into, std::pair<std::size_t, std::size_t> at) {
    auto cell = into.cells.find(at);
    if (cell == into.cells.end()) {
      if (cells_ == kMaxResultPairs) {
        return absl::ResourceExhaustedError(
            "more than 20,000 pairs of results over all groups together");
      }
      ++cells_;
      cell = into.cells.emplace(at, 0).first;
    }
    ++cell->second;
    ++into.n;
    into.agreed += at.first == at.second ? 1 : 0;
    return absl::OkStatus();
  }

  const std::vector<Column>& columns_;
  // Of a result by its place among Names: its place by name.
  std::vector<std::size_t> by_name_;
  std::vector<std::string> results_;
  Agreement all_;
  // By column and place of the group.
  std::vector<std::vector<Agreement>> groups_;
  std::size_t cells_ = 0;
};

}  // namespace

absl::StatusOr<Comparison> Compare(std::string_view left,
                                   std::string_view right) {
  Names results;
  LIMPID_ASSIGN_OR_RETURN(
      const ResultSet first,
      ReadSet("left", left, SetReader(results, /*left=*/nullptr)));
  LIMPID_ASSIGN_OR_RETURN(const ResultSet second,
                          ReadSet("right", right, SetReader(results, &first)));
  LIMPID_RETURN_IF_ERROR(CheckSameCases(first, second));
  Tally tally(results, first.columns);
  for (const auto& [name, row] : first.cases) {
    const Row& other = second.cases.find(name)->second;
    LIMPID_RETURN_IF_ERROR(CheckSameGroups(row, other));
    LIMPID_RETURN_IF_ERROR(tally.Add(row, other));
  }
  Comparison out = tally.Finish();
  out.left = crypto::Sha256(base::AsBytes(left));
  out.right = crypto::Sha256(base::AsBytes(right));
  return out;
}

}  // namespace limpid::algoregister::evidence
