// Streams: order, flow control, ends of both sides, drain.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
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

// As much as no window on the way takes.
constexpr int kManyParts = 100;

std::vector<v1::WatchResponse> ManyParts() {
  std::vector<v1::WatchResponse> out(kManyParts,
                                     Event(std::string(64UL * 1024, 'x')));
  return out;
}

RuntimeOptions Impatient(absl::Duration stall, absl::Duration answer) {
  RuntimeOptions options;
  options.stream_stall = stall;
  options.answer_time = answer;
  return options;
}

// A harness whose only stream is a complete answer.
class AnswerTest : public ::testing::Test {
 protected:
  void Serve(absl::Duration stall, absl::Duration answer) {
    harness_.emplace(AuthPolicy::Public(), Impatient(stall, answer));
    harness_->service().stream = [this](const Caller&,
                                        const std::shared_ptr<Writer>& writer) {
      writer->OnClosed([this] { closed_.set_value(); });
      writer->WriteAll(ManyParts());
      return absl::OkStatus();
    };
    stub_ = Harness::Connect(harness_->Anonymous());
    reader_ = stub_->Watch(&context_, {});
  }
  [[nodiscard]] bool ClosedWithin(std::chrono::milliseconds patience) {
    return closed_future_.wait_for(patience) == std::future_status::ready;
  }
  // Reads all with a pause before each part; how many there were.
  int ReadAll(std::chrono::milliseconds pause) {
    v1::WatchResponse part;
    int parts = 0;
    absl::Duration last = clock_.Monotonic();
    std::this_thread::sleep_for(pause);
    while (reader_->Read(&part)) {
      ++parts;
      std::this_thread::sleep_for(pause);
      const absl::Duration now = clock_.Monotonic();
      longest_pause_ = std::max(longest_pause_, now - last);
      last = now;
    }
    return parts;
  }

  const base::SystemClock clock_{};
  // Between two parts that ReadAll read.
  absl::Duration longest_pause_;
  std::promise<void> closed_;
  std::future<void> closed_future_ = closed_.get_future();
  std::optional<Harness> harness_;
  std::unique_ptr<Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
};

TEST_F(AnswerTest, IsCutOffWhenNothingOfItIsRead) {
  Serve(absl::Milliseconds(200), absl::Hours(1));
  EXPECT_TRUE(ClosedWithin(std::chrono::seconds(10)));
  EXPECT_LT(ReadAll(std::chrono::milliseconds(0)), kManyParts);
  EXPECT_THAT(FromGrpc(reader_->Finish()),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(AnswerTest, IsReadSlowly) {
  // Less than the whole takes.
  constexpr absl::Duration kStall = absl::Seconds(2);
  Serve(kStall, absl::Hours(1));
  const int parts = ReadAll(std::chrono::milliseconds(25));
  // A machine that stood still for so long did not read slowly: it did not
  // read.
  if (longest_pause_ >= kStall / 2) {
    GTEST_SKIP() << "this machine stood still for " << longest_pause_;
  }
  EXPECT_EQ(parts, kManyParts);
  EXPECT_THAT(FromGrpc(reader_->Finish()), IsOk());
}

TEST_F(AnswerTest, IsCutOffWhenItIsReadTooSlowlyForItsTime) {
  Serve(absl::Milliseconds(200), absl::Milliseconds(600));
  EXPECT_LT(ReadAll(std::chrono::milliseconds(50)), kManyParts);
  EXPECT_TRUE(ClosedWithin(std::chrono::seconds(10)));
  EXPECT_THAT(FromGrpc(reader_->Finish()),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(ServerStream, AQuietStreamIsNoReaderThatDoesNotRead) {
  Harness harness(AuthPolicy::Public(),
                  Impatient(absl::Milliseconds(100), absl::Milliseconds(100)));
  std::promise<std::shared_ptr<Writer>> promise;
  auto future = TakeWriter(harness, promise);
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  const auto writer = future.get();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_TRUE(writer->Write(Event("after a while")));
  v1::WatchResponse event;
  EXPECT_TRUE(reader->Read(&event));
  writer->Finish(absl::OkStatus());
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_THAT(FromGrpc(reader->Finish()), IsOk());
}

// Numbered parts of an answer, made one by one; counts them.
std::function<bool(v1::WatchResponse&)> Parts(std::atomic<int>& made, int all) {
  return [&made, all](v1::WatchResponse& part) {
    if (made == all) return false;
    part = Event(std::string(64UL * 1024, 'x') + std::to_string(made++));
    return true;
  };
}

TEST(ServerStream, WritesFromASourceAsItIsRead) {
  Harness harness;
  constexpr int kAll = 1'000;
  std::atomic<int> made = 0;
  harness.service().stream = [&](const Caller&,
                                 const std::shared_ptr<Writer>& writer) {
    EXPECT_TRUE(writer->WriteFrom(Parts(made, kAll)));
    EXPECT_FALSE(writer->Write({}));
    EXPECT_FALSE(writer->WriteFrom(Parts(made, kAll)));
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  v1::WatchResponse part;
  for (int i = 0; i < kAll; ++i) {
    ASSERT_TRUE(reader->Read(&part));
    EXPECT_EQ(part.cursor().substr(64UL * 1024), std::to_string(i));
    // What is on the way, and not the whole.
    if (i == 0) {
      EXPECT_LT(made, kAll / 2);
    }
  }
  EXPECT_FALSE(reader->Read(&part));
  EXPECT_THAT(FromGrpc(reader->Finish()), IsOk());
}

TEST(ServerStream, ASourceThatIsNotReadIsLetGo) {
  auto kept = std::make_shared<std::atomic<int>>(0);
  const std::weak_ptr<std::atomic<int>> there = kept;
  Harness harness(AuthPolicy::Public(),
                  Impatient(absl::Milliseconds(100), absl::Hours(1)));
  std::promise<void> closed;
  harness.service().stream = [&](const Caller&,
                                 const std::shared_ptr<Writer>& writer) {
    writer->OnClosed([&closed] { closed.set_value(); });
    writer->WriteFrom([kept = std::move(kept)](v1::WatchResponse& part) {
      return Parts(*kept, 1'000)(part);
    });
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  ASSERT_EQ(closed.get_future().wait_for(std::chrono::seconds(20)),
            std::future_status::ready);
  EXPECT_TRUE(there.expired());
  v1::WatchResponse part;
  while (reader->Read(&part)) {
  }
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kCancelled));
}

// One thread looks after every stream and ends every call at its deadline.
TEST(ServerStream, ASourceThatWaitsHoldsUpNoDeadlineOfOthers) {
  RuntimeOptions options = Impatient(absl::Milliseconds(100), absl::Hours(1));
  options.default_deadline = absl::Milliseconds(100);
  Harness harness(AuthPolicy::Public(), options);
  std::promise<void> asked;
  std::promise<void> answers;
  auto answer = answers.get_future();
  harness.service().stream = [&](const Caller&,
                                 const std::shared_ptr<Writer>& writer) {
    writer->WriteFrom([&](v1::WatchResponse&) -> absl::StatusOr<bool> {
      asked.set_value();
      (void)answer.wait_for(std::chrono::seconds(20));
      return false;
    });
    return absl::OkStatus();
  };
  std::shared_ptr<PendingCall> held;
  harness.service().asynchronous = [&](std::shared_ptr<PendingCall> call,
                                       v1::GetRequestStatusResponse&) {
    held = std::move(call);
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext watching;
  const auto reader = stub->Watch(&watching, {});
  ASSERT_EQ(asked.get_future().wait_for(std::chrono::seconds(20)),
            std::future_status::ready);
  // Some looks later.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto begin = std::chrono::steady_clock::now();
  grpc::ClientContext context;
  v1::GetRequestStatusResponse response;
  EXPECT_THAT(FromGrpc(stub->GetRequestStatus(&context, {}, &response)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  answers.set_value();
  v1::WatchResponse event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_THAT(FromGrpc(reader->Finish()), IsOk());
}

// Takes an event now and then: never stuck, and not for ever.
TEST(ServerStream, WhoReadsALittleIsCutOffSomeTimeAfterTheLifetime) {
  RuntimeOptions options =
      Impatient(absl::Milliseconds(300), absl::Milliseconds(300));
  options.stream_lifetime = absl::Milliseconds(300);
  Harness harness(AuthPolicy::Public(), options);
  std::promise<void> closed;
  harness.service().stream = [&](const Caller&,
                                 const std::shared_ptr<Writer>& writer) {
    writer->OnClosed([&closed] { closed.set_value(); });
    for (std::size_t i = 0; i < kStreamQueueLimit; ++i) {
      writer->Write(Event(std::string(64UL * 1024, 'x')));
    }
    return absl::OkStatus();
  };
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, {});
  std::atomic<std::size_t> count = 0;
  std::thread slow([&] {
    v1::WatchResponse event;
    while (reader->Read(&event)) {
      ++count;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  EXPECT_EQ(closed.get_future().wait_for(std::chrono::seconds(15)),
            std::future_status::ready);
  EXPECT_LT(count, kStreamQueueLimit / 2);
  context.TryCancel();
  slow.join();
  EXPECT_THAT(FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kCancelled));
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
