// The service that takes the shares of the root key, as gRPC sees it. The rules
// are share_collector.h's.

#ifndef LIMPID_SERVER_UNSEAL_SERVICE_H_
#define LIMPID_SERVER_UNSEAL_SERVICE_H_

#include <memory>

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "server/logging.h"
#include "server/share_collector.h"
#include "server/share_set.h"

namespace grpc {
class Service;
}

namespace limpid::server {

// `collector` is null in a server that has its root key: it says so and takes
// nothing. All that is not null must outlive the service.
std::unique_ptr<grpc::Service> MakeUnsealService(rpc::Runtime& runtime,
                                                 rpc::AuthPolicy policy,
                                                 const ShareSet& set,
                                                 ShareCollector* collector,
                                                 Logger& log);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_UNSEAL_SERVICE_H_
