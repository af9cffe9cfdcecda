#include "server/known_operator.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/bytes.h"

namespace limpid::server {
namespace {

constexpr std::size_t kKeyBytes = 32;

absl::Status Refused() {
  return absl::InvalidArgumentError(
      "consent.known_operators: not a name, a space and an evidence key of 32 "
      "bytes in base64url");
}

}  // namespace

absl::StatusOr<KnownOperator> ParseKnownOperator(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == 0 || space == std::string_view::npos) return Refused();
  const auto key = base::Base64UrlDecode(text.substr(space + 1));
  if (!key.ok() || key->size() != kKeyBytes) return Refused();
  return KnownOperator{std::string(text.substr(0, space)), *key};
}

}  // namespace limpid::server
