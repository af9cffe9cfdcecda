// The port through which a connector asks a source over the network. It carries
// bytes and believes nothing; TLS, addresses and limits are the
// implementation's (server/adapters/source_channel.h).

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_CHANNEL_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_CHANNEL_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::vault {

struct SourceRequest {
  // POST with the body, or GET without.
  bool post = false;
  // Below the source's address: "/attribute", or empty for the address itself.
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string content_type = {};
  std::string body = {};
  // Most of an answer's body.
  std::size_t max_bytes = 0;
  absl::Duration time_limit;
};

struct SourceReply {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Thread-safe.
class SourceChannel {
 public:
  virtual ~SourceChannel() = default;
  SourceChannel(const SourceChannel&) = delete;
  SourceChannel& operator=(const SourceChannel&) = delete;

  // Any status code is a reply, redirects included. Blocks.
  //
  // Errors:
  //   kUnavailable  every other failure: the name, the connection, TLS, time,
  //                 size.
  virtual absl::StatusOr<SourceReply> Ask(const SourceRequest& request) = 0;

 protected:
  SourceChannel() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_CHANNEL_H_
