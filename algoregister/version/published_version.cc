#include "algoregister/version/published_version.h"

#include <utility>

#include "algoregister/version/version.h"
#include "common/json/value.h"

namespace limpid::algoregister {

PublishedVersion PublishedOf(const Version& version) {
  return PublishedOf(version, ContentOf(version));
}

PublishedVersion PublishedOf(const Version& version, json::Value content) {
  return {.registration = version.registration,
          .number = version.number,
          .state = version.state,
          .draft_time = version.draft_time,
          .leaf_index = version.leaf_index.value_or(0),
          .content = std::move(content)};
}

}  // namespace limpid::algoregister
