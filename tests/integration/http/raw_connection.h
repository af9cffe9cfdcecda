// A TLS connection that sends whatever bytes a test likes.

#ifndef LIMPID_TESTS_INTEGRATION_HTTP_RAW_CONNECTION_H_
#define LIMPID_TESTS_INTEGRATION_HTTP_RAW_CONNECTION_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace limpid::http {

class RawConnection {
 public:
  // Connects to 127.0.0.1 with at most TLS `max_version`; checks no
  // certificate.
  explicit RawConnection(int port, int max_version = TLS1_3_VERSION);

  [[nodiscard]] bool connected() const { return connected_; }
  void Send(std::string_view bytes);
  // Everything until the server closes.
  std::string ReadAll();
  // Sends and reads until the close.
  std::string Exchange(std::string_view bytes);

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio_;
  bool connected_ = false;
};

}  // namespace limpid::http

#endif  // LIMPID_TESTS_INTEGRATION_HTTP_RAW_CONNECTION_H_
