#include "consent/record/state_mapping.h"

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace limpid::consent {
namespace {

using State = RecordState;

struct Row {
  State state = State::kDraft;
  ForeignState foreign;
};

constexpr std::array kGovStackRows = {
    Row{State::kDraft, {"false", "unsigned"}},
    Row{State::kRequested, {"false", "unsigned"}},
    Row{State::kDeferred, {"false", "unsigned"}},
    Row{State::kAwaitingOthers, {"false", "pending more signatures"}},
    Row{State::kGranted, {"true", "signed"}},
    Row{State::kPaused, {"false", "signed"}},
    Row{State::kRefused, {"false", "unsigned"}},
    Row{State::kLapsed, {"false", "unsigned"}},
    Row{State::kWithdrawn, {"false", "signed"}},
    Row{State::kRevoked, {"false", "signed"}},
    Row{State::kExpired, {"false", "signed"}},
    Row{State::kExhausted, {"false", "signed"}},
    Row{State::kInvalidated, {"false", "signed"}},
    Row{State::kSuperseded, {"false", "signed"}},
    Row{State::kTerminated, {"false", "signed"}},
};

// DPV has no word for a pause: what must not be processed is shown as such.
constexpr std::array kDpvRows = {
    Row{State::kDraft, {"https://w3id.org/dpv#ConsentUnknown", ""}},
    Row{State::kRequested, {"https://w3id.org/dpv#ConsentRequested", ""}},
    Row{State::kDeferred, {"https://w3id.org/dpv#ConsentRequestDeferred", ""}},
    Row{State::kAwaitingOthers, {"https://w3id.org/dpv#ConsentRequested", ""}},
    Row{State::kGranted, {"https://w3id.org/dpv#ConsentGiven", ""}},
    Row{State::kPaused, {"https://w3id.org/dpv#ConsentInvalidated", ""}},
    Row{State::kRefused, {"https://w3id.org/dpv#ConsentRefused", ""}},
    Row{State::kLapsed, {"https://w3id.org/dpv#ConsentUnknown", ""}},
    Row{State::kWithdrawn, {"https://w3id.org/dpv#ConsentWithdrawn", ""}},
    Row{State::kRevoked, {"https://w3id.org/dpv#ConsentRevoked", ""}},
    Row{State::kExpired, {"https://w3id.org/dpv#ConsentExpired", ""}},
    Row{State::kExhausted, {"https://w3id.org/dpv#ConsentExpired", ""}},
    Row{State::kInvalidated, {"https://w3id.org/dpv#ConsentInvalidated", ""}},
    Row{State::kSuperseded, {"https://w3id.org/dpv#ConsentInvalidated", ""}},
    Row{State::kTerminated, {"https://w3id.org/dpv#ConsentInvalidated", ""}},
};

// A draft exists nowhere in this vocabulary.
constexpr std::array kAccountAggregatorRows = {
    Row{State::kDraft, {"", ""}},
    Row{State::kRequested, {"", "PENDING"}},
    Row{State::kDeferred, {"", "PENDING"}},
    Row{State::kAwaitingOthers, {"", "PENDING"}},
    Row{State::kGranted, {"ACTIVE", "READY"}},
    Row{State::kPaused, {"PAUSED", "READY"}},
    Row{State::kRefused, {"", "REJECTED"}},
    Row{State::kLapsed, {"", "EXPIRED"}},
    Row{State::kWithdrawn, {"REVOKED", "READY"}},
    Row{State::kRevoked, {"REVOKED", "READY"}},
    Row{State::kExpired, {"EXPIRED", "READY"}},
    Row{State::kExhausted, {"EXPIRED", "READY"}},
    Row{State::kInvalidated, {"REVOKED", "READY"}},
    Row{State::kSuperseded, {"REVOKED", "READY"}},
    Row{State::kTerminated, {"REVOKED", "READY"}},
};

constexpr std::array kFhirRows = {
    Row{State::kDraft, {"draft", ""}},
    Row{State::kRequested, {"draft", ""}},
    Row{State::kDeferred, {"draft", ""}},
    Row{State::kAwaitingOthers, {"draft", ""}},
    Row{State::kGranted, {"active", ""}},
    Row{State::kPaused, {"inactive", ""}},
    Row{State::kRefused, {"not-done", ""}},
    Row{State::kLapsed, {"not-done", ""}},
    Row{State::kWithdrawn, {"inactive", ""}},
    Row{State::kRevoked, {"inactive", ""}},
    Row{State::kExpired, {"inactive", ""}},
    Row{State::kExhausted, {"inactive", ""}},
    Row{State::kInvalidated, {"inactive", ""}},
    Row{State::kSuperseded, {"inactive", ""}},
    Row{State::kTerminated, {"inactive", ""}},
};

constexpr std::array kCamaraRows = {
    Row{State::kDraft, {"false", "PENDING"}},
    Row{State::kRequested, {"false", "REQUESTED"}},
    Row{State::kDeferred, {"false", "REQUESTED"}},
    Row{State::kAwaitingOthers, {"false", "REQUESTED"}},
    Row{State::kGranted, {"true", ""}},
    Row{State::kPaused, {"false", "PENDING"}},
    Row{State::kRefused, {"false", "DENIED"}},
    Row{State::kLapsed, {"false", "DENIED"}},
    Row{State::kWithdrawn, {"false", "DENIED"}},
    Row{State::kRevoked, {"false", "DENIED"}},
    Row{State::kExpired, {"false", "EXPIRED"}},
    Row{State::kExhausted, {"false", "EXPIRED"}},
    Row{State::kInvalidated, {"false", "DENIED"}},
    Row{State::kSuperseded, {"false", "DENIED"}},
    Row{State::kTerminated, {"false", "DENIED"}},
};

// Google leaves an expired consent ACTIVE with an expireTime in the past; we do
// not.
constexpr std::array kGoogleHealthcareRows = {
    Row{State::kDraft, {"DRAFT", ""}},
    Row{State::kRequested, {"DRAFT", ""}},
    Row{State::kDeferred, {"DRAFT", ""}},
    Row{State::kAwaitingOthers, {"DRAFT", ""}},
    Row{State::kGranted, {"ACTIVE", ""}},
    Row{State::kPaused, {"REVOKED", ""}},
    Row{State::kRefused, {"REJECTED", ""}},
    Row{State::kLapsed, {"REJECTED", ""}},
    Row{State::kWithdrawn, {"REVOKED", ""}},
    Row{State::kRevoked, {"REVOKED", ""}},
    Row{State::kExpired, {"ARCHIVED", ""}},
    Row{State::kExhausted, {"ARCHIVED", ""}},
    Row{State::kInvalidated, {"ARCHIVED", ""}},
    Row{State::kSuperseded, {"ARCHIVED", ""}},
    Row{State::kTerminated, {"ARCHIVED", ""}},
};

// Words that we read and never write.
struct ImportRow {
  Vocabulary vocabulary = Vocabulary::kDpv;
  Row row;
};
constexpr std::array kImportRows = {
    ImportRow{
        Vocabulary::kDpv,
        {State::kGranted, {"https://w3id.org/dpv#RenewedConsentGiven", ""}}},
    ImportRow{Vocabulary::kAccountAggregator,
              {State::kRequested, {"", "FAILED"}}},
    ImportRow{Vocabulary::kFhir,
              {State::kInvalidated, {"entered-in-error", ""}}},
    ImportRow{Vocabulary::kFhir, {State::kDraft, {"unknown", ""}}},
    // An objection pauses here.
    ImportRow{Vocabulary::kCamara, {State::kPaused, {"false", "OBJECTED"}}},
};

std::span<const Row> RowsOf(Vocabulary vocabulary) {
  switch (vocabulary) {
    case Vocabulary::kGovStack:
      return kGovStackRows;
    case Vocabulary::kDpv:
      return kDpvRows;
    case Vocabulary::kAccountAggregator:
      return kAccountAggregatorRows;
    case Vocabulary::kFhir:
      return kFhirRows;
    case Vocabulary::kCamara:
      return kCamaraRows;
    case Vocabulary::kGoogleHealthcare:
      return kGoogleHealthcareRows;
  }
  return {};
}

// The best of two candidates: an ended state before one that is not, otherwise
// the one that stands first.
void Consider(State state, std::optional<State>& best) {
  if (!best || (IsFinal(state) && !IsFinal(*best))) best = state;
}

}  // namespace

ForeignState ExportState(Vocabulary vocabulary, RecordState state) {
  for (const Row& row : RowsOf(vocabulary)) {
    if (row.state == state) return row.foreign;
  }
  return {};
}

ForeignState ExportState(Vocabulary vocabulary, const Revision& revision,
                         absl::Time now) {
  return ExportState(vocabulary, EffectiveState(revision, now));
}

absl::StatusOr<RecordState> ImportState(Vocabulary vocabulary,
                                        const ForeignState& foreign,
                                        std::string_view extension) {
  std::optional<State> best;
  const auto consider = [&](const Row& row) {
    if (row.foreign != foreign) return;
    if (!extension.empty() && StateName(row.state) != extension) return;
    Consider(row.state, best);
  };
  if (foreign != ForeignState{}) {
    for (const Row& row : RowsOf(vocabulary)) consider(row);
    for (const ImportRow& row : kImportRows) {
      if (row.vocabulary == vocabulary) consider(row.row);
    }
  }
  if (best) return *best;
  return absl::InvalidArgumentError(
      extension.empty() ? "status: is not in this vocabulary"
                        : "status: does not fit the extension beside it");
}

}  // namespace limpid::consent
