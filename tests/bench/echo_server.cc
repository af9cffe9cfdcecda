#include "tests/bench/echo_server.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/unary.h"
#include "limpid/bench/v1/echo_service.grpc.pb.h"

namespace limpid::bench {
namespace {

// Answers with a prepared message, after the same edge as the vault.
class EchoServer final : public v1::EchoService::CallbackService {
 public:
  EchoServer(rpc::Runtime& runtime, EchoAnswer answer)
      : edge_(
            rpc::EdgeOf<v1::EchoService>(runtime, rpc::AuthPolicy::Service())),
        answer_(std::move(answer)) {}

  grpc::ServerUnaryReactor* Echo(
      grpc::CallbackServerContext* context,
      const vault::v1::ReadAttributesRequest* /*request*/,
      vault::v1::ReadAttributesResponse* response) override {
    return rpc::AsyncUnary(
        edge_, context,
        [this, response](const std::shared_ptr<rpc::PendingCall>& call) {
          (void)call->Complete([&] {
            *response = *answer_;
            return absl::OkStatus();
          });
          return absl::OkStatus();
        });
  }

 private:
  const rpc::Edge edge_;
  const EchoAnswer answer_;
};

}  // namespace

server::ExtraServices WithEcho(EchoAnswer answer) {
  return [answer = std::move(answer)](rpc::Runtime& runtime) {
    std::vector<std::unique_ptr<grpc::Service>> services;
    services.push_back(std::make_unique<EchoServer>(runtime, answer));
    return services;
  };
}

}  // namespace limpid::bench
