// The service that names the operator behind a listener, so that a client can
// make its first token. Open to all; holds no secret.

#ifndef LIMPID_COMMON_RPC_IDENTITY_SERVICE_H_
#define LIMPID_COMMON_RPC_IDENTITY_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"

namespace grpc {
class Service;
}

namespace limpid::rpc {

// One log at this moment; mirrors limpid.log.v1.LogInfo.
struct LogHead {
  std::string origin;
  std::string vkey;
  std::string url;
  // The signed note; empty before the first publication.
  std::string checkpoint_note;
  std::int64_t tree_size = 0;
};

struct OperatorFacts {
  std::string name;
  std::string version;
  bool consent = false;
  bool vault = false;
  bool algoregister = false;
  // Text id of the data source, empty without the vault role.
  std::string source_id;
  // Asked at every call; may read the log's memory, must not block for long.
  std::function<std::vector<LogHead>()> logs;
};

// `runtime` must outlive the service.
std::unique_ptr<grpc::Service> MakeIdentityService(Runtime& runtime,
                                                   AuthPolicy policy,
                                                   OperatorFacts facts);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_IDENTITY_SERVICE_H_
