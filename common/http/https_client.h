// A small HTTPS client for fetching files and posting small bodies: TLS 1.3,
// the server's certificate and name checked, a client certificate shown where
// there is one, answers capped, every step timed, one connection kept open for
// many requests. Follows no redirect, sends no cookie.

#ifndef LIMPID_COMMON_HTTP_HTTPS_CLIENT_H_
#define LIMPID_COMMON_HTTP_HTTPS_CLIENT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  // PEM of more CAs, beside those above; may be empty.
  std::string more_ca_pem;
  // PEM of the certificate chain to show and of its private key; both or
  // neither.
  std::string certificate_pem;
  std::string private_key_pem;
  // For connecting with the handshake, and for each answer.
  absl::Duration step_timeout = absl::Seconds(15);
  // For the whole of one request, connecting included, but for what the
  // system's resolver takes.
  absl::Duration total_timeout = absl::InfiniteDuration();
  // Connects to no address that IsPublicAddress refuses, and to nothing when
  // one of the host's addresses is such.
  bool public_addresses_only = false;
};

struct HttpRequest {
  // POST with the body, or GET without.
  bool post = false;
  std::string path;
  // Names and values, without line ends.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string content_type = {};
  std::string body = {};
  std::size_t max_bytes = 0;
  // As HttpsClientOptions::total_timeout; the shorter one counts.
  absl::Duration time_limit = absl::InfiniteDuration();
};

struct HttpResponse {
  int status = 0;
  std::string content_type;
  std::string body;
  // The body was longer than asked for, and is left out.
  bool cut = false;
};

// Thread-compatible, but for Cancel.
class HttpsClient {
 public:
  // Does not connect yet.
  //
  // Errors:
  //   kInvalidArgument  `ca_pem` or `more_ca_pem` holds no certificate; the
  //                     client's certificate and key are none, or no pair.
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
  //   kResourceExhausted    the answer is longer than `max_bytes` and has a
  //                         status of 200 to 299; of others it is cut.
  //   kPermissionDenied     an address of the host is not public.
  //   kCancelled            Cancel was called.
  virtual absl::StatusOr<HttpResponse> Get(std::string_view path,
                                           std::size_t max_bytes) = 0;
  // Posts `body`. An answer that is longer than `max_bytes` is cut. On a
  // connection that was used before, the server may get it twice.
  //
  // Errors: those of Get, but for kResourceExhausted.
  virtual absl::StatusOr<HttpResponse> Post(std::string_view path,
                                            std::string_view content_type,
                                            std::string_view body,
                                            std::size_t max_bytes) = 0;
  // Either of the two with headers of the caller's and a time limit of its own.
  // Every answer that is too long is cut.
  //
  // Errors: those of Post, and
  //   kInvalidArgument  a header with a line end.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
  // Whether the newest request came to a connection that is trusted: what
  // failed then is about one path, not about the host.
  [[nodiscard]] virtual bool connected() const = 0;
  // Ends a request that runs, and every later one, with kCancelled.
  // Thread-safe.
  virtual void Cancel() = 0;

 protected:
  HttpsClient() = default;
  HttpsClient(const HttpsClient&) = default;
  HttpsClient& operator=(const HttpsClient&) = default;
};

}  // namespace limpid::http

#endif  // LIMPID_COMMON_HTTP_HTTPS_CLIENT_H_
