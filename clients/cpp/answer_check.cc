#include "clients/cpp/answer_check.h"

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace limpid::client {
namespace {

absl::Status Another(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the server answered with another ", base::ToAbsl(what)));
}

}  // namespace

bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsAlreadyExists(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnauthenticated(status) ||
         absl::IsFailedPrecondition(status) ||
         absl::IsResourceExhausted(status) || absl::IsUnimplemented(status);
}

AskedReceipt GrantOf(std::string_view record,
                     const receipt::SignedStatement& statement) {
  AskedReceipt out;
  out.type = receipt::ReceiptType::kGrant;
  out.record = std::string(record);
  out.statement_hash =
      crypto::Sha256(receipt::StatementSigningInput(statement.canonical_json));
  return out;
}

AskedReceipt WithdrawalOf(std::string_view record) {
  AskedReceipt out;
  out.type = receipt::ReceiptType::kWithdrawal;
  out.record = std::string(record);
  return out;
}

absl::Status CheckAnswers(const receipt::ReceiptBody& body,
                          const AskedReceipt& asked,
                          std::string_view operator_name) {
  if (body.operator_name != operator_name) {
    return Another("operator's receipt");
  }
  if (asked.type && body.type != *asked.type) {
    return Another("kind of receipt");
  }
  if (!asked.record.empty() && (body.record != asked.record ||
                                body.type == receipt::ReceiptType::kAccess)) {
    return Another("record's receipt");
  }
  if (!asked.access.empty() && body.access != asked.access) {
    return Another("access's receipt");
  }
  if (asked.statement_hash && body.statement_hash != *asked.statement_hash) {
    return Another("statement's receipt");
  }
  return absl::OkStatus();
}

absl::Status CheckAnswers(const consent::v1::Record& record,
                          std::string_view record_id) {
  if (record.record_id() == record_id) return absl::OkStatus();
  return Another("record");
}

absl::Status CheckBelongs(const consent::v1::Agreement& agreement,
                          const consent::v1::Record& record) {
  const bool same = agreement.agreement_id() == record.agreement_id() &&
                    agreement.version() == record.agreement_version() &&
                    agreement.hash() == record.agreement_hash() &&
                    agreement.service_id() == record.service().service_id();
  return same ? absl::OkStatus() : Another("agreement than the record's");
}

}  // namespace limpid::client
