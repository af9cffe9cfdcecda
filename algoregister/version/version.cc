#include "algoregister/version/version.h"

#include "absl/status/status.h"
#include "algoregister/registration/content.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {

json::Value ContentOf(const Version& version) {
  json::Value content = WholeContentOf(version);
  content.Remove("restricted");
  return content;
}

json::Value WholeContentOf(const Version& version) {
  auto content = receipt::AssembleContent(version.fields);
  // Invariant: fields come from DiscloseContent or were checked on the way in.
  LIMPID_CHECK(content.ok());
  return *std::move(content);
}

json::Value CarriedContentOf(const Version& version) {
  return WithErasedReplaced(WholeContentOf(version));
}

absl::Status CheckSuccession(const Draft& draft, const Version* newest) {
  if (newest == nullptr) {
    if (draft.leaf.version != 1) {
      return absl::AbortedError("there is no version before this one");
    }
    if (draft.leaf.state == RegistrationState::kRetired) {
      return absl::InvalidArgumentError("a first version cannot retire");
    }
    return absl::OkStatus();
  }
  if (newest->state == RegistrationState::kRetired) {
    return absl::FailedPreconditionError("the registration is retired");
  }
  if (draft.leaf.version != newest->number + 1 ||
      draft.leaf.predecessor != newest->leaf_hash) {
    return absl::AbortedError(
        "another version was published since; prepare again");
  }
  if (draft.leaf.kind != newest->registration.kind) {
    return absl::InvalidArgumentError("the kind of a registration is fixed");
  }
  if (draft.leaf.state == RegistrationState::kActive) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const json::Value content,
                          receipt::AssembleContent(draft.fields));
  const json::Value carried = CarriedContentOf(*newest);
  const json::Value* const parts = content.Find("restricted");
  const json::Value* const carried_parts = carried.Find("restricted");
  const bool same_parts = parts == nullptr || carried_parts == nullptr
                              ? parts == carried_parts
                              : *parts == *carried_parts;
  if (!same_parts ||
      receipt::ContentHash(content) != receipt::ContentHash(carried)) {
    return absl::InvalidArgumentError("a retirement keeps the content");
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
