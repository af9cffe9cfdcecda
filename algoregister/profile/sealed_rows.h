// The signatures of a plan, each looked at once and all before any row is
// published. For import_desk.cc alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_SEALED_ROWS_H_
#define LIMPID_ALGOREGISTER_PROFILE_SEALED_ROWS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register.h"
#include "common/crypto/ed25519.h"

namespace limpid::algoregister {

// One group per row that has drafts, with the rows' indices.
struct SealedRows {
  std::vector<Register::Group> groups;
  std::vector<std::size_t> indices;
};

// Seals every draft of `plan`, on several processors: its drafts were made here
// and cannot have changed since, and `signatures` are one per draft, in row
// order.
//
// Errors: of the first draft, in row order, that cannot be sealed, or
//   kInvalidArgument   not one signature per draft; or one that is not the
//                      publisher's over its draft, by its place.
//   kPermissionDenied  the publisher may not import any more.
absl::StatusOr<SealedRows> SealRows(
    const ImportPlan& plan, const Publisher& publisher,
    std::span<const crypto::Ed25519Signature> signatures);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_SEALED_ROWS_H_
