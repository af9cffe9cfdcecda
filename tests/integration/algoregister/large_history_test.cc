// The history of a registration with large contents over gRPC: what one
// anonymous call may cost.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/rpc/register_rpc.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/base/clock.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/register_service.grpc.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

// Some 240 KB, in one field.
json::Value LargeContent() {
  json::Value texts = json::Value::Object();
  for (char second = 'a'; second < 'a' + 24; ++second) {
    json::Value text = json::Value::Object();
    text.Set("origin", "human");
    text.Set("text", std::string(9'900, 'x'));
    texts.Set(std::string{'a', second}, std::move(text));
  }
  json::Value content = SystemRequest("Router");
  SetField(content, "methods", Given(std::move(texts)));
  return content;
}

class LargeHistory : public ::testing::Test {
 protected:
  LargeHistory() {
    server_ =
        rpc::Server::Start({.certificate_pem = tls_.server().certificate_pem,
                            .private_key_pem = tls_.server().private_key_pem,
                            .client_roots_pem = tls_.client_roots_pem()},
                           runtime_, {&reads_})
            .value();
    rpc::ChannelOptions options;
    options.address = "localhost:" + std::to_string(server_->port());
    options.ca_pem = tls_.server_ca_pem();
    reader_ = v1::RegisterService::NewStub(rpc::MakeChannel(options).value());
  }
  RegistrationId Publish(int versions) {
    const Author author = house_.By(house_.publisher);
    const json::Value content = LargeContent();
    auto version = house_.Publish(
        *house_.target.PrepareNew(author, RegistrationKind::kSystem, content));
    for (int i = 1; i < versions && version.ok(); ++i) {
      version = house_.Publish(
          *house_.target.PrepareUpdate(author, version->registration, content));
    }
    EXPECT_THAT(version, IsOk());
    return version.ok() ? version->registration : RegistrationId();
  }
  grpc::Status Read(const v1::GetRegistrationHistoryRequest& request,
                    v1::GetRegistrationHistoryResponse& page) {
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(30));
    return reader_->GetRegistrationHistory(&context, request, &page);
  }

  RegisterHouse house_;

 private:
  testing::TestTls tls_;
  base::SystemClock clock_;
  MemoryPublisherStore publishers_;
  rpc::Runtime runtime_{rpc::RuntimeOptions(), clock_};
  RegisterRpc reads_{runtime_, rpc::AuthPolicy::Public(),
                     RegisterRpc::Parts{.store = house_.store,
                                        .publishers = publishers_,
                                        .log = house_.log,
                                        .log_url = {}}};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::RegisterService::Stub> reader_;
};

TEST_F(LargeHistory, APageIsShortAndNoVersionIsLeftOut) {
  constexpr int kVersions = 30;
  v1::GetRegistrationHistoryRequest request;
  request.set_registration_id(Publish(kVersions).Text());
  request.set_page_size(500);
  std::vector<std::int64_t> seen;
  std::size_t pages = 0;
  do {
    v1::GetRegistrationHistoryResponse page;
    ASSERT_TRUE(Read(request, page).ok());
    // Four megabytes, and what was read at once.
    EXPECT_GE(page.versions_size(), 10);
    EXPECT_LE(page.versions_size(), 20);
    for (const auto& one : page.versions()) seen.push_back(one.version());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 2U);
  ASSERT_EQ(seen.size(), kVersions);
  for (int i = 0; i < kVersions; ++i) {
    EXPECT_EQ(seen[static_cast<std::size_t>(i)], i + 1);
  }
}

TEST_F(LargeHistory, APageHasWhatWasAskedForAndKnowsItsEnd) {
  v1::GetRegistrationHistoryRequest request;
  request.set_registration_id(Publish(7).Text());
  v1::GetRegistrationHistoryResponse page;
  for (const int size : {1, 4, 6}) {
    request.set_page_size(size);
    ASSERT_TRUE(Read(request, page).ok());
    EXPECT_EQ(page.versions_size(), size);
    EXPECT_FALSE(page.next_page_token().empty());
  }
  for (const int size : {7, 8, 0}) {
    request.set_page_size(size);
    ASSERT_TRUE(Read(request, page).ok());
    EXPECT_EQ(page.versions_size(), 7);
    EXPECT_TRUE(page.next_page_token().empty());
  }
  request.set_registration_id(
      RegistrationId::Random(RegistrationKind::kSystem).Text());
  EXPECT_EQ(Read(request, page).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace limpid::algoregister
