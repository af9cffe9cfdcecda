#include "vault/attribute/act_rate.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

// Calls at once come to the one writer in any order.
constexpr absl::Duration kMostAhead = absl::Minutes(1);

struct Rate {
  ActKind kind;
  std::size_t most;
  const char* what;
};

// Far above what anybody does by hand. A device that is given a new key brings
// all sixteen slots; an export begins again when something changed meanwhile.
// The same kinds as in the index of vault/store/sql_acts.cc.
constexpr std::array<Rate, 4> kRates = {{
    {ActKind::kSlotAdd, 48, "key slots"},
    {ActKind::kExport, 24, "exports"},
    {ActKind::kRecoveryStart, 16, "starts of a recovery"},
    {ActKind::kSourceLink, 32, "links to sources"},
}};

const Rate* Find(ActKind kind) {
  const auto found =
      std::find_if(kRates.begin(), kRates.end(),
                   [&](const Rate& rate) { return rate.kind == kind; });
  return found == kRates.end() ? nullptr : &*found;
}

}  // namespace

std::size_t MostActs(ActKind kind) {
  const Rate* const rate = Find(kind);
  return rate == nullptr ? 0 : rate->most;
}

absl::Status CheckActRate(const VaultReads& reads, const Owner& owner,
                          ActKind kind, absl::Time now) {
  const Rate* const rate = Find(kind);
  if (rate == nullptr) return absl::InternalError("no rate for this act");
  ActSpan span;
  span.after_ms = absl::ToUnixMillis(now - kActRateWindow);
  span.until_ms = absl::ToUnixMillis(now + kMostAhead);
  LIMPID_ASSIGN_OR_RETURN(const std::vector<std::int64_t> times,
                          reads.RatedActs(owner, kind, span, rate->most));
  if (times.size() < rate->most) return absl::OkStatus();
  // Whole seconds, and not one that is too early.
  const absl::Time next =
      absl::FromUnixMillis(times.back()) + kActRateWindow + absl::Seconds(1);
  return absl::ResourceExhaustedError(absl::StrCat(
      "of ", rate->what, " you may have ", rate->most,
      " in 24 hours; come again from ",
      absl::FormatTime("%Y-%m-%d %H:%M:%S", next, absl::UTCTimeZone()),
      " UTC on"));
}

}  // namespace limpid::vault
