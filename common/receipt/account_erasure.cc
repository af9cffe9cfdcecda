#include "common/receipt/account_erasure.h"

#include <cstdint>

#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/receipt/members.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/erase-account/1";
constexpr std::string_view kErasedLabel = "limpid/account-erased/1";
constexpr std::string_view kAction = "erase-account";

}  // namespace

std::string AccountErasureRequest::Canonical() const {
  json::Value out = json::Value::Object();
  out.Set("action", kAction)
      .Set("give_up_duties", give_up_duties)
      .Set("nonce", base::Base64UrlEncode(nonce))
      .Set("operator", operator_name)
      .Set("person", person)
      .Set("time", base::TimeText(time));
  return json::Canonical(out);
}

absl::StatusOr<AccountErasureRequest> AccountErasureRequest::Parse(
    std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"action", "give_up_duties", "nonce", "operator", "person", "time"}));
  MemberReader reader(value);
  if (reader.Text("action") != kAction) reader.Fail("action");
  AccountErasureRequest out;
  const auto give_up = value.GetBool("give_up_duties");
  if (!give_up.ok()) reader.Fail("give_up_duties");
  out.give_up_duties = give_up.ok() && *give_up;
  out.nonce = reader.Array<32>("nonce");
  out.operator_name = reader.Text("operator");
  out.person = reader.Text("person");
  out.time = reader.Time("time");
  LIMPID_RETURN_IF_ERROR(reader.status());
  return out;
}

base::Bytes AccountErasureSigningInput(std::string_view canonical_json) {
  return base::ByteWriter(kLabel).Lp(canonical_json).Take();
}

SignedAccountErasure SignAccountErasure(
    const AccountErasureRequest& request,
    const crypto::Ed25519PrivateKey& identity) {
  SignedAccountErasure out;
  out.canonical_json = request.Canonical();
  out.signature = identity.Sign(AccountErasureSigningInput(out.canonical_json));
  return out;
}

bool AccountErasureIsSigned(const SignedAccountErasure& erasure,
                            const crypto::Ed25519PublicKey& identity) {
  return identity.Verify(AccountErasureSigningInput(erasure.canonical_json),
                         erasure.signature);
}

base::Bytes AccountErasedItem(const base::ByteArray<16>& person,
                              absl::Time time,
                              std::string_view canonical_json) {
  return base::ByteWriter(kErasedLabel)
      .Raw(person)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)))
      .Raw(crypto::Sha256(base::AsBytes(canonical_json)))
      .Take();
}

}  // namespace limpid::receipt
