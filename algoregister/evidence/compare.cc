#include "algoregister/evidence/compare.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/csv.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace limpid::algoregister::evidence {
namespace {

constexpr double kLevel = 0.95;

struct Row {
  std::string result;
  // In the order of ResultSet::columns.
  std::vector<std::string> groups;
};

struct ResultSet {
  std::vector<std::string> columns;
  std::map<std::string, Row> cases;
};

absl::Status AtLine(std::size_t line, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line, ": ", base::ToAbsl(reason)));
}

class SetReader {
 public:
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
    std::copy_if(fields.begin(), fields.end(), std::back_inserter(out_.columns),
                 [](const std::string& name) { return !IsOwn(name); });
    return absl::OkStatus();
  }

  absl::Status TakeCase(std::size_t line, std::span<const std::string> fields) {
    Row row;
    std::string name;
    for (std::size_t at = 0; at < fields.size(); ++at) {
      if (fields[at].empty()) return AtLine(line, "a field is empty");
      if (header_[at] == "case") {
        name = fields[at];
      } else if (header_[at] == "result") {
        row.result = fields[at];
      } else {
        row.groups.push_back(fields[at]);
      }
    }
    if (!out_.cases.emplace(std::move(name), std::move(row)).second) {
      return AtLine(line, "a case comes twice");
    }
    return absl::OkStatus();
  }

  static bool IsOwn(std::string_view name) {
    return name == "case" || name == "result";
  }

  std::vector<std::string> header_;
  ResultSet out_;
};

absl::StatusOr<ResultSet> ReadSet(std::string_view side,
                                  std::string_view text) {
  if (text.size() > kMaxResultSetBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(base::ToAbsl(side), ": more than 3,145,728 bytes"));
  }
  SetReader reader;
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

absl::Status CheckSameGroups(const ResultSet& left, const ResultSet& right) {
  for (std::size_t at = 0; at < left.columns.size(); ++at) {
    const auto other =
        std::find(right.columns.begin(), right.columns.end(), left.columns[at]);
    if (other == right.columns.end()) continue;
    const auto place = static_cast<std::size_t>(other - right.columns.begin());
    for (const auto& [name, row] : left.cases) {
      const Row& beside = right.cases.find(name)->second;
      if (row.groups[at] != beside.groups[place]) {
        return absl::InvalidArgumentError(
            "right: a case is in another group than in the left set");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckResults(const ResultSet& left, const ResultSet& right) {
  std::set<std::string_view> results;
  for (const ResultSet* const set : {&left, &right}) {
    for (const auto& [name, row] : set->cases) results.insert(row.result);
  }
  if (results.size() <= kMaxResults) return absl::OkStatus();
  return absl::ResourceExhaustedError("more than 20 different results");
}

// From exact counts: kappa = (n * agreed - chance) / (n * n - chance).
std::optional<double> Kappa(const Agreement& of) {
  std::map<std::string_view, std::int64_t> lefts;
  std::map<std::string_view, std::int64_t> rights;
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

void Count(Agreement& into, const Row& left, const Row& right) {
  ++into.n;
  into.agreed += left.result == right.result ? 1 : 0;
  ++into.cells[{left.result, right.result}];
}

Agreement Finished(Agreement of) {
  of.rate = static_cast<double>(of.agreed) / static_cast<double>(of.n);
  // Invariant: n > 0, so that there is one.
  of.interval = WilsonInterval({of.agreed, of.n}, kLevel).value_or(Interval());
  of.kappa = Kappa(of);
  return of;
}

}  // namespace

absl::StatusOr<Comparison> Compare(std::string_view left,
                                   std::string_view right) {
  LIMPID_ASSIGN_OR_RETURN(const ResultSet first, ReadSet("left", left));
  LIMPID_ASSIGN_OR_RETURN(const ResultSet second, ReadSet("right", right));
  LIMPID_RETURN_IF_ERROR(CheckSameCases(first, second));
  LIMPID_RETURN_IF_ERROR(CheckSameGroups(first, second));
  LIMPID_RETURN_IF_ERROR(CheckResults(first, second));
  Agreement all;
  // By place of the column, then by group.
  std::map<std::pair<std::size_t, std::string>, Agreement> groups;
  for (const auto& [name, row] : first.cases) {
    const Row& other = second.cases.find(name)->second;
    Count(all, row, other);
    for (std::size_t at = 0; at < first.columns.size(); ++at) {
      Agreement& into = groups[{at, row.groups[at]}];
      into.attribute = first.columns[at];
      into.group = row.groups[at];
      Count(into, row, other);
    }
    if (groups.size() > kMaxGroups) {
      return absl::ResourceExhaustedError("left: more than 500 groups");
    }
  }
  Comparison out;
  out.left = crypto::Sha256(base::AsBytes(left));
  out.right = crypto::Sha256(base::AsBytes(right));
  out.agreements.push_back(Finished(std::move(all)));
  for (auto& [key, agreement] : groups) {
    out.agreements.push_back(Finished(std::move(agreement)));
  }
  return out;
}

}  // namespace limpid::algoregister::evidence
