#include "algoregister/version/version.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"
#include "common/tlog/tree.h"

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

Draft MakeDraft(const RegistrationId& registration, const Version* newest,
                RegistrationState state, const json::Value& content,
                const Authorship& author, crypto::RandomSource& random) {
  Draft draft;
  draft.fields = receipt::DiscloseContent(content, random);
  draft.leaf.registration = registration.bytes;
  draft.leaf.kind = registration.kind;
  draft.leaf.version = newest == nullptr ? 1 : newest->number + 1;
  draft.leaf.state = state;
  draft.leaf.author_role = author.role;
  draft.leaf.draft_time = absl::FromUnixMillis(absl::ToUnixMillis(author.now));
  if (newest != nullptr) draft.leaf.predecessor = newest->leaf_hash;
  draft.leaf.author = author.key;
  draft.leaf.digests = receipt::FieldDigests(draft.fields);
  return draft;
}

absl::Status CheckDraft(const Draft& draft) {
  const auto leaf = receipt::ParseRegistrationLeafBody(
      receipt::RegistrationLeafBody(draft.leaf));
  if (!leaf.ok()) return leaf.status();
  if (receipt::FieldDigests(draft.fields) != draft.leaf.digests) {
    return absl::InvalidArgumentError(
        "the leaf holds other digests than the fields have");
  }
  std::set<base::ByteArray<32>> salts;
  for (const FieldDisclosure& field : draft.fields) {
    if (!salts.insert(field.salt).second) {
      return absl::InvalidArgumentError("two fields have the same salt");
    }
  }
  LIMPID_ASSIGN_OR_RETURN(const json::Value content,
                          receipt::AssembleContent(draft.fields));
  LIMPID_RETURN_IF_ERROR(ValidateContent(content));
  if (KindOf(content) != draft.leaf.kind) {
    return absl::InvalidArgumentError("/kind: not the kind of the leaf");
  }
  return absl::OkStatus();
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

absl::StatusOr<Version> Seal(const SignedDraft& draft,
                             const PublisherId& publisher) {
  const receipt::RegistrationLeaf& leaf = draft.draft.leaf;
  Version version;
  version.leaf = receipt::RegistrationLeafBody(leaf);
  version.leaf.insert(version.leaf.end(), draft.signature.begin(),
                      draft.signature.end());
  if (!receipt::VerifyRegistrationLeaf(version.leaf).ok()) {
    return absl::InvalidArgumentError("the signature is not the author's");
  }
  version.registration = {.kind = leaf.kind, .bytes = leaf.registration};
  version.number = leaf.version;
  version.state = leaf.state;
  version.author_role = leaf.author_role;
  version.draft_time = leaf.draft_time;
  version.publisher = publisher;
  version.leaf_hash = tlog::LeafHash(version.leaf);
  version.fields = draft.draft.fields;
  return version;
}

}  // namespace limpid::algoregister
