#include "common/base/bytes.h"

#include <sodium.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace limpid::base {
namespace {

constexpr std::string_view kBase32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

std::string SodiumBase64(ByteView bytes, int variant) {
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    variant);
  out.pop_back();  // sodium writes a terminator.
  return out;
}

absl::StatusOr<Bytes> SodiumFromBase64(std::string_view text, int variant) {
  Bytes out(text.size() / 4 * 3 + 3);
  std::size_t length = 0;
  const char* end = nullptr;
  const int result =
      sodium_base642bin(out.data(), out.size(), text.data(), text.size(),
                        nullptr, &length, &end, variant);
  if (result != 0 || end != text.data() + text.size()) {
    return absl::InvalidArgumentError("not strict base64");
  }
  out.resize(length);
  // libsodium 1.0.18 takes some bytes above 0x7f for letters ("A\xc8" "8=").
  if (SodiumBase64(out, variant) != text) {
    return absl::InvalidArgumentError("not strict base64");
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Length of the well-formed sequence at the start of `text`, 0 if there is
// none. Table 3-7 of the Unicode standard.
std::size_t Utf8SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const auto within = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return within(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return within(1, low, high) && within(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    const bool good =
        within(1, low, high) && within(2, 0x80, 0xBF) && within(3, 0x80, 0xBF);
    return good ? 4 : 0;
  }
  return 0;
}

}  // namespace

ByteView AsBytes(std::string_view text) {
  // Reading any object as unsigned char is allowed by [basic.lval].
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Bytes ToBytes(std::string_view text) { return ToBytes(AsBytes(text)); }

Bytes ToBytes(ByteView view) { return {view.begin(), view.end()}; }

std::string_view AsText(ByteView bytes) {
  // As above, the other way round.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string ToText(ByteView bytes) { return std::string(AsText(bytes)); }

Bytes Concat(std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  Bytes out;
  out.reserve(size);
  for (const ByteView part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

bool ConstantTimeEqual(ByteView left, ByteView right) {
  return left.size() == right.size() &&
         sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string HexEncode(ByteView bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

absl::StatusOr<Bytes> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return absl::InvalidArgumentError("hex has an odd number of digits");
  }
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) {
      return absl::InvalidArgumentError("not lower-case hex");
    }
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::string Base64Encode(ByteView bytes) {
  return SodiumBase64(bytes, sodium_base64_VARIANT_ORIGINAL);
}

absl::StatusOr<Bytes> Base64Decode(std::string_view text) {
  return SodiumFromBase64(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string Base64UrlEncode(ByteView bytes) {
  return SodiumBase64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

absl::StatusOr<Bytes> Base64UrlDecode(std::string_view text) {
  return SodiumFromBase64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string Base32Encode(ByteView bytes) {
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8U | byte) & 0xFFFU;
    for (bits += 8; bits >= 5; bits -= 5) {
      const auto shift = static_cast<std::uint32_t>(bits - 5);
      out.push_back(kBase32Alphabet[buffer >> shift & 31U]);
    }
  }
  if (bits > 0) {
    const auto shift = static_cast<std::uint32_t>(5 - bits);
    out.push_back(kBase32Alphabet[buffer << shift & 31U]);
  }
  return out;
}

absl::StatusOr<Bytes> Base32Decode(std::string_view text) {
  Bytes out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = kBase32Alphabet.find(c);
    if (value == std::string_view::npos) {
      return absl::InvalidArgumentError("not lower-case base32");
    }
    buffer = (buffer << 5U | static_cast<std::uint32_t>(value)) & 0xFFFU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(
        static_cast<std::uint8_t>(buffer >> static_cast<std::uint32_t>(bits)));
  }
  // One text per value: what is left must be fewer than five bits, all zero.
  const std::uint32_t rest =
      buffer & ((1U << static_cast<unsigned>(bits)) - 1U);
  if (bits >= 5 || rest != 0) {
    return absl::InvalidArgumentError("not strict base32");
  }
  return out;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

absl::Status WrongLength(std::size_t want, std::size_t got) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", want, " bytes, got ", got));
}

}  // namespace limpid::base
