// Addresses that events of a service may be pushed to: an origin that an
// administrator registered and an endpoint on it. Knows the text alone; what a
// name resolves to is looked at when it is used. docs/formats/push.md

#ifndef LIMPID_CONSENT_PUSH_PUSH_URL_H_
#define LIMPID_CONSENT_PUSH_PUSH_URL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace limpid::consent {

// Longest endpoint, in bytes.
inline constexpr std::size_t kMaxPushUrlBytes = 512;
inline constexpr std::uint16_t kHttpsPort = 443;

struct PushUrl {
  // Lower case.
  std::string host;
  std::uint16_t port = kHttpsPort;
  // Starts with a slash.
  std::string path = "/";

  // "https://host" or "https://host:port".
  [[nodiscard]] std::string Origin() const;
  // Origin and path.
  [[nodiscard]] std::string Text() const;

  friend bool operator==(const PushUrl&, const PushUrl&) = default;
};

// Reads "https://host[:port][/path]" without user, query or fragment.
//
// Errors:
//   kInvalidArgument  "<field>: ..." says what to change.
absl::StatusOr<PushUrl> ParsePushUrl(std::string_view field,
                                     std::string_view text);

// The same without a path.
absl::StatusOr<PushUrl> ParsePushOrigin(std::string_view field,
                                        std::string_view text);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_URL_H_
