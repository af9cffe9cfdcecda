// Streams: order, flow control, ends of both sides, drain.

#include <future>
#include <string>
#include <thread>

#include "common/rpc/grpc_status.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "tests/integration/rpc/harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;

v1::WatchResponse Event(const std::string& cursor) {
  v1::WatchResponse out;
  out.set_cursor(cursor);
  return out;
}

// Hands the writer of the only stream to the test.
std::future<std::shared_ptr<Writer>> TakeWriter(
    Harness& harness, std::promise<std::shared_ptr<Writer>>& promise) {
  harness.service().stream = [&promise](const Caller&,
                                        std::shared_ptr<Writer> writer) {
    promise.set_value(std::move(writer));
    return absl::OkStatus();
  };
  return promise.get_future();
}

TEST(ServerStream, DeliversInOrderAndEndsAsTold) {
  Harness harness;
  std::promise<std::shared_ptr<Writer>> promise;
  auto future = TakeWriter(harness, promise);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  const auto writer = future.get();
  for (int i = 0; i < 500; ++i)
    EXPECT_TRUE(writer->Write(Event(std::to_string(i))));
  writer->Finish(absl::NotFoundError("over"));
  EXPECT_FALSE(writer->Write(Event("late")));
  v1::WatchResponse event;
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(reader->Read(&event));
    EXPECT_EQ(event.cursor(), std::to_string(i));
  }
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(ServerStream, IsRefusedByPolicy) {
  Harness harness(AuthPolicy::Service());
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  v1::WatchResponse event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(ServerStream, TellsTheProducerThatTheClientWentAway) {
  Harness harness;
  std::promise<std::shared_ptr<Writer>> promise;
  auto future = TakeWriter(harness, promise);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  const auto writer = future.get();
  std::promise<void> closed;
  writer->OnClosed([&closed] { closed.set_value(); });
  EXPECT_TRUE(writer->open());
  context.TryCancel();
  EXPECT_EQ(closed.get_future().wait_for(std::chrono::seconds(10)),
            std::future_status::ready);
  EXPECT_FALSE(writer->open());
  EXPECT_FALSE(writer->Write(Event("late")));
  v1::WatchResponse event;
  while (reader->Read(&event)) {
  }
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(ServerStream, AReaderThatDoesNotReadLosesItsStream) {
  Harness harness;
  std::promise<std::shared_ptr<Writer>> promise;
  auto future = TakeWriter(harness, promise);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  const auto writer = future.get();
  // Larger than every window on the way, so that the queue must fill.
  const std::string big(64UL * 1024, 'x');
  std::size_t written = 0;
  while (writer->Write(Event(big)) && written < 100 * kStreamQueueLimit) {
    ++written;
  }
  EXPECT_GE(written, kStreamQueueLimit);
  EXPECT_LT(written, 100 * kStreamQueueLimit);
  v1::WatchResponse event;
  while (reader->Read(&event)) {
  }
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(ServerStream, EndsAtTheDrainWhileCallsFinish) {
  Harness harness;
  std::promise<std::shared_ptr<Writer>> promise;
  auto future = TakeWriter(harness, promise);
  std::promise<void> begun;
  harness.service().blocking = [&begun](const Caller&,
                                        const v1::CreateRequestRequest&,
                                        v1::CreateRequestResponse&) {
    begun.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  (void)future.get();
  std::thread call([&] { EXPECT_THAT(CallOnce(*stub), IsOk()); });
  begun.get_future().wait();
  harness.server().Drain(absl::Seconds(10));
  call.join();
  v1::WatchResponse event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Harness::Call(harness.Anonymous()),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace limpid::rpc
