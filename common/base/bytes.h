// Byte strings: the owning type, the view, and the strict text codecs (hex,
// base64). Refuses to know what the bytes mean; secrets have their own type in
// secret.h.

#ifndef LIMPID_COMMON_BASE_BYTES_H_
#define LIMPID_COMMON_BASE_BYTES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace limpid::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;
// A SHA-256 or BLAKE2b-256 output.
using Digest32 = ByteArray<32>;

// The bytes of `text`, viewed or copied. Text never carries a terminator.
ByteView AsBytes(std::string_view text);
Bytes ToBytes(std::string_view text);
Bytes ToBytes(ByteView view);
// The bytes as characters, viewed or copied; not necessarily UTF-8.
std::string_view AsText(ByteView bytes);
std::string ToText(ByteView bytes);

// Joins `parts` without separators. Use ByteWriter when anything is hashed:
// joined variable-length parts are ambiguous.
Bytes Concat(std::initializer_list<ByteView> parts);

// Copies exactly N bytes.
//
// Errors:
//   kInvalidArgument  `bytes` has another length.
template <std::size_t N>
absl::StatusOr<ByteArray<N>> ToArray(ByteView bytes);

// Equal contents, in time that depends on the lengths only.
[[nodiscard]] bool ConstantTimeEqual(ByteView left, ByteView right);

// Lower-case hexadecimal. Decoding takes lower case only, even length only.
//
// Errors:
//   kInvalidArgument  any other character or an odd length.
std::string HexEncode(ByteView bytes);
absl::StatusOr<Bytes> HexDecode(std::string_view text);

// RFC 4648 section 4 with padding. Decoding is strict: no white space, no
// missing padding, unused bits zero, so that each value has one text.
//
// Errors:
//   kInvalidArgument  anything else.
std::string Base64Encode(ByteView bytes);
absl::StatusOr<Bytes> Base64Decode(std::string_view text);

// RFC 4648 section 5 without padding, as JOSE uses it. Strict as above.
std::string Base64UrlEncode(ByteView bytes);
absl::StatusOr<Bytes> Base64UrlDecode(std::string_view text);

// RFC 4648 section 6, lower case, without padding. Strict as above.
std::string Base32Encode(ByteView bytes);
absl::StatusOr<Bytes> Base32Decode(std::string_view text);

// Whether `text` is well-formed UTF-8 (no overlong form, no surrogate).
[[nodiscard]] bool IsUtf8(std::string_view text);

// Implementation.
absl::Status WrongLength(std::size_t want, std::size_t got);

template <std::size_t N>
absl::StatusOr<ByteArray<N>> ToArray(ByteView bytes) {
  if (bytes.size() != N) return WrongLength(N, bytes.size());
  ByteArray<N> out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_BYTES_H_
