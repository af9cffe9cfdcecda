// The vault's own names for persons and for itself. HolderId names a person
// inside one vault and nowhere else: consent mints it at random when she links
// the vault and keeps the only map back, so that a stolen vault store does not
// join with a stolen consent store.

#ifndef LIMPID_VAULT_KEYS_IDS_H_
#define LIMPID_VAULT_KEYS_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/id.h"

namespace limpid::vault {

struct HolderIdTag {
  static constexpr std::string_view kPrefix = "hld";
};
using HolderId = base::Id<HolderIdTag>;

// A data source; one vault is one source.
struct SourceIdTag {
  static constexpr std::string_view kPrefix = "src";
};
using SourceId = base::Id<SourceIdTag>;

// Which vault this is, bound into everything it stores.
struct Identity {
  // From the configuration; changing it makes every stored value unreadable.
  std::string operator_name;
  SourceId source;

  friend bool operator==(const Identity&, const Identity&) = default;
};

// Who can open a person key. Stored: append, never renumber.
enum class Custody : std::uint8_t {
  // The server can, under a permit or for the person.
  kAssisted = 1,
  // Only the person's devices can.
  kSealed = 2,
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_IDS_H_
