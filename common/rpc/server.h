// The gRPC listener: TLS 1.3, client certificates asked for but not demanded
// (what may be anonymous is decided per service), limits, health, reflection,
// drain. Knows no service of ours.

#ifndef LIMPID_COMMON_RPC_SERVER_H_
#define LIMPID_COMMON_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/runtime.h"

namespace grpc {
class Service;
class Channel;
}  // namespace grpc

namespace limpid::rpc {

struct ServerOptions {
  // "host:port"; port 0 takes a free one, see Server::port.
  std::string address = "127.0.0.1:0";
  std::string certificate_pem;
  std::string private_key_pem;
  // CAs whose client certificates are accepted (client and admin), joined.
  std::string client_roots_pem;
  // The largest request is an import of a national register in one message;
  // the largest such file we know has 3.2 MB.
  int max_receive_bytes = 8 * 1024 * 1024;
  // One request once it is read, which can take thirty times its bytes on the
  // wire; all of them that wait or run; and those among them of callers without
  // a client certificate, so that strangers leave room for services. A call
  // beyond any is refused before its handler begins.
  std::size_t max_request_memory_bytes = std::size_t{24} << 20U;
  std::size_t max_requests_memory_bytes = std::size_t{512} << 20U;
  std::size_t max_anonymous_requests_memory_bytes = std::size_t{256} << 20U;
  int max_send_bytes = 16 * 1024 * 1024;
  // Per connection; a client with more opens another connection.
  int max_concurrent_streams = 1024;
  // A token is under 1 kB; two tokens and the usual headers fit easily.
  int max_metadata_bytes = 16 * 1024;
  // A connection takes no new call after about this time, so that a client
  // shows its certificate again, and is cut when the grace is over too. No call
  // lasts as long: streams have their own end (RuntimeOptions), and are resumed
  // on a new connection.
  absl::Duration connection_age = absl::Hours(1);
  absl::Duration connection_grace = absl::Minutes(70);
  // Memory for messages in flight, all connections together.
  int memory_quota_bytes = 512 * 1024 * 1024;
  // Not empty: health says NOT_SERVING from the start, and every method of no
  // service here answers UNAVAILABLE with this sentence.
  std::string out_of_service;
};

// Thread-safe.
class Server {
 public:
  // Starts listening. `runtime` and `services` must outlive the server.
  //
  // Errors:
  //   kFailedPrecondition  the address is taken or not ours, or key and
  //                        certificate do not fit; the sentence says which.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options, Runtime& runtime,
      const std::vector<grpc::Service*>& services);
  // Drains with no patience.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const;
  // Health of the whole server ("" in grpc.health.v1).
  void SetServing(bool serving);
  // Says NOT_SERVING, ends streams, takes no new call, lets running calls end
  // until `patience` is over, then cancels them. Idempotent.
  void Drain(absl::Duration patience);
  // A channel without network and without identity: callers are anonymous.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Blocks SIGTERM and SIGINT in this thread and all it will start: in main,
// before any thread.
void BlockTerminationSignals();
// Waits for one of them.
void WaitForTermination();
// Whether one of them came, for which it waits up to `patience`.
bool TerminationWithin(absl::Duration patience);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_SERVER_H_
