// Channels to a Limpid server: TLS 1.3, the server's name checked, optionally a
// client certificate, optionally a fresh token for every call.

#ifndef LIMPID_COMMON_RPC_CLIENT_H_
#define LIMPID_COMMON_RPC_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace limpid::rpc {

// Tokens for one call. Empty strings are not sent.
struct CallTokens {
  std::string bearer;
  std::string proof;
};

// Makes the tokens for one call of `method` ("/package.Service/Method").
// Thread-safe; must not block for long. An error fails the call.
using TokenSource =
    std::function<absl::StatusOr<CallTokens>(std::string_view method)>;

struct ChannelOptions {
  // "host:port".
  std::string address;
  // PEM of the CAs to trust for the server; empty means the system's.
  std::string ca_pem;
  // Name to check in the server's certificate; empty means the host.
  std::string server_name;
  // Client certificate chain and key, both or neither.
  std::string certificate_pem;
  std::string private_key_pem;
  // Adds tokens to every call of the channel; may be empty.
  TokenSource tokens;
  int max_receive_bytes = 16 * 1024 * 1024;
};

// Does not connect yet.
//
// Errors:
//   kInvalidArgument  certificate without key, or the reverse.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(
    const ChannelOptions& options);

// What a call ended with, FromGrpc. Where no token could be made for it, this
// is the status of its TokenSource, which gRPC wraps in a code and words of its
// own.
absl::Status StatusOfCall(const grpc::Status& status);

// Whether the server answers within `patience`.
bool WaitForConnection(grpc::Channel& channel, absl::Duration patience);

// Sets the deadline; every call of ours has one.
void SetDeadline(grpc::ClientContext& context, absl::Duration from_now);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_CLIENT_H_
