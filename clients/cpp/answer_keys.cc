#include "clients/cpp/answer_keys.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"
#include "limpid/vault/v1/answer_key_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr Method kListAnswerKeys = {
    "/limpid.vault.v1.AnswerKeyService/ListAnswerKeys", true};
// A vault has one, or two while it changes.
constexpr std::size_t kMaxKeys = 16;

absl::Status NoKeys() {
  return absl::InvalidArgumentError("these are no keys for signed answers");
}

absl::StatusOr<std::vector<crypto::Ed25519PublicKey>> KeysFrom(
    const json::Value& set) {
  const auto list = set.GetArray("keys");
  if (!list.ok() || list->size() == 0 || list->size() > kMaxKeys) {
    return NoKeys();
  }
  std::vector<crypto::Ed25519PublicKey> out;
  for (const json::Value& element : list->elements()) {
    const auto jwk = jose::PublicJwk::Parse(element);
    if (!jwk.ok() || jwk->ed25519() == nullptr) return NoKeys();
    out.push_back(*jwk->ed25519());
  }
  return out;
}

}  // namespace

std::string AnswerKeys::Text() const {
  json::Value list = json::Value::Array();
  for (const auto& key : keys) list.Append(jose::PublicJwk(key).ToJson());
  json::Value out = json::Value::Object();
  out.Set("keys", std::move(list));
  out.Set("source_id", source_id);
  return json::Canonical(out);
}

absl::StatusOr<AnswerKeys> AnswerKeys::Parse(std::string_view text) {
  const auto parsed = json::ParseStrict(text);
  if (!parsed.ok() || !parsed->CheckOnlyKeys({"keys", "source_id"}).ok()) {
    return NoKeys();
  }
  const auto source = parsed->GetString("source_id");
  if (!source.ok() || source->empty()) return NoKeys();
  AnswerKeys out;
  out.source_id = *source;
  LIMPID_ASSIGN_OR_RETURN(out.keys, KeysFrom(*parsed));
  return out;
}

absl::StatusOr<AnswerKeys> ListAnswerKeys(Connection& connection) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::ListAnswerKeysResponse>(connection, kListAnswerKeys,
                                         v1::ListAnswerKeysRequest()));
  const auto set = json::ParseStrict(response.key_set_json());
  AnswerKeys out;
  out.source_id = response.source_id();
  auto keys =
      set.ok()
          ? KeysFrom(*set)
          : absl::StatusOr<std::vector<crypto::Ed25519PublicKey>>(set.status());
  if (!keys.ok() || out.source_id.empty()) {
    return absl::DataLossError("the server answered with no keys");
  }
  out.keys = *std::move(keys);
  return out;
}

absl::StatusOr<jose::AttestedAnswer> VerifyAnswer(std::string_view text,
                                                  const AnswerKeys& keys,
                                                  const AnswerShownTo& to) {
  absl::Status why = absl::DataLossError("there is no key to verify it with");
  for (const crypto::Ed25519PublicKey& key : keys.keys) {
    auto answer = jose::VerifyAttestedAnswer(
        text, key, {keys.source_id, to.now, to.audience, to.nonce});
    if (answer.ok()) return answer;
    // What one key says of a good signature stays.
    if (!absl::IsFailedPrecondition(why)) why = answer.status();
  }
  return why;
}

}  // namespace limpid::client
