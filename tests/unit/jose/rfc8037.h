// The key of RFC 8037 appendix A.1, shared by the tests here.

#ifndef LIMPID_TESTS_UNIT_JOSE_RFC8037_H_
#define LIMPID_TESTS_UNIT_JOSE_RFC8037_H_

#include <string_view>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"

namespace limpid::jose {

inline constexpr std::string_view kRfc8037D =
    "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
inline constexpr std::string_view kRfc8037X =
    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
inline constexpr std::string_view kRfc8037Thumbprint =
    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

inline crypto::Ed25519PrivateKey Rfc8037Key() {
  return *crypto::Ed25519PrivateKey::FromSeed(
      base::SecretBytes::Copy(*base::Base64UrlDecode(kRfc8037D)));
}

}  // namespace limpid::jose

#endif  // LIMPID_TESTS_UNIT_JOSE_RFC8037_H_
