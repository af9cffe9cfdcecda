// The evidence bundle: one file from which anybody recomputes an evaluation.
// docs/formats/evidence-bundle.md

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_BUNDLE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_BUNDLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/evidence/claims.h"
#include "algoregister/evidence/counts.h"
#include "common/base/bytes.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

// 50,000 cases with three groupings; a table holds any number.
inline constexpr std::size_t kMaxBundleBytes = std::size_t{4} << 20U;
inline constexpr std::string_view kBundleFormat = "limpid-evidence-bundle/1";
// Columns that divide the cases.
inline constexpr std::size_t kMaxGroupColumns = 8;

// A column whose fields have one of two values.
struct TwoValued {
  std::string column;
  std::string positive;
  std::string negative;
};

struct Prediction {
  std::string column;
  // A score is positive from here on; none where the column has two values.
  std::optional<double> threshold;
  std::string positive;
  std::string negative;
};

struct Manifest {
  Settings settings;
  std::string title;
  TwoValued label;
  Prediction prediction;
  std::optional<TwoValued> override_column;
  std::vector<std::string> group_columns;
  bool intersections = false;
  // Column to value.
  std::map<std::string, std::string, std::less<>> reference;
  std::string noise;
  // "sha256:..." or empty.
  std::string code_image;
};

// How much of the evidence is public.
enum class Disclosure { kRows, kTable, kSealed };

// "rows", "table", "sealed".
std::string_view DisclosureName(Disclosure disclosure);

struct Bundle {
  Manifest manifest;
  Disclosure disclosure = Disclosure::kSealed;
  // Empty groupings if sealed.
  Evidence evidence;
  std::vector<Claim> claims;
};

// "sha256:" and the digest of a bundle's bytes.
std::string DigestText(const base::Digest32& digest);
// Errors:
//   kInvalidArgument  no such text.
absl::StatusOr<base::Digest32> ReadDigestText(std::string_view text);

// Errors:
//   kInvalidArgument    "<pointer>: reason", or "/rows: line N: reason"; never
//                       a value of the file.
//   kResourceExhausted  over a limit.
absl::StatusOr<Bundle> ParseBundle(std::string_view bytes);

// The claims of a bundle with their marks; a sealed one's cannot be checked.
std::vector<CheckedClaim> CheckBundle(const Bundle& bundle);

// The bundle with its rows counted and small groups merged: what can be
// published where rows cannot. The claims are those of the rows.
//
// Errors:
//   kInvalidArgument     not a bundle of rows.
//   kFailedPrecondition  even all groups together are small.
absl::StatusOr<std::string> TableOfRows(std::string_view bytes);

// For the files of the bundle's reader. `pointer` is "/manifest".
absl::StatusOr<Manifest> ReadManifest(const json::Value& manifest);
absl::StatusOr<Evidence> CountRows(const Manifest& manifest,
                                   std::string_view rows);

// Cases by their values of every group column.
using Cells = std::map<std::vector<std::string>, Counts>;
absl::StatusOr<Cells> CountCells(const Manifest& manifest,
                                 std::string_view rows);
// Sums cells into one grouping per column, and their intersection if asked for.
//
// Errors:
//   kInvalidArgument    a reference is no group, a value holds kJoin.
//   kResourceExhausted  too many groups or cases.
absl::StatusOr<Evidence> GroupCells(const Manifest& manifest,
                                    const Cells& cells);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_BUNDLE_H_
