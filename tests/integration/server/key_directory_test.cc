// Consent reading the keys of a service from a register in another process that
// answers without end.

#include "server/adapters/key_directory.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/tls13.h"
#include "common/rpc/unary.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/key_directory_service.grpc.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"

namespace limpid::server {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::IsOk;
using testing::StatusIs;

class FakeRegister final : public v1::KeyDirectoryService::CallbackService {
 public:
  explicit FakeRegister(rpc::Runtime& runtime)
      : edge_(rpc::EdgeOf<v1::KeyDirectoryService>(
            runtime, rpc::AuthPolicy::Public())) {}

  grpc::ServerUnaryReactor* ListServiceKeys(
      grpc::CallbackServerContext* context,
      const v1::ListServiceKeysRequest* /*request*/,
      v1::ListServiceKeysResponse* response) override {
    return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
      ++calls;
      response->set_next_page_token("more");
      return fill(*response);
    });
  }

  std::atomic<int> calls = 0;
  std::function<absl::Status(v1::ListServiceKeysResponse&)> fill;

 private:
  const rpc::Edge edge_;
};

class EndlessRegister : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    rpc::ServerOptions options;
    options.certificate_pem = tls_.server().certificate_pem;
    options.private_key_pem = tls_.server().private_key_pem;
    auto started = rpc::Server::Start(options, runtime_, {&register_});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
    rpc::ChannelOptions channel;
    channel.address = absl::StrCat("localhost:", server_->port());
    channel.ca_pem = tls_.server_ca_pem();
    auto made = MakeRemoteKeyDirectory(channel);
    ASSERT_THAT(made, IsOk());
    directory_ = *std::move(made);
  }

  testing::TestTls tls_;
  base::SystemClock clock_;
  rpc::Runtime runtime_{{}, clock_};
  FakeRegister register_{runtime_};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<consent::KeyDirectory> directory_;
};

TEST_F(EndlessRegister, OfEmptyPagesIsReadOnce) {
  register_.fill = [this](v1::ListServiceKeysResponse&) {
    return register_.calls < 10 ? absl::OkStatus()
                                : absl::InternalError("asked for ever");
  };
  const auto read = directory_->Read(consent::ServiceId::Random());
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(read->empty());
  EXPECT_EQ(register_.calls, 1);
}

TEST_F(EndlessRegister, OfFullPagesIsRefused) {
  register_.fill = [](v1::ListServiceKeysResponse& page) {
    for (int i = 0; i < 200; ++i) page.add_keys()->set_entry("an entry");
    return absl::OkStatus();
  };
  EXPECT_THAT(directory_->Read(consent::ServiceId::Random()),
              StatusIs(absl::StatusCode::kDataLoss));
}

// A little at a time, and never late: the whole has ten seconds.
TEST_F(EndlessRegister, ThatAnswersSlowlyIsLeftInTime) {
  register_.fill = [](v1::ListServiceKeysResponse& page) {
    page.add_keys()->set_entry("an entry");
    std::this_thread::sleep_for(std::chrono::seconds(3));
    return absl::OkStatus();
  };
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THAT(directory_->Read(consent::ServiceId::Random()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
}

}  // namespace
}  // namespace limpid::server
