// The history of one registration, verified from its first version on: what a
// reader checks who does not believe the register.

#ifndef LIMPID_CLIENTS_CPP_REGISTER_HISTORY_H_
#define LIMPID_CLIENTS_CPP_REGISTER_HISTORY_H_

#include <cstddef>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "clients/cpp/register_client.h"
#include "common/tlog/policy.h"
#include "limpid/algoregister/v1/register.pb.h"

namespace limpid::client {

// One version, checked.
struct HistoryEntry {
  algoregister::v1::VersionSummary summary;
  algoregister::v1::RegistrationVersion version;
  // Another key signed it than the version before: no fault, publishers change
  // keys. Whose a key is, is the register's word.
  bool author_key_changed = false;
  // Of this one, from 0, and how many there are.
  std::size_t index = 0;
  std::size_t count = 0;
};

// Gives `take` every version of the registration, oldest first: each signed, by
// itself what its leaf says, behind the one before it from version 1 on, none
// behind the one that retired it, and each summary what its version says. With
// `policy`, which may be null, each is also in that log. That the server keeps
// none back at the end no proof shows. An error of `take` ends it.
//
// Errors: the server's, and
//   kDataLoss  something does not verify; the message says what.
//   kAborted   a field was erased while the history was read; read it again.
absl::Status CheckHistory(
    RegisterClient& client, std::string_view registration_id,
    const tlog::Policy* policy,
    absl::FunctionRef<absl::Status(const HistoryEntry&)> take);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_REGISTER_HISTORY_H_
