// Serves the files of the transparency logs over HTTPS: GET and HEAD, TLS 1.3,
// nothing else. Each log is a directory behind a prefix; which files exist is
// the closed grammar of log_paths.h. Errors are problem details (RFC 9457).

#ifndef LIMPID_COMMON_HTTP_STATIC_LISTENER_H_
#define LIMPID_COMMON_HTTP_STATIC_LISTENER_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::http {

struct StaticRoot {
  // "/register": starts with a slash, ends without one.
  std::string prefix;
  std::filesystem::path directory;
};

struct StaticListenerOptions {
  std::string host = "127.0.0.1";
  // 0 takes a free one, see StaticListener::port.
  int port = 0;
  std::string certificate_pem;
  std::string private_key_pem;
  std::vector<StaticRoot> roots;
  // Serving files costs little: one thread for the network, one for the disk.
  int thread_count = 2;
  // What comes above these is closed at once, unless one of those that are in
  // its way has asked for nothing for `least_wait`: that one goes instead. In
  // all; of one address (of IPv6, of one network of 64 bits); of a network as a
  // household or a body is given it (base::NetworkOf).
  int max_connections = 512;
  int max_client_connections = 32;
  int max_network_connections = 128;
  // For how long it is left alone at least; zero: not at all.
  absl::Duration least_wait = absl::Seconds(1);
  // For the handshake, for each request header, and for each answer: who is
  // slower loses the connection.
  absl::Duration step_timeout = absl::Seconds(10);
  // Between two requests of one connection.
  absl::Duration idle_timeout = absl::Seconds(30);
};

// Thread-safe.
class StaticListener {
 public:
  // Largest request header: ours have 300 bytes, browsers send up to 2 kB.
  static constexpr unsigned kMaxHeaderBytes = 8 * 1024;

  // Errors:
  //   kInvalidArgument     certificate or key cannot be read or do not fit.
  //   kFailedPrecondition  the address is taken or not of this machine.
  static absl::StatusOr<std::unique_ptr<StaticListener>> Start(
      StaticListenerOptions options);
  virtual ~StaticListener() = default;  // Closes all connections.

  [[nodiscard]] virtual int port() const = 0;

 protected:
  StaticListener() = default;
  StaticListener(const StaticListener&) = default;
  StaticListener& operator=(const StaticListener&) = default;
};

}  // namespace limpid::http

#endif  // LIMPID_COMMON_HTTP_STATIC_LISTENER_H_
