// What a version that is in the log says in public, for whoever keeps copies of
// it, such as an index. Refuses to know the leaf, the salts and what is
// restricted.

#ifndef LIMPID_ALGOREGISTER_VERSION_PUBLISHED_VERSION_H_
#define LIMPID_ALGOREGISTER_VERSION_PUBLISHED_VERSION_H_

#include <cstdint>

#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

struct Version;

struct PublishedVersion {
  RegistrationId registration;
  // From 1.
  std::uint32_t number = 0;
  RegistrationState state = RegistrationState::kActive;
  absl::Time draft_time;
  // Place in the register log.
  std::uint64_t leaf_index = 0;
  // As ContentOf.
  json::Value content;

  friend bool operator==(const PublishedVersion&,
                         const PublishedVersion&) = default;
};

// Of a version with a place in the log, as the store has it: without what was
// erased.
PublishedVersion PublishedOf(const Version& version);
// The same with its content, which is put together already.
PublishedVersion PublishedOf(const Version& version, json::Value content);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_VERSION_PUBLISHED_VERSION_H_
