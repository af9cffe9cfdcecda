// Posting with the HTTPS client, against a receiver that misbehaves.

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/https_client.h"
#include "gtest/gtest.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/status_matchers.h"

namespace limpid::http {
namespace {

using testing::HttpsReceiver;
using testing::IsOk;
using testing::ReceivedRequest;
using testing::Reply;
using testing::StatusIs;

class HttpsPost : public ::testing::Test {
 protected:
  [[nodiscard]] HttpsClientOptions OptionsFor(
      const HttpsReceiver& receiver) const {
    HttpsClientOptions options;
    options.host = "localhost";
    options.port = absl::StrCat(receiver.port());
    options.more_ca_pem = tls_.server_ca_pem();
    return options;
  }
  static absl::StatusOr<HttpResponse> Post(const HttpsClientOptions& options,
                                           std::size_t max_bytes = 100) {
    return HttpsClient::Create(options).value()->Post("/events", "text/plain",
                                                      "hello", max_bytes);
  }
  std::unique_ptr<HttpsReceiver> Answering(Reply reply) {
    return std::make_unique<HttpsReceiver>(
        tls_.server(),
        [reply = std::move(reply)](const ReceivedRequest&) { return reply; });
  }

  testing::TestTls tls_;
};

TEST_F(HttpsPost, SendsTheBodyAndReturnsTheAnswer) {
  const auto receiver = Answering({400, "no", "Content-Type: x/y\r\n", {}});
  const auto client = HttpsClient::Create(OptionsFor(*receiver)).value();
  for (int i = 0; i < 2; ++i) {
    const auto answer = client->Post("/events", "text/plain", "hello", 100);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->status, 400);
    EXPECT_EQ(answer->content_type, "x/y");
    EXPECT_EQ(answer->body, "no");
  }
  ASSERT_EQ(receiver->requests().size(), 2U);
  EXPECT_EQ(receiver->connection_count(), 1U);
  const ReceivedRequest request = receiver->requests().front();
  EXPECT_EQ(request.line, "POST /events HTTP/1.1");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.Header("content-type"), "text/plain");
  EXPECT_EQ(request.Header("host"),
            absl::StrCat("localhost:", receiver->port()));
}

TEST_F(HttpsPost, ALongAnswerIsCutAndItsStatusKept) {
  const auto receiver = Answering({202, std::string(101, 'x'), "", {}});
  const auto answer = Post(OptionsFor(*receiver));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->status, 202);
  EXPECT_EQ(answer->body, "");
  const auto fits = Post(OptionsFor(*receiver), 101);
  ASSERT_THAT(fits, IsOk());
  EXPECT_EQ(fits->body.size(), 101U);
}

// Of a fault the status is what counts; a file that is cut off is none.
TEST_F(HttpsPost, ALongAnswerToAGetKeepsItsStatusUnlessItIsAFile) {
  for (const int status : {200, 404}) {
    const auto receiver = Answering({status, std::string(101, 'x'), "", {}});
    const auto client = HttpsClient::Create(OptionsFor(*receiver)).value();
    const auto sent = client->Send({.path = "/a", .max_bytes = 100});
    ASSERT_THAT(sent, IsOk());
    EXPECT_EQ(sent->status, status);
    EXPECT_TRUE(sent->cut);
    EXPECT_EQ(sent->body, "");
    const auto got = client->Get("/a", 100);
    if (status == 200) {
      EXPECT_THAT(got, StatusIs(absl::StatusCode::kResourceExhausted));
    } else {
      ASSERT_THAT(got, IsOk());
      EXPECT_EQ(got->status, status);
    }
    EXPECT_FALSE(client->Get("/a", 101)->cut);
  }
}

// One behind the other, the answers of one connection: taken for an answer, an
// interim one would give the second request what was meant for the first.
TEST_F(HttpsPost, AnInterimAnswerIsNotTheAnswer) {
  for (const char* const interim :
       {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"}) {
    HttpsReceiver receiver(tls_.server(), [&](const ReceivedRequest& request) {
      const bool first = request.line.starts_with("GET /first");
      return first ? Reply{200, "A", "", {}, interim} : Reply{200, "B", "", {}};
    });
    const auto client = HttpsClient::Create(OptionsFor(receiver)).value();
    const auto first = client->Get("/first", 100);
    ASSERT_THAT(first, IsOk());
    EXPECT_EQ(first->status, 200);
    EXPECT_EQ(first->body, "A");
    const auto second = client->Get("/second", 100);
    ASSERT_THAT(second, IsOk());
    EXPECT_EQ(second->body, "B");
    EXPECT_EQ(receiver.connection_count(), 1U);
  }
}

TEST_F(HttpsPost, InterimAnswersHaveAnEnd) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  const auto receiver = Answering({200, "A", "", {}, many});
  const auto client = HttpsClient::Create(OptionsFor(*receiver)).value();
  EXPECT_THAT(client->Get("/a", 100), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(HttpsPost, ASwitchOfProtocolsEndsTheConnection) {
  const auto receiver = Answering({101, "", "", {}});
  const auto client = HttpsClient::Create(OptionsFor(*receiver)).value();
  for (int i = 0; i < 2; ++i) {
    const auto answer = client->Get("/a", 100);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->status, 101);
  }
  EXPECT_EQ(receiver->connection_count(), 2U);
}

// In the record of the answer, or in one of its own that came with it and that
// nobody decrypted yet.
TEST_F(HttpsPost, WhatFollowsAnAnswerIsNobodysAnswer) {
  const std::string unasked = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nX";
  Reply with{200, "A", "", {}};
  with.after = unasked;
  Reply apart{200, "A", "", {}};
  apart.after_apart = unasked;
  for (const Reply& one : {with, apart}) {
    HttpsReceiver receiver(tls_.server(), [&](const ReceivedRequest& request) {
      const bool first = request.line.starts_with("GET /first");
      return first ? one : Reply{200, "B", "", {}};
    });
    const auto client = HttpsClient::Create(OptionsFor(receiver)).value();
    EXPECT_EQ(client->Get("/first", 100)->body, "A");
    EXPECT_EQ(client->Get("/second", 100)->body, "B");
    EXPECT_EQ(receiver.connection_count(), 2U);
  }
}

// The server's session tickets come ahead of its first answer: they are read
// with it, and do not look like an answer to nothing.
TEST_F(HttpsPost, SessionTicketsLeaveTheConnectionInUse) {
  const auto receiver = Answering({200, "A", "", {}});
  const auto client = HttpsClient::Create(OptionsFor(*receiver)).value();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client->Get("/a", 100)->body, "A");
  EXPECT_EQ(receiver->connection_count(), 1U);
}

TEST_F(HttpsPost, SaysWhetherItWasTheHostThatFailed) {
  const auto receiver = Answering({202, "", "", absl::Seconds(5)});
  HttpsClientOptions options = OptionsFor(*receiver);
  options.total_timeout = absl::Milliseconds(500);
  const auto slow = HttpsClient::Create(options).value();
  EXPECT_THAT(slow->Get("/a", 100),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(slow->connected());
  options.more_ca_pem = tls_.client_ca_pem();
  const auto stranger = HttpsClient::Create(options).value();
  EXPECT_FALSE(stranger->Get("/a", 100).ok());
  EXPECT_FALSE(stranger->connected());
}

TEST_F(HttpsPost, FollowsNoRedirect) {
  const auto other = Answering({});
  const auto receiver = Answering(
      {307,
       "",
       absl::StrCat("Location: https://localhost:", other->port(), "/\r\n"),
       {}});
  const auto answer = Post(OptionsFor(*receiver));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(other->connection_count(), 0U);
}

TEST_F(HttpsPost, ConnectsToNoAddressThatIsNotPublic) {
  const auto receiver = Answering({});
  for (const char* const host : {"localhost", "127.0.0.1"}) {
    HttpsClientOptions options = OptionsFor(*receiver);
    options.host = host;
    options.public_addresses_only = true;
    EXPECT_THAT(Post(options), StatusIs(absl::StatusCode::kPermissionDenied))
        << host;
  }
  EXPECT_EQ(receiver->connection_count(), 0U);
}

TEST_F(HttpsPost, TheWholeRequestHasOneDeadline) {
  const auto receiver = Answering({202, "", "", absl::Seconds(5)});
  HttpsClientOptions options = OptionsFor(*receiver);
  options.total_timeout = absl::Milliseconds(300);
  const absl::Time before = absl::Now();
  EXPECT_THAT(Post(options), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - before, absl::Seconds(3));
}

TEST_F(HttpsPost, CancelEndsARequestThatRuns) {
  const auto receiver = Answering({202, "", "", absl::Seconds(30)});
  const auto client = HttpsClient::Create(OptionsFor(*receiver)).value();
  std::thread other([&] {
    (void)receiver->WaitFor(1);
    client->Cancel();
  });
  const absl::Time before = absl::Now();
  EXPECT_THAT(client->Post("/events", "text/plain", "hello", 100),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LT(absl::Now() - before, absl::Seconds(10));
  other.join();
  EXPECT_THAT(client->Post("/events", "text/plain", "hello", 100),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(HttpsPost, AnUntrustedCertificateIsRefused) {
  const auto receiver = Answering({});
  HttpsClientOptions options = OptionsFor(*receiver);
  options.more_ca_pem = tls_.client_ca_pem();
  EXPECT_THAT(Post(options), StatusIs(absl::StatusCode::kFailedPrecondition));
  options.more_ca_pem = "no certificate";
  EXPECT_THAT(HttpsClient::Create(options),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(receiver->requests().empty());
}

}  // namespace
}  // namespace limpid::http
