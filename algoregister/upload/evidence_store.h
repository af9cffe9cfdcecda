// Where evidence bundles are kept, by the digest of their bytes. The port of
// the register's domain: what it promises is in
// tests/conformance/algoregister/evidence_store_conformance.h.

#ifndef LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_STORE_H_
#define LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_STORE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"

namespace limpid::algoregister {

struct StoredBundle {
  // SHA-256 of `bytes`.
  base::Digest32 digest{};
  // Who brought it first.
  PublisherId publisher;
  // In whole milliseconds.
  absl::Time added;
  base::Bytes bytes;

  friend bool operator==(const StoredBundle&, const StoredBundle&) = default;
};

// Writes are durable on return and seen by every later read. Thread-safe.
class EvidenceStore {
 public:
  virtual ~EvidenceStore() = default;

  // Adds a bundle. One that is there already stays as it is, whoever brings it.
  //
  // Errors:
  //   kResourceExhausted  the publisher would have more than `quota_bytes`.
  virtual absl::Status Add(const StoredBundle& bundle,
                           std::int64_t quota_bytes) = 0;
  // Errors:
  //   kNotFound  nobody brought it.
  virtual absl::StatusOr<StoredBundle> Get(
      const base::Digest32& digest) const = 0;

 protected:
  EvidenceStore() = default;
  EvidenceStore(const EvidenceStore&) = default;
  EvidenceStore& operator=(const EvidenceStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_STORE_H_
