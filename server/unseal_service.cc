#include "server/unseal_service.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/caller.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "common/rpc/validate.h"
#include "limpid/identity/v1/unseal_service.grpc.pb.h"
#include "server/logging.h"
#include "server/share_collector.h"
#include "server/share_set.h"

namespace limpid::server {
namespace {

namespace v1 = ::limpid::identity::v1;

// 59 words of at most eight letters have 530.
constexpr std::size_t kMaxMnemonicBytes = 1024;

// The words, out of the message. The message is this call's alone and its
// sender's no longer; gRPC hands it out as const and frees it without wiping.
base::SecretBytes TakeMnemonic(const v1::GiveShareRequest& request) {
  base::SecretBytes words =
      base::SecretBytes::Copy(base::AsBytes(request.mnemonic()));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): wiped in its place
  base::Wipe(const_cast<std::string&>(request.mnemonic()));
  return words;
}

absl::Status NotSealed() {
  return absl::FailedPreconditionError(
      "the server is not sealed: it has its root key and needs no share");
}

class UnsealRpc final : public v1::UnsealService::CallbackService {
 public:
  UnsealRpc(const rpc::Edge& edge, const ShareSet& set,
            ShareCollector* collector, Logger& log)
      : edge_(edge), set_(set), collector_(collector), log_(log) {}

  grpc::ServerUnaryReactor* GetSealState(
      grpc::CallbackServerContext* context,
      const v1::GetSealStateRequest* /*request*/,
      v1::GetSealStateResponse* response) override {
    return Unary(edge_, context, [this, response](const rpc::Caller&) {
      response->set_share_set(set_.id);
      response->set_threshold(set_.threshold);
      response->set_share_count(set_.count);
      if (collector_ == nullptr) return absl::OkStatus();
      const ShareCollector::State state = collector_->Look(Now());
      response->set_sealed(!state.complete);
      response->set_given_count(static_cast<std::uint32_t>(state.given));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* GiveShare(
      grpc::CallbackServerContext* context, const v1::GiveShareRequest* request,
      v1::GiveShareResponse* response) override {
    return Unary(edge_, context, [=, this](const rpc::Caller& caller) {
      const base::SecretBytes words = TakeMnemonic(*request);
      return Give(caller, words, *response);
    });
  }

  grpc::ServerUnaryReactor* ForgetShares(
      grpc::CallbackServerContext* context,
      const v1::ForgetSharesRequest* /*request*/,
      v1::ForgetSharesResponse* response) override {
    return Unary(edge_, context, [this, response](const rpc::Caller&) {
      if (collector_ == nullptr) return NotSealed();
      const auto count = static_cast<std::uint32_t>(collector_->Forget());
      response->set_forgotten_count(count);
      log_.Write(Severity::kInfo, "an administrator had the shares forgotten",
                 {{"shares", absl::StrCat(count)}});
      return absl::OkStatus();
    });
  }

 private:
  [[nodiscard]] absl::Duration Now() const {
    return edge_.runtime.clock().Monotonic();
  }

  absl::Status Give(const rpc::Caller& caller, const base::SecretBytes& words,
                    v1::GiveShareResponse& response) {
    if (collector_ == nullptr) return NotSealed();
    if (words.empty()) return rpc::FieldError("mnemonic", "is empty");
    if (words.size() > kMaxMnemonicBytes) {
      return rpc::FieldError("mnemonic", "is longer than 1024 bytes");
    }
    const auto state = collector_->Give(caller.spki_thumbprint, words, Now());
    if (!state.ok()) {
      // Invariant: sentences of the collector print no word of a share.
      log_.Write(Severity::kWarn, "a share was refused",
                 {{"why", std::string(state.status().message())}});
      return state.status();
    }
    log_.Write(
        Severity::kInfo, "a share was given",
        {{"given", absl::StrCat(state->complete ? std::size_t{set_.threshold}
                                                : state->given)},
         {"needed", absl::StrCat(int{set_.threshold})}});
    response.set_unsealed(state->complete);
    response.set_given_count(static_cast<std::uint32_t>(state->given));
    response.set_threshold(set_.threshold);
    return absl::OkStatus();
  }

  const rpc::Edge edge_;
  const ShareSet set_;
  ShareCollector* const collector_;
  Logger& log_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeUnsealService(rpc::Runtime& runtime,
                                                 rpc::AuthPolicy policy,
                                                 const ShareSet& set,
                                                 ShareCollector* collector,
                                                 Logger& log) {
  return std::make_unique<UnsealRpc>(
      rpc::EdgeOf<v1::UnsealService>(runtime, policy), set, collector, log);
}

}  // namespace limpid::server
