// gRPC edge of the register's search. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_SEARCH_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_SEARCH_RPC_H_

#include "absl/status/status.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/search/keeper.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "common/tlog/log.h"
#include "limpid/algoregister/v1/search_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class SearchRpc final : public v1::SearchService::CallbackService {
 public:
  // All must outlive the service.
  struct Parts {
    const RegistrationStore& store;
    search::IndexKeeper& keeper;
    const tlog::Log& log;
    const base::Clock& clock;
  };

  // `policy` is rpc::AuthPolicy::Public.
  SearchRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Parts parts);

  grpc::ServerUnaryReactor* SearchRegistrations(
      grpc::CallbackServerContext* context,
      const v1::SearchRegistrationsRequest* request,
      v1::SearchRegistrationsResponse* response) override;
  grpc::ServerUnaryReactor* SimilarRegistrations(
      grpc::CallbackServerContext* context,
      const v1::SimilarRegistrationsRequest* request,
      v1::SimilarRegistrationsResponse* response) override;
  grpc::ServerUnaryReactor* GetFeed(grpc::CallbackServerContext* context,
                                    const v1::GetFeedRequest* request,
                                    v1::GetFeedResponse* response) override;
  grpc::ServerUnaryReactor* GetCompleteness(
      grpc::CallbackServerContext* context,
      const v1::GetCompletenessRequest* request,
      v1::GetCompletenessResponse* response) override;
  grpc::ServerUnaryReactor* ListOverdue(
      grpc::CallbackServerContext* context,
      const v1::ListOverdueRequest* request,
      v1::ListOverdueResponse* response) override;

 private:
  absl::Status Search(const v1::SearchRegistrationsRequest& request,
                      v1::SearchRegistrationsResponse& response) const;
  absl::Status Similar(const v1::SimilarRegistrationsRequest& request,
                       v1::SimilarRegistrationsResponse& response) const;
  absl::Status ReadFeed(const v1::GetFeedRequest& request,
                        v1::GetFeedResponse& response) const;
  absl::Status Completeness(const v1::GetCompletenessRequest& request,
                            v1::GetCompletenessResponse& response) const;
  absl::Status Overdue(const v1::ListOverdueRequest& request,
                       v1::ListOverdueResponse& response) const;

  rpc::Edge edge_;
  Parts parts_;
  // Of reports, each over every entry of the register.
  ExportLimit reports_;
  // Of pages of feeds, each over as many contents.
  ExportLimit feeds_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_SEARCH_RPC_H_
