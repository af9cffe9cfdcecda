#include "clients/cpp/account_erasure_client.h"

#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/account_erasure.h"
#include "common/receipt/batch.h"
#include "limpid/consent/v1/account_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

struct PersonTag {
  static constexpr std::string_view kPrefix = "per";
};

constexpr Method kErase = {"/limpid.consent.v1.AccountService/EraseAccount",
                           /*idempotent=*/false, absl::Seconds(60)};

absl::Status NotConfirmed() {
  return absl::DataLossError(
      "the answer is not the operator's word that this account is erased");
}

}  // namespace

std::string AccountErasure::File(
    const crypto::Ed25519PublicKey& evidence_key) const {
  json::Value out = json::Value::Object();
  out.Set("format", "limpid-account-erasure/1")
      .Set("evidence_key", base::Base64UrlEncode(evidence_key.bytes))
      .Set("person", person_id)
      .Set("proof", base::Base64UrlEncode(proof))
      .Set("signature", base::Base64UrlEncode(signature))
      .Set("statement", statement)
      .Set("time", base::TimeText(time));
  return json::Pretty(out);
}

absl::Status CheckAccountErasure(const AccountErasure& erasure,
                                 const crypto::Ed25519PublicKey& evidence_key) {
  const auto person = base::Id<PersonTag>::Parse(erasure.person_id);
  const auto proof = receipt::BatchProof::Decode(erasure.proof);
  if (!person.ok() || !proof.ok()) return NotConfirmed();
  const auto checked = receipt::VerifyBatchItem(
      *proof, receipt::BatchKind::kReceipts,
      receipt::AccountErasedItem(person->bytes(), erasure.time,
                                 erasure.statement),
      evidence_key);
  return checked.ok() ? absl::OkStatus() : NotConfirmed();
}

absl::StatusOr<AccountErasure> AccountErasureClient::Erase(
    std::string_view person_id, bool give_up_duties) {
  receipt::AccountErasureRequest terms;
  terms.give_up_duties = give_up_duties;
  terms.nonce = crypto::RandomArray<32>();
  terms.operator_name = trust_.operator_name;
  terms.person = std::string(person_id);
  // Texts have milliseconds.
  terms.time = absl::FromUnixMillis(absl::ToUnixMillis(clock_.Now()));
  const receipt::SignedAccountErasure sealed =
      receipt::SignAccountErasure(terms, key_.key());
  v1::EraseAccountRequest request;
  request.set_canonical_json(sealed.canonical_json);
  request.set_signature(base::ToText(sealed.signature));
  LIMPID_ASSIGN_OR_RETURN(const auto answer, Invoke<v1::EraseAccountResponse>(
                                                 connection_, kErase, request));
  AccountErasure out;
  out.person_id = terms.person;
  out.statement = sealed.canonical_json;
  out.signature = sealed.signature;
  out.time = absl::FromUnixSeconds(answer.erase_time().seconds()) +
             absl::Nanoseconds(answer.erase_time().nanos());
  out.proof = base::ToBytes(base::AsBytes(answer.proof()));
  out.finished = answer.finished();
  out.unreadable_count = answer.unreadable_count();
  LIMPID_RETURN_IF_ERROR(CheckAccountErasure(out, trust_.evidence_key));
  return out;
}

}  // namespace limpid::client
