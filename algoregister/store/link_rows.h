// Rows that are derived from the newest logged version of a registration. The
// one place that writes them, inside the transaction that moves a head or
// erases a field: an index that must not outlive an erased value belongs here.

#ifndef LIMPID_ALGOREGISTER_STORE_LINK_ROWS_H_
#define LIMPID_ALGOREGISTER_STORE_LINK_ROWS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"
#include "common/storage/session.h"

namespace limpid::algoregister {

// Replaces the derived rows of `registration` by those of its version `number`,
// which is its head, and notes there that they are by today's rules.
absl::Status WriteDerived(storage::Session& session,
                          const RegistrationId& registration,
                          std::uint32_t number);
// The two halves of that, for who has the head's public content at hand and
// notes kLinkRules in the head as it writes it: a statement less for each row
// of an import, and two for one that is new.
absl::Status DropLinks(storage::Session& session,
                       const RegistrationId& registration);
absl::Status AddLinks(storage::Session& session,
                      const RegistrationId& registration,
                      const json::Value& content);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_LINK_ROWS_H_
