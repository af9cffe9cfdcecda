#include "server/adapters/key_directory.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "limpid/algoregister/v1/key_directory_service.grpc.pb.h"

namespace limpid::server {
namespace {

namespace v1 = limpid::algoregister::v1;

// As KeyDirectory promises, for publishing and for reading all pages.
constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr int kPageSize = 200;

class RemoteKeyDirectory final : public consent::KeyDirectory {
 public:
  explicit RemoteKeyDirectory(const std::shared_ptr<grpc::Channel>& channel)
      : publishing_(channel), reading_(channel) {}

  absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) override {
    v1::PublishServiceKeyRequest request;
    request.set_entry(base::ToText(entry));
    v1::PublishServiceKeyResponse response;
    grpc::ClientContext context;
    rpc::SetDeadline(context, kPatience);
    LIMPID_RETURN_IF_ERROR(rpc::FromGrpc(
        publishing_.PublishServiceKey(&context, request, &response)));
    return static_cast<std::uint64_t>(response.leaf_index());
  }

  absl::StatusOr<std::vector<base::Bytes>> Read(
      const consent::ServiceId& service) override {
    std::vector<base::Bytes> out;
    v1::ListServiceKeysRequest request;
    request.set_service_id(service.Text());
    request.set_page_size(kPageSize);
    const auto until = std::chrono::system_clock::now() +
                       absl::ToChronoMilliseconds(kPatience);
    do {
      v1::ListServiceKeysResponse page;
      grpc::ClientContext context;
      context.set_deadline(until);
      const absl::Status status =
          rpc::FromGrpc(reading_.ListServiceKeys(&context, request, &page));
      if (absl::IsNotFound(status)) return out;
      if (!status.ok()) return status;
      for (const v1::LoggedServiceKey& key : page.keys()) {
        out.push_back(base::ToBytes(base::AsBytes(key.entry())));
      }
      if (out.size() > algoregister::kMaxServiceKeyEntries) {
        return absl::DataLossError("the register does not end a chain");
      }
      // One without entries is the end, whatever its token says.
      if (page.keys().empty()) break;
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return out;
  }

 private:
  v1::KeyPublishingService::Stub publishing_;
  v1::KeyDirectoryService::Stub reading_;
};

}  // namespace

absl::StatusOr<std::uint64_t> LocalKeyDirectory::Publish(base::ByteView entry) {
  const std::vector<crypto::Ed25519PublicKey> operators = {operator_key_};
  return register_.PublishServiceKey(operators, entry);
}

absl::StatusOr<std::vector<base::Bytes>> LocalKeyDirectory::Read(
    const consent::ServiceId& service) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto keys,
      keys_.List(service.bytes(), 0, algoregister::kMaxServiceKeyEntries));
  std::vector<base::Bytes> out;
  out.reserve(keys.size());
  for (const auto& key : keys) out.push_back(key.entry);
  return out;
}

absl::StatusOr<std::unique_ptr<consent::KeyDirectory>> MakeRemoteKeyDirectory(
    const rpc::ChannelOptions& options) {
  LIMPID_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(options));
  return std::make_unique<RemoteKeyDirectory>(channel);
}

}  // namespace limpid::server
