// A verified receipt with its agreement, to render.

#ifndef LIMPID_TESTS_UNIT_RECEIPT_RENDER_SOURCE_FIXTURE_H_
#define LIMPID_TESTS_UNIT_RECEIPT_RENDER_SOURCE_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/receipt/render/source.h"

namespace limpid::receipt {

inline constexpr char kAgreement[] =
    R"({"agreement":"agr_aaaaaaaaaaaaaaaaaaaaaaaaae","ai_training":false,)"
    R"("legal_basis":"consent","lines":[{"attribute":"person.name",)"
    R"("derivation":"","form":"full","necessity":"required","operations":)"
    R"(["https://w3id.org/dpv#Use"],"parameters":""},{"attribute":)"
    R"("person.birth_date","derivation":"over_n/1","form":"derived",)"
    R"("necessity":"optional","operations":["https://w3id.org/dpv#Collect"],)"
    R"("parameters":"{\"n\":18}"},{"attribute":"health.allergies",)"
    R"("derivation":"","form":"pseudonymous","necessity":"optional",)"
    R"("operations":[],"parameters":""}],"notices":[],"purposes":)"
    R"(["https://w3id.org/dpv#ServiceProvision"],"recipients":[],)"
    R"("retention_days":30,"service":"svc_aaaaaaaaaaaaaaaaaaaaaaaaae",)"
    R"("storage_location":"NL","systems":[],"titles":[{"language":"en",)"
    R"("text":"Parking permit"},{"language":"nl","text":"Vergunning"}],)"
    R"("use_count_max":0,"validity_days":365,"version":2})";

inline absl::Time At(int day) {
  return absl::FromUnixMillis(1'767'225'600'000) + absl::Hours(24) * day;
}

inline Receipt SignedReceipt(const ReceiptBody& body) {
  // A seed of our own: renderings are byte-stable only if signatures are.
  const auto key = crypto::Ed25519PrivateKey::FromSeed(
                       base::SecretBytes::Copy(base::ByteArray<32>{}))
                       .value();
  Receipt out;
  out.body_json = body.Canonical();
  const std::vector<base::Bytes> items = {ReceiptItem(out.body_json)};
  out.proof =
      SignBatch(BatchKind::kReceipts, /*epoch=*/1, body.time, items, key)[0];
  return out;
}

inline RenderFacts GrantFacts(ReceiptType type = ReceiptType::kGrant,
                              const std::string& agreement = kAgreement) {
  RenderFacts out;
  ReceiptBody& body = out.receipt.body;
  body.type = type;
  body.id = "rcp_aaaaaaaaaaaaaaaaaaaaaaaaae";
  body.record = "rec_aaaaaaaaaaaaaaaaaaaaaaaaae";
  body.service = "svc_aaaaaaaaaaaaaaaaaaaaaaaaae";
  body.agreement = "agr_aaaaaaaaaaaaaaaaaaaaaaaaae";
  body.agreement_hash = crypto::Sha256(base::AsBytes(agreement));
  body.operator_name = "city";
  body.revision = 3;
  body.time = At(0);
  body.log_by = At(0);
  body.lines = {
      {.attribute = "person.name", .form = 1, .reason = Reason::kReleased},
      {.attribute = "person.birth_date",
       .form = 2,
       .derivation = "over_n/1",
       .parameters = R"({"n":18})",
       .reason = Reason::kReleased},
      {.attribute = "health.allergies"}};
  out.receipt_file = SignedReceipt(body).ToFile();
  out.agreement_json = agreement;
  out.state = type == ReceiptType::kWithdrawal ? "WITHDRAWN" : "GRANTED";
  out.state_time = At(0);
  out.as_of = At(1);
  out.from = At(0);
  out.until = At(365);
  out.principal = "psn_of_this_service";
  out.controller = {.name = "City", .contact = "Desk", .jurisdiction = "NL"};
  out.notice_url = "https://city.example/notice";
  out.withdrawal_url = "https://limpid.example/withdraw";
  out.language = "nl";
  out.sensitive_attributes = {"health.allergies"};
  return out;
}

}  // namespace limpid::receipt

#endif  // LIMPID_TESTS_UNIT_RECEIPT_RENDER_SOURCE_FIXTURE_H_
