#include "algoregister/rpc/register_admin_rpc.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/rpc/convert.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;

}  // namespace

grpc::ServerUnaryReactor* RegisterAdminRpc::CreatePublisher(
    grpc::CallbackServerContext* context,
    const v1::CreatePublisherRequest* request,
    v1::CreatePublisherResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(Publisher publisher,
                                FromProto(request->publisher()));
        const auto request_id =
            base::ToArray<base::kIdBytes>(base::AsBytes(request->request_id()));
        if (!request_id.ok()) {
          return rpc::FieldError("request_id", "must be 16 bytes");
        }
        publisher.id = PublisherId::Random();
        LIMPID_ASSIGN_OR_RETURN(const Publisher made,
                                publishers_.Create(publisher, *request_id));
        *response->mutable_publisher() = ToProto(made);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* RegisterAdminRpc::UpdatePublisher(
    grpc::CallbackServerContext* context,
    const v1::UpdatePublisherRequest* request,
    v1::UpdatePublisherResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(Publisher publisher,
                                FromProto(request->publisher()));
        LIMPID_ASSIGN_OR_RETURN(
            publisher.id,
            rpc::ParseId<PublisherId>("publisher.publisher_id",
                                      request->publisher().publisher_id()));
        LIMPID_RETURN_IF_ERROR(publishers_.Update(publisher));
        *response->mutable_publisher() = ToProto(publisher);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* RegisterAdminRpc::ListPublishers(
    grpc::CallbackServerContext* context,
    const v1::ListPublishersRequest* request,
    v1::ListPublishersResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return List(*request, *response);
  });
}

absl::Status RegisterAdminRpc::List(
    const v1::ListPublishersRequest& request,
    v1::ListPublishersResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  std::optional<PublisherId> after;
  if (!request.page_token().empty()) {
    const auto id = PublisherId::FromBytes(base::AsBytes(request.page_token()));
    if (!id.ok()) return rpc::FieldError("page_token", "malformed");
    after = *id;
  }
  const auto limit = static_cast<std::size_t>(size);
  LIMPID_ASSIGN_OR_RETURN(std::vector<Publisher> publishers,
                          publishers_.List(after, limit + 1));
  const bool more = publishers.size() > limit;
  if (more) publishers.pop_back();
  for (const Publisher& publisher : publishers) {
    *response.add_publishers() = ToProto(publisher);
  }
  if (more) {
    response.set_next_page_token(base::ToText(publishers.back().id.bytes()));
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
