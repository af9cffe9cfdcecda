// Where consent publishes the keys of its services: the register log, in this
// process or another. A port of consent's; what is behind it, server/ says.

#ifndef LIMPID_CONSENT_SERVICE_KEY_KEY_DIRECTORY_H_
#define LIMPID_CONSENT_SERVICE_KEY_KEY_DIRECTORY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "consent/ids.h"

namespace limpid::consent {

// Thread-safe. May block, for ten seconds at most.
class KeyDirectory {
 public:
  virtual ~KeyDirectory() = default;
  KeyDirectory(const KeyDirectory&) = delete;
  KeyDirectory& operator=(const KeyDirectory&) = delete;

  // Publishes an entry (docs/formats/service-key.md); it is in the log on
  // return. The same entry again changes nothing. Its index in the log.
  //
  // Errors:
  //   kAlreadyExists       the log has another entry in its place.
  //   kFailedPrecondition  the log lacks one before it, or it breaks a rule.
  //   others               not known whether it was published: send it again.
  virtual absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) = 0;

  // The entries of the service as logged, from the first on; none for a service
  // that has none. Not verified.
  virtual absl::StatusOr<std::vector<base::Bytes>> Read(
      const ServiceId& service) = 0;

 protected:
  KeyDirectory() = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SERVICE_KEY_KEY_DIRECTORY_H_
