// Whether an answer is about what was asked. A signature shows who made an
// answer, never that it answers this question: a true receipt of another act is
// the cheapest lie there is.

#ifndef LIMPID_CLIENTS_CPP_ANSWER_CHECK_H_
#define LIMPID_CLIENTS_CPP_ANSWER_CHECK_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/receipt/receipt.h"
#include "common/receipt/statement.h"
#include "limpid/consent/v1/agreement.pb.h"
#include "limpid/consent/v1/record.pb.h"

namespace limpid::client {

// Whether the server answered that it did nothing. Everything else, such as no
// answer or one that does not verify, leaves open what it did.
[[nodiscard]] bool IsRefusal(const absl::Status& status);

// What a receipt must be about. What is unset or empty was not asked.
struct AskedReceipt {
  std::optional<receipt::ReceiptType> type;
  // "rec_…": then the receipt is no access's.
  std::string record;
  // "acc_…".
  std::string access;
  std::optional<base::Digest32> statement_hash;
};

// The receipt of a grant that `statement` asked for.
AskedReceipt GrantOf(std::string_view record,
                     const receipt::SignedStatement& statement);
// The receipt of a withdrawal. A repeated one answers with the receipt of the
// first, so its time says nothing.
AskedReceipt WithdrawalOf(std::string_view record);

// Compares a receipt that verified with what was asked of `operator_name`.
//
// Errors:
//   kDataLoss  it is about something else; the message says what differs.
absl::Status CheckAnswers(const receipt::ReceiptBody& body,
                          const AskedReceipt& asked,
                          std::string_view operator_name);

// Errors:
//   kDataLoss  the record is not the one with this id.
absl::Status CheckAnswers(const consent::v1::Record& record,
                          std::string_view record_id);

// Checks that `agreement` is the one that `record` answers: id, version, hash
// and service. What the record says of the service beside its id is the
// operator's word.
//
// Errors:
//   kDataLoss  it is another one.
absl::Status CheckBelongs(const consent::v1::Agreement& agreement,
                          const consent::v1::Record& record);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_ANSWER_CHECK_H_
