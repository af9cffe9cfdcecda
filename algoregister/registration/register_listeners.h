// Who keeps copies of what the register holds, such as an index, and how the
// register tells of a change.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_REGISTER_LISTENERS_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_REGISTER_LISTENERS_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/ids.h"
#include "algoregister/version/published_version.h"

namespace limpid::algoregister {

// Both are called while nobody else publishes or erases, and must not call the
// register. Either may be missing.
struct RegisterListeners {
  // After each erasure, before the answer, which is an error if this returns
  // one: a repeated call tells it again.
  std::function<absl::Status(const RegistrationId&)> erased = nullptr;
  // After one append of versions, before the answer: what they say, at places
  // of the log that lie side by side. Others wait for it to publish. Not told
  // of what Recover finishes.
  std::function<void(std::vector<PublishedVersion>)> published = nullptr;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_REGISTER_LISTENERS_H_
