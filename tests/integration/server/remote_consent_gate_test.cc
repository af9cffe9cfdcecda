// The vault's end of the stream while consent ends it again and again, under
// load. Nothing here can see memory that is used after it was given back; that
// is what MALLOC_PERTURB_ (CMakeLists.txt) and the preset asan are for.

#include "server/adapters/remote_consent_gate.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/batch.h"
#include "common/receipt/permit.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/duplex.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/decision_service.grpc.pb.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"

namespace limpid::server {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using Writer = rpc::StreamWriter<v1::ConnectResponse>;

// Allows whatever is asked, and can end all its streams.
class BriefConsent final : public v1::DecisionService::CallbackService {
 public:
  explicit BriefConsent(rpc::Runtime& runtime)
      : edge_(rpc::EdgeOf<v1::DecisionService>(runtime,
                                               rpc::AuthPolicy::Public())) {
    receipt::Permit permit;
    permit.lease = receipt::kMaxLease;
    permit.lines = {{.attribute = "person.name"}};
    const std::vector<base::Bytes> items = {permit.Encode()};
    const auto proofs = receipt::SignBatch(
        receipt::BatchKind::kPermits, /*epoch=*/1, absl::UnixEpoch(), items,
        crypto::Ed25519PrivateKey::Generate());
    response_.set_access_id("acc_aaaaaaaaaaaaaaaaaaaaaaaaae");
    response_.set_permit(base::ToText(items.front()));
    response_.set_batch_proof(base::ToText(proofs.front().Encode()));
  }

  grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse>* Connect(
      grpc::CallbackServerContext* context) override {
    return rpc::ServerDuplex<v1::ConnectRequest, v1::ConnectResponse>(
        edge_, context,
        [this](const rpc::Caller& /*caller*/, std::shared_ptr<Writer> writer)
            -> absl::StatusOr<rpc::MessageSink<v1::ConnectRequest>> {
          {
            const base::MutexLock lock(mutex_);
            open_.push_back(writer);
          }
          return [this, writer = std::move(writer)](
                     const v1::ConnectRequest& message) {
            if (message.has_close()) ++closed;
            if (!message.has_question()) return absl::OkStatus();
            v1::ConnectResponse out;
            out.mutable_answer()->set_number(message.question().number());
            *out.mutable_answer()->mutable_response() = response_;
            writer->Write(std::move(out));
            return absl::OkStatus();
          };
        });
  }

  void EndStreams() {
    std::vector<std::shared_ptr<Writer>> open;
    {
      const base::MutexLock lock(mutex_);
      open.swap(open_);
    }
    ended += static_cast<int>(open.size());
    for (const auto& writer : open) {
      writer->Finish(absl::UnavailableError("ends"));
    }
  }

  std::atomic<int> closed = 0;
  std::atomic<int> ended = 0;

 private:
  const rpc::Edge edge_;
  v1::AuthorizeResponse response_;
  base::Mutex mutex_;
  std::vector<std::shared_ptr<Writer>> open_ ABSL_GUARDED_BY(mutex_);
};

constexpr int kUnderWay = 24;

class BriefStreams : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(Serve("127.0.0.1:0", runtime_, consent_));
    channel_.address = absl::StrCat("localhost:", server_->port());
    channel_.ca_pem = tls_.server_ca_pem();
  }

  void Serve(const std::string& address, rpc::Runtime& runtime,
             BriefConsent& consent) {
    rpc::ServerOptions options;
    options.address = address;
    options.certificate_pem = tls_.server().certificate_pem;
    options.private_key_pem = tls_.server().private_key_pem;
    auto started = rpc::Server::Start(options, runtime, {&consent});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
  }

  // Asks, and closes what it is given, until told to stop. With few questions
  // under way the stream has a write to begin again and again, and closings do
  // not wait behind hundreds of questions for a stream that is gone by then.
  void Press(RemoteConsentGate& gate, const std::atomic<bool>& stop) {
    while (!stop) {
      if (asked_ - answered_ > kUnderWay) {
        std::this_thread::yield();
        continue;
      }
      ++asked_;
      gate.Authorize({}, [this](absl::StatusOr<vault::Decision> decision) {
        ++answered_;
        if (!decision.ok() || !decision->permit) return;
        ++allowed_;
        decision->permit->Close(vault::Closing::kSent);
      });
    }
  }

  // One gate after another, because a gate waits ever longer before it looks
  // for a consent whose streams do not last.
  void LoseStreams(absl::Time until) {
    while (absl::Now() < until) {
      auto gate = RemoteConsentGate::Make(channel_, clock_);
      ASSERT_THAT(gate, IsOk());
      while (!(*gate)->connected() && absl::Now() < until) {
        absl::SleepFor(absl::Milliseconds(1));
      }
      std::atomic<bool> stop = false;
      std::vector<std::thread> threads;
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] { Press(**gate, stop); });
      }
      while ((*gate)->connected()) absl::SleepFor(absl::Milliseconds(1));
      stop = true;
      for (std::thread& thread : threads) thread.join();
      (*gate)->Stop();
    }
  }

  testing::TestTls tls_;
  base::SystemClock clock_;
  rpc::Runtime runtime_{{}, clock_};
  BriefConsent consent_{runtime_};
  std::unique_ptr<rpc::Server> server_;
  rpc::ChannelOptions channel_;
  std::atomic<int> asked_ = 0;
  std::atomic<int> answered_ = 0;
  std::atomic<int> allowed_ = 0;
};

TEST_F(BriefStreams, EndUnderLoadAndEveryQuestionIsAnswered) {
  std::atomic<bool> stop = false;
  std::thread ends([&] {
    while (!stop) {
      absl::SleepFor(absl::Milliseconds(8));
      consent_.EndStreams();
    }
  });
  const absl::Time until = absl::Now() + absl::Seconds(5);
  std::vector<std::thread> gates;
  for (int i = 0; i < 3; ++i) {
    gates.emplace_back([&] { LoseStreams(until); });
  }
  for (std::thread& gate : gates) gate.join();
  stop = true;
  ends.join();
  EXPECT_EQ(answered_, asked_);
  // It was under load: streams ended, and did not only refuse.
  EXPECT_GT(consent_.ended, 20);
  EXPECT_GT(allowed_, 0);
  EXPECT_GT(consent_.closed, 0);
}

TEST_F(BriefStreams, ALossIsToldOnceAndThatItIsBackOnce) {
  testing::FakeClock clock;
  base::Mutex mutex;
  std::vector<LinkNews> told;
  auto gate = RemoteConsentGate::Make(
      channel_, clock, [&](LinkNews news, absl::Duration /*away*/) {
        const base::MutexLock lock(mutex);
        told.push_back(news);
      });
  ASSERT_THAT(gate, IsOk());
  const auto tells = [&](const std::vector<LinkNews>& wanted) {
    for (int i = 0; i < 300; ++i) {
      {
        const base::MutexLock lock(mutex);
        if (told == wanted) return true;
      }
      clock.Advance(absl::Seconds(1));
      absl::SleepFor(absl::Milliseconds(100));
    }
    return false;
  };
  while (!(*gate)->connected()) absl::SleepFor(absl::Milliseconds(1));
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  consent_.EndStreams();
  server_.reset();
  EXPECT_TRUE(tells({LinkNews::kLost}));
  // A runtime that was drained takes no calls any more.
  rpc::Runtime runtime{{}, clock_};
  BriefConsent consent(runtime);
  ASSERT_NO_FATAL_FAILURE(Serve(address, runtime, consent));
  EXPECT_TRUE(tells({LinkNews::kLost, LinkNews::kBack}));
  (*gate)->Stop();
  server_.reset();
}

}  // namespace
}  // namespace limpid::server
