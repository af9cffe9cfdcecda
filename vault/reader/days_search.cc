#include "vault/reader/days_search.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

// Rows of one read of the store: most answers are among the first.
constexpr std::size_t kPage = 128;

// Whether the label says that the row fits; one whose key is gone does not.
absl::StatusOr<bool> Fits(VaultCore& core, AttributeRow& row,
                          std::string_view attribute, const base::Days& days) {
  const auto key = core.KeyOf(row);
  if (absl::IsNotFound(key.status())) return false;
  LIMPID_RETURN_IF_ERROR(key.status());
  LIMPID_ASSIGN_OR_RETURN(const RowLabel label,
                          core.codec().OpenLabel(**key, row));
  if (label.attribute != attribute) {
    return absl::DataLossError("a row is not about what its label says");
  }
  return label.about.Fits(days);
}

}  // namespace

absl::StatusOr<std::optional<AttributeRow>> NewestWithin(
    VaultCore& core, const Owner& owner, std::string_view attribute,
    const base::Days& days, std::size_t look_at) {
  const NameKey name = core.blinder().NameKeyOf(owner.id, attribute);
  std::uint64_t before = 0;
  for (std::size_t left = look_at; left > 0;) {
    const std::size_t count = std::min(left, kPage);
    LIMPID_ASSIGN_OR_RETURN(std::vector<AttributeRow> page,
                            core.store().Outlines(owner, name, before, count));
    for (AttributeRow& outline : page) {
      // Of a sealed value the server opens not even the label, and an older one
      // that it could open is not what she keeps now.
      if (outline.custody != Custody::kAssisted) {
        return std::optional<AttributeRow>();
      }
      LIMPID_ASSIGN_OR_RETURN(const bool fits,
                              Fits(core, outline, attribute, days));
      if (!fits) continue;
      LIMPID_ASSIGN_OR_RETURN(std::optional<AttributeRow> row,
                              core.store().Find(owner, name, outline.version));
      // Erased meanwhile: an older one may fit.
      if (row && row->state == RowState::kKept) return row;
    }
    if (page.size() < count) break;
    before = page.back().version;
    left -= count;
  }
  return std::optional<AttributeRow>();
}

}  // namespace limpid::vault
