// Tokens and keys come from anybody who can reach the port. The key is that of
// RFC 8037, whose example token in docs/formats/tokens.md is a seed, as is the
// answer of docs/formats/attested-answer.md.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/jose/attested_answer.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/jose/sd_jwt.h"
#include "common/jose/tokens.h"
#include "common/json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace base = limpid::base;
  namespace jose = limpid::jose;
  namespace json = limpid::json;
  const std::string_view text = base::AsText({data, size});

  const auto value = json::ParseStrict(text);
  if (value.ok()) {
    const auto jwk = jose::PublicJwk::Parse(*value);
    LIMPID_CHECK(!jwk.ok() || jwk->ToJson() == *value);
  }
  static const auto key =
      jose::PublicJwk::Parse(*json::ParseStrict(R"({"kty":"OKP","crv":"Ed25519",
          "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"));
  const auto payload =
      jose::VerifyCompact(text, *key, jose::kKeyBoundTokenType);
  const auto key_id = jose::UnverifiedKeyId(text);
  LIMPID_CHECK(!payload.ok() || (key_id.ok() && *key_id == key->Thumbprint()));
  const jose::Expected expected = {"example operator",
                                   "/limpid.consent.v1.RecordService/Withdraw",
                                   absl::FromUnixSeconds(1'767'225'601)};
  const auto token = jose::VerifyKeyBoundToken(text, *key, expected);
  LIMPID_CHECK(payload.ok() || !token.ok());
  const auto claims =
      jose::VerifySdJwt(text, *key->ed25519(), jose::kAttestedAnswerType);
  const auto answer = jose::VerifyAttestedAnswer(
      text, *key->ed25519(),
      {"src_ucq2fi5euwtkpkfjvkv2zlnov4", absl::FromUnixSeconds(1'767'225'601)});
  LIMPID_CHECK(claims.ok() || !answer.ok());
  const auto disclosure = jose::ReadDisclosure(text);
  LIMPID_CHECK(!disclosure.ok() || base::Base64UrlDecode(text).ok());
  return 0;
}
