// Links to sources in SQL: the part of the values' transactions that
// vault/connectors asks for.

#ifndef LIMPID_VAULT_STORE_SQL_SOURCE_LINKS_H_
#define LIMPID_VAULT_STORE_SQL_SOURCE_LINKS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "vault/connectors/source_link_row.h"

namespace limpid::vault {

// The step of the values' schema that adds links.
storage::Migration SourceLinkMigration();

// VaultReads::SourceLinks, VaultTransaction::PutSourceLink and
// DeleteSourceLink.
absl::StatusOr<std::vector<SourceLinkRow>> ReadSourceLinks(
    storage::Session& session, const Owner& owner);
absl::Status WriteSourceLink(storage::Session& session,
                             const SourceLinkRow& row);
absl::Status DeleteSourceLink(storage::Session& session, const Owner& owner,
                              const SourceKey& source);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_SQL_SOURCE_LINKS_H_
