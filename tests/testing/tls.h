// Certificates for tests with real TLS: a server for localhost, and the two
// client authorities with one certificate each.

#ifndef LIMPID_TESTS_TESTING_TLS_H_
#define LIMPID_TESTS_TESTING_TLS_H_

#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/crypto/x509.h"

namespace limpid::testing {

// A key and its certificate, both PEM.
struct TestCertificate {
  std::string certificate_pem;
  std::string private_key_pem;
  // SHA-256 of the public key, as a caller is known by.
  base::Digest32 thumbprint{};
};

// Makes everything at construction (some milliseconds). Valid an hour.
class TestTls {
 public:
  TestTls();

  // For "localhost" and 127.0.0.1.
  [[nodiscard]] const TestCertificate& server() const { return server_; }
  // What a client trusts.
  [[nodiscard]] const std::string& server_ca_pem() const {
    return server_ca_.certificate_pem;
  }
  [[nodiscard]] const std::string& client_ca_pem() const {
    return client_ca_.certificate_pem;
  }
  [[nodiscard]] const std::string& admin_ca_pem() const {
    return admin_ca_.certificate_pem;
  }
  // Client CA and admin CA, as the listener wants them.
  [[nodiscard]] std::string client_roots_pem() const;

  [[nodiscard]] TestCertificate IssueService(std::string_view name) const;
  [[nodiscard]] TestCertificate IssueAdministrator(std::string_view name) const;
  // By an authority that no server trusts.
  [[nodiscard]] TestCertificate IssueStranger(std::string_view name) const;

 private:
  crypto::Credential server_ca_;
  crypto::Credential client_ca_;
  crypto::Credential admin_ca_;
  crypto::Credential stranger_ca_;
  TestCertificate server_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_TLS_H_
