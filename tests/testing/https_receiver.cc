#include "tests/testing/https_receiver.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/text.h"

namespace limpid::testing {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr int kBacklog = 64;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "https receiver: " << what << '\n';
  std::abort();
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio Memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
          BIO_free};
}

void AskForClients(SSL_CTX* context, const std::string& ca_pem) {
  if (ca_pem.empty()) return;
  const Bio text = Memory(ca_pem);
  X509* const authority =
      PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr);
  Require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) == 1,
          "the client CA cannot be used");
  X509_free(authority);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
}

SSL_CTX* MakeContext(const TestCertificate& certificate,
                     const std::string& client_ca_pem) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  const Bio leaf_text = Memory(certificate.certificate_pem);
  const Bio key_text = Memory(certificate.private_key_pem);
  X509* const leaf =
      PEM_read_bio_X509(leaf_text.get(), nullptr, nullptr, nullptr);
  EVP_PKEY* const key =
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr);
  Require(SSL_CTX_use_certificate(context, leaf) == 1 &&
              SSL_CTX_use_PrivateKey(context, key) == 1,
          "the certificate cannot be used");
  X509_free(leaf);
  EVP_PKEY_free(key);
  AskForClients(context, client_ca_pem);
  return context;
}

// The socket interface wants its own kind of pointer.
sockaddr* Generic(sockaddr_in& address) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as above
  return reinterpret_cast<sockaddr*>(&address);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

// Appends what comes next; false at the end.
bool ReadSome(SSL* ssl, std::string& out) {
  std::array<char, 4096> chunk{};
  const int got = SSL_read(ssl, chunk.data(), static_cast<int>(chunk.size()));
  if (got <= 0) return false;
  out.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

}  // namespace

std::string ReceivedRequest::Header(std::string_view name) const {
  const std::string lower = Lower(head);
  const std::string wanted = absl::StrCat("\r\n", std::string(name), ": ");
  const std::size_t at = lower.find(wanted);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + wanted.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

HttpsReceiver::HttpsReceiver(const TestCertificate& certificate,
                             Handler handler, int port,
                             const std::string& client_ca_pem)
    : handler_(std::move(handler)),
      context_(MakeContext(certificate, client_ca_pem), SSL_CTX_free),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // Who hangs up must not end the test.
  (void)std::signal(SIGPIPE, SIG_IGN);
  const int on = 1;
  (void)setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof(address);
  Require(bind(listener_, Generic(address), size) == 0 &&
              listen(listener_, kBacklog) == 0 &&
              getsockname(listener_, Generic(address), &size) == 0,
          "no port");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

HttpsReceiver::~HttpsReceiver() {
  std::vector<std::thread> connections;
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    (void)shutdown(listener_, SHUT_RDWR);
    for (const int one : sockets_) (void)shutdown(one, SHUT_RDWR);
    changed_.NotifyAll();
  }
  acceptor_.join();
  {
    const base::MutexLock lock(mutex_);
    connections.swap(connections_);
  }
  for (std::thread& one : connections) one.join();
  close(listener_);
}

std::vector<ReceivedRequest> HttpsReceiver::requests() const {
  const base::MutexLock lock(mutex_);
  return requests_;
}

bool HttpsReceiver::WaitFor(std::size_t count) const {
  const absl::Time until = absl::Now() + kPatience;
  const base::MutexLock lock(mutex_);
  while (requests_.size() < count && absl::Now() < until) {
    (void)changed_.WaitFor(mutex_, until - absl::Now());
  }
  return requests_.size() >= count;
}

void HttpsReceiver::Accept() {
  for (;;) {
    const int accepted = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    ++accepted_;
    const base::MutexLock lock(mutex_);
    if (stopping_) {
      close(accepted);
      return;
    }
    sockets_.insert(accepted);
    connections_.emplace_back([this, accepted] { Serve(accepted); });
  }
}

void HttpsReceiver::Serve(int socket) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()),
                                                      SSL_free);
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) == 1) {
    while (ServeOne(ssl.get())) {
    }
  }
  const base::MutexLock lock(mutex_);
  sockets_.erase(socket);
  close(socket);
}

bool HttpsReceiver::ServeOne(SSL* ssl) {
  std::string text;
  std::size_t end = std::string::npos;
  while ((end = text.find(kEndOfHead)) == std::string::npos) {
    if (!ReadSome(ssl, text)) return false;
  }
  ReceivedRequest request;
  request.head = text.substr(0, end + kEndOfHead.size());
  request.line = text.substr(0, text.find("\r\n"));
  request.body = text.substr(request.head.size());
  std::size_t length = 0;
  (void)absl::SimpleAtoi(request.Header("content-length"), &length);
  while (request.body.size() < length) {
    if (!ReadSome(ssl, request.body)) return false;
  }
  const Reply reply = handler_(request);
  {
    const base::MutexLock lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.NotifyAll();
  }
  Sleep(reply.delay);
  const std::string answer =
      absl::StrCat(reply.before, "HTTP/1.1 ", reply.status,
                   " Answer\r\nContent-Length: ", reply.body.size(), "\r\n",
                   reply.headers, "\r\n", reply.body, reply.after);
  return WriteRecords(ssl, {answer, reply.after_apart});
}

bool HttpsReceiver::WriteRecords(SSL* ssl,
                                 const std::vector<std::string>& records) {
  const int socket = SSL_get_fd(ssl);
  const int on = 1;
  const int off = 0;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
  const bool written =
      std::all_of(records.begin(), records.end(), [&](const std::string& one) {
        return one.empty() ||
               SSL_write(ssl, one.data(), static_cast<int>(one.size())) > 0;
      });
  (void)setsockopt(socket, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
  return written;
}

void HttpsReceiver::Sleep(absl::Duration delay) {
  const absl::Time until = absl::Now() + delay;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && absl::Now() < until) {
    (void)changed_.WaitFor(mutex_, until - absl::Now());
  }
}

}  // namespace limpid::testing
