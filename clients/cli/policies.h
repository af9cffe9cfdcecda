// What somebody trusts about a log, as options name it.

#ifndef LIMPID_CLIENTS_CLI_POLICIES_H_
#define LIMPID_CLIENTS_CLI_POLICIES_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/tlog/policy.h"

namespace limpid::cli {

// Errors: a verifier key that does not read is a wrong command line.
absl::StatusOr<tlog::Policy> PolicyOfVkey(const std::string& vkey);

// Errors: a file that is missing or does not read is one's own, exit code 5.
absl::StatusOr<tlog::Policy> PolicyOfFile(const std::string& file);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_POLICIES_H_
