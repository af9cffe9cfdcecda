#include "common/receipt/render/source.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/receipt/permit.h"

namespace limpid::receipt {
namespace {

using json::Value;

constexpr std::string_view kSigned = "signed";
constexpr std::string_view kUnsigned = "unsigned";
constexpr std::string_view kPending = "pending more signatures";

// DPV has no word for paused, exhausted, superseded, terminated and lapsed:
// each gets a status that is not valid for processing, and the exact state
// travels beside it.
constexpr std::array kStates = {
    StateMapping{"DRAFT", "ConsentUnknown", false, kUnsigned, false},
    StateMapping{"REQUESTED", "ConsentRequested", false, kUnsigned, false},
    StateMapping{"DEFERRED", "ConsentRequestDeferred", false, kUnsigned, false},
    StateMapping{"AWAITING_OTHERS", "ConsentRequested", false, kPending, false},
    StateMapping{"GRANTED", "ConsentGiven", true, kSigned, false},
    StateMapping{"PAUSED", "ConsentInvalidated", false, kSigned, false},
    StateMapping{"REFUSED", "ConsentRefused", false, kUnsigned, true},
    StateMapping{"LAPSED", "ConsentUnknown", false, kUnsigned, true},
    StateMapping{"WITHDRAWN", "ConsentWithdrawn", false, kSigned, true},
    StateMapping{"REVOKED", "ConsentRevoked", false, kSigned, true},
    StateMapping{"EXPIRED", "ConsentExpired", false, kSigned, true},
    StateMapping{"EXHAUSTED", "ConsentExpired", false, kSigned, true},
    StateMapping{"INVALIDATED", "ConsentInvalidated", false, kSigned, true},
    StateMapping{"SUPERSEDED", "ConsentInvalidated", false, kSigned, true},
    StateMapping{"TERMINATED", "ConsentInvalidated", false, kSigned, true},
};

absl::Status Missing(std::string_view field) {
  return absl::InvalidArgumentError(std::string(field) + ": required");
}

absl::StatusOr<StateMapping> FindState(std::string_view name) {
  for (const StateMapping& state : kStates) {
    if (state.name == name) return state;
  }
  return absl::InvalidArgumentError("state: unknown");
}

// The state at `as_of`: a validity that has passed has ended, whether or not
// anybody wrote that down yet.
absl::StatusOr<StateMapping> StateOf(const RenderFacts& facts) {
  LIMPID_ASSIGN_OR_RETURN(StateMapping state, FindState(facts.state));
  if (facts.receipt.body.type == ReceiptType::kWithdrawal && !state.final) {
    return absl::InvalidArgumentError(
        "state: a record with a withdrawal receipt has ended");
  }
  const bool in_force = state.name == "GRANTED" || state.name == "PAUSED";
  if (in_force && facts.as_of >= facts.until) return FindState("EXPIRED");
  if (in_force && facts.as_of < facts.from) {
    return absl::InvalidArgumentError("as_of: before the record is valid");
  }
  return state;
}

absl::Status CheckFacts(const RenderFacts& facts) {
  const ReceiptBody& body = facts.receipt.body;
  if (body.type == ReceiptType::kAccess) {
    return absl::FailedPreconditionError(
        "a receipt of a read has no rendering: no standard has a form for it");
  }
  if (body.record.empty()) return Missing("receipt.record");
  if (facts.principal.empty()) return Missing("principal");
  if (facts.controller.name.empty()) return Missing("controller.name");
  if (facts.controller.jurisdiction.empty()) {
    return Missing("controller.jurisdiction");
  }
  if (facts.notice_url.empty()) return Missing("notice_url");
  if (facts.withdrawal_url.empty()) return Missing("withdrawal_url");
  if (facts.language.empty()) return Missing("language");
  LIMPID_ASSIGN_OR_RETURN(const Receipt file,
                          Receipt::Parse(facts.receipt_file));
  if (file.body_json != body.Canonical()) {
    return absl::InvalidArgumentError(
        "receipt_file: not of the receipt that was verified");
  }
  if (crypto::Sha256(base::AsBytes(facts.agreement_json)) !=
      body.agreement_hash) {
    return absl::InvalidArgumentError(
        "agreement: not the one that the receipt binds");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Texts(const Value& object,
                                               std::string_view key) {
  LIMPID_ASSIGN_OR_RETURN(const Value array, object.GetArray(key));
  std::vector<std::string> out;
  for (const Value& element : array.elements()) {
    if (!element.is_string()) return Missing(key);
    out.push_back(element.string());
  }
  return out;
}

// The title in the language shown, else the first.
absl::StatusOr<std::string> TitleOf(const Value& agreement,
                                    std::string_view language) {
  LIMPID_ASSIGN_OR_RETURN(const Value titles, agreement.GetArray("titles"));
  std::string out;
  for (const Value& title : titles.elements()) {
    LIMPID_ASSIGN_OR_RETURN(const std::string of, title.GetString("language"));
    LIMPID_ASSIGN_OR_RETURN(const std::string text, title.GetString("text"));
    if (out.empty() || of == language) out = text;
  }
  return out;
}

absl::Status ReadAgreement(const Value& value, RenderSource& out) {
  LIMPID_ASSIGN_OR_RETURN(out.agreement_version, value.GetInteger("version"));
  LIMPID_ASSIGN_OR_RETURN(out.title, TitleOf(value, out.facts.language));
  LIMPID_ASSIGN_OR_RETURN(const std::string basis,
                          value.GetString("legal_basis"));
  if (basis != "consent") {
    return absl::FailedPreconditionError(
        "an agreement on another basis than consent has no consent record");
  }
  LIMPID_ASSIGN_OR_RETURN(out.purposes, Texts(value, "purposes"));
  LIMPID_ASSIGN_OR_RETURN(out.recipients, Texts(value, "recipients"));
  LIMPID_ASSIGN_OR_RETURN(out.storage_location,
                          value.GetString("storage_location"));
  LIMPID_ASSIGN_OR_RETURN(out.retention_days,
                          value.GetInteger("retention_days"));
  return absl::OkStatus();
}

const AccessLine* ChosenLine(const ReceiptBody& body,
                             std::string_view attribute) {
  const auto found = std::find_if(
      body.lines.begin(), body.lines.end(), [&](const AccessLine& line) {
        return line.attribute == attribute && line.form != 0;
      });
  return found == body.lines.end() ? nullptr : &*found;
}

absl::Status ReadLines(const Value& agreement, RenderSource& out) {
  LIMPID_ASSIGN_OR_RETURN(const Value lines, agreement.GetArray("lines"));
  const auto& sensitive = out.facts.sensitive_attributes;
  std::set<std::string> operations;
  for (const Value& element : lines.elements()) {
    SourceLine line;
    LIMPID_ASSIGN_OR_RETURN(line.attribute, element.GetString("attribute"));
    const AccessLine* const chosen =
        ChosenLine(out.facts.receipt.body, line.attribute);
    if (chosen == nullptr) continue;
    LIMPID_ASSIGN_OR_RETURN(const std::string necessity,
                            element.GetString("necessity"));
    LIMPID_ASSIGN_OR_RETURN(const auto used, Texts(element, "operations"));
    line.required = necessity == "required";
    line.form = FormName(static_cast<Form>(chosen->form));
    line.derivation = chosen->derivation;
    line.parameters = chosen->parameters;
    line.sensitive = std::find(sensitive.begin(), sensitive.end(),
                               line.attribute) != sensitive.end();
    operations.insert(used.begin(), used.end());
    out.lines.push_back(std::move(line));
  }
  out.operations.assign(operations.begin(), operations.end());
  return absl::OkStatus();
}

}  // namespace

std::span<const StateMapping> StateMappings() { return kStates; }

absl::StatusOr<RenderSource> MakeRenderSource(RenderFacts facts) {
  LIMPID_RETURN_IF_ERROR(CheckFacts(facts));
  RenderSource out;
  LIMPID_ASSIGN_OR_RETURN(out.state, StateOf(facts));
  out.facts = std::move(facts);
  LIMPID_ASSIGN_OR_RETURN(const Value agreement,
                          json::ParseStrict(out.facts.agreement_json));
  LIMPID_RETURN_IF_ERROR(ReadAgreement(agreement, out));
  LIMPID_RETURN_IF_ERROR(ReadLines(agreement, out));
  return out;
}

}  // namespace limpid::receipt
