// What calls keep in memory: requests of handlers that wait or run, and nothing
// of clients that do not take their answers.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/grpc_status.h"
#include "grpcpp/channel.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "tests/integration/rpc/harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;
using Code = absl::StatusCode;

constexpr auto kLong = std::chrono::seconds(20);
constexpr std::size_t kLarge = 150'000;

absl::Status CallWith(Stub& stub, std::size_t bytes) {
  grpc::ClientContext context;
  SetDeadline(context, absl::Seconds(20));
  v1::CreateRequestRequest request;
  request.set_agreement_id(std::string(bytes, 'x'));
  v1::CreateRequestResponse response;
  return FromGrpc(stub.CreateRequest(&context, request, &response));
}

bool Soon(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

// Sends a CreateRequest of this size and never reads its answer.
class Stalled {
 public:
  Stalled(const ChannelOptions& channel, std::size_t bytes)
      : stub_(MakeChannel(channel).value()) {
    v1::CreateRequestRequest request;
    request.set_agreement_id(std::string(bytes, 'x'));
    const grpc::Slice slice(request.SerializeAsString());
    call_ = stub_.PrepareCall(
        &context_, "/limpid.consent.v1.ServiceConsentService/CreateRequest",
        &queue_);
    call_->StartCall(&queue_);
    Next();
    call_->WriteLast(grpc::ByteBuffer(&slice, 1), {}, &queue_);
    Next();
  }
  ~Stalled() {
    context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, &queue_);
    Next();
  }
  Stalled(const Stalled&) = delete;
  Stalled& operator=(const Stalled&) = delete;

 private:
  void Next() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// Answers that are larger than every window on the way.
void AnswerAtLength(Harness& harness, std::atomic<int>& answered) {
  harness.service().blocking =
      [&answered](const Caller&, const v1::CreateRequestRequest&,
                  v1::CreateRequestResponse& response) {
        response.set_request_code(std::string(std::size_t{8} << 20U, 'y'));
        ++answered;
        return absl::OkStatus();
      };
}

// A handler that waits until it is let go.
class Gate {
 public:
  explicit Gate(Harness& harness) {
    harness.service().blocking = [this](const Caller&,
                                        const v1::CreateRequestRequest&,
                                        v1::CreateRequestResponse&) {
      ++waiting_;
      open_.wait();
      return absl::OkStatus();
    };
  }
  // Calls with `channel` on another thread, until the handler waits.
  void Fill(const ChannelOptions& channel, std::size_t bytes) {
    const int before = waiting_;
    calls_.push_back(std::async(std::launch::async, [channel, bytes] {
      return CallWith(*Harness::Connect(channel), bytes);
    }));
    EXPECT_TRUE(Soon([&] { return waiting_ > before; }));
  }
  void Open() {
    promise_.set_value();
    for (auto& call : calls_) EXPECT_THAT(call.get(), IsOk());
    calls_.clear();
  }

 private:
  std::promise<void> promise_;
  std::shared_future<void> open_ = promise_.get_future().share();
  std::atomic<int> waiting_ = 0;
  std::vector<std::future<absl::Status>> calls_;
};

ServerOptions Limits(std::size_t all, std::size_t anonymous) {
  ServerOptions limits;
  limits.max_requests_memory_bytes = all;
  limits.max_anonymous_requests_memory_bytes = anonymous;
  return limits;
}

TEST(RequestMemory, IsRefusedTogetherAndGivenBack) {
  Harness harness(AuthPolicy::Public(), {}, Limits(kLarge * 2, kLarge * 2));
  Gate gate(harness);
  gate.Fill(harness.Anonymous(), kLarge);
  const auto stub = Harness::Connect(harness.Anonymous());
  EXPECT_THAT(CallWith(*stub, kLarge), StatusIs(Code::kResourceExhausted));
  gate.Open();
  EXPECT_THAT(CallWith(*stub, kLarge), IsOk());
}

TEST(RequestMemory, ASmallRequestFindsRoomWhateverOthersTake) {
  Harness harness(AuthPolicy::Public(), {}, Limits(kLarge, kLarge));
  std::atomic<int> answered = 0;
  std::promise<void> release;
  const auto open = release.get_future().share();
  harness.service().blocking = [&](const Caller&,
                                   const v1::CreateRequestRequest& request,
                                   v1::CreateRequestResponse&) {
    ++answered;
    if (request.agreement_id().size() > kSmallRequestBytes) open.wait();
    return absl::OkStatus();
  };
  // Room for the first and not for a second.
  auto large = std::async(std::launch::async, [&] {
    return CallWith(*Harness::Connect(harness.Anonymous()), kLarge - 10'000);
  });
  ASSERT_TRUE(Soon([&] { return answered == 1; }));
  const auto stub = Harness::Connect(harness.Anonymous());
  EXPECT_THAT(CallWith(*stub, kSmallRequestBytes + 1),
              StatusIs(Code::kResourceExhausted));
  EXPECT_THAT(CallWith(*stub, kSmallRequestBytes - 1'000), IsOk());
  release.set_value();
  EXPECT_THAT(large.get(), IsOk());
}

TEST(RequestMemory, StrangersLeaveRoomForServices) {
  Harness harness(AuthPolicy::Public(), {}, Limits(kLarge * 4, kLarge * 2));
  Gate gate(harness);
  gate.Fill(harness.Anonymous(), kLarge);
  EXPECT_THAT(CallWith(*Harness::Connect(harness.Anonymous()), kLarge),
              StatusIs(Code::kResourceExhausted));
  const auto service = harness.tls().IssueService("a service");
  gate.Fill(harness.With(service), kLarge);
  gate.Fill(harness.With(service), kLarge);
  gate.Open();
}

TEST(RequestMemory, ClientsThatTakeNoAnswerKeepNoRequest) {
  Harness harness(AuthPolicy::Public(), {}, Limits(kLarge * 2, kLarge * 2));
  std::atomic<int> answered = 0;
  AnswerAtLength(harness, answered);
  std::vector<std::unique_ptr<Stalled>> stalled;
  for (int i = 0; i < 3; ++i) {
    // A moment lies between the end of the handler and that of its request.
    ASSERT_TRUE(Soon([&] {
      stalled.push_back(std::make_unique<Stalled>(harness.Anonymous(), kLarge));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      return answered > i;
    }));
  }
}

// A Watch that nobody ends before this goes.
class OpenWatch {
 public:
  OpenWatch(Stub& stub, std::size_t bytes) {
    v1::WatchRequest request;
    request.set_cursor(std::string(bytes, 'x'));
    reader_ = stub.Watch(&context_, request);
  }
  ~OpenWatch() {
    context_.TryCancel();
    v1::WatchResponse message;
    while (reader_->Read(&message)) {
    }
    (void)reader_->Finish();
  }
  OpenWatch(const OpenWatch&) = delete;
  OpenWatch& operator=(const OpenWatch&) = delete;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
};

TEST(RequestMemory, OfAStreamIsGivenBackOnceItBegan) {
  Harness harness(AuthPolicy::Public(), {}, Limits(kLarge * 2, kLarge * 2));
  std::atomic<int> begun = 0;
  harness.service().stream = [&](const Caller&,
                                 const std::shared_ptr<Writer>& /*writer*/) {
    ++begun;
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  std::vector<std::unique_ptr<OpenWatch>> watches;
  for (int i = 0; i < 3; ++i) {
    // As above.
    ASSERT_TRUE(Soon([&] {
      watches.push_back(std::make_unique<OpenWatch>(*stub, kLarge));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      return begun > i;
    }));
  }
}

TEST(SlowReader, AnAnswerThatIsNotTakenIsCutAfterItsTime) {
  RuntimeOptions options;
  options.default_deadline = absl::Milliseconds(200);
  options.unary_answer_time = absl::Milliseconds(200);
  FirstEnd ended;
  ended.Attach(options);
  Harness harness(AuthPolicy::Public(), options);
  std::atomic<int> answered = 0;
  AnswerAtLength(harness, answered);
  const Stalled stalled(harness.Anonymous(), 1);
  EXPECT_TRUE(ended.Happens());
  EXPECT_EQ(answered, 1);
}

TEST(SlowReader, AHandlerThatTakesLongAnswersAllTheSame) {
  RuntimeOptions options;
  options.default_deadline = absl::Milliseconds(100);
  options.unary_answer_time = absl::Milliseconds(200);
  Harness harness(AuthPolicy::Public(), options);
  harness.service().blocking = [](const Caller&,
                                  const v1::CreateRequestRequest&,
                                  v1::CreateRequestResponse&) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  v1::CreateRequestResponse response;
  const auto stub = Harness::Connect(harness.Anonymous());
  EXPECT_THAT(FromGrpc(stub->CreateRequest(&context, {}, &response)), IsOk());
}

TEST(Listener, AConnectionThatIsOldIsReplaced) {
  ServerOptions limits;
  limits.connection_age = absl::Milliseconds(300);
  limits.connection_grace = absl::Milliseconds(300);
  Harness harness(AuthPolicy::Public(), {}, limits);
  harness.service().stream = [&](const Caller&,
                                 const std::shared_ptr<Writer>& writer) {
    writer->Write({});
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    SetDeadline(context, absl::Seconds(20));
    context.set_wait_for_ready(true);
    const auto reader = stub->Watch(&context, {});
    v1::WatchResponse part;
    EXPECT_TRUE(reader->Read(&part));
    EXPECT_FALSE(reader->Read(&part));
    EXPECT_THAT(FromGrpc(reader->Finish()), StatusIs(Code::kUnavailable));
  }
}

}  // namespace
}  // namespace limpid::rpc
