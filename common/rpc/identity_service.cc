#include "common/rpc/identity_service.h"

#include <utility>

#include "common/base/bytes.h"
#include "common/rpc/unary.h"
#include "limpid/identity/v1/identity_service.grpc.pb.h"

namespace limpid::rpc {
namespace {

namespace v1 = limpid::identity::v1;

v1::CallerKind ToProto(CallerKind kind) {
  switch (kind) {
    case CallerKind::kAnonymous:
      return v1::CALLER_KIND_ANONYMOUS;
    case CallerKind::kCertificate:
      return v1::CALLER_KIND_CERTIFICATE;
    case CallerKind::kToken:
      return v1::CALLER_KIND_TOKEN;
  }
  return v1::CALLER_KIND_UNSPECIFIED;
}

void ToProto(const LogHead& head, log::v1::LogInfo& out) {
  out.set_origin(head.origin);
  out.set_vkey(head.vkey);
  out.set_url(head.url);
  if (head.checkpoint_note.empty()) return;
  out.mutable_checkpoint()->set_note(head.checkpoint_note);
  out.mutable_checkpoint()->set_tree_size(head.tree_size);
}

class IdentityRpc final : public v1::IdentityService::CallbackService {
 public:
  IdentityRpc(Runtime& runtime, AuthPolicy policy, OperatorFacts facts)
      : edge_(EdgeOf<v1::IdentityService>(runtime, policy)),
        facts_(std::move(facts)) {}

  grpc::ServerUnaryReactor* GetOperator(
      grpc::CallbackServerContext* context,
      const v1::GetOperatorRequest* /*request*/,
      v1::GetOperatorResponse* response) override {
    return Unary(edge_, context, [this, response](const Caller& /*caller*/) {
      Describe(*response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* GetCaller(
      grpc::CallbackServerContext* context,
      const v1::GetCallerRequest* /*request*/,
      v1::GetCallerResponse* response) override {
    return Unary(edge_, context, [response](const Caller& caller) {
      response->set_kind(ToProto(caller.kind));
      response->set_administrator(caller.administrator);
      if (caller.kind == CallerKind::kCertificate) {
        response->set_spki_thumbprint(base::ToText(caller.spki_thumbprint));
      }
      return absl::OkStatus();
    });
  }

 private:
  void Describe(v1::GetOperatorResponse& out) const {
    out.set_operator_(facts_.name);
    out.set_version(facts_.version);
    out.set_source_id(facts_.source_id);
    if (facts_.consent) out.add_roles(v1::ROLE_CONSENT);
    if (facts_.vault) out.add_roles(v1::ROLE_VAULT);
    if (facts_.algoregister) out.add_roles(v1::ROLE_REGISTER);
    const absl::Time now = edge_.runtime.clock().Now();
    out.mutable_server_time()->set_seconds(absl::ToUnixSeconds(now));
    if (!facts_.logs) return;
    for (const LogHead& head : facts_.logs()) ToProto(head, *out.add_logs());
  }

  const Edge edge_;
  const OperatorFacts facts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIdentityService(Runtime& runtime,
                                                   AuthPolicy policy,
                                                   OperatorFacts facts) {
  return std::make_unique<IdentityRpc>(runtime, policy, std::move(facts));
}

}  // namespace limpid::rpc
