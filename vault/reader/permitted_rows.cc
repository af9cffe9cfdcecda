#include "vault/reader/permitted_rows.h"

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/vault_store.h"
#include "vault/reader/days_search.h"

namespace limpid::vault {
namespace {

absl::StatusOr<PermittedRows> FindWithin(VaultCore& core, const Owner& owner,
                                         const receipt::Permit& permit) {
  PermittedRows out;
  out.rows.resize(permit.lines.size());
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t move,
                          MoveInForce(core.store(), owner));
  out.moved = move != 0;
  if (out.moved) return out;
  const std::size_t look_at = LookedAtPerLine(permit.lines.size());
  for (std::size_t i = 0; i < permit.lines.size(); ++i) {
    LIMPID_ASSIGN_OR_RETURN(out.rows[i],
                            NewestWithin(core, owner, permit.lines[i].attribute,
                                         permit.days, look_at));
  }
  return out;
}

}  // namespace

absl::StatusOr<PermittedRows> FindPermitted(VaultCore& core, const Owner& owner,
                                            const receipt::Permit& permit) {
  if (!permit.days.open()) return FindWithin(core, owner, permit);
  std::vector<NameKey> names;
  names.reserve(permit.lines.size());
  for (const receipt::PermitLine& line : permit.lines) {
    names.push_back(core.blinder().NameKeyOf(owner.id, line.attribute));
  }
  PermittedRows out;
  // One snapshot: to begin and end one costs as much as two of its reads.
  LIMPID_RETURN_IF_ERROR(
      core.store().Snapshot([&](const VaultReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t move,
                                MoveInForce(reads, owner));
        out.moved = move != 0;
        if (out.moved) return absl::OkStatus();
        LIMPID_ASSIGN_OR_RETURN(out.rows, reads.Newest(owner, names));
        return absl::OkStatus();
      }));
  out.rows.resize(permit.lines.size());
  return out;
}

}  // namespace limpid::vault
