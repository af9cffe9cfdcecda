// Who may publish: a body with the certificates it calls by and the keys it
// signs with, as an administrator registered them.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_PUBLISHER_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_PUBLISHER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"

namespace limpid::algoregister {

// Keys overlap while they are changed; nobody needs nine.
inline constexpr std::size_t kMaxPublisherKeys = 8;
inline constexpr std::size_t kMaxPublisherNameBytes = 200;

struct Publisher {
  PublisherId id;
  std::string name;
  // May sign in the role kImporter.
  bool importer = false;
  // SHA-256 of the SubjectPublicKeyInfo; each belongs to one publisher.
  std::vector<base::Digest32> certificate_thumbprints;
  // Each belongs to one publisher.
  std::vector<crypto::Ed25519PublicKey> signing_keys;

  friend bool operator==(const Publisher&, const Publisher&) = default;
};

// Errors:
//   kInvalidArgument  "<field>: reason": name, or number or repetition of keys.
absl::Status ValidatePublisher(const Publisher& publisher);

// Whether `publisher` may sign with `key` in `role`.
//
// Errors:
//   kInvalidArgument   the key is none of the publisher's.
//   kPermissionDenied  only importers sign as one.
absl::Status CheckMaySign(const Publisher& publisher,
                          const crypto::Ed25519PublicKey& key, AuthorRole role);

// Where publishers are kept. Writes are durable on return and seen by every
// later read. Thread-safe.
class PublisherStore {
 public:
  virtual ~PublisherStore() = default;

  // Adds a publisher under its id. A second call with the same `request` adds
  // nothing and returns what the first one added.
  //
  // Errors:
  //   kAlreadyExists  a key or certificate belongs to another publisher.
  virtual absl::StatusOr<Publisher> Create(
      const Publisher& publisher,
      const base::ByteArray<base::kIdBytes>& request) = 0;
  // Replaces everything but the id. Idempotent.
  //
  // Errors:
  //   kNotFound       no publisher with that id.
  //   kAlreadyExists  a key or certificate belongs to another publisher.
  virtual absl::Status Update(const Publisher& publisher) = 0;

  // Errors:
  //   kNotFound  no publisher has it now.
  virtual absl::StatusOr<Publisher> FindByCertificate(
      const base::Digest32& thumbprint) const = 0;
  virtual absl::StatusOr<Publisher> FindBySigningKey(
      const crypto::Ed25519PublicKey& key) const = 0;

  // At most `limit` publishers after `after`, in the order of their ids.
  virtual absl::StatusOr<std::vector<Publisher>> List(
      const std::optional<PublisherId>& after, std::size_t limit) const = 0;

 protected:
  PublisherStore() = default;
  PublisherStore(const PublisherStore&) = default;
  PublisherStore& operator=(const PublisherStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_PUBLISHER_H_
