// What the register may trust of a version on its way in, held by types: a
// checked draft says what its leaf says and keeps the rules of content, a
// sealed one carries its author's verified signature as well, a new version has
// its content put together. None can be changed once it is made, so that no
// later stage looks again. Refuses to know whether a draft still fits the
// register: that is the register's to say, at the moment it publishes.
// docs/adr/2026-11-30-sealed-draft.md

#ifndef LIMPID_ALGOREGISTER_VERSION_SEALED_DRAFT_H_
#define LIMPID_ALGOREGISTER_VERSION_SEALED_DRAFT_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/version/published_version.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {

// A draft that is what MakeDraft gives for its own fields, apart from salts and
// time: a leaf by the rules with the digests of exactly these fields, no salt
// twice, valid content of the leaf's kind. Immutable and cheap to copy.
// Thread-compatible.
class CheckedDraft {
 public:
  // Checks a draft from outside.
  //
  // Errors:
  //   kInvalidArgument  it is not; the message names the fault.
  static absl::StatusOr<CheckedDraft> Check(Draft draft);

  [[nodiscard]] const Draft& draft() const { return *draft_; }

 private:
  friend absl::StatusOr<CheckedDraft> MakeDraft(
      const RegistrationId& registration, const Version* newest,
      RegistrationState state, json::Value content, const Authorship& author,
      crypto::RandomSource& random);
  explicit CheckedDraft(Draft draft)
      : draft_(std::make_shared<const Draft>(std::move(draft))) {}

  // Shared by a plan that waits for its signatures and what is sealed of it:
  // the fields of thousands of rows are in memory once.
  std::shared_ptr<const Draft> draft_;
};

// Drafts the version that follows `newest`, or the first one of `registration`
// when `newest` is null.
//
// Errors:
//   kInvalidArgument  `content` is not valid (ValidateContent), not of the
//                     registration's kind, over kMaxContentBytes while it is
//                     active, or has more fields than a leaf holds; or `random`
//                     repeats itself.
absl::StatusOr<CheckedDraft> MakeDraft(const RegistrationId& registration,
                                       const Version* newest,
                                       RegistrationState state,
                                       json::Value content,
                                       const Authorship& author,
                                       crypto::RandomSource& random);

// A checked draft under the signature of a key that its publisher may sign
// with. Immutable and cheap to copy. Thread-compatible.
class SealedDraft {
 public:
  // The only way to one.
  //
  // Errors:
  //   kInvalidArgument   the author's key is none of the publisher's, or the
  //                      signature is not the author's over this very leaf.
  //   kPermissionDenied  the publisher may not sign in the leaf's role.
  static absl::StatusOr<SealedDraft> Seal(
      CheckedDraft draft, const crypto::Ed25519Signature& signature,
      const Publisher& publisher);

  [[nodiscard]] const Draft& draft() const { return draft_.draft(); }
  [[nodiscard]] const receipt::RegistrationLeaf& leaf() const {
    return draft().leaf;
  }
  [[nodiscard]] RegistrationId registration() const {
    return {.kind = leaf().kind, .bytes = leaf().registration};
  }
  // Whose key it was when it was sealed.
  [[nodiscard]] const PublisherId& publisher() const { return publisher_; }
  // Whether that publisher might import then, in whatever role it signed.
  [[nodiscard]] bool publisher_may_import() const {
    return publisher_may_import_;
  }
  // The entry of the register log: the leaf with its signature.
  [[nodiscard]] const base::Bytes& entry() const { return entry_; }

 private:
  SealedDraft(CheckedDraft draft, base::Bytes entry, const Publisher& publisher)
      : draft_(std::move(draft)),
        entry_(std::move(entry)),
        publisher_(publisher.id),
        publisher_may_import_(publisher.importer) {}

  CheckedDraft draft_;
  base::Bytes entry_;
  PublisherId publisher_;
  bool publisher_may_import_ = false;
};

// A version with its public content, put together once for the many that ask
// for it. Neither can change without the other. Thread-compatible.
class NewVersion {
 public:
  // The version that the draft becomes.
  explicit NewVersion(const SealedDraft& draft);
  // Of a version whose fields are what AssembleContent takes.
  explicit NewVersion(Version version);

  [[nodiscard]] const Version& version() const { return version_; }
  // As ContentOf.
  [[nodiscard]] const json::Value& content() const { return content_; }
  // What it says at its place in the log, moved out.
  [[nodiscard]] PublishedVersion Published(std::uint64_t leaf_index) &&;

 private:
  Version version_;
  json::Value content_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_VERSION_SEALED_DRAFT_H_
