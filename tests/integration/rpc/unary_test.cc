// What a unary call promises: deadlines, cancellation, completion from another
// thread, and what is said about failures.

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/grpc_status.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "tests/integration/rpc/harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kLong = std::chrono::seconds(10);

// Keeps the pending call and tells how it ended.
struct Held {
  std::promise<std::shared_ptr<PendingCall>> call;
  std::promise<bool> done;

  void Attach(Harness& harness) {
    harness.service().asynchronous =
        [this](const std::shared_ptr<PendingCall>& pending,
               v1::GetRequestStatusResponse&) {
          pending->OnDone([this](bool sent) { done.set_value(sent); });
          call.set_value(pending);
          return absl::OkStatus();
        };
  }
};

absl::Status AsyncCall(Stub& stub, grpc::ClientContext& context) {
  v1::GetRequestStatusResponse response;
  return FromGrpc(stub.GetRequestStatus(&context, {}, &response));
}

TEST(Unary, KeepsCodeAndMessageButHidesFailures) {
  Harness harness;
  harness.service().blocking = [](const Caller&,
                                  const v1::CreateRequestRequest& request,
                                  v1::CreateRequestResponse&) {
    return request.agreement_id().empty()
               ? absl::InvalidArgumentError("agreement_id: is empty")
               : absl::InternalError("the disk of person 7 is full");
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  EXPECT_THAT(CallOnce(*stub), StatusSays(absl::StatusCode::kInvalidArgument,
                                          "agreement_id: is empty"));
  grpc::ClientContext context;
  v1::CreateRequestRequest request;
  request.set_agreement_id("x");
  v1::CreateRequestResponse response;
  const auto status = stub->CreateRequest(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message().find("person"), std::string::npos);
}

TEST(Unary, RefusesRequestsOverTheCap) {
  ServerOptions limits;
  limits.max_receive_bytes = 4096;
  Harness harness(AuthPolicy::Public(), {}, limits);
  const auto stub = Harness::Connect(harness.Anonymous());
  for (const auto& [size, code] :
       {std::pair<std::size_t, grpc::StatusCode>{4000, grpc::OK},
        {4200, grpc::RESOURCE_EXHAUSTED}}) {
    grpc::ClientContext context;
    v1::CreateRequestRequest request;
    request.set_agreement_id(std::string(size, 'x'));
    v1::CreateRequestResponse response;
    EXPECT_EQ(stub->CreateRequest(&context, request, &response).error_code(),
              code);
  }
}

TEST(Unary, DropsRequestsThatTakeTooMuchMemory) {
  ServerOptions limits;
  limits.max_request_memory_bytes = 100'000;
  limits.max_requests_memory_bytes = 150'000;
  Harness harness(AuthPolicy::Public(), {}, limits);
  // What was emptied is nobody's request: no handler may act on it.
  std::atomic<int> begun = 0;
  harness.service().blocking = [&](const Caller&,
                                   const v1::CreateRequestRequest& request,
                                   v1::CreateRequestResponse&) {
    ++begun;
    EXPECT_FALSE(request.agreement_id().empty());
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  const auto call = [&](std::size_t size) {
    grpc::ClientContext context;
    v1::CreateRequestRequest request;
    request.set_agreement_id(std::string(size, 'x'));
    v1::CreateRequestResponse response;
    return stub->CreateRequest(&context, request, &response).error_code();
  };
  // More than all that there is, were nothing given back.
  for (int i = 0; i < 150; ++i) {
    EXPECT_EQ(call(80'000), grpc::OK);
    EXPECT_EQ(call(110'000), grpc::RESOURCE_EXHAUSTED);
  }
  EXPECT_EQ(begun, 150);
}

TEST(AsyncUnary, IsCompletedByAnotherThread) {
  Harness harness;
  std::promise<bool> done;
  std::thread other;
  harness.service().asynchronous = [&](const std::shared_ptr<PendingCall>& call,
                                       v1::GetRequestStatusResponse& response) {
    call->OnDone([&](bool sent) { done.set_value(sent); });
    other = std::thread([call, &response] {
      EXPECT_TRUE(call->Complete([&] {
        response.set_record_id("rec_1");
        return absl::OkStatus();
      }));
      EXPECT_FALSE(call->Complete([] { return absl::OkStatus(); }));
    });
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  v1::GetRequestStatusResponse response;
  ASSERT_TRUE(stub->GetRequestStatus(&context, {}, &response).ok());
  EXPECT_EQ(response.record_id(), "rec_1");
  EXPECT_TRUE(done.get_future().get());
  other.join();
}

TEST(AsyncUnary, AnErrorOfTheStartAnswers) {
  Harness harness;
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  EXPECT_THAT(AsyncCall(*stub, context),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(AsyncUnary, GivesCallsWithoutDeadlineOne) {
  RuntimeOptions options;
  options.default_deadline = absl::Milliseconds(200);
  Harness harness(AuthPolicy::Public(), options);
  Held held;
  held.Attach(harness);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  EXPECT_THAT(AsyncCall(*stub, context),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  const auto call = held.call.get_future().get();
  EXPECT_FALSE(held.done.get_future().get());
  EXPECT_FALSE(call->open());
  bool filled = false;
  EXPECT_FALSE(call->Complete([&] {
    filled = true;
    return absl::OkStatus();
  }));
  EXPECT_FALSE(filled);
}

TEST(AsyncUnary, CutsDeadlinesThatAreTooLong) {
  RuntimeOptions options;
  options.longest_deadline = absl::Milliseconds(200);
  Harness harness(AuthPolicy::Public(), options);
  Held held;
  held.Attach(harness);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  SetDeadline(context, absl::Hours(1));
  EXPECT_THAT(AsyncCall(*stub, context),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  // The hook writes into `held`: let it, before `held` goes.
  EXPECT_FALSE(held.done.get_future().get());
}

TEST(AsyncUnary, HearsThatTheClientWentAway) {
  Harness harness;
  Held held;
  held.Attach(harness);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  auto pending = held.call.get_future();
  std::thread canceller([&] {
    pending.wait();
    context.TryCancel();
  });
  EXPECT_THAT(AsyncCall(*stub, context),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(held.done.get_future().get());
  canceller.join();
  EXPECT_FALSE(pending.get()->open());
}

TEST(Unary, WorkThatNeverBeganIsDroppedAtItsDeadline) {
  RuntimeOptions options;
  options.worker_count = 1;
  options.default_deadline = absl::Milliseconds(300);
  Harness harness(AuthPolicy::Public(), options);
  std::promise<void> release;
  std::promise<void> begun;
  std::atomic<int> runs = 0;
  harness.service().blocking = [&](const Caller&,
                                   const v1::CreateRequestRequest&,
                                   v1::CreateRequestResponse&) {
    if (++runs == 1) {
      begun.set_value();
      release.get_future().wait();
    }
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  std::thread first([&] {
    // Begun before its deadline, so it runs to its end and says so.
    EXPECT_THAT(CallOnce(*stub), IsOk());
  });
  begun.get_future().wait();
  grpc::ClientContext context;
  v1::CreateRequestResponse response;
  EXPECT_EQ(stub->CreateRequest(&context, {}, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  release.set_value();
  first.join();
  EXPECT_EQ(runs, 1);
}

TEST(Unary, IsRefusedWhenTheQueueIsFull) {
  RuntimeOptions options;
  options.worker_count = 1;
  options.queue_limit = 0;
  Harness harness(AuthPolicy::Public(), options);
  EXPECT_THAT(Harness::Call(harness.Anonymous()),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(Unary, LogsMethodAndCodeOfEveryCall) {
  std::mutex mutex;
  std::vector<std::string> lines;
  RuntimeOptions options;
  options.observer = [&](std::string_view method, absl::StatusCode code,
                         absl::Duration took) {
    const std::lock_guard lock(mutex);
    lines.push_back(std::string(method) + " " + absl::StatusCodeToString(code));
    EXPECT_GT(took, absl::ZeroDuration());
  };
  {
    Harness harness(AuthPolicy::Service(), options);
    (void)Harness::Call(harness.Anonymous());
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(lines, std::vector<std::string>{
                       "/limpid.consent.v1.ServiceConsentService/CreateRequest "
                       "UNAUTHENTICATED"});
}

}  // namespace
}  // namespace limpid::rpc
