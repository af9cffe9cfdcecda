#include "vault/forms/answer_signer.h"

#include <algorithm>
#include <utility>

#include "common/jose/attested_answer.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"

namespace limpid::vault {
namespace {

std::string KeySetOf(const crypto::Ed25519PublicKey& key) {
  json::Value keys = json::Value::Array();
  keys.Append(jose::PublicJwk(key).ToJson());
  json::Value out = json::Value::Object();
  out.Set("keys", std::move(keys));
  return json::Canonical(out);
}

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

AnswerSigner::AnswerSigner(crypto::Ed25519PrivateKey key,
                           const SourceId& source, crypto::RandomSource& random)
    : key_(std::move(key)),
      source_(source.Text()),
      key_set_(KeySetOf(key_.PublicKey())),
      random_(random) {}

std::optional<std::string> AnswerSigner::Sign(const AnswerFor& to,
                                              const AnswerSaid& said,
                                              absl::Time now) const {
  jose::AttestedAnswer answer;
  answer.issuer = source_;
  answer.audience = to.service_key;
  answer.nonce = to.nonce;
  random_.Fill(answer.id);
  answer.issued_at = WholeSeconds(now);
  // Nobody can show on for longer than the person let it be asked.
  answer.expires_at = std::min(answer.issued_at + jose::kMaxAnswerLife,
                               WholeSeconds(to.not_after));
  if (answer.expires_at <= answer.issued_at) return std::nullopt;
  answer.attribute = said.attribute;
  answer.derivation = said.derivation;
  answer.parameters = said.parameters;
  answer.value = said.value;
  return jose::Mint(key_, answer, random_);
}

}  // namespace limpid::vault
