// A connection for clients that stream nothing: a test says what is called.

#ifndef LIMPID_TESTS_UNIT_CLIENTS_UNARY_CONNECTION_H_
#define LIMPID_TESTS_UNIT_CLIENTS_UNARY_CONNECTION_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "clients/cpp/connection.h"
#include "google/protobuf/message_lite.h"

namespace limpid::client {

class UnaryConnection : public Connection {
 public:
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) final {
    return absl::UnimplementedError("no streams");
  }
};

}  // namespace limpid::client

#endif  // LIMPID_TESTS_UNIT_CLIENTS_UNARY_CONNECTION_H_
