// HolderId names a person inside one vault and nowhere else: consent mints it
// at random when she links the vault and keeps the only map back, so that a
// stolen vault store does not join with a stolen consent store.

#ifndef LIMPID_VAULT_KEYS_HOLDER_ID_H_
#define LIMPID_VAULT_KEYS_HOLDER_ID_H_

#include <string_view>

#include "common/base/id.h"

namespace limpid::vault {

struct HolderIdTag {
  static constexpr std::string_view kPrefix = "hld";
};
using HolderId = base::Id<HolderIdTag>;

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_HOLDER_ID_H_
