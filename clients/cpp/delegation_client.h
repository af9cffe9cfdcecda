// Delegations: a person's own, what she does as a representative, and what an
// administrator records. Builds and signs texts and statements, and verifies
// agreements and receipts before it hands them on. Which methods may be called,
// the connection's credentials say.

#ifndef LIMPID_CLIENTS_CPP_DELEGATION_CLIENT_H_
#define LIMPID_CLIENTS_CPP_DELEGATION_CLIENT_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/trust.h"
#include "common/base/clock.h"
#include "common/receipt/delegation.h"
#include "limpid/consent/v1/delegation.pb.h"

namespace limpid::client {

// Fills what makes a text its own: operator, time and nonce.
receipt::Delegation Complete(receipt::Delegation terms,
                             std::string_view operator_name, absl::Time now);

// What became of a representative's grant.
struct GrantedFor {
  consent::v1::Record record;
  // Absent while others must sign.
  std::optional<CheckedReceipt> receipt;
};

// Thread-compatible. One method per RPC unless it says more; errors are the
// server's, and kDataLoss when what the server sent does not verify.
class DelegationClient {
 public:
  // `connection` carries PersonTokens. All must outlive the client.
  DelegationClient(Connection& connection, const PersonKey& key,
                   const Trust& trust, const base::Clock& clock)
      : connection_(connection), key_(key), trust_(trust), clock_(clock) {}

  // Completes and signs the terms.
  absl::StatusOr<consent::v1::Delegation> Make(
      const receipt::Delegation& terms);
  // All pages; `current_only`: without those that were ended or have expired.
  absl::StatusOr<std::vector<consent::v1::Delegation>> List(
      bool current_only = false);
  // Those in which the caller is a representative, all pages.
  absl::StatusOr<std::vector<consent::v1::Delegation>> ListMandates(
      bool current_only = false);
  absl::StatusOr<consent::v1::Delegation> End(std::string_view delegation_id);
  absl::StatusOr<std::vector<consent::v1::Delegation>> EndAll();

  absl::StatusOr<std::vector<consent::v1::Record>> ListRecords(
      std::string_view person_id, bool open_only);
  absl::StatusOr<consent::v1::GetRepresentedRecordResponse> GetRecord(
      std::string_view person_id, std::string_view record_id);
  // Reads the record, builds and signs the statement, and grants. Where others
  // have signed, their content is repeated and `choice` only confirms it: its
  // attributes and notice are theirs, and their validity ends no later than it
  // says. A validity without an end ends with the caller's power.
  //
  // Errors: further
  //   kInvalidArgument  as PersonClient::Grant, or another choice than that of
  //                     those who signed before.
  //   kDataLoss         their validity begins in the future or is longer than
  //                     the agreement allows, or their notice is none of it.
  absl::StatusOr<GrantedFor> Grant(std::string_view person_id,
                                   std::string_view record_id,
                                   const GrantChoice& choice);
  absl::StatusOr<consent::v1::Record> Refuse(
      std::string_view person_id, std::string_view record_id,
      std::optional<absl::Time> not_before = std::nullopt);
  absl::StatusOr<consent::v1::Record> Withdraw(std::string_view person_id,
                                               std::string_view record_id);
  // Newest first, at most 200. A representative is given no openings, so that
  // nothing is compared with its commitment: what an entry says is the
  // operator's word (docs/formats/access-entry.md).
  //
  // Errors: further
  //   kDataLoss  an entry is said to be about another record, or comes with a
  //              content and opening and says something else.
  absl::StatusOr<std::vector<consent::v1::AccessEntry>> ListAccesses(
      std::string_view person_id, std::string_view record_id);

 private:
  Connection& connection_;
  const PersonKey& key_;
  const Trust& trust_;
  const base::Clock& clock_;
};

// For an administrator: `connection` has an administrator's certificate.
absl::StatusOr<consent::v1::Delegation> RecordDelegation(
    Connection& connection, const receipt::Delegation& terms);
absl::StatusOr<consent::v1::Delegation> RevokeDelegation(
    Connection& connection, std::string_view person_id,
    std::string_view delegation_id, std::string_view reason);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DELEGATION_CLIENT_H_
