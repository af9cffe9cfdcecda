// Plans of imports that are asked for faster than they are read.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/rpc/publish_rpc.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/publish_service.grpc.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

// For what the test leaves unread on purpose: no slow machine is to be taken
// for a reader that does not read.
constexpr absl::Duration kPatience = absl::Minutes(10);

rpc::RuntimeOptions Patient() {
  rpc::RuntimeOptions options;
  options.stream_stall = kPatience;
  options.answer_time = kPatience;
  return options;
}

// A publisher's register over TLS, its stores in memory.
class ImportFlood : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    house_.publisher.certificate_thumbprints = {certificate_.thumbprint};
    ASSERT_THAT(publishers_.Create(house_.publisher, {}), IsOk());
    rpc::ServerOptions options;
    options.certificate_pem = tls_.server().certificate_pem;
    options.private_key_pem = tls_.server().private_key_pem;
    options.client_roots_pem = tls_.client_roots_pem();
    auto started = rpc::Server::Start(options, runtime_, {&service_});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
  }

  // The plan of as many rows as a file may have, of which one is read. The rest
  // is more than any window on the way takes.
  class OpenPlan {
   public:
    explicit OpenPlan(const ImportFlood& test) : stub_(test.Channel()) {
      const std::string row = "{\"" + std::string(280, 'x') + "\":1}";
      std::string file = "{\"algoritmes\": [" + row;
      for (std::size_t i = 1; i < kMaxImportRows; ++i) file += "," + row;
      v1::PlanImportRequest request;
      request.set_profile("nl-list");
      request.set_file(file + "]}");
      request.set_reason("the national list");
      request.set_signing_public_key(
          base::ToText(test.house_.key.PublicKey().bytes));
      rpc::SetDeadline(context_, kPatience);
      reader_ = stub_.PlanImport(&context_, request);
      row_count_ = ReadRow() ? 1 : 0;
    }
    // Reads the rest.
    grpc::StatusCode End() {
      while (ReadRow()) ++row_count_;
      return reader_->Finish().error_code();
    }
    [[nodiscard]] std::size_t row_count() const { return row_count_; }
    [[nodiscard]] const v1::ImportSummary& summary() const {
      return part_.summary();
    }

   private:
    bool ReadRow() { return reader_->Read(&part_) && part_.has_row(); }

    v1::PublishService::Stub stub_;
    grpc::ClientContext context_;
    v1::PlanImportResponse part_;
    std::unique_ptr<grpc::ClientReader<v1::PlanImportResponse>> reader_;
    std::size_t row_count_ = 0;
  };

 private:
  [[nodiscard]] std::shared_ptr<grpc::Channel> Channel() const {
    rpc::ChannelOptions options;
    options.address = "localhost:" + std::to_string(server_->port());
    options.ca_pem = tls_.server_ca_pem();
    options.certificate_pem = certificate_.certificate_pem;
    options.private_key_pem = certificate_.private_key_pem;
    return rpc::MakeChannel(options).value();
  }

  testing::TestTls tls_;
  testing::TestCertificate certificate_ = tls_.IssueService("publisher");
  RegisterHouse house_;
  MemoryPublisherStore publishers_;
  base::SystemClock clock_;
  rpc::Runtime runtime_{Patient(), clock_};
  PublishRpc service_{runtime_,
                      rpc::AuthPolicy::Service(),
                      {.target = house_.target,
                       .desk = house_.desk,
                       .publishers = publishers_,
                       .log = house_.log}};
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(ImportFlood, FewAreOpenAtOnceHoweverSlowlyTheyAreRead) {
  OpenPlan first(*this);
  OpenPlan second(*this);
  EXPECT_EQ(first.row_count() + second.row_count(), 2U);
  EXPECT_EQ(OpenPlan(*this).End(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(first.End(), grpc::StatusCode::OK);
  EXPECT_EQ(first.row_count(), kMaxImportRows);
  EXPECT_EQ(first.summary().rejected_count(),
            static_cast<std::int64_t>(kMaxImportRows));
  // The place is free a moment after the reader has its end.
  std::optional<OpenPlan> next;
  for (int i = 0; i < 100 && !(next && next->row_count() == 1); ++i) {
    if (next) (void)next->End();
    next.emplace(*this);
  }
  EXPECT_EQ(next->End(), grpc::StatusCode::OK);
  EXPECT_EQ(second.End(), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace limpid::algoregister
