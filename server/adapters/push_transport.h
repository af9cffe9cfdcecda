// Pushes by HTTPS: consent's port over the HTTPS client. The rules about
// addresses, time and size are set here once, for every service.

#ifndef LIMPID_SERVER_ADAPTERS_PUSH_TRANSPORT_H_
#define LIMPID_SERVER_ADAPTERS_PUSH_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "consent/push/push_transport.h"

namespace limpid::server {

struct PushTransportOptions {
  // Takes addresses that are not public as well.
  bool private_addresses = false;
  // PEM of CAs to trust beside the system's; may be empty.
  std::string more_ca_pem;
};

// Errors:
//   kInvalidArgument  consent.push_ca_file: holds no certificate.
absl::StatusOr<std::unique_ptr<consent::PushTransport>> MakePushTransport(
    PushTransportOptions options);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_PUSH_TRANSPORT_H_
