#include "common/http/static_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/http/https_client.h"
#include "gtest/gtest.h"
#include "tests/integration/http/raw_connection.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"

namespace limpid::http {
namespace {

using testing::StatusIs;

class StaticListenerTest : public ::testing::Test {
 protected:
  StaticListenerTest() {
    Write("register/checkpoint", "the note\n");
    Write("register/tile/0/000", std::string(8192, '\x01'));
    Write("register/secret", "not served");
    Write("access/checkpoint", "another note\n");
    Start({});
  }

  void Write(const std::string& relative, const std::string& text) {
    const auto path = dir_.path() / relative;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  void Start(StaticListenerOptions options) {
    options.certificate_pem = tls_.server().certificate_pem;
    options.private_key_pem = tls_.server().private_key_pem;
    options.roots = {{"/register", dir_.path() / "register"},
                     {"/access", dir_.path() / "access"}};
    auto started = StaticListener::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.status();
    listener_ = *std::move(started);
  }

  [[nodiscard]] HttpsClientOptions ClientOptions() const {
    HttpsClientOptions options;
    options.host = "localhost";
    options.port = std::to_string(listener_->port());
    options.ca_pem = tls_.server_ca_pem();
    return options;
  }

  // The whole answer to one request line.
  std::string Ask(std::string_view method, std::string_view target) {
    RawConnection connection(listener_->port());
    return connection.Exchange(
        absl::StrCat(std::string(method), " ", std::string(target),
                     " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  }

  testing::TempDir dir_;
  testing::TestTls tls_;
  std::unique_ptr<StaticListener> listener_;
};

TEST_F(StaticListenerTest, ServesSeveralLogsByPrefixOverOneConnection) {
  const auto client = HttpsClient::Create(ClientOptions()).value();
  const auto note = client->Get("/register/checkpoint", 1024);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->status, 200);
  EXPECT_EQ(note->body, "the note\n");
  EXPECT_EQ(note->content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(client->Get("/access/checkpoint", 1024)->body, "another note\n");
  const auto tile = client->Get("/register/tile/0/000", 8192);
  ASSERT_TRUE(tile.ok()) << tile.status();
  EXPECT_EQ(tile->body.size(), 8192U);
  EXPECT_EQ(tile->content_type, "application/octet-stream");
}

TEST_F(StaticListenerTest, SaysWhatIsMissingAsProblemDetails) {
  for (const char* const target :
       {"/register/tile/0/001", "/register/secret", "/", "/vault/checkpoint",
        "/register", "/register/", "/registerx/checkpoint",
        "/register/../register/checkpoint", "/register/%2e%2e/secret",
        "/register//etc/passwd", "/register/checkpoint?x=1"}) {
    const std::string answer = Ask("GET", target);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404")) << target << answer;
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
    EXPECT_NE(answer.find("\"status\":404"), std::string::npos);
    EXPECT_EQ(answer.find("not served"), std::string::npos);
  }
}

TEST_F(StaticListenerTest, HeadIsGetWithoutTheBody) {
  const std::string head = Ask("HEAD", "/register/tile/0/000");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
  EXPECT_NE(head.find("Content-Length: 8192"), std::string::npos);
  EXPECT_NE(head.find("immutable"), std::string::npos);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(StaticListenerTest, TakesNoOtherMethod) {
  for (const char* const method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const std::string answer = Ask(method, "/register/checkpoint");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405")) << answer;
    EXPECT_NE(answer.find("Allow: GET, HEAD"), std::string::npos);
  }
}

TEST_F(StaticListenerTest, TakesNoBodyAndNoNonsense) {
  RawConnection body(listener_->port());
  EXPECT_TRUE(body.Exchange("GET /register/checkpoint HTTP/1.1\r\nHost: x\r\n"
                            "Content-Length: 5\r\n\r\nhello")
                  .starts_with("HTTP/1.1 400"));
  RawConnection nonsense(listener_->port());
  EXPECT_TRUE(
      nonsense.Exchange("what is this?\r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST_F(StaticListenerTest, RefusesABigHeader) {
  RawConnection connection(listener_->port());
  const std::string answer = connection.Exchange(absl::StrCat(
      "GET /register/checkpoint HTTP/1.1\r\nX: ",
      std::string(StaticListener::kMaxHeaderBytes, 'x'), "\r\n\r\n"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 431")) << answer;
}

TEST_F(StaticListenerTest, SpeaksNothingOlderThanTls13) {
  EXPECT_TRUE(RawConnection(listener_->port(), TLS1_3_VERSION).connected());
  EXPECT_FALSE(RawConnection(listener_->port(), TLS1_2_VERSION).connected());
}

TEST_F(StaticListenerTest, DropsSlowClientsAndServesOthersMeanwhile) {
  StaticListenerOptions options;
  options.step_timeout = absl::Milliseconds(300);
  Start(options);
  std::vector<std::unique_ptr<RawConnection>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<RawConnection>(listener_->port()));
    slow.back()->Send("GET /regis");
  }
  EXPECT_TRUE(Ask("GET", "/register/checkpoint").starts_with("HTTP/1.1 200"));
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& connection : slow) EXPECT_EQ(connection->ReadAll(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(StaticListenerTest, HoldsItsConnectionCap) {
  StaticListenerOptions options;
  options.max_connections = 2;
  // Longer than a loaded machine takes for three handshakes.
  options.least_wait = absl::Minutes(1);
  Start(options);
  const RawConnection first(listener_->port());
  const RawConnection second(listener_->port());
  EXPECT_TRUE(first.connected() && second.connected());
  EXPECT_FALSE(RawConnection(listener_->port()).connected());
}

// Connected from an address of this machine, and silent.
class Silent {
 public:
  Silent(const char* from, int port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here = AddressOf(from, 0);
    sockaddr_in there = AddressOf("127.0.0.1", port);
    EXPECT_EQ(bind(socket_, Generic(here), sizeof(here)), 0);
    EXPECT_EQ(connect(socket_, Generic(there), sizeof(there)), 0);
  }
  ~Silent() { close(socket_); }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;

 private:
  static sockaddr_in AddressOf(const char* text, int port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(inet_pton(AF_INET, text, &out.sin_addr), 1);
    return out;
  }
  // The socket interface wants its own kind of pointer.
  static sockaddr* Generic(sockaddr_in& address) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as above
    return reinterpret_cast<sockaddr*>(&address);
  }

  int socket_;
};

TEST_F(StaticListenerTest, OneAddressLeavesRoomForOthers) {
  StaticListenerOptions options;
  options.max_connections = 40;
  Start(options);
  std::vector<std::unique_ptr<Silent>> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(std::make_unique<Silent>("127.0.0.2", listener_->port()));
  }
  EXPECT_TRUE(Ask("GET", "/register/checkpoint").starts_with("HTTP/1.1 200"));
}

TEST_F(StaticListenerTest, OneNetworkLeavesRoomForOthers) {
  StaticListenerOptions options;
  options.max_connections = 40;
  options.max_network_connections = 20;
  Start(options);
  std::vector<std::unique_ptr<Silent>> silent;
  for (int i = 0; i < 40; ++i) {
    const std::string from = absl::StrCat("127.0.1.", i + 1);
    silent.push_back(std::make_unique<Silent>(from.c_str(), listener_->port()));
  }
  EXPECT_TRUE(Ask("GET", "/register/checkpoint").starts_with("HTTP/1.1 200"));
}

TEST_F(StaticListenerTest, WhoAsksForNothingMakesRoomAfterAWhile) {
  StaticListenerOptions options;
  options.max_connections = 2;
  // For the handshake a minute too, so that nobody leaves by himself.
  options.step_timeout = absl::Minutes(1);
  options.least_wait = absl::Minutes(1);
  Start(options);
  {
    const Silent one("127.0.0.2", listener_->port());
    const Silent other("127.0.1.2", listener_->port());
    EXPECT_FALSE(RawConnection(listener_->port()).connected());
  }
  // No time at all: a sleep would be too short on a loaded machine.
  options.least_wait = absl::ZeroDuration();
  Start(options);
  const Silent one("127.0.0.2", listener_->port());
  const Silent other("127.0.1.2", listener_->port());
  EXPECT_TRUE(Ask("GET", "/register/checkpoint").starts_with("HTTP/1.1 200"));
}

TEST_F(StaticListenerTest, RefusesATakenPortAndABadKey) {
  StaticListenerOptions options;
  options.port = listener_->port();
  options.certificate_pem = tls_.server().certificate_pem;
  options.private_key_pem = tls_.server().private_key_pem;
  EXPECT_THAT(StaticListener::Start(options),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  options.port = 0;
  options.private_key_pem = tls_.IssueService("other").private_key_pem;
  EXPECT_THAT(StaticListener::Start(options),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(StaticListenerTest, TheClientChecksCertificateNameAndLength) {
  HttpsClientOptions options = ClientOptions();
  options.ca_pem = tls_.client_ca_pem();
  EXPECT_THAT(HttpsClient::Create(options).value()->Get("/x", 10),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto client = HttpsClient::Create(ClientOptions()).value();
  EXPECT_THAT(client->Get("/register/tile/0/000", 8191),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(client->Get("/register/tile/0/000", 8192)->body.size(), 8192U);
}

TEST_F(StaticListenerTest, TheClientChecksTheNameInTheCertificate) {
  StaticListenerOptions listen;
  listen.host = "0.0.0.0";
  Start(listen);
  HttpsClientOptions options = ClientOptions();
  options.host = "127.0.0.1";
  EXPECT_TRUE(HttpsClient::Create(options)
                  .value()
                  ->Get("/register/checkpoint", 99)
                  .ok());
  // The certificate names localhost and 127.0.0.1, not this address.
  options.host = "127.0.0.2";
  EXPECT_THAT(
      HttpsClient::Create(options).value()->Get("/register/checkpoint", 99),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(StaticListenerTest, TheClientConnectsAgainWhenTheServerHungUp) {
  StaticListenerOptions options;
  options.idle_timeout = absl::Milliseconds(100);
  Start(options);
  const auto client = HttpsClient::Create(ClientOptions()).value();
  EXPECT_TRUE(client->Get("/register/checkpoint", 100).ok());
  // Wait out the idle time through another connection of the same kind.
  RawConnection witness(listener_->port());
  witness.Send("GET /register/checkpoint HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(witness.ReadAll(), "");
  EXPECT_TRUE(client->Get("/register/checkpoint", 100).ok());
}

}  // namespace
}  // namespace limpid::http
