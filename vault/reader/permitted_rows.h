// What there is of a person for the lines of a permit.

#ifndef LIMPID_VAULT_READER_PERMITTED_ROWS_H_
#define LIMPID_VAULT_READER_PERMITTED_ROWS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/receipt/permit.h"
#include "vault/attribute/record.h"
#include "vault/core.h"

namespace limpid::vault {

struct PermittedRows {
  // One for each line of the permit, in order: the newest row that fits its
  // days, if there is any.
  std::vector<std::optional<AttributeRow>> rows;
  // She went to another operator: nothing is looked for.
  bool moved = false;
};

// Errors: those of the store, and
//   kDataLoss  a row is not about what its label says.
absl::StatusOr<PermittedRows> FindPermitted(VaultCore& core, const Owner& owner,
                                            const receipt::Permit& permit);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_READER_PERMITTED_ROWS_H_
