#include "tests/testing/tls.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/base/secret.h"

namespace limpid::testing {
namespace {

crypto::Validity OneHour() {
  const absl::Time now = absl::Now();
  return {now - absl::Minutes(1), now + absl::Hours(1)};
}

TestCertificate Issue(const crypto::Credential& authority,
                      std::string_view name, bool server) {
  crypto::LeafProfile profile;
  profile.common_name = name;
  profile.validity = OneHour();
  profile.server = server;
  profile.client = !server;
  if (server) {
    profile.dns_names = {"localhost"};
    profile.ip_addresses = {"127.0.0.1"};
  }
  const auto leaf = crypto::IssueLeaf(authority, profile).value();
  return {leaf.certificate_pem,
          base::ToText(leaf.private_key_pem.Reveal(base::SecretAccess::Get())),
          crypto::SpkiThumbprint(leaf.certificate_pem).value()};
}

}  // namespace

TestTls::TestTls()
    : server_ca_(crypto::MakeAuthority("test server CA", OneHour()).value()),
      client_ca_(crypto::MakeAuthority("test client CA", OneHour()).value()),
      admin_ca_(crypto::MakeAuthority("test admin CA", OneHour()).value()),
      stranger_ca_(crypto::MakeAuthority("stranger CA", OneHour()).value()),
      server_(Issue(server_ca_, "localhost", /*server=*/true)) {}

std::string TestTls::client_roots_pem() const {
  return client_ca_.certificate_pem + admin_ca_.certificate_pem;
}

TestCertificate TestTls::IssueService(std::string_view name) const {
  return Issue(client_ca_, name, /*server=*/false);
}

TestCertificate TestTls::IssueAdministrator(std::string_view name) const {
  return Issue(admin_ca_, name, /*server=*/false);
}

TestCertificate TestTls::IssueStranger(std::string_view name) const {
  return Issue(stranger_ca_, name, /*server=*/false);
}

}  // namespace limpid::testing
