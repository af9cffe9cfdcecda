#include "algoregister/profile/windows_1252.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace limpid::algoregister {
namespace {

constexpr std::size_t kFirst = 0x80;
// Of 0x80 to 0x9f; above that a byte is its code point.
constexpr auto kPoints = std::to_array<std::uint16_t>({
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
});

// RFC 3629; the table has nothing beyond three bytes.
void AppendUtf8(unsigned point, std::string& out) {
  constexpr unsigned kTwoBytes = 0x80;
  constexpr unsigned kThreeBytes = 0x800;
  constexpr unsigned kLow = 0x3f;
  const auto byte = [](unsigned value) { return static_cast<char>(value); };
  if (point < kTwoBytes) {
    out.push_back(byte(point));
  } else if (point < kThreeBytes) {
    out.push_back(byte(0xc0U | (point >> 6U)));
    out.push_back(byte(0x80U | (point & kLow)));
  } else {
    out.push_back(byte(0xe0U | (point >> 12U)));
    out.push_back(byte(0x80U | ((point >> 6U) & kLow)));
    out.push_back(byte(0x80U | (point & kLow)));
  }
}

}  // namespace

std::string FromWindows1252(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const unsigned byte = static_cast<unsigned char>(c);
    const bool listed = byte >= kFirst && byte < kFirst + kPoints.size();
    AppendUtf8(listed ? kPoints.at(byte - kFirst) : byte, out);
  }
  return out;
}

}  // namespace limpid::algoregister
