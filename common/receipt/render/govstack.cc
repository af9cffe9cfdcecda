// GovStack consent building block: a revision of the consent record and the
// signature over it.

#include <array>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/sha1.h"
#include "common/json/json.h"
#include "common/receipt/render/render.h"

namespace limpid::receipt {
namespace {

using json::Value;

constexpr std::array kDropped = {
    "serializedHash is SHA-1 as the specification asks; it proves nothing, "
    "limpidReceipt does",
    "the signature covers the receipt in verificationPayload, not the "
    "revision: optIn is the operator's word at limpidAsOf",
    "why a record is not in force: read limpidState",
    "validity, forms, necessity, retention and recipients",
};

std::string HashHex(std::string_view text) {
  return base::HexEncode(crypto::Sha256(base::AsBytes(text)));
}

Value ConsentRecordOf(const RenderSource& source) {
  const RenderFacts& facts = source.facts;
  const ReceiptBody& body = facts.receipt.body;
  Value out = Value::Object();
  out.Set("id", body.record)
      .Set("dataAgreement", Value::Object({{"id", Value(body.agreement)}}))
      .Set("dataAgreementRevisionHash", base::HexEncode(body.agreement_hash))
      .Set("individual", Value::Object({{"id", Value(facts.principal)}}))
      .Set("optIn", source.state.opt_in)
      .Set("state", source.state.govstack_state)
      .Set("limpidState", source.state.name);
  return out;
}

Value RevisionOf(const RenderSource& source) {
  const RenderFacts& facts = source.facts;
  const ReceiptBody& body = facts.receipt.body;
  const std::string time = base::TimeText(facts.state_time);
  Value individual = Value::Object({{"id", Value(facts.principal)}});
  Value snapshot = Value::Object();
  snapshot.Set("objectData", ConsentRecordOf(source))
      .Set("schemaName", "ConsentRecord")
      .Set("objectId", body.record)
      .Set("signedWithoutObjectId", false)
      .Set("timestamp", time)
      .Set("authorizedByIndividual", individual)
      .Set("authorizedByOther", "");
  const std::string serialized = json::Canonical(snapshot);
  Value out = Value::Object();
  out.Set("id", body.record + "/" + std::to_string(body.revision))
      .Set("schemaName", "ConsentRecord")
      .Set("objectId", body.record)
      .Set("signedWithoutObjectId", false)
      .Set("serializedSnapshot", serialized)
      .Set("serializedHash",
           base::HexEncode(crypto::LegacySha1(base::AsBytes(serialized))))
      .Set("timestamp", time)
      .Set("authorizedByIndividual", std::move(individual));
  return out;
}

Value SignatureOf(const RenderSource& source) {
  const ReceiptBody& body = source.facts.receipt.body;
  const std::string canonical = body.Canonical();
  Value payload = Value::Object();
  payload.Set("verificationPayload", canonical)
      .Set("verificationPayloadHash", HashHex(canonical))
      .Set("verificationMethod", "limpid/receipt/1")
      .Set("verificationArtifact", source.facts.receipt_file)
      .Set("verificationSignedBy", body.operator_name)
      .Set("timestamp", base::TimeText(body.time))
      .Set("signedWithoutObjectReference", false)
      .Set("objectType", "revision")
      .Set("objectReference",
           body.record + "/" + std::to_string(body.revision));
  std::string proof;
  if (const auto file = json::ParseStrict(source.facts.receipt_file);
      file.ok()) {
    proof = file->GetString("proof").value_or("");
  }
  Value out = payload;
  out.Set("id", body.id)
      .Set("payload", json::Canonical(payload))
      .Set("signature", proof);
  return out;
}

}  // namespace

std::string RenderGovStack(const RenderSource& source) {
  Value dropped = Value::Array();
  for (const char* const line : kDropped) dropped.Append(line);
  Value out = Value::Object();
  out.Set("revision", RevisionOf(source))
      .Set("signature", SignatureOf(source))
      .Set("limpidAsOf", base::TimeText(source.facts.as_of))
      .Set("limpidDropped", std::move(dropped))
      .Set("limpidState", source.state.name);
  return json::Canonical(out);
}

}  // namespace limpid::receipt
