#include "consent/record/statement_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

using receipt::Statement;

absl::Status Differs(std::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat(
      "statement.", base::ToAbsl(member), ": is not what this record needs"));
}

absl::Status CheckBinding(const StatementContext& context,
                          const Statement& statement) {
  const Revision& current = context.current;
  if (statement.operator_name != context.operator_name) {
    return Differs("operator");
  }
  if (statement.record != current.record.Text()) return Differs("record");
  if (statement.revision != current.number + 1) return Differs("revision");
  if (statement.predecessor != current.Hash()) return Differs("predecessor");
  if (statement.agreement != current.agreement.Text()) {
    return Differs("agreement");
  }
  if (statement.agreement_hash != current.agreement_hash) {
    return Differs("agreement_hash");
  }
  if (statement.service != current.service.Text()) return Differs("service");
  const std::string representative =
      context.acting != nullptr ? context.acting->representative.Text() : "";
  if (statement.representative != representative) {
    return Differs("representative");
  }
  if (!context.agreement.HasNotice(statement.notice_hash)) {
    return Differs("notice_hash");
  }
  // The identity key must not become known to services.
  if (statement.grant_key == base::ByteArray<32>{} ||
      statement.grant_key == context.identity.bytes) {
    return Differs("grant_key");
  }
  return absl::OkStatus();
}

absl::Status CheckTimes(const StatementContext& context,
                        const Statement& statement) {
  const absl::Duration age = context.now - statement.time;
  if (age > receipt::kStatementSkew || age < -receipt::kStatementSkew) {
    return Differs("time");
  }
  if (statement.from >= statement.until) return Differs("until");
  if (statement.until <= context.now) return Differs("until");
  const absl::Duration ceiling =
      absl::Hours(24) * context.agreement.content.validity_days;
  if (statement.until - statement.from > ceiling) return Differs("until");
  return absl::OkStatus();
}

// What a representative may state: within the delegation's scope and time, and
// the same as those who signed before.
absl::Status CheckDelegated(const StatementContext& context,
                            const Statement& statement) {
  if (context.acting == nullptr) return absl::OkStatus();
  const ActingFor& acting = *context.acting;
  const receipt::Delegation& terms = acting.delegation.terms;
  if (!IsLive(acting.delegation, statement.time)) return Differs("time");
  // Nothing outlives the power: at the coming of age the grant expires.
  if (statement.until > terms.until) return Differs("until");
  for (const receipt::PermitLine& line : statement.lines) {
    if (!terms.attributes.empty() &&
        std::find(terms.attributes.begin(), terms.attributes.end(),
                  line.attribute) == terms.attributes.end()) {
      return Differs("lines");
    }
  }
  if (!acting.joins) return absl::OkStatus();
  const Revision& first = context.current;
  if (statement.from != first.from) return Differs("from");
  if (statement.until != first.until) return Differs("until");
  if (statement.grant_key != first.grant_key) return Differs("grant_key");
  if (statement.notice_hash != first.notice_hash) {
    return Differs("notice_hash");
  }
  return absl::OkStatus();
}

// Positions of the stated lines in the agreement, ascending.
absl::StatusOr<std::vector<std::uint16_t>> ChosenLines(
    const Agreement& agreement, const Statement& statement) {
  std::vector<std::uint16_t> chosen;
  for (const receipt::PermitLine& line : statement.lines) {
    const auto at = agreement.FindLine(line.attribute);
    if (!at || PermitLineOf(agreement.content.lines[*at]) != line) {
      return Differs("lines");
    }
    const auto position = static_cast<std::uint16_t>(*at);
    if (!chosen.empty() && position <= chosen.back()) return Differs("lines");
    chosen.push_back(position);
  }
  for (std::size_t i = 0; i < agreement.content.lines.size(); ++i) {
    const bool required =
        agreement.content.lines[i].necessity == Necessity::kRequired;
    if (required && !std::binary_search(chosen.begin(), chosen.end(),
                                        static_cast<std::uint16_t>(i))) {
      return Differs("lines");
    }
  }
  if (chosen.empty()) return Differs("lines");
  return chosen;
}

}  // namespace

absl::StatusOr<Revision> GrantedRevision(
    const StatementContext& context,
    const receipt::SignedStatement& statement) {
  const ActingFor* const acting = context.acting;
  const bool in_part = acting != nullptr && !acting->completes;
  LIMPID_ASSIGN_OR_RETURN(
      Revision next,
      NextRevision(context.current,
                   in_part ? RecordEvent::kSignInPart : RecordEvent::kGrant,
                   acting != nullptr ? receipt::Actor::kRepresentative
                                     : receipt::Actor::kPerson,
                   context.now));
  if (!receipt::StatementIsSigned(statement, context.identity)) {
    return absl::InvalidArgumentError(
        "signature: is not the account's key over this statement");
  }
  LIMPID_ASSIGN_OR_RETURN(const Statement stated,
                          Statement::Parse(statement.canonical_json));
  LIMPID_RETURN_IF_ERROR(CheckBinding(context, stated));
  LIMPID_RETURN_IF_ERROR(CheckTimes(context, stated));
  LIMPID_RETURN_IF_ERROR(CheckDelegated(context, stated));
  LIMPID_ASSIGN_OR_RETURN(next.lines, ChosenLines(context.agreement, stated));
  if (acting != nullptr && acting->joins &&
      next.lines != context.current.lines) {
    return Differs("lines");
  }
  next.representative = acting != nullptr ? acting->representative : PersonId();
  next.evidence = Evidence::kKey;
  next.from = stated.from;
  next.until = stated.until;
  next.grant_key = stated.grant_key;
  next.notice_hash = stated.notice_hash;
  next.statement_hash =
      crypto::Sha256(receipt::StatementSigningInput(statement.canonical_json));
  next.signature = statement.signature;
  return next;
}

}  // namespace limpid::consent
