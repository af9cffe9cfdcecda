#include "common/crypto/bech32.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/base/bytes.h"

namespace limpid::crypto {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumSymbols = 6;
// Longer than any key, and short enough to be checked at once.
constexpr std::size_t kMaxTextBytes = 1024;

absl::Status NotBech32() {
  return absl::InvalidArgumentError("is no such key");
}

// One step of the checksum of BIP 173, over one symbol of five bits.
std::uint32_t Polymod(std::uint32_t state, std::uint8_t symbol) {
  constexpr std::array<std::uint32_t, 5> kGenerator = {
      0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  std::uint32_t top = state >> 25U;
  state = (state & 0x1ffffffU) << 5U ^ symbol;
  for (const std::uint32_t generator : kGenerator) {
    if ((top & 1U) != 0) state ^= generator;
    top >>= 1U;
  }
  return state;
}

std::uint32_t StartOf(std::string_view prefix) {
  std::uint32_t state = 1;
  for (const char c : prefix) {
    state = Polymod(state, static_cast<std::uint8_t>(c) >> 5U);
  }
  state = Polymod(state, 0);
  for (const char c : prefix) {
    state = Polymod(state, static_cast<std::uint8_t>(c) & 31U);
  }
  return state;
}

// `text` in lower case, or empty when it mixes cases. Wiped by the caller.
std::string Lower(std::string_view text) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::any_of(text.begin(), text.end(), is_lower) &&
      std::any_of(text.begin(), text.end(), is_upper)) {
    return "";
  }
  std::string out(text);
  for (char& c : out) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// The five-bit groups of `symbols` as bytes.
absl::StatusOr<base::SecretBytes> ToBytes(std::string_view symbols) {
  base::SecretBytes out(symbols.size() * 5 / 8);
  const auto bytes = out.RevealMutable(base::SecretAccess::Get());
  std::uint32_t held = 0;
  unsigned bits = 0;
  std::size_t written = 0;
  for (const char c : symbols) {
    held =
        (held << 5U | static_cast<std::uint32_t>(kAlphabet.find(c))) & 0xfffU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written++] = static_cast<std::uint8_t>(held >> bits & 0xffU);
  }
  // What is left over must be less than a symbol, and zero.
  if (bits >= 5 || (held & ((1U << bits) - 1U)) != 0) return NotBech32();
  return out;
}

}  // namespace

std::string Bech32Encode(std::string_view prefix, base::ByteView bytes) {
  std::string out(prefix);
  out.reserve(prefix.size() + 1 + (bytes.size() * 8 + 4) / 5 +
              kChecksumSymbols);
  out += '1';
  std::uint32_t state = StartOf(prefix);
  const auto add = [&](std::uint8_t symbol) {
    state = Polymod(state, symbol);
    out += kAlphabet[symbol];
  };
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U | byte) & 0xfffU;
    bits += 8;
    for (; bits >= 5; bits -= 5) {
      add(static_cast<std::uint8_t>(held >> (bits - 5) & 31U));
    }
  }
  if (bits > 0) add(static_cast<std::uint8_t>(held << (5 - bits) & 31U));
  for (std::size_t i = 0; i < kChecksumSymbols; ++i) state = Polymod(state, 0);
  state ^= 1U;
  for (unsigned i = 0; i < kChecksumSymbols; ++i) {
    out += kAlphabet[state >> (5 * (kChecksumSymbols - 1 - i)) & 31U];
  }
  return out;
}

absl::StatusOr<base::SecretBytes> Bech32Decode(std::string_view prefix,
                                               std::string_view text) {
  if (text.size() > kMaxTextBytes) return NotBech32();
  std::string lower = Lower(text);
  const std::size_t begin = prefix.size() + 1;
  if (lower.size() < begin + kChecksumSymbols ||
      lower.compare(0, prefix.size(), prefix) != 0 ||
      lower[prefix.size()] != '1') {
    base::Wipe(lower);
    return NotBech32();
  }
  std::uint32_t state = StartOf(prefix);
  bool known = true;
  for (const char c : std::string_view(lower).substr(begin)) {
    const std::size_t symbol = kAlphabet.find(c);
    known = known && symbol != std::string_view::npos;
    state = Polymod(state, static_cast<std::uint8_t>(symbol & 31U));
  }
  absl::StatusOr<base::SecretBytes> out = NotBech32();
  if (known && state == 1) {
    out = ToBytes(std::string_view(lower).substr(
        begin, lower.size() - begin - kChecksumSymbols));
  }
  base::Wipe(lower);
  return out;
}

}  // namespace limpid::crypto
