// Checks a person's signed statement against what consent knows, member by
// member. The verifying key is an argument: it comes from the account, never
// from the message. docs/formats/statement.md

#ifndef LIMPID_CONSENT_RECORD_STATEMENT_CHECK_H_
#define LIMPID_CONSENT_RECORD_STATEMENT_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/statement.h"
#include "consent/agreement/agreement.h"
#include "consent/delegation/delegation.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// Somebody signs for the person.
struct ActingFor {
  PersonId representative;
  const HeldDelegation& delegation;
  // Others signed before: the content must be the one that they signed.
  bool joins = false;
  // No further signature is needed.
  bool completes = true;
};

// What the statement must agree with.
struct StatementContext {
  const std::string& operator_name;
  // The revision before the one that the statement makes.
  const Revision& current;
  const Agreement& agreement;
  // Of the account that calls: the representative's when there is one.
  const crypto::Ed25519PublicKey& identity;
  absl::Time now;
  // Null when the person signs herself.
  const ActingFor* acting = nullptr;
};

// The granted revision, or one more signature towards it, that `statement`
// makes: signed, with the chosen lines and the validity.
//
// Errors:
//   kInvalidArgument     the statement is not canonical, its signature is not
//                        by `identity`, or a member differs; the message names
//                        the member.
//   kFailedPrecondition  the record's state does not allow a grant.
absl::StatusOr<Revision> GrantedRevision(
    const StatementContext& context, const receipt::SignedStatement& statement);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_STATEMENT_CHECK_H_
