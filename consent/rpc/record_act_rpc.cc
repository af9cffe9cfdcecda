#include "consent/rpc/record_act_rpc.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/on_record.h"

namespace limpid::consent {
namespace {

constexpr int kMaxKept = static_cast<int>(kMaxLines);

absl::StatusOr<Narrowing> FromProto(const v1::NarrowRecordRequest& request) {
  Narrowing out;
  if (request.keep_attributes_size() > kMaxKept) {
    return rpc::FieldError("keep_attributes", "has more than 64 values");
  }
  out.keep = {request.keep_attributes().begin(),
              request.keep_attributes().end()};
  if (request.has_until_time()) {
    out.until = absl::FromUnixSeconds(request.until_time().seconds()) +
                absl::Nanoseconds(request.until_time().nanos());
  }
  return out;
}

}  // namespace

RecordActRpc::RecordActRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           Consent& consent)
    : edge_(rpc::EdgeOf<v1::RecordActService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* RecordActRpc::DeferRecord(
    grpc::CallbackServerContext* context, const v1::DeferRecordRequest* request,
    v1::DeferRecordResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                            consent_.Defer(person, record));
                    *response->mutable_record() = ToProto(changed.record);
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* RecordActRpc::NarrowRecord(
    grpc::CallbackServerContext* context,
    const v1::NarrowRecordRequest* request,
    v1::NarrowRecordResponse* response) {
  return OnRecord(
      edge_, context, request,
      [=, this](const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const Narrowing narrowing, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                consent_.Narrow(person, record, narrowing));
        *response->mutable_record() = ToProto(changed.record);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* RecordActRpc::ObjectToRecord(
    grpc::CallbackServerContext* context,
    const v1::ObjectToRecordRequest* request,
    v1::ObjectToRecordResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(
                        const Objection objection,
                        consent_.ObjectTo(person, record, request->grounds()));
                    *response->mutable_record() = ToProto(objection.record);
                    response->set_refusal(objection.refusal);
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* RecordActRpc::AllowAskingAgain(
    grpc::CallbackServerContext* context,
    const v1::AllowAskingAgainRequest* request,
    v1::AllowAskingAgainResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(
                        const RecordView view,
                        consent_.AllowAskingAgain(person, record));
                    *response->mutable_record() = ToProto(view);
                    return absl::OkStatus();
                  });
}

}  // namespace limpid::consent
