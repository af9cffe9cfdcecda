// The one source of every rendering: a verified receipt, the agreement it binds
// and what the operator says of the record now. Checks that they belong
// together; knows no standard's field names beyond the state table.
// docs/formats/receipt-renderings.md

#ifndef LIMPID_COMMON_RECEIPT_RENDER_SOURCE_H_
#define LIMPID_COMMON_RECEIPT_RENDER_SOURCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/receipt/receipt.h"

namespace limpid::receipt {

// How other vocabularies spell a state of ours.
struct StateMapping {
  // "GRANTED", as statements of a record's state carry it.
  std::string_view name;
  // Local name in https://w3id.org/dpv#.
  std::string_view dpv_status;
  // GovStack ConsentRecord.optIn.
  bool opt_in = false;
  // GovStack ConsentRecord.state.
  std::string_view govstack_state;
  // No event leads out of it.
  bool final = false;
};

// One row for each state of a consent record. Exactly one opts in.
std::span<const StateMapping> StateMappings();

// Who answers for the data. What is not known is empty.
struct Controller {
  std::string name;
  std::string contact;
  std::string email;
  std::string phone;
  std::string postal_address;
  std::string url;
  // ISO 3166-1.
  std::string jurisdiction;
};

// What a rendering is made of. The receipt has been verified; the rest is the
// operator's word.
struct RenderFacts {
  VerifiedReceipt receipt;
  // The text of the receipt file, carried along unchanged.
  std::string receipt_file;
  // Canonical text of the agreement version.
  std::string agreement_json;
  // State name at `as_of`, reached at `state_time`.
  std::string state;
  absl::Time state_time;
  absl::Time as_of;
  // Validity [from, until).
  absl::Time from;
  absl::Time until;
  // How the reader of this rendering may know the person: a pseudonym.
  std::string principal;
  Controller controller;
  std::string notice_url;
  std::string withdrawal_url;
  // BCP 47, of the notice that was shown.
  std::string language;
  // Those of the agreement that the catalogue calls sensitive.
  std::vector<std::string> sensitive_attributes;
};

// A line that the person chose.
struct SourceLine {
  std::string attribute;
  bool required = false;
  std::string form;
  std::string derivation;
  std::string parameters;
  bool sensitive = false;
};

// The agreement as renderings need it, beside the facts it was checked with.
struct RenderSource {
  RenderFacts facts;
  StateMapping state;
  std::int64_t agreement_version = 0;
  std::string title;
  std::vector<std::string> purposes;
  std::vector<std::string> recipients;
  std::vector<std::string> operations;
  std::vector<SourceLine> lines;
  std::string storage_location;
  std::int64_t retention_days = 0;

  // Whether processing may rest on the record at `as_of`.
  [[nodiscard]] bool active() const { return state.opt_in; }
};

// Errors:
//   kInvalidArgument     the agreement is not the one whose hash the receipt
//                        binds; a state or a required fact is missing or
//                        unknown; a withdrawal said to be in force.
//                        A receipt file that is not of the verified receipt.
//   kFailedPrecondition  a receipt of a read, or an agreement on another basis
//                        than consent: these standards have no form for them.
absl::StatusOr<RenderSource> MakeRenderSource(RenderFacts facts);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_RENDER_SOURCE_H_
