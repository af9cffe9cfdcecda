// An HTTPS server of a few lines that keeps what it was sent and answers as a
// test tells it: the other end of what this project posts.

#ifndef LIMPID_TESTS_TESTING_HTTPS_RECEIVER_H_
#define LIMPID_TESTS_TESTING_HTTPS_RECEIVER_H_

#include <openssl/ssl.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "tests/testing/tls.h"

namespace limpid::testing {

struct ReceivedRequest {
  // "POST /events HTTP/1.1"
  std::string line;
  // With the request line, as sent.
  std::string head;
  std::string body;

  // Of the first header with this name, in lower case; empty for none.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

struct Reply {
  int status = 202;
  std::string body;
  // Whole lines, each ended by "\r\n".
  std::string headers;
  // Before anything is answered.
  absl::Duration delay;
  // Bytes as they are, sent with the answer, ahead of it and behind it: in the
  // TLS record of the answer, or in one of its own in the same TCP segment.
  std::string before = {};
  std::string after = {};
  std::string after_apart = {};
};

// Thread-safe.
class HttpsReceiver {
 public:
  // Called on the connection's thread.
  using Handler = std::function<Reply(const ReceivedRequest& request)>;

  // On 127.0.0.1; port 0 takes a free one. With `client_ca_pem` nobody is
  // served who shows no certificate by it. Aborts when it cannot.
  HttpsReceiver(const TestCertificate& certificate, Handler handler,
                int port = 0, const std::string& client_ca_pem = "");
  // Cuts every connection.
  ~HttpsReceiver();
  HttpsReceiver(const HttpsReceiver&) = delete;
  HttpsReceiver& operator=(const HttpsReceiver&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // TCP connections so far, refused handshakes included.
  [[nodiscard]] std::size_t connection_count() const { return accepted_; }
  [[nodiscard]] std::vector<ReceivedRequest> requests() const;
  // Waits until there are `count` requests, five seconds at most.
  [[nodiscard]] bool WaitFor(std::size_t count) const;

 private:
  void Accept();
  void Serve(int socket);
  // False when the connection is over.
  bool ServeOne(SSL* ssl);
  // One TLS record for each, one TCP segment for all that fits.
  static bool WriteRecords(SSL* ssl, const std::vector<std::string>& records);
  // Returns early when the receiver stops.
  void Sleep(absl::Duration delay);

  const Handler handler_;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<std::size_t> accepted_ = 0;
  mutable base::Mutex mutex_;
  mutable base::ConditionVariable changed_;
  std::vector<ReceivedRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::set<int> sockets_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> connections_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread acceptor_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_HTTPS_RECEIVER_H_
