#include "tests/integration/http/raw_connection.h"

#include <array>
#include <csignal>

namespace limpid::http {

RawConnection::RawConnection(int port, int max_version)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      bio_(BIO_new_ssl_connect(context_.get()), BIO_free_all) {
  // A server that closes at once must fail the handshake, not end the test.
  (void)std::signal(SIGPIPE, SIG_IGN);
  SSL* ssl = nullptr;
  BIO_get_ssl(bio_.get(), &ssl);
  SSL_set_max_proto_version(ssl, max_version);
  const std::string port_text = std::to_string(port);
  BIO_set_conn_hostname(bio_.get(), "127.0.0.1");
  BIO_set_conn_port(bio_.get(), port_text.c_str());
  // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer): comes last
  connected_ =
      BIO_do_connect(bio_.get()) == 1 && BIO_do_handshake(bio_.get()) == 1;
}

void RawConnection::Send(std::string_view bytes) {
  BIO_write(bio_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

std::string RawConnection::ReadAll() {
  std::string out;
  std::array<char, 4096> chunk{};
  while (true) {
    const int got =
        BIO_read(bio_.get(), chunk.data(), static_cast<int>(chunk.size()));
    if (got <= 0) return out;
    out.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

std::string RawConnection::Exchange(std::string_view bytes) {
  Send(bytes);
  return ReadAll();
}

}  // namespace limpid::http
