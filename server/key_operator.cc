#include "server/key_operator.h"

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::server {
namespace {

constexpr std::size_t kKeyBytes = 32;

absl::Status Refused() {
  return absl::InvalidArgumentError(
      "register.key_operators: not a certificate's key of 64 hex digits, a "
      "space and an evidence key of 32 bytes in base64url");
}

}  // namespace

absl::StatusOr<KeyOperator> ParseKeyOperator(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return Refused();
  const auto certificate = base::HexDecode(text.substr(0, space));
  const auto key = base::Base64UrlDecode(text.substr(space + 1));
  if (!certificate.ok() || !key.ok() || key->size() != kKeyBytes) {
    return Refused();
  }
  const auto thumbprint = base::ToArray<kKeyBytes>(*certificate);
  // Zeros name nobody: no certificate has that key.
  if (!thumbprint.ok() || *thumbprint == base::Digest32{}) return Refused();
  return KeyOperator{*thumbprint, *key};
}

}  // namespace limpid::server
