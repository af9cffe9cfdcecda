// Columns of a stored version and how they become a row, for every statement
// that reads some of them. Internal to vault/store.

#ifndef LIMPID_VAULT_STORE_ATTRIBUTE_ROWS_H_
#define LIMPID_VAULT_STORE_ATTRIBUTE_ROWS_H_

#include "common/storage/session.h"
#include "vault/attribute/record.h"

namespace limpid::vault {

// The label and what stands before it; with the wrap; with both.
#define LIMPID_OUTLINE_COLUMNS                                    \
  "id, name_key, version, schema_version, request_key, custody, " \
  "generation, state, put_time, erase_time, label"
#define LIMPID_LIGHT_COLUMNS LIMPID_OUTLINE_COLUMNS ", wrap"
#define LIMPID_ATTRIBUTE_COLUMNS LIMPID_LIGHT_COLUMNS ", payload"

AttributeRow ToOutline(const Owner& owner, const storage::Row& row);
AttributeRow ToLight(const Owner& owner, const storage::Row& row);
AttributeRow ToAttribute(const Owner& owner, const storage::Row& row);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_ATTRIBUTE_ROWS_H_
