// Sources by HTTPS: the vault's port over the HTTPS client. TLS 1.3 with a CA
// that is pinned for this source alone, a client certificate, no redirect, and
// as many connections as questions at once.

#ifndef LIMPID_SERVER_ADAPTERS_SOURCE_CHANNEL_H_
#define LIMPID_SERVER_ADAPTERS_SOURCE_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "vault/connectors/source_channel.h"

namespace limpid::server {

struct SourceChannelOptions {
  // "https://host[:port]/path", without a slash at the end of the path.
  std::string url;
  // PEM of the only CAs that may vouch for it.
  std::string ca_pem;
  // PEM of what this vault shows; both or neither.
  std::string certificate_pem;
  std::string private_key_pem;
};

class StoppableChannel : public vault::SourceChannel {
 public:
  // Ends what is asked now, and every later question, with kUnavailable.
  // Thread-safe.
  virtual void Stop() = 0;
};

// Errors:
//   kInvalidArgument  the address or the PEM texts; the message has no field.
absl::StatusOr<std::unique_ptr<StoppableChannel>> MakeSourceChannel(
    SourceChannelOptions options);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_SOURCE_CHANNEL_H_
