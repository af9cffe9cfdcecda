#include "common/receipt/registration_chains.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/tlog/tree.h"

namespace limpid::receipt {
namespace {

// Ids are public, and whoever keeps the evidence has to find it.
absl::Status Breaks(const RegistrationLeaf& leaf, std::string_view how) {
  const std::string id =
      base::FormatIdText(RegistrationKindPrefix(leaf.kind), leaf.registration);
  return absl::DataLossError(
      absl::StrCat(id, " version ", leaf.version, " ", base::ToAbsl(how)));
}

}  // namespace

absl::StatusOr<RegistrationLeaf> RegistrationChains::Take(
    base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(RegistrationLeaf leaf, VerifyRegistrationLeaf(entry));
  Newest& newest = newest_[leaf.registration];
  if (newest.state == RegistrationState::kRetired) {
    return Breaks(leaf, "stands after the one that retired the registration");
  }
  if (leaf.version != newest.version + 1) {
    return Breaks(leaf, absl::StrCat("stands where version ",
                                     newest.version + 1, " belongs"));
  }
  if (leaf.predecessor != newest.hash) {
    return Breaks(leaf, "does not follow the version before it");
  }
  if (newest.version > 0 && leaf.kind != newest.kind) {
    return Breaks(leaf, "is of another kind than the version before it");
  }
  newest = {leaf.version, leaf.kind, leaf.state, tlog::LeafHash(entry)};
  return leaf;
}

}  // namespace limpid::receipt
