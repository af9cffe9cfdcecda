// What a person does with her consents and accesses. Builds and signs the
// statement of a grant, and verifies agreements and receipts before it hands
// them on. Her attributes: vault_client.h.

#ifndef LIMPID_CLIENTS_CPP_PERSON_CLIENT_H_
#define LIMPID_CLIENTS_CPP_PERSON_CLIENT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/answer_check.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/grant_book.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/trust.h"
#include "common/base/clock.h"
#include "common/receipt/receipt.h"
#include "common/receipt/statement.h"
#include "limpid/consent/v1/account_service.pb.h"
#include "limpid/consent/v1/person_consent_service.pb.h"

namespace limpid::client {

// Makes a fresh person token for each call. `key` and `clock` must outlive the
// source.
rpc::TokenSource PersonTokens(const PersonKey& key, std::string operator_name,
                              const base::Clock& clock);

// What the person chose of an agreement.
struct GrantChoice {
  // Attributes of the agreement to grant; all required ones must be there.
  std::vector<std::string> attributes;
  // Language of the notice that was shown; empty means the first one.
  std::string language;
  // End of the validity; unset means the longest that the agreement allows.
  std::optional<absl::Time> until;
};

// A receipt that verified, and its file.
struct CheckedReceipt {
  receipt::VerifiedReceipt verified;
  std::string file_json;
  // Of a grant: it is of one that was sent before, whose answer was lost.
  bool sent_before = false;
};

// Verifies a receipt with what is pinned, and that it is the one asked for.
//
// Errors:
//   kDataLoss  it does not verify, or is about something else.
absl::StatusOr<CheckedReceipt> CheckReceipt(const consent::v1::Receipt& receipt,
                                            const AskedReceipt& asked,
                                            const Trust& trust);

// Whether `status`, of a withdrawal, is that it took effect and the operator
// has no receipt of it: this client's own finding, never a server's NOT_FOUND.
[[nodiscard]] bool IsWithoutReceipt(const absl::Status& status);

// Thread-compatible. One method per RPC unless it says more; errors are the
// server's, and kDataLoss when what the server sent does not verify.
class PersonClient {
 public:
  // `connection` carries PersonTokens. All must outlive the client.
  PersonClient(Connection& connection, const PersonKey& key, const Trust& trust,
               const base::Clock& clock)
      : connection_(connection), key_(key), trust_(trust), clock_(clock) {}

  absl::StatusOr<consent::v1::Account> CreateAccount();
  absl::StatusOr<consent::v1::Account> GetAccount();

  // Brings the code of a request link here.
  absl::StatusOr<consent::v1::BindRequestResponse> BindRequest(
      std::string_view request_code);
  // All pages.
  absl::StatusOr<std::vector<consent::v1::Record>> ListRequests();
  absl::StatusOr<std::vector<consent::v1::Record>> ListRecords();
  // With its agreement, which is the record's and passed CheckAgreement, and
  // its whole history.
  absl::StatusOr<consent::v1::GetRecordResponse> GetRecord(
      std::string_view record_id);

  // Reads the record, builds and signs the statement, grants, and verifies the
  // receipt. With `book`, what was signed is noted there before it is sent, so
  // that no grant that took effect is lost: kept once its receipt verified,
  // taken away again when the server refused it, left as sent otherwise. One
  // that was noted as sent before, has the same lines and took effect, as its
  // receipt proves, is the answer: nothing is signed or sent again.
  //
  // Errors: further
  //   kInvalidArgument  the choice leaves out a required line, names another
  //                     attribute, or a language the agreement lacks.
  //   those of `book`   before sending: nothing was granted. After the receipt
  //                     verified they fail nothing: it stays noted as sent.
  absl::StatusOr<CheckedReceipt> Grant(std::string_view record_id,
                                       const GrantChoice& choice,
                                       const GrantBook* book = nullptr);
  // Until `not_before`, when it is set, the service may not ask the same again.
  absl::StatusOr<consent::v1::Record> Refuse(
      std::string_view record_id,
      std::optional<absl::Time> not_before = std::nullopt);
  absl::StatusOr<consent::v1::Record> Pause(std::string_view record_id);
  absl::StatusOr<consent::v1::Record> Resume(std::string_view record_id);
  // Errors: further
  //   kNotFound  it is withdrawn and there is no receipt (IsWithoutReceipt):
  //              withdrawn again by a restore, or its entry was erased.
  absl::StatusOr<CheckedReceipt> Withdraw(std::string_view record_id);

  // Newest first, all pages up to `limit` entries; `record_id` may be empty.
  absl::StatusOr<std::vector<consent::v1::AccessEntry>> ListAccesses(
      std::string_view record_id, std::size_t limit);
  // By "acc_…", "rec_…" or its own "rcp_…", for which the whole log is read;
  // verified with the pinned keys.
  //
  // Errors: further
  //   kNotFound  none of the log's accesses has a receipt of that id.
  absl::StatusOr<CheckedReceipt> GetReceipt(std::string_view id);
  absl::StatusOr<consent::v1::ExplainDecisionResponse> Explain(
      const consent::v1::ExplainDecisionRequest& request);

 private:
  // The receipt of a grant that `book` notes as sent and that took effect,
  // which is kept then; none where there is no such grant or receipt.
  absl::StatusOr<std::optional<CheckedReceipt>> GrantedBefore(
      const consent::v1::Record& record, const receipt::Statement& wanted,
      const GrantBook& book);

  Connection& connection_;
  const PersonKey& key_;
  const Trust& trust_;
  const base::Clock& clock_;
};

// Builds the statement that grants `choice` of `shown`. Pure; `nonce` is random
// and `grant_key` the record's.
//
// Errors:
//   kInvalidArgument  as PersonClient::Grant.
//   kDataLoss         the agreement is another than the record's, or it or its
//                     notice is not what its hash covers.
absl::StatusOr<receipt::Statement> BuildStatement(
    const consent::v1::GetRecordResponse& shown, const GrantChoice& choice,
    std::string_view operator_name, const base::ByteArray<32>& grant_key,
    const base::ByteArray<32>& nonce, absl::Time now);

// Checks that the agreement's hash is that of its canonical text, and that the
// text says what `content` does, member by member: the notices by their hash.
//
// Errors:
//   kDataLoss  it is not; or it has a member that this client does not know.
absl::Status CheckAgreement(const consent::v1::Agreement& agreement);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_PERSON_CLIENT_H_
