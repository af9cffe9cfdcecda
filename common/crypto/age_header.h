// The text in front of an age file: recipient stanzas and a MAC. Syntax only.

#ifndef LIMPID_COMMON_CRYPTO_AGE_HEADER_H_
#define LIMPID_COMMON_CRYPTO_AGE_HEADER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::crypto {

struct AgeStanza {
  // The first is the kind.
  std::vector<std::string> arguments;
  base::Bytes body;
};

struct AgeHeader {
  std::vector<AgeStanza> stanzas;
  base::Digest32 mac{};
  // What the MAC is over: all up to and with "---".
  std::string_view authenticated;
  // Where the payload begins.
  std::size_t size = 0;
};

// Standard base64 without padding, as headers have it.
std::string AgeBase64(base::ByteView bytes);
absl::StatusOr<base::Bytes> AgeUnbase64(std::string_view text);

// All up to and with "---".
std::string WriteAgeStanzas(const std::vector<AgeStanza>& stanzas);
// `authenticated` is a view of `file`.
//
// Errors:
//   kInvalidArgument  not a header of version 1.
absl::StatusOr<AgeHeader> ReadAgeHeader(base::ByteView file);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_AGE_HEADER_H_
