#include "common/receipt/move.h"

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/members.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/move/1";
constexpr std::string_view kAction = "move";

base::Bytes SigningInput(std::string_view canonical_json) {
  return base::ByteWriter(kLabel).Lp(canonical_json).Take();
}

}  // namespace

std::string MoveStatement::Canonical() const {
  json::Value out = json::Value::Object();
  out.Set("action", kAction)
      .Set("from_operator", from_operator)
      .Set("nonce", base::Base64UrlEncode(nonce))
      .Set("predecessor", base::Base64UrlEncode(predecessor))
      .Set("record", record)
      .Set("revision", revision)
      .Set("time", base::TimeText(time))
      .Set("to_key", base::Base64UrlEncode(to_key))
      .Set("to_operator", to_operator);
  return json::Canonical(out);
}

absl::StatusOr<MoveStatement> MoveStatement::Parse(
    std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"action", "from_operator", "nonce", "predecessor", "record", "revision",
       "time", "to_key", "to_operator"}));
  MemberReader reader(value);
  if (reader.Text("action") != kAction) reader.Fail("action");
  MoveStatement out;
  out.from_operator = reader.Text("from_operator");
  out.nonce = reader.Array<32>("nonce");
  out.predecessor = reader.Array<32>("predecessor");
  out.record = reader.Text("record");
  out.revision = static_cast<std::uint64_t>(reader.WholeNumber("revision"));
  out.time = reader.Time("time");
  out.to_key = reader.Array<32>("to_key");
  out.to_operator = reader.Text("to_operator");
  LIMPID_RETURN_IF_ERROR(reader.status());
  return out;
}

SignedMove SignMove(const MoveStatement& statement,
                    const crypto::Ed25519PrivateKey& identity) {
  SignedMove out;
  out.canonical_json = statement.Canonical();
  out.signature = identity.Sign(SigningInput(out.canonical_json));
  return out;
}

bool MoveIsSigned(const SignedMove& move,
                  const crypto::Ed25519PublicKey& identity) {
  return identity.Verify(SigningInput(move.canonical_json), move.signature);
}

}  // namespace limpid::receipt
