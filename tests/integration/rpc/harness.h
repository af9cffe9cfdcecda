// A listener with real TLS and a service whose handlers each test supplies.

#ifndef LIMPID_TESTS_INTEGRATION_RPC_HARNESS_H_
#define LIMPID_TESTS_INTEGRATION_RPC_HARNESS_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/streaming.h"
#include "common/rpc/unary.h"
#include "grpcpp/client_context.h"
#include "limpid/consent/v1/service_consent_service.grpc.pb.h"
#include "tests/testing/tls.h"

namespace limpid::rpc {

namespace v1 = limpid::consent::v1;
using Stub = v1::ServiceConsentService::Stub;
using Writer = StreamWriter<v1::WatchResponse>;

// CreateRequest is a blocking handler, GetRequestStatus an asynchronous one,
// Watch a stream.
class TestService final : public v1::ServiceConsentService::CallbackService {
 public:
  TestService(Runtime& runtime, AuthPolicy policy)
      : edge_(EdgeOf<v1::ServiceConsentService>(runtime, policy)) {}

  grpc::ServerUnaryReactor* CreateRequest(
      grpc::CallbackServerContext* context,
      const v1::CreateRequestRequest* request,
      v1::CreateRequestResponse* response) override {
    return Unary(edge_, context, [=, this](const Caller& caller) {
      return blocking(caller, *request, *response);
    });
  }
  grpc::ServerUnaryReactor* GetRequestStatus(
      grpc::CallbackServerContext* context,
      const v1::GetRequestStatusRequest* /*request*/,
      v1::GetRequestStatusResponse* response) override {
    return AsyncUnary(
        edge_, context,
        [this, response](const std::shared_ptr<PendingCall>& call) {
          return asynchronous(call, *response);
        });
  }
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(
      grpc::CallbackServerContext* context,
      const v1::WatchRequest* /*request*/) override {
    return ServerStream<v1::WatchResponse>(edge_, context, stream);
  }

  std::function<absl::Status(const Caller&, const v1::CreateRequestRequest&,
                             v1::CreateRequestResponse&)>
      blocking = [](const Caller&, const v1::CreateRequestRequest&,
                    v1::CreateRequestResponse&) { return absl::OkStatus(); };
  std::function<absl::Status(std::shared_ptr<PendingCall>,
                             v1::GetRequestStatusResponse&)>
      asynchronous = [](const std::shared_ptr<PendingCall>&,
                        v1::GetRequestStatusResponse&) {
        return absl::UnimplementedError("not in this test");
      };
  std::function<absl::Status(const Caller&, std::shared_ptr<Writer>)> stream =
      [](const Caller&, const std::shared_ptr<Writer>&) {
        return absl::UnimplementedError("not in this test");
      };

 private:
  const Edge edge_;
};

class Harness {
 public:
  explicit Harness(AuthPolicy policy = AuthPolicy::Public(),
                   RuntimeOptions options = {}, ServerOptions server = {});

  [[nodiscard]] const testing::TestTls& tls() const { return tls_; }
  TestService& service() { return *service_; }
  Server& server() { return *server_; }
  [[nodiscard]] std::string address() const;

  // Trusts the server and shows nothing.
  [[nodiscard]] ChannelOptions Anonymous() const;
  // Shows a certificate.
  [[nodiscard]] ChannelOptions With(
      const testing::TestCertificate& certificate) const;
  static std::unique_ptr<Stub> Connect(const ChannelOptions& options);

  // One CreateRequest; the status as the client sees it.
  static absl::Status Call(const ChannelOptions& options);

 private:
  testing::TestTls tls_;
  base::SystemClock clock_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<TestService> service_;
  std::unique_ptr<Server> server_;
};

// Waits until gRPC has done with a call, whatever its client knows of it.
// Outlives the harness whose first call it waits for.
class FirstEnd {
 public:
  void Attach(RuntimeOptions& options) {
    options.observer = [this](std::string_view, absl::StatusCode,
                              absl::Duration) {
      if (!told_.test_and_set()) promise_.set_value();
    };
  }
  // Within twenty seconds.
  bool Happens() {
    return promise_.get_future().wait_for(std::chrono::seconds(20)) ==
           std::future_status::ready;
  }

 private:
  std::promise<void> promise_;
  std::atomic_flag told_;
};

// The code of one CreateRequest.
absl::Status CallOnce(Stub& stub);

}  // namespace limpid::rpc

#endif  // LIMPID_TESTS_INTEGRATION_RPC_HARNESS_H_
