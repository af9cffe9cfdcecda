#include "consent/push/push_url.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kScheme = "https://";
// RFC 1035 section 2.3.4.
constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;
constexpr std::uint32_t kMaxPort = 65'535;

absl::Status Wrong(std::string_view field, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(field), ": ", base::ToAbsl(why)));
}

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabelBytes &&
         IsLetterOrDigit(label.front()) && IsLetterOrDigit(label.back()) &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '-'; });
}

bool IsHost(std::string_view host) {
  if (host.size() > kMaxHostBytes) return false;
  for (;;) {
    const std::size_t dot = host.find('.');
    if (!IsLabel(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

bool IsPathCharacter(char c) {
  constexpr std::string_view kNotThere = "?#\\\"<>^`{|}";
  return c > ' ' && c < '\x7f' && kNotThere.find(c) == std::string_view::npos;
}

absl::StatusOr<std::uint16_t> ParsePort(std::string_view field,
                                        std::string_view text) {
  std::uint32_t port = 0;
  const bool digits = std::all_of(text.begin(), text.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || text.empty() || text.front() == '0' ||
      !absl::SimpleAtoi(base::ToAbsl(text), &port) || port > kMaxPort) {
    return Wrong(field, "the port is not a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

std::string PushUrl::Origin() const {
  std::string out = absl::StrCat(base::ToAbsl(kScheme), host);
  if (port != kHttpsPort) absl::StrAppend(&out, ":", port);
  return out;
}

std::string PushUrl::Text() const { return Origin() + path; }

absl::StatusOr<PushUrl> ParsePushUrl(std::string_view field,
                                     std::string_view text) {
  if (text.size() > kMaxPushUrlBytes) {
    return Wrong(field, "is longer than 512 bytes");
  }
  if (!text.starts_with(kScheme)) {
    return Wrong(field, "does not start with https://");
  }
  text.remove_prefix(kScheme.size());
  PushUrl out;
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) out.path = text.substr(slash);
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos) {
    LIMPID_ASSIGN_OR_RETURN(out.port,
                            ParsePort(field, authority.substr(colon + 1)));
    authority = authority.substr(0, colon);
  }
  if (!IsHost(authority)) {
    return Wrong(field,
                 "the host is not a name in lower case, without user, query "
                 "and fragment");
  }
  out.host = authority;
  if (!std::all_of(out.path.begin(), out.path.end(), IsPathCharacter)) {
    return Wrong(field,
                 "the path has a query, a fragment or a character that "
                 "needs %-encoding");
  }
  return out;
}

absl::StatusOr<PushUrl> ParsePushOrigin(std::string_view field,
                                        std::string_view text) {
  LIMPID_ASSIGN_OR_RETURN(PushUrl out, ParsePushUrl(field, text));
  if (text.substr(kScheme.size()).find('/') != std::string_view::npos) {
    return Wrong(field, "is an origin: leave out the path");
  }
  return out;
}

}  // namespace limpid::consent
