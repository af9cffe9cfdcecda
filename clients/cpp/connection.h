// A way to make calls to one Limpid server: virtual, so that a test can stand
// in for the server. Knows messages and method names, not what they mean.

#ifndef LIMPID_CLIENTS_CPP_CONNECTION_H_
#define LIMPID_CLIENTS_CPP_CONNECTION_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/head_keeper.h"
#include "common/base/text.h"
#include "common/rpc/client.h"
#include "google/protobuf/message_lite.h"

namespace limpid::client {

// For calls that erase: everything else of the person is wrapped anew before
// the answer.
inline constexpr absl::Duration kErasingPatience = absl::Seconds(60);

// A full method path, as tokens are bound to it.
struct Method {
  std::string_view path;
  // May be sent again when no answer came.
  bool idempotent = false;
  absl::Duration patience = absl::Seconds(15);
};

// Thread-safe.
class Connection {
 public:
  virtual ~Connection() = default;

  // Makes one unary call; fills `response`.
  //
  // Errors: the server's, and
  //   kUnavailable       no connection, or it broke; idempotent calls were
  //                      tried three times. Or a file of this device could not
  //                      be written with what came (IsAboutOwnFile,
  //                      IsLockHeld).
  //   kDeadlineExceeded  no answer in time: whether the call took effect is
  //                      not known.
  virtual absl::Status Call(const Method& method,
                            const google::protobuf::MessageLite& request,
                            google::protobuf::MessageLite& response) = 0;

  // Makes one server-streaming call. `each` is called for every message, which
  // was parsed into `message`; false ends the stream with OK.
  virtual absl::Status Stream(const Method& method,
                              const google::protobuf::MessageLite& request,
                              google::protobuf::MessageLite& message,
                              absl::FunctionRef<bool()> each) = 0;

 protected:
  Connection() = default;
  Connection(const Connection&) = default;
  Connection& operator=(const Connection&) = default;
};

// Over gRPC and TLS 1.3. Does not connect yet. `heads`, where the calls are a
// person's to consent, sees the end of her log that comes beside each answer:
// an answer that contradicts an earlier one is kDataLoss. Streams carry none.
//
// Errors:
//   kInvalidArgument  a client certificate without its key, or the reverse.
absl::StatusOr<std::unique_ptr<Connection>> Connect(
    const rpc::ChannelOptions& options,
    std::shared_ptr<HeadKeeper> heads = nullptr);

// One call as a function from request to response.
template <typename Response>
absl::StatusOr<Response> Invoke(Connection& connection, const Method& method,
                                const google::protobuf::MessageLite& request) {
  Response response;
  absl::Status status = connection.Call(method, request, response);
  if (!status.ok()) return status;
  return response;
}

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_CONNECTION_H_
