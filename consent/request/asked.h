// What a request in a foreign syntax asks for, resolved against one agreement
// version: a subset of its lines. docs/formats/request-syntax.md

#ifndef LIMPID_CONSENT_REQUEST_ASKED_H_
#define LIMPID_CONSENT_REQUEST_ASKED_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/agreement/agreement.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// Positions in the agreement, ascending, without doubles.
using LinePositions = std::vector<std::uint16_t>;

// RFC 9396.
//
// Errors:
//   kInvalidArgument  "authorization_details: <JSON pointer>: <why>".
absl::StatusOr<LinePositions> ResolveAuthorizationDetails(
    std::string_view text, const Agreement& agreement,
    const Purposes& purposes);

// OpenID4VP's query language.
//
// Errors:
//   kInvalidArgument  "dcql: <JSON pointer>: <why>".
absl::StatusOr<LinePositions> ResolveDcql(std::string_view text,
                                          const Agreement& agreement);

// Sorts `lines` and checks that no required one is left out.
//
// Errors:
//   kInvalidArgument  "<field>: leaves out the required line <attribute>".
absl::StatusOr<LinePositions> CheckAsked(std::string_view field,
                                         LinePositions lines,
                                         const Agreement& agreement);

// "<field>: <pointer>: <why>".
absl::Status Unresolved(std::string_view field, std::string_view pointer,
                        std::string_view why);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_REQUEST_ASKED_H_
