// A small HTTPS client for fetching files: TLS 1.3, the server's certificate
// and name checked, answers capped, every step timed, one connection kept open
// for many requests. Follows no redirect, sends no cookie.

#ifndef LIMPID_COMMON_HTTP_HTTPS_CLIENT_H_
#define LIMPID_COMMON_HTTP_HTTPS_CLIENT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::http {

// The parts of "https://host[:port]/path"; no user, query or fragment.
struct Url {
  std::string host;
  std::string port = "443";
  // Starts with a slash.
  std::string path = "/";
};

// Errors:
//   kInvalidArgument  another scheme, or not such an address.
absl::StatusOr<Url> ParseUrl(std::string_view text);

struct HttpsClientOptions {
  std::string host;
  std::string port = "443";
  // PEM of the CAs to trust; empty means the system's.
  std::string ca_pem;
  // For connecting with the handshake, and for each answer.
  absl::Duration step_timeout = absl::Seconds(15);
};

struct HttpResponse {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Thread-compatible.
class HttpsClient {
 public:
  // Does not connect yet.
  //
  // Errors:
  //   kInvalidArgument  `ca_pem` holds no certificate.
  static absl::StatusOr<std::unique_ptr<HttpsClient>> Create(
      HttpsClientOptions options);
  virtual ~HttpsClient() = default;

  // Fetches `path`. Any status code is an answer, redirects included.
  //
  // Errors:
  //   kUnavailable          no connection, or it broke.
  //   kDeadlineExceeded     a step took too long.
  //   kFailedPrecondition   the server's certificate is not trusted, not for
  //                         this host, or it speaks no TLS 1.3.
  //   kResourceExhausted    the answer is longer than `max_bytes`.
  virtual absl::StatusOr<HttpResponse> Get(std::string_view path,
                                           std::size_t max_bytes) = 0;

 protected:
  HttpsClient() = default;
  HttpsClient(const HttpsClient&) = default;
  HttpsClient& operator=(const HttpsClient&) = default;
};

}  // namespace limpid::http

#endif  // LIMPID_COMMON_HTTP_HTTPS_CLIENT_H_
