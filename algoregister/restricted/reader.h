// Who may read the parts of registrations that are for some audiences alone:
// bodies with the certificates they call by, as an administrator registered
// them.
// docs/adr/2026-11-30-restricted-parts.md

#ifndef LIMPID_ALGOREGISTER_RESTRICTED_READER_H_
#define LIMPID_ALGOREGISTER_RESTRICTED_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/id.h"

namespace limpid::algoregister {

struct RestrictedReaderTag {
  static constexpr std::string_view kPrefix = "rdr";
};
using RestrictedReaderId = base::Id<RestrictedReaderTag>;

inline constexpr std::size_t kMaxReaderCertificates = 8;
inline constexpr std::size_t kMaxReaders = 1'000;

struct RestrictedReader {
  RestrictedReaderId id;
  std::string name;
  // Of kAudiences, ascending.
  std::vector<std::string> audiences;
  // SHA-256 of the SubjectPublicKeyInfo; each belongs to one reader for ever.
  std::vector<base::Digest32> certificate_thumbprints;
  bool removed = false;
  // Calls that were answered with a part.
  std::uint64_t read_count = 0;

  friend bool operator==(const RestrictedReader&,
                         const RestrictedReader&) = default;
};

// Errors:
//   kInvalidArgument  "<field>: reason".
absl::Status ValidateReader(const RestrictedReader& reader);

// The parts of a version that are for one of `audiences`.
struct RestrictedParts {
  std::vector<FieldDisclosure> open;
  // Number of the others.
  std::size_t closed_count = 0;
};
RestrictedParts PartsFor(const Version& version,
                         std::span<const std::string> audiences);

// Where readers are kept. Writes are durable on return and seen by every later
// read. Thread-safe.
class RestrictedReaderStore {
 public:
  virtual ~RestrictedReaderStore() = default;

  // Adds a reader under its id. A second call with the same `request` adds
  // nothing and returns what the first one added, as it is now.
  //
  // Errors:
  //   kAlreadyExists      a certificate belongs to another reader.
  //   kResourceExhausted  there are kMaxReaders.
  virtual absl::StatusOr<RestrictedReader> Create(
      const RestrictedReader& reader,
      const base::ByteArray<base::kIdBytes>& request) = 0;
  // Idempotent.
  //
  // Errors:
  //   kNotFound  no reader with that id.
  virtual absl::Status Remove(const RestrictedReaderId& id) = 0;
  // Errors:
  //   kNotFound  no reader has it, or it was removed.
  virtual absl::StatusOr<RestrictedReader> FindByCertificate(
      const base::Digest32& thumbprint) const = 0;
  // One more read of an existing reader.
  virtual absl::Status Count(const RestrictedReaderId& id) = 0;
  // Removed ones too, in the order of their ids.
  virtual absl::StatusOr<std::vector<RestrictedReader>> List() const = 0;

 protected:
  RestrictedReaderStore() = default;
  RestrictedReaderStore(const RestrictedReaderStore&) = default;
  RestrictedReaderStore& operator=(const RestrictedReaderStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RESTRICTED_READER_H_
