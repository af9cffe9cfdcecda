// Whether an entry of a person's log says what its commitment stands for: the
// device computes the commitment anew from the content and the opening, and
// compares what is shown with the content. docs/formats/access-entry.md

#ifndef LIMPID_CLIENTS_CPP_ENTRY_CHECK_H_
#define LIMPID_CLIENTS_CPP_ENTRY_CHECK_H_

#include <cstdint>

#include "common/receipt/access_entry.h"
#include "limpid/consent/v1/access.pb.h"

namespace limpid::client {

enum class EntryTruth : std::uint8_t {
  // Every field that is shown is in the content, and the content gives the
  // commitment. Not covered: `organisation` and `outcome`, which are in other
  // places, and `stage`.
  kTrue,
  // Content or opening did not come, or this version cannot read the content.
  kUnchecked,
  // It is shown with another content than its commitment stands for.
  kAltered,
};

// Whether every field of `shown` says what `said` does, but `organisation`,
// `outcome`, `stage`, `leaf`, `opening` and `content`, which are in other
// places.
[[nodiscard]] bool ShowsEntry(const consent::v1::AccessEntry& shown,
                              const receipt::AccessEntry& said);

EntryTruth CheckEntry(const consent::v1::AccessEntry& entry);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_ENTRY_CHECK_H_
