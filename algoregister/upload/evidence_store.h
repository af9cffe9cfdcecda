// Where evidence bundles are kept, by the digest of their bytes. The port of
// the register's domain: what it promises is in
// tests/conformance/algoregister/evidence_store_conformance.h.

#ifndef LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_STORE_H_
#define LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"

namespace limpid::algoregister {

// What stays of an erased bundle, public for ever.
struct BundleErasure {
  base::Digest32 digest{};
  // In whole milliseconds.
  absl::Time time;
  // The legal ground.
  std::string ground;
  ErasureRole role = ErasureRole::kAdministrator;

  friend bool operator==(const BundleErasure&, const BundleErasure&) = default;
};

struct StoredBundle {
  // SHA-256 of `bytes`, or of what they were.
  base::Digest32 digest{};
  // Who brought it first.
  PublisherId publisher;
  // In whole milliseconds.
  absl::Time added;
  // Empty once erased.
  base::Bytes bytes;
  std::optional<BundleErasure> erasure;

  friend bool operator==(const StoredBundle&, const StoredBundle&) = default;
};

// Writes are durable on return and seen by every later read. Thread-safe.
class EvidenceStore {
 public:
  virtual ~EvidenceStore() = default;

  // Adds a bundle. One that is there already stays as it is, whoever brings it.
  //
  // Errors:
  //   kResourceExhausted   the publisher would have more than `quota_bytes`.
  //   kFailedPrecondition  it was erased; it does not come back.
  virtual absl::Status Add(const StoredBundle& bundle,
                           std::int64_t quota_bytes) = 0;
  // Errors:
  //   kNotFound  nobody brought it.
  virtual absl::StatusOr<StoredBundle> Get(
      const base::Digest32& digest) const = 0;
  // Takes the bytes of a bundle away for good, also out of the file, and out of
  // the quota of whoever brought it. Answers the erasure on record: the earlier
  // one when it was erased before, and then finishes what a crash left.
  //
  // Errors:
  //   kNotFound  nobody brought it.
  virtual absl::StatusOr<BundleErasure> Erase(const BundleErasure& erasure) = 0;

 protected:
  EvidenceStore() = default;
  EvidenceStore(const EvidenceStore&) = default;
  EvidenceStore& operator=(const EvidenceStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_STORE_H_
