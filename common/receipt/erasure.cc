#include "common/receipt/erasure.h"

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/members.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/erase-entry/1";
constexpr std::string_view kAction = "erase-entry";

}  // namespace

std::string ErasureRequest::Canonical() const {
  json::Value out = json::Value::Object();
  out.Set("action", kAction)
      .Set("commitment", base::Base64UrlEncode(commitment))
      .Set("nonce", base::Base64UrlEncode(nonce))
      .Set("operator", operator_name)
      .Set("person", person)
      .Set("sequence", sequence)
      .Set("time", base::TimeText(time));
  return json::Canonical(out);
}

absl::StatusOr<ErasureRequest> ErasureRequest::Parse(
    std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(
      value.CheckOnlyKeys({"action", "commitment", "nonce", "operator",
                           "person", "sequence", "time"}));
  MemberReader reader(value);
  if (reader.Text("action") != kAction) reader.Fail("action");
  ErasureRequest out;
  out.commitment = reader.Array<32>("commitment");
  out.nonce = reader.Array<32>("nonce");
  out.operator_name = reader.Text("operator");
  out.person = reader.Text("person");
  out.sequence = static_cast<std::uint64_t>(reader.WholeNumber("sequence"));
  if (out.sequence == 0) reader.Fail("sequence");
  out.time = reader.Time("time");
  LIMPID_RETURN_IF_ERROR(reader.status());
  return out;
}

base::Bytes ErasureSigningInput(std::string_view canonical_json) {
  return base::ByteWriter(kLabel).Lp(canonical_json).Take();
}

SignedErasure SignErasure(const ErasureRequest& request,
                          const crypto::Ed25519PrivateKey& identity) {
  SignedErasure out;
  out.canonical_json = request.Canonical();
  out.signature = identity.Sign(ErasureSigningInput(out.canonical_json));
  return out;
}

bool ErasureIsSigned(const SignedErasure& erasure,
                     const crypto::Ed25519PublicKey& identity) {
  return identity.Verify(ErasureSigningInput(erasure.canonical_json),
                         erasure.signature);
}

bool ErasureCovers(const SignedErasure& erasure,
                   const crypto::Ed25519PublicKey& identity,
                   std::uint64_t sequence, const base::Digest32& commitment) {
  const auto request = ErasureRequest::Parse(erasure.canonical_json);
  return request.ok() && request->sequence == sequence &&
         request->commitment == commitment &&
         ErasureIsSigned(erasure, identity);
}

}  // namespace limpid::receipt
