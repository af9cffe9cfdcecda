#include "consent/move/move.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/receipt/statement.h"

namespace limpid::consent {
namespace {

using json::Value;

constexpr std::string_view kItemLabel = "limpid/move-export/1";

absl::Status Other(std::string_view member) {
  return absl::InvalidArgumentError(
      absl::StrCat("statement.", base::ToAbsl(member), ": of another move"));
}

absl::Status Damaged() {
  return absl::DataLossError("the export does not verify");
}

bool HasNoUseLeft(const Agreement& agreement, std::uint64_t use_count) {
  const std::uint64_t max = agreement.content.use_count_max;
  return max != 0 && use_count >= max;
}

absl::Status NoUseLeft() {
  return absl::FailedPreconditionError("the consent has no use left to move");
}

base::Digest32 StatementHash(std::string_view statement) {
  return crypto::Sha256(base::AsBytes(statement));
}

// What both operators compare: the statement against the revision it ends.
absl::Status CheckSubject(const receipt::MoveStatement& statement,
                          const Revision& before,
                          std::string_view from_operator) {
  if (statement.from_operator != from_operator) return Other("from_operator");
  if (statement.to_operator == from_operator) return Other("to_operator");
  if (statement.record != before.record.Text()) return Other("record");
  if (statement.revision != before.number + 1) return Other("revision");
  if (statement.predecessor != before.Hash()) return Other("predecessor");
  return absl::OkStatus();
}

// What ends `before` by `statement`. Both operators make it from the same: the
// person signed the hash of `before`, so the end may change nothing but itself.
absl::StatusOr<Revision> EndOf(const Revision& before, absl::Time time,
                               std::uint64_t use_count,
                               const receipt::SignedMove& statement) {
  LIMPID_ASSIGN_OR_RETURN(Revision out,
                          NextRevision(before, RecordEvent::kTerminate,
                                       receipt::Actor::kPerson, time));
  out.use_count = use_count;
  out.reason = kMovedReason;
  out.statement_hash = StatementHash(statement.canonical_json);
  out.signature = statement.signature;
  // Who acted for her before has no part in this.
  out.representative = PersonId();
  return out;
}

// The last revision ends the one before it, by this signed statement, and is
// otherwise the one before it.
absl::Status CheckEnd(const MoveExport& moved,
                      const crypto::Ed25519PublicKey& identity) {
  const Revision& last = moved.revisions.back();
  const Revision& before = moved.revisions[moved.revisions.size() - 2];
  if (last.state != RecordState::kTerminated || last.reason != kMovedReason) {
    return absl::FailedPreconditionError("the record was not ended by a move");
  }
  const receipt::SignedMove statement{moved.statement, last.signature};
  if (!receipt::MoveIsSigned(statement, identity)) return Damaged();
  LIMPID_ASSIGN_OR_RETURN(const Revision end,
                          EndOf(before, last.time, last.use_count, statement));
  if (last != end || last.use_count < before.use_count) return Damaged();
  return absl::OkStatus();
}

// Lines as a grant has them, whoever made the revision before the end.
absl::Status CheckLines(const std::vector<std::uint16_t>& lines,
                        const Agreement& agreement) {
  const auto& all = agreement.content.lines;
  const bool ascending =
      std::adjacent_find(lines.begin(), lines.end(), std::greater_equal<>()) ==
      lines.end();
  if (lines.empty() || !ascending || lines.back() >= all.size()) {
    return absl::InvalidArgumentError(
        "revisions: lines that the agreement does not have");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].necessity == Necessity::kRequired &&
        !std::binary_search(lines.begin(), lines.end(),
                            static_cast<std::uint16_t>(i))) {
      return absl::InvalidArgumentError(
          "revisions: without a line that the agreement requires");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckProven(const MoveInFacts& facts, const MoveExport& moved) {
  if (moved.revisions.size() < 2) return Damaged();
  const Revision& last = moved.revisions.back();
  LIMPID_RETURN_IF_ERROR(receipt::VerifyBatchItem(
      moved.proof, receipt::BatchKind::kReceipts,
      MoveItem(last, moved.agreement), facts.old_evidence_key));
  LIMPID_RETURN_IF_ERROR(CheckChain(moved.revisions));
  if (moved.agreement.hash != last.agreement_hash) return Damaged();
  return CheckEnd(moved, facts.identity);
}

absl::StatusOr<std::vector<Revision>> RevisionsFrom(const Value& array) {
  if (array.size() > kMaxMovedRevisions) {
    return absl::InvalidArgumentError("revisions: too many");
  }
  std::vector<Revision> out;
  for (const Value& element : array.elements()) {
    if (!element.is_string()) {
      return absl::InvalidArgumentError("revisions: malformed");
    }
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                            base::Base64UrlDecode(element.string()));
    LIMPID_ASSIGN_OR_RETURN(Revision revision, Revision::Decode(bytes));
    out.push_back(std::move(revision));
  }
  return out;
}

}  // namespace

absl::StatusOr<Revision> MovedRevision(const MoveOutFacts& facts,
                                       const receipt::SignedMove& move) {
  if (move.canonical_json.size() > kMaxMoveStatementBytes) {
    return absl::InvalidArgumentError("statement: is too long");
  }
  LIMPID_ASSIGN_OR_RETURN(const receipt::MoveStatement statement,
                          receipt::MoveStatement::Parse(move.canonical_json));
  LIMPID_RETURN_IF_ERROR(
      CheckSubject(statement, facts.current, facts.operator_name));
  // Ending it here would leave an export that nobody reads.
  if (facts.current.number >= kMaxMovedRevisions) {
    return absl::FailedPreconditionError(
        "the record has too long a history to move; withdraw it and grant it "
        "anew at the other operator");
  }
  const absl::Duration skew = statement.time - facts.now;
  if (absl::AbsDuration(skew) > receipt::kStatementSkew) return Other("time");
  if (!receipt::MoveIsSigned(move, facts.identity)) {
    return absl::InvalidArgumentError("statement: not signed by the person");
  }
  if (!IsInForce(EffectiveState(facts.current, facts.now))) {
    return absl::FailedPreconditionError("the record is not in force");
  }
  if (HasNoUseLeft(facts.agreement, facts.use_count)) return NoUseLeft();
  return EndOf(facts.current, facts.now, facts.use_count, move);
}

base::Bytes MoveItem(const Revision& last, const Agreement& agreement) {
  return base::ByteWriter(kItemLabel)
      .Raw(last.Hash())
      .Raw(crypto::Sha256(base::AsBytes(StoredAgreement(agreement))))
      .Take();
}

std::string MoveExport::ToFile() const {
  Value chain = Value::Array();
  for (const Revision& revision : revisions) {
    chain.Append(base::Base64UrlEncode(revision.Encode()));
  }
  Value out = Value::Object();
  out.Set("agreement", StoredAgreement(agreement))
      .Set("proof", base::Base64UrlEncode(proof.Encode()))
      .Set("revisions", std::move(chain))
      .Set("statement", statement);
  return json::Canonical(out);
}

absl::StatusOr<MoveExport> MoveExport::Parse(std::string_view file) {
  json::ParseLimits limits;
  limits.max_bytes = std::size_t{16} << 20U;  // An agreement of 4 MiB, escaped.
  LIMPID_ASSIGN_OR_RETURN(const Value value, json::ParseStrict(file, limits));
  if (!value.is_object() || json::Canonical(value) != file) {
    return absl::InvalidArgumentError("not a canonical JSON object");
  }
  LIMPID_RETURN_IF_ERROR(
      value.CheckOnlyKeys({"agreement", "proof", "revisions", "statement"}));
  MoveExport out;
  LIMPID_ASSIGN_OR_RETURN(const std::string stored,
                          value.GetString("agreement"));
  LIMPID_ASSIGN_OR_RETURN(const std::string proof, value.GetString("proof"));
  LIMPID_ASSIGN_OR_RETURN(const Value chain, value.GetArray("revisions"));
  LIMPID_ASSIGN_OR_RETURN(out.statement, value.GetString("statement"));
  const auto agreement = ParseAgreement(stored);
  if (!agreement.ok() || StoredAgreement(*agreement) != stored) {
    return absl::InvalidArgumentError("agreement: malformed");
  }
  out.agreement = *agreement;
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::Base64UrlDecode(proof));
  LIMPID_ASSIGN_OR_RETURN(out.proof, receipt::BatchProof::Decode(bytes));
  LIMPID_ASSIGN_OR_RETURN(out.revisions, RevisionsFrom(chain));
  return out;
}

absl::StatusOr<MovedConsent> CheckMoveIn(const MoveInFacts& facts,
                                         const MoveExport& moved) {
  LIMPID_RETURN_IF_ERROR(CheckProven(facts, moved));
  LIMPID_ASSIGN_OR_RETURN(const receipt::MoveStatement statement,
                          receipt::MoveStatement::Parse(moved.statement));
  const Revision& last = moved.revisions.back();
  const Revision& before = moved.revisions[moved.revisions.size() - 2];
  LIMPID_RETURN_IF_ERROR(CheckSubject(statement, before, facts.old_operator));
  if (statement.to_operator != facts.operator_name) return Other("to_operator");
  if (statement.to_key != facts.evidence_key.bytes) return Other("to_key");
  LIMPID_RETURN_IF_ERROR(CheckLines(before.lines, moved.agreement));
  // Both at the move and now.
  if (!IsInForce(EffectiveState(before, last.time)) ||
      !IsInForce(EffectiveState(before, facts.now))) {
    return absl::FailedPreconditionError("the record is not in force");
  }
  if (HasNoUseLeft(moved.agreement, last.use_count)) return NoUseLeft();
  return MovedConsent{.move_id = last.Hash(),
                      .state = before.state,
                      .lines = last.lines,
                      .from = last.from,
                      .until = last.until,
                      .use_count = last.use_count};
}

}  // namespace limpid::consent
