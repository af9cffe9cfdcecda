// What the register's writing commands refuse, when they have failed, and the
// key they sign with.

#ifndef LIMPID_CLIENTS_CLI_PUBLISHER_CHECKS_H_
#define LIMPID_CLIENTS_CLI_PUBLISHER_CHECKS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/register_client.h"

namespace limpid::cli {

// Whether `limpid register publish` says clearly what it wants. A file that is
// empty by mistake, an unset variable of a script, must retire nothing.
//
// Errors:
//   kInvalidArgument  neither a file nor `retire`, or `retire` with a file or
//                     without an id; a wrong command line.
absl::Status CheckPublish(std::string_view file, std::string_view id,
                          bool retire);

// The key of a file that `limpid register keygen` made.
absl::StatusOr<client::PersonKey> SigningKey(const std::string& file);

// `status` of a call that names a profile.
absl::Status AboutProfile(absl::Status status);

// Whether everything that was planned was published.
//
// Errors:
//   kAborted  rows were given up, or the server ended before the last one.
absl::Status CheckCommitted(const client::ImportReport& report);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_PUBLISHER_CHECKS_H_
