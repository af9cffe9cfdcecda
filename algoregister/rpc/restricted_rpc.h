// gRPC edges of restricted parts: reading them, and the administrators' list of
// readers.

#ifndef LIMPID_ALGOREGISTER_RPC_RESTRICTED_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_RESTRICTED_RPC_H_

#include "absl/status/status.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/restricted/reader.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/restricted_read_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class RestrictedReadRpc final
    : public v1::RestrictedReadService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Service. All must outlive the service.
  RestrictedReadRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                    const RegistrationStore& store,
                    RestrictedReaderStore& readers)
      : edge_(rpc::EdgeOf<v1::RestrictedReadService>(runtime, policy)),
        store_(store),
        readers_(readers) {}

  grpc::ServerUnaryReactor* GetRestricted(
      grpc::CallbackServerContext* context,
      const v1::GetRestrictedRequest* request,
      v1::GetRestrictedResponse* response) override;

 private:
  absl::Status Get(const rpc::Caller& caller,
                   const v1::GetRestrictedRequest& request,
                   v1::GetRestrictedResponse& response);

  rpc::Edge edge_;
  const RegistrationStore& store_;
  RestrictedReaderStore& readers_;
};

// Thread-safe.
class RestrictedReaderAdminRpc final
    : public v1::RestrictedReaderAdminService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  RestrictedReaderAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           RestrictedReaderStore& readers)
      : edge_(rpc::EdgeOf<v1::RestrictedReaderAdminService>(runtime, policy)),
        readers_(readers) {}

  grpc::ServerUnaryReactor* CreateRestrictedReader(
      grpc::CallbackServerContext* context,
      const v1::CreateRestrictedReaderRequest* request,
      v1::CreateRestrictedReaderResponse* response) override;
  grpc::ServerUnaryReactor* RemoveRestrictedReader(
      grpc::CallbackServerContext* context,
      const v1::RemoveRestrictedReaderRequest* request,
      v1::RemoveRestrictedReaderResponse* response) override;
  grpc::ServerUnaryReactor* ListRestrictedReaders(
      grpc::CallbackServerContext* context,
      const v1::ListRestrictedReadersRequest* request,
      v1::ListRestrictedReadersResponse* response) override;

 private:
  absl::Status Create(const v1::CreateRestrictedReaderRequest& request,
                      v1::CreateRestrictedReaderResponse& response);

  rpc::Edge edge_;
  RestrictedReaderStore& readers_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_RESTRICTED_RPC_H_
