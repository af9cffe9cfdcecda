// For interop_test.js: issues and reads with our code, with keys of its own.
//   sd_jwt_tool issue VALUE-JSON   prints {"answer", "jwk"}
//   sd_jwt_tool answer JWK         reads an attested answer from its input
//   sd_jwt_tool sd-jwt JWK         reads any SD-JWT: {"disclosed", "open"}

#include <exception>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/jose/attested_answer.h"
#include "common/jose/jwk.h"
#include "common/jose/sd_jwt.h"
#include "common/json/json.h"

namespace {

namespace crypto = limpid::crypto;
namespace jose = limpid::jose;
namespace json = limpid::json;

constexpr std::string_view kVault = "src_aaaaaaaaaaaaaaaaaaaaaaaaaa";

std::string Input() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

absl::StatusOr<std::string> Issue(std::string_view value) {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  jose::AttestedAnswer answer;
  answer.issuer = std::string(kVault);
  answer.audience = crypto::RandomArray<32>();
  answer.nonce = crypto::RandomArray<16>();
  answer.id = crypto::RandomArray<16>();
  answer.issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  answer.expires_at = answer.issued_at + jose::kMaxAnswerLife;
  answer.attribute = "person.birth_date";
  answer.derivation = "over_n/1";
  answer.parameters = json::Value::Object({{"n", json::Value(18)}});
  LIMPID_ASSIGN_OR_RETURN(answer.value, json::ParseStrict(value));
  json::Value out = json::Value::Object();
  out.Set("answer", jose::Mint(key, answer, crypto::SystemRandom()));
  out.Set("jwk", jose::PublicJwk(key.PublicKey()).ToJson());
  return json::Canonical(out);
}

absl::StatusOr<crypto::Ed25519PublicKey> KeyFrom(std::string_view text) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value, json::ParseStrict(text));
  LIMPID_ASSIGN_OR_RETURN(const jose::PublicJwk jwk,
                          jose::PublicJwk::Parse(value));
  if (jwk.ed25519() == nullptr) {
    return absl::InvalidArgumentError("not an Ed25519 key");
  }
  return *jwk.ed25519();
}

absl::StatusOr<std::string> ReadAnswer(std::string_view jwk) {
  LIMPID_ASSIGN_OR_RETURN(const auto key, KeyFrom(jwk));
  LIMPID_ASSIGN_OR_RETURN(
      const auto answer,
      jose::VerifyAttestedAnswer(Input(), key, {kVault, absl::Now()}));
  return json::Canonical(answer.value);
}

absl::StatusOr<std::string> ReadSdJwt(std::string_view jwk) {
  LIMPID_ASSIGN_OR_RETURN(const auto key, KeyFrom(jwk));
  LIMPID_ASSIGN_OR_RETURN(auto claims,
                          jose::VerifySdJwt(Input(), key, "dc+sd-jwt"));
  json::Value out = json::Value::Object();
  out.Set("disclosed", std::move(claims.disclosed));
  out.Set("open", std::move(claims.open));
  return json::Canonical(out);
}

absl::StatusOr<std::string> Run(const std::vector<std::string_view>& words) {
  if (words.size() == 2 && words[0] == "issue") return Issue(words[1]);
  if (words.size() == 2 && words[0] == "answer") return ReadAnswer(words[1]);
  if (words.size() == 2 && words[0] == "sd-jwt") return ReadSdJwt(words[1]);
  return absl::InvalidArgumentError("say issue, answer or sd-jwt");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<char*> given(argv, static_cast<std::size_t>(argc));
    const auto done = Run({given.begin() + 1, given.end()});
    if (done.ok()) {
      std::cout << *done << '\n';
      return 0;
    }
    std::cerr << done.status().message() << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
