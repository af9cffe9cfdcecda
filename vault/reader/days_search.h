// Finds what a permit with days may release: the newest kept version whose days
// all lie within them. docs/formats/permit.md, "Days"

#ifndef LIMPID_VAULT_READER_DAYS_SEARCH_H_
#define LIMPID_VAULT_READER_DAYS_SEARCH_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/day.h"
#include "vault/attribute/record.h"
#include "vault/core.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Most versions that one release looks at, shared evenly by its lines whatever
// each of them finds: of one line all that a person can have, of 64 lines 156
// each.
inline constexpr std::size_t kMaxLookedAt = 10'000;

// How many that is for each of `line_count` lines, 1 to kMaxLines.
[[nodiscard]] constexpr std::size_t LookedAtPerLine(std::size_t line_count) {
  return kMaxLookedAt / line_count;
}

// Looks through the newest `look_at` kept versions of `attribute`; none when
// nothing newer than the newest sealed one fits `days`, when the person has
// none, or when nothing of it can be opened here. Opens labels alone: the
// caller checks the days of the value as well.
//
// Errors:
//   kDataLoss  a row does not open, or is another attribute's.
absl::StatusOr<std::optional<AttributeRow>> NewestWithin(
    VaultCore& core, const Owner& owner, std::string_view attribute,
    const base::Days& days, std::size_t look_at);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_READER_DAYS_SEARCH_H_
