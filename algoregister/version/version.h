// One version of a registration: what it is, what a draft must be to follow its
// predecessor. Values and pure functions; who publishes and where it is kept
// come in from outside, what may be trusted of a draft is in sealed_draft.h.
// docs/formats/registration-version.md

#ifndef LIMPID_ALGOREGISTER_VERSION_VERSION_H_
#define LIMPID_ALGOREGISTER_VERSION_VERSION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {

// A version as the register keeps it.
struct Version {
  RegistrationId registration;
  // From 1.
  std::uint32_t number = 0;
  RegistrationState state = RegistrationState::kActive;
  AuthorRole author_role = AuthorRole::kPublisher;
  absl::Time draft_time;
  // Who keeps the registration; the same in every version.
  PublisherId publisher;
  // Entry of the register log, and its RFC 6962 leaf hash: the content address.
  base::Bytes leaf;
  base::Digest32 leaf_hash{};
  // Content and salts, in pointer order; erased fields are gone.
  std::vector<FieldDisclosure> fields;
  // Place in the register log; none while publication is under way.
  std::optional<std::uint64_t> leaf_index;
  // When the register made it visible, to the millisecond: its own word, no
  // leaf proves it.
  absl::Time logged_time = absl::UnixEpoch();

  friend bool operator==(const Version&, const Version&) = default;
};

// The public content of a version, put together from its fields: without
// "restricted", which no list, index, export or comparison may show.
json::Value ContentOf(const Version& version);
// With it.
json::Value WholeContentOf(const Version& version);
// The content as the next version carries it on: what must be there and was
// erased is replaced, the name by kErasedTitle, the aliases by none.
json::Value CarriedContentOf(const Version& version);

// A version without its signature.
struct Draft {
  receipt::RegistrationLeaf leaf;
  std::vector<FieldDisclosure> fields;
};

// What a publisher brings from outside: nothing of it is checked.
struct SignedDraft {
  Draft draft;
  crypto::Ed25519Signature signature{};
};

// Who signs, in which role, when.
struct Authorship {
  crypto::Ed25519PublicKey key;
  AuthorRole role = AuthorRole::kPublisher;
  absl::Time now;
};

// Checks that `draft` follows `newest` (null: that it is a first version).
//
// Errors:
//   kAborted             another version is newer, or is the same one.
//   kFailedPrecondition  the registration is retired.
//   kInvalidArgument     the kind changes, or a retirement changes content.
absl::Status CheckSuccession(const Draft& draft, const Version* newest);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_VERSION_VERSION_H_
