// A link to a source as the data store keeps it. docs/formats/source-link.md

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_LINK_ROW_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_LINK_ROW_H_

#include <cstdint>

#include "common/base/bytes.h"
#include "vault/keys/blind.h"

namespace limpid::vault {

struct SourceLinkRow {
  Owner owner;
  SourceKey source_key{};
  // Of her assisted key.
  std::uint32_t generation = 0;
  base::Bytes sealed;

  friend bool operator==(const SourceLinkRow&, const SourceLinkRow&) = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_LINK_ROW_H_
