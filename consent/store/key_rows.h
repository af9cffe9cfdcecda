// The keys of a person in one row of a SQL database, found by her id without
// an index. docs/formats/row-places.md

#ifndef LIMPID_CONSENT_STORE_KEY_ROWS_H_
#define LIMPID_CONSENT_STORE_KEY_ROWS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/session.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Each runs in the transaction of its session; errors are those of
// storage::Session.

// Errors:
//   kAlreadyExists  the person has a key.
absl::Status InsertPersonKey(storage::Session& session, const PersonId& person,
                             const PersonKeyStore::Wrapped& key);
// Returns whether an earlier one was replaced.
absl::StatusOr<bool> PutLogKeyRow(storage::Session& session,
                                  const PersonId& person,
                                  const PersonKeyStore::Wrapped& key);
// None is no error.
absl::Status DeletePersonKeys(storage::Session& session,
                              const PersonId& person);
absl::StatusOr<std::optional<PersonKeyStore::Wrapped>> ReadPersonKey(
    storage::Session& session, const PersonId& person);
absl::StatusOr<std::optional<PersonKeyStore::Wrapped>> ReadLogKey(
    storage::Session& session, const PersonId& person);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STORE_KEY_ROWS_H_
