#include "vault/rpc/source_rpc.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/attribute/definition.h"
#include "vault/rpc/convert.h"
#include "vault/rpc/holder_authenticator.h"

namespace limpid::vault {
namespace {

// A link statement has under 1,000.
constexpr std::size_t kMaxProofBytes = 4096;

absl::Status CheckSource(const std::string& name) {
  return rpc::CheckText("source", name, SourceLink::kMaxSourceBytes);
}

absl::StatusOr<SourceMode> FromProto(v1::SourceMode mode) {
  switch (mode) {
    case v1::SOURCE_MODE_REFERENCED:
      return SourceMode::kReferenced;
    case v1::SOURCE_MODE_COMPUTED:
      return SourceMode::kComputed;
    case v1::SOURCE_MODE_HELD:
      return rpc::FieldError("attributes.mode",
                             "held is what you put in the vault yourself");
    case v1::SOURCE_MODE_UNSPECIFIED:
    case v1::SourceMode_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::SourceMode_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError("attributes.mode", "is missing or unknown");
}

v1::SourceMode ToProto(SourceMode mode) {
  switch (mode) {
    case SourceMode::kHeld:
      return v1::SOURCE_MODE_HELD;
    case SourceMode::kReferenced:
      return v1::SOURCE_MODE_REFERENCED;
    case SourceMode::kComputed:
      return v1::SOURCE_MODE_COMPUTED;
  }
  return v1::SOURCE_MODE_UNSPECIFIED;
}

absl::StatusOr<NewLink> FromProto(const v1::LinkSourceRequest& request) {
  LIMPID_RETURN_IF_ERROR(CheckSource(request.source()));
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText("proof", request.proof(), kMaxProofBytes));
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckCount("attributes", request.attributes_size(),
                      static_cast<int>(SourceLink::kMaxAttributes)));
  NewLink out;
  out.source = request.source();
  out.proof = request.proof();
  for (const v1::LinkedAttribute& one : request.attributes()) {
    LIMPID_ASSIGN_OR_RETURN(const SourceMode mode, FromProto(one.mode()));
    out.attributes.push_back({one.attribute(), mode});
  }
  return out;
}

v1::SourceLink ToProto(const SourceLink& link) {
  v1::SourceLink out;
  out.set_source(link.source);
  out.set_subject(link.subject);
  for (const LinkedAttribute& one : link.attributes) {
    v1::LinkedAttribute& linked = *out.add_attributes();
    linked.set_attribute(one.attribute);
    linked.set_mode(ToProto(one.mode));
  }
  *out.mutable_link_time() = vault::ToProto(link.linked);
  return out;
}

absl::StatusOr<RectificationRequest> FromProto(
    const v1::RequestRectificationRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request.attribute(),
                                        Definition::kMaxIdBytes));
  RectificationRequest out;
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("request_id", request.request_id(),
                                         out.request_id.size()));
  out.attribute = request.attribute();
  out.value_json = request.value_json();
  std::copy(request.request_id().begin(), request.request_id().end(),
            out.request_id.begin());
  return out;
}

void Fill(const RectificationAnswer& answer,
          v1::RequestRectificationResponse& response) {
  // The numbers agree; source_service.proto.
  response.set_outcome(static_cast<v1::RectificationOutcome>(answer.outcome));
  response.set_ground(static_cast<v1::RectificationGround>(answer.ground));
  response.set_law(std::string(LawOf(answer.ground)));
}

void Fill(const std::vector<Holding>& holdings,
          v1::ListHoldingsResponse& response) {
  for (const Holding& one : holdings) {
    v1::Holding& out = *response.add_holdings();
    out.set_attribute(one.attribute);
    *out.mutable_as_of_time() = vault::ToProto(one.as_of);
  }
}

template <typename Response>
void FillAct(const DoneAct& act, Response& response) {
  response.set_commitment(base::ToText(act.commitment));
  *response.mutable_promised_by_time() = vault::ToProto(act.promised_by);
}

}  // namespace

SourceRpc::SourceRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     SourceDesk& desk)
    : edge_(rpc::EdgeOf<v1::SourceService>(runtime, policy)), desk_(desk) {}

grpc::ServerUnaryReactor* SourceRpc::ListSources(
    grpc::CallbackServerContext* context,
    const v1::ListSourcesRequest* /*request*/,
    v1::ListSourcesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto links, desk_.List(person));
        for (const Source& source : desk_.sources().all()) {
          // The vault itself is not linked.
          if (source.attributes.empty()) continue;
          v1::Source& out = *response->add_sources();
          out.set_name(source.name);
          out.set_title(source.title);
          for (const std::string& one : source.attributes) {
            out.add_attributes(one);
          }
        }
        for (const SourceLink& link : links) {
          *response->add_links() = ToProto(link);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SourceRpc::LinkSource(
    grpc::CallbackServerContext* context, const v1::LinkSourceRequest* request,
    v1::LinkSourceResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person,
                                PersonOf(call->caller()));
        LIMPID_ASSIGN_OR_RETURN(NewLink link, FromProto(*request));
        const std::string source = link.source;
        return desk_.Run(person, source, SourceDesk::Needs::kNothing,
                         [this, call, person, response,
                          link = std::move(link)](OwnCalls::Turn& turn) {
                           if (!call->open()) return;
                           const auto done = desk_.Link(person, link);
                           turn.End();
                           call->Complete([&]() -> absl::Status {
                             LIMPID_RETURN_IF_ERROR(done.status());
                             *response->mutable_link() = ToProto(done->link);
                             FillAct(done->act, *response);
                             return absl::OkStatus();
                           });
                         });
      });
}

grpc::ServerUnaryReactor* SourceRpc::UnlinkSource(
    grpc::CallbackServerContext* context,
    const v1::UnlinkSourceRequest* request,
    v1::UnlinkSourceResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_RETURN_IF_ERROR(CheckSource(request->source()));
        LIMPID_ASSIGN_OR_RETURN(const DoneAct done,
                                desk_.Unlink(person, request->source()));
        FillAct(done, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SourceRpc::ListHoldings(
    grpc::CallbackServerContext* context,
    const v1::ListHoldingsRequest* request,
    v1::ListHoldingsResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person,
                                PersonOf(call->caller()));
        LIMPID_RETURN_IF_ERROR(CheckSource(request->source()));
        return desk_.Run(person, request->source(), SourceDesk::Needs::kLink,
                         [this, call, person, response,
                          source = request->source()](OwnCalls::Turn& turn) {
                           if (!call->open()) return;
                           const auto holdings = desk_.Holdings(person, source);
                           turn.End();
                           call->Complete([&]() -> absl::Status {
                             LIMPID_RETURN_IF_ERROR(holdings.status());
                             Fill(*holdings, *response);
                             return absl::OkStatus();
                           });
                         });
      });
}

grpc::ServerUnaryReactor* SourceRpc::RequestRectification(
    grpc::CallbackServerContext* context,
    const v1::RequestRectificationRequest* request,
    v1::RequestRectificationResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person,
                                PersonOf(call->caller()));
        LIMPID_ASSIGN_OR_RETURN(RectificationRequest asked,
                                FromProto(*request));
        asked.person = person;
        LIMPID_RETURN_IF_ERROR(CheckSource(request->source()));
        return desk_.Run(person, request->source(), SourceDesk::Needs::kLink,
                         [this, call, asked, response,
                          source = request->source()](OwnCalls::Turn& turn) {
                           if (!call->open()) return;
                           const auto answer =
                               desk_.RequestRectification(asked, source);
                           turn.End();
                           call->Complete([&]() -> absl::Status {
                             LIMPID_RETURN_IF_ERROR(answer.status());
                             Fill(*answer, *response);
                             return absl::OkStatus();
                           });
                         });
      });
}

}  // namespace limpid::vault
