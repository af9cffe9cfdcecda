#include "algoregister/version/sealed_draft.h"

#include <cstdint>
#include <set>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/published_version.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"
#include "common/tlog/tree.h"

namespace limpid::algoregister {
namespace {

absl::Status CheckSalts(std::span<const FieldDisclosure> fields) {
  std::set<base::ByteArray<32>> salts;
  for (const FieldDisclosure& field : fields) {
    if (!salts.insert(field.salt).second) {
      return absl::InvalidArgumentError("two fields have the same salt");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckContent(const json::Value& content, RegistrationKind kind,
                          RegistrationState state) {
  LIMPID_RETURN_IF_ERROR(ValidateContent(content));
  if (KindOf(content) != kind) {
    return absl::InvalidArgumentError("/kind: not the kind of the leaf");
  }
  // A retirement keeps what was published, perhaps before there was a limit.
  if (state == RegistrationState::kActive &&
      json::Canonical(content).size() > kMaxContentBytes) {
    return absl::InvalidArgumentError(
        "the registration has more than 256 KiB in all: shorten its longest "
        "texts, or link to them");
  }
  return absl::OkStatus();
}

// What the format page says of a leaf: numbers, order, how many digests.
absl::Status CheckLeaf(const receipt::RegistrationLeaf& leaf) {
  return receipt::ParseRegistrationLeafBody(receipt::RegistrationLeafBody(leaf))
      .status();
}

Version VersionOf(const SealedDraft& draft) {
  const receipt::RegistrationLeaf& leaf = draft.leaf();
  Version version;
  version.registration = draft.registration();
  version.number = leaf.version;
  version.state = leaf.state;
  version.author_role = leaf.author_role;
  version.draft_time = leaf.draft_time;
  version.publisher = draft.publisher();
  version.leaf = draft.entry();
  version.leaf_hash = tlog::LeafHash(draft.entry());
  version.fields = draft.draft().fields;
  return version;
}

}  // namespace

absl::StatusOr<CheckedDraft> CheckedDraft::Check(Draft draft) {
  LIMPID_RETURN_IF_ERROR(CheckLeaf(draft.leaf));
  if (receipt::FieldDigests(draft.fields) != draft.leaf.digests) {
    return absl::InvalidArgumentError(
        "the leaf holds other digests than the fields have");
  }
  LIMPID_RETURN_IF_ERROR(CheckSalts(draft.fields));
  LIMPID_ASSIGN_OR_RETURN(const json::Value content,
                          receipt::AssembleContent(draft.fields));
  LIMPID_RETURN_IF_ERROR(
      CheckContent(content, draft.leaf.kind, draft.leaf.state));
  return CheckedDraft(std::move(draft));
}

absl::StatusOr<CheckedDraft> MakeDraft(const RegistrationId& registration,
                                       const Version* newest,
                                       RegistrationState state,
                                       json::Value content,
                                       const Authorship& author,
                                       crypto::RandomSource& random) {
  LIMPID_RETURN_IF_ERROR(CheckContent(content, registration.kind, state));
  Draft draft;
  draft.fields = receipt::DiscloseContent(std::move(content), random);
  LIMPID_RETURN_IF_ERROR(CheckSalts(draft.fields));
  draft.leaf.registration = registration.bytes;
  draft.leaf.kind = registration.kind;
  draft.leaf.version = newest == nullptr ? 1 : newest->number + 1;
  draft.leaf.state = state;
  draft.leaf.author_role = author.role;
  draft.leaf.draft_time = absl::FromUnixMillis(absl::ToUnixMillis(author.now));
  if (newest != nullptr) draft.leaf.predecessor = newest->leaf_hash;
  draft.leaf.author = author.key;
  draft.leaf.digests = receipt::FieldDigests(draft.fields);
  // Invariant: the digests are of these fields, and these of the content.
  LIMPID_RETURN_IF_ERROR(CheckLeaf(draft.leaf));
  return CheckedDraft(std::move(draft));
}

absl::StatusOr<SealedDraft> SealedDraft::Seal(
    CheckedDraft draft, const crypto::Ed25519Signature& signature,
    const Publisher& publisher) {
  const receipt::RegistrationLeaf& leaf = draft.draft().leaf;
  LIMPID_RETURN_IF_ERROR(
      CheckMaySign(publisher, leaf.author, leaf.author_role));
  base::Bytes entry = receipt::RegistrationLeafBody(leaf);
  entry.insert(entry.end(), signature.begin(), signature.end());
  // Of the very bytes that are published.
  if (!receipt::VerifyRegistrationLeaf(entry).ok()) {
    return absl::InvalidArgumentError("the signature is not the author's");
  }
  return SealedDraft(std::move(draft), std::move(entry), publisher);
}

NewVersion::NewVersion(const SealedDraft& draft)
    : NewVersion(VersionOf(draft)) {}

NewVersion::NewVersion(Version version)
    : version_(std::move(version)), content_(ContentOf(version_)) {}

PublishedVersion NewVersion::Published(std::uint64_t leaf_index) && {
  PublishedVersion out = PublishedOf(version_, std::move(content_));
  out.leaf_index = leaf_index;
  return out;
}

}  // namespace limpid::algoregister
