#include "clients/cpp/connection.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cpp/device_file.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace limpid::client {
namespace {

using google::protobuf::MessageLite;

// Waits before the second and third try of an idempotent call: long enough for
// a server that restarts, short enough for somebody at a terminal.
constexpr std::array kPauses = {absl::Milliseconds(200),
                                absl::Milliseconds(800)};

// How long a call waits for a server that went away.
constexpr absl::Duration kReconnect = absl::Seconds(3);

grpc::ByteBuffer Serialize(const MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

bool Parse(const grpc::ByteBuffer& buffer, MessageLite& message) {
  grpc::Slice slice;
  return buffer.DumpToSingleSlice(&slice).ok() &&
         message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

absl::Status Unreadable() {
  return absl::InternalError("the server's answer cannot be read");
}

// gRPC answers a method that the server does not have without a message.
absl::Status Named(const absl::Status& status, const Method& method) {
  if (!absl::IsUnimplemented(status)) return status;
  return absl::UnimplementedError(
      absl::StrCat("this server does not answer ", base::ToAbsl(method.path),
                   "; it may run other roles or an older version"));
}

class GrpcConnection final : public Connection {
 public:
  GrpcConnection(std::shared_ptr<grpc::Channel> channel,
                 std::shared_ptr<HeadKeeper> heads)
      : channel_(std::move(channel)),
        stub_(channel_),
        heads_(std::move(heads)) {}

  absl::Status Call(const Method& method, const MessageLite& request,
                    MessageLite& response) override {
    Reconnect();
    absl::Status status = CallOnce(method, request, response);
    for (const absl::Duration pause : kPauses) {
      if (!method.idempotent || !absl::IsUnavailable(status)) break;
      // The answer came: what was not kept of it here, no repetition mends.
      if (IsAboutOwnFile(status) || IsLockHeld(status)) break;
      const absl::Time until = absl::Now() + pause;
      (void)rpc::WaitForConnection(*channel_, pause);
      absl::SleepFor(until - absl::Now());
      status = CallOnce(method, request, response);
    }
    return status;
  }

  absl::Status Stream(const Method& method, const MessageLite& request,
                      MessageLite& message,
                      absl::FunctionRef<bool()> each) override {
    Reconnect();
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    rpc::SetDeadline(context, method.patience);
    const auto call =
        stub_.PrepareCall(&context, std::string(method.path), &queue);
    call->StartCall(&queue);
    bool ok = Next(queue);
    if (ok) {
      call->WriteLast(Serialize(request), {}, &queue);
      ok = Next(queue);
    }
    bool stopped = false;
    bool readable = true;
    while (ok && !stopped && readable) {
      grpc::ByteBuffer buffer;
      call->Read(&buffer, &queue);
      ok = Next(queue);
      if (!ok) break;
      readable = Parse(buffer, message);
      stopped = readable && !each();
    }
    if (stopped || !readable) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, &queue);
    (void)Next(queue);
    if (stopped) return absl::OkStatus();
    return readable ? Named(rpc::StatusOfCall(status), method) : Unreadable();
  }

 private:
  // One operation is under way at a time, so its tag says nothing.
  static bool Next(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }

  absl::Status CallOnce(const Method& method, const MessageLite& request,
                        MessageLite& response) {
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    rpc::SetDeadline(context, method.patience);
    std::optional<receipt::LogHead> before;
    if (heads_ != nullptr) before = heads_->kept();
    const auto call = stub_.PrepareUnaryCall(&context, std::string(method.path),
                                             Serialize(request), &queue);
    call->StartCall();
    grpc::ByteBuffer buffer;
    grpc::Status status;
    call->Finish(&buffer, &status, &queue);
    (void)Next(queue);
    LIMPID_RETURN_IF_ERROR(SeeHead(context, before));
    LIMPID_RETURN_IF_ERROR(Named(rpc::StatusOfCall(status), method));
    return Parse(buffer, response) ? absl::OkStatus() : Unreadable();
  }

  // Of an answer that carries one, an error too.
  absl::Status SeeHead(const grpc::ClientContext& context,
                       const std::optional<receipt::LogHead>& before) {
    if (heads_ == nullptr) return absl::OkStatus();
    const auto& trailer = context.GetServerTrailingMetadata();
    const auto at = trailer.find(
        grpc::string_ref(kLogHeadMetadata.data(), kLogHeadMetadata.size()));
    if (at == trailer.end()) return absl::OkStatus();
    const std::string head(at->second.data(), at->second.size());
    return heads_->See(before, base::AsBytes(head));
  }

  // gRPC works on a connection only while somebody waits for it: a channel that
  // lost its server would stay behind between calls, and fail each at once.
  void Reconnect() {
    if (channel_->GetState(/*try_to_connect=*/true) ==
        GRPC_CHANNEL_TRANSIENT_FAILURE) {
      (void)rpc::WaitForConnection(*channel_, kReconnect);
    }
  }

  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  // Null for none.
  const std::shared_ptr<HeadKeeper> heads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connect(
    const rpc::ChannelOptions& options, std::shared_ptr<HeadKeeper> heads) {
  LIMPID_ASSIGN_OR_RETURN(auto channel, rpc::MakeChannel(options));
  return std::make_unique<GrpcConnection>(std::move(channel), std::move(heads));
}

}  // namespace limpid::client
