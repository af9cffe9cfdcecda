// What commands of the register share: how a version is shown, and what its
// log is trusted by.

#ifndef LIMPID_CLIENTS_CLI_REGISTER_VIEWS_H_
#define LIMPID_CLIENTS_CLI_REGISTER_VIEWS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "common/json/value.h"
#include "common/tlog/policy.h"
#include "limpid/algoregister/v1/register.pb.h"

namespace limpid::cli {

// "deployment".
std::string KindName(algoregister::v1::RegistrationKind kind);

// A version without what verifies it.
json::Value VersionJson(const algoregister::v1::RegistrationVersion& version);

// The policy of `vkey`, or else of the register log that was pinned with an
// account; nothing without either.
//
// Errors: a verifier key that does not read is a wrong command line.
absl::StatusOr<std::optional<tlog::Policy>> RegisterLogPolicy(
    const std::string& vkey, const Session& session);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_REGISTER_VIEWS_H_
