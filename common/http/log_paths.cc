#include "common/http/log_paths.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace limpid::http {
namespace {

constexpr std::string_view kBytes = "application/octet-stream";
constexpr std::string_view kNote = "text/plain; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
// A new checkpoint appears at every tick; an auditor may wait this long.
constexpr std::string_view kShort = "public, max-age=5";
// Room for indexes up to 10^21; a tree has fewer than 2^63 entries.
constexpr std::size_t kMaxSegments = 10;
constexpr std::size_t kSha256HexDigits = 64;

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

// A decimal of at most three digits, without leading zeros, within [0, max].
bool IsNumber(std::string_view text, int min, int max) {
  if (!IsDigits(text) || text.size() > 3) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value >= min && value <= max;
}

bool IsGroup(std::string_view text) {
  return text.size() == 3 && IsDigits(text);
}

// N of the grammar.
bool IsIndex(std::vector<std::string_view> segments) {
  constexpr std::string_view kPartial = ".p";
  if (segments.size() >= 2 &&
      segments[segments.size() - 2].ends_with(kPartial)) {
    if (!IsNumber(segments.back(), 1, 255)) return false;
    segments.pop_back();
    segments.back().remove_suffix(kPartial.size());
  }
  if (segments.empty() || !IsGroup(segments.back())) return false;
  segments.pop_back();
  return std::all_of(
      segments.begin(), segments.end(), [](std::string_view segment) {
        return segment.starts_with('x') && IsGroup(segment.substr(1));
      });
}

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> out;
  while (out.size() <= kMaxSegments) {
    const std::size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return out;
}

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

}  // namespace

std::optional<ServedFile> MatchLogPath(std::string_view path) {
  if (path == "checkpoint") return ServedFile{"checkpoint", kNote, kShort};
  const std::vector<std::string_view> segments = Split(path);
  if (segments.size() > kMaxSegments) return std::nullopt;
  if (segments.size() == 2 && segments[0] == "content" &&
      segments[1].size() == kSha256HexDigits && IsHex(segments[1])) {
    return ServedFile{std::string(path), kJson, kForEver};
  }
  if (segments.size() < 3 || segments[0] != "tile") return std::nullopt;
  if (segments[1] != "entries" && !IsNumber(segments[1], 0, 63)) {
    return std::nullopt;
  }
  if (!IsIndex({segments.begin() + 2, segments.end()})) return std::nullopt;
  return ServedFile{std::string(path), kBytes, kForEver};
}

}  // namespace limpid::http
