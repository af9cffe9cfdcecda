#include "consent/rpc/decision_rpc.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/receipt/permit.h"
#include "common/rpc/duplex.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {
namespace {

using Writer = rpc::StreamWriter<v1::ConnectResponse>;

absl::Status Fenced() {
  return absl::UnavailableError("the consent changed meanwhile; ask again");
}

// `path` stands before each field.
absl::StatusOr<AuthoriseRequest> FromProto(const std::string& path,
                                           const v1::AuthorizeRequest& request,
                                           const SourceId& source) {
  AuthoriseRequest out;
  out.source = source;
  if (!request.service_proof().empty()) {
    return rpc::FieldError(path + "service_proof",
                           "must be empty in this version");
  }
  const auto key =
      base::ToArray<32>(base::AsBytes(request.service_spki_thumbprint()));
  if (!key.ok()) {
    return rpc::FieldError(path + "service_spki_thumbprint",
                           "must have 32 bytes");
  }
  out.caller_key = *key;
  // What is no id of a record is decided like a record that does not exist.
  out.record = RecordId::Parse(request.record_id()).value_or(RecordId());
  v1::ExplainDecisionRequest read;
  read.set_purpose(request.purpose());
  *read.mutable_attributes() = request.attributes();
  if (request.has_training()) *read.mutable_training() = request.training();
  LIMPID_ASSIGN_OR_RETURN(out.read, consent::FromProto(read));
  const auto nonce = base::ToArray<16>(base::AsBytes(request.source_nonce()));
  if (!nonce.ok()) {
    return rpc::FieldError(path + "source_nonce", "must have 16 bytes");
  }
  out.nonce = *nonce;
  const auto hash = base::ToArray<32>(base::AsBytes(request.request_hash()));
  if (!hash.ok()) {
    return rpc::FieldError(path + "request_hash", "must have 32 bytes");
  }
  out.request_hash = *hash;
  return out;
}

void Fill(const Authorisation& answer, v1::AuthorizeResponse& out) {
  out.set_access_id(answer.access.Text());
  for (const Outcome& outcome : answer.outcomes) {
    v1::Outcome& to = *out.add_outcomes();
    to.set_attribute(outcome.attribute);
    to.set_allowed(outcome.reason == receipt::Reason::kReleased);
    to.set_reason(static_cast<v1::Reason>(outcome.reason));
  }
  out.set_access_promise(ToProto(answer.promise));
  if (!answer.release) return;
  out.set_permit(ToProto(answer.release->item));
  out.set_batch_proof(ToProto(answer.release->proof.Encode()));
  out.set_lease_milliseconds(static_cast<std::uint32_t>(
      absl::ToInt64Milliseconds(receipt::kMaxLease)));
}

absl::StatusOr<CohortRequest> FromProto(
    const v1::AuthorizeCohortRequest& request, const SourceId& source) {
  CohortRequest out;
  out.source = source;
  const auto key =
      base::ToArray<32>(base::AsBytes(request.service_spki_thumbprint()));
  if (!key.ok()) {
    return rpc::FieldError("service_spki_thumbprint", "must have 32 bytes");
  }
  out.caller_key = *key;
  // What is no id of an agreement is answered like one that does not exist.
  out.agreement =
      AgreementId::Parse(request.agreement_id()).value_or(AgreementId());
  out.purpose = request.purpose();
  out.attribute = request.attribute();
  out.epoch = request.epoch();
  const auto nonce = base::ToArray<16>(base::AsBytes(request.source_nonce()));
  if (!nonce.ok()) {
    return rpc::FieldError("source_nonce", "must have 16 bytes");
  }
  out.nonce = *nonce;
  const auto hash = base::ToArray<32>(base::AsBytes(request.request_hash()));
  if (!hash.ok()) return rpc::FieldError("request_hash", "must have 32 bytes");
  out.request_hash = *hash;
  out.answered = request.answered();
  return out;
}

absl::Status Fill(const absl::StatusOr<CohortAnswer>& answer,
                  v1::AuthorizeCohortResponse& out) {
  LIMPID_RETURN_IF_ERROR(answer.status());
  if (!answer->release) return absl::OkStatus();
  out.set_permit(ToProto(answer->release->item));
  out.set_batch_proof(ToProto(answer->release->proof.Encode()));
  std::string& members = *out.mutable_members();
  members.reserve(answer->release->members.size() * base::kIdBytes);
  for (const receipt::CohortMember& member : answer->release->members) {
    members.append(member.begin(), member.end());
  }
  return absl::OkStatus();
}

v1::ConnectResponse FailureOf(std::uint64_t number,
                              const absl::Status& status) {
  v1::ConnectResponse out;
  out.mutable_answer()->set_number(number);
  // As an RPC would answer: what is ours alone stays here.
  const grpc::Status shown = rpc::ToGrpc(status);
  v1::Failure& failure = *out.mutable_answer()->mutable_failure();
  failure.set_code(static_cast<std::int32_t>(shown.error_code()));
  failure.set_message(shown.error_message());
  return out;
}

// Queues the answer to one question of a stream.
void Send(Writer& writer, std::uint64_t number,
          absl::StatusOr<RemoteAnswer> answer) {
  if (!answer.ok()) {
    writer.Write(FailureOf(number, answer.status()));
    return;
  }
  v1::ConnectResponse out;
  out.mutable_answer()->set_number(number);
  Fill(answer->answer(), *out.mutable_answer()->mutable_response());
  const bool sent = answer->Send([&] { writer.Write(std::move(out)); });
  if (!sent) writer.Write(FailureOf(number, Fenced()));
}

v1::WatchFencesResponse FenceOf(const RecordId& record,
                                std::uint64_t revision) {
  v1::WatchFencesResponse out;
  out.set_record_id(record.Text());
  out.set_revision(revision);
  return out;
}

// A source of before outcomes says only whether the answer was sent; when it
// was not, bytes may have left before that was known.
absl::StatusOr<receipt::AccessOutcome> OutcomeOf(
    const v1::ClosePermitRequest& request) {
  const v1::AccessOutcome outcome = request.outcome();
  if (outcome == v1::ACCESS_OUTCOME_UNSPECIFIED) {
    return request.sent() ? receipt::AccessOutcome::kReleased
                          : receipt::AccessOutcome::kFailed;
  }
  if (outcome < v1::ACCESS_OUTCOME_RELEASED ||
      outcome > v1::ACCESS_OUTCOME_PARTIAL) {
    return rpc::FieldError("outcome", "is none that a source can say");
  }
  // The same numbers on both sides.
  return static_cast<receipt::AccessOutcome>(outcome);
}

absl::Status CloseOf(SourceDesk& desk, const SourceId& source,
                     const v1::ClosePermitRequest& request) {
  LIMPID_ASSIGN_OR_RETURN(
      const AccessId access,
      rpc::ParseId<AccessId>("access_id", request.access_id()));
  LIMPID_ASSIGN_OR_RETURN(const receipt::AccessOutcome outcome,
                          OutcomeOf(request));
  desk.Close(source, access, outcome);
  return absl::OkStatus();
}

// One message of a source.
absl::Status Take(SourceDesk& desk, const SourceId& source,
                  const std::shared_ptr<Writer>& writer,
                  const v1::ConnectRequest& message) {
  if (message.has_close()) return CloseOf(desk, source, message.close());
  if (!message.has_question()) {
    return rpc::FieldError("message", "is required");
  }
  const std::uint64_t number = message.question().number();
  absl::StatusOr<AuthoriseRequest> asked =
      FromProto("question.request.", message.question().request(), source);
  if (!asked.ok()) {
    writer->Write(FailureOf(number, asked.status()));
    return absl::OkStatus();
  }
  desk.Authorise(*std::move(asked),
                 [writer, number](absl::StatusOr<RemoteAnswer> answer) {
                   Send(*writer, number, std::move(answer));
                 });
  return absl::OkStatus();
}

}  // namespace

DecisionRpc::DecisionRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                         Consent& consent)
    : edge_(rpc::EdgeOf<v1::DecisionService>(runtime, policy)),
      desk_(consent) {}

grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse>*
DecisionRpc::Connect(grpc::CallbackServerContext* context) {
  using Sink = rpc::MessageSink<v1::ConnectRequest>;
  return rpc::ServerDuplex<v1::ConnectRequest, v1::ConnectResponse>(
      edge_, context,
      [this](const rpc::Caller& caller,
             const std::shared_ptr<Writer>& writer) -> absl::StatusOr<Sink> {
        LIMPID_ASSIGN_OR_RETURN(const SourceId source,
                                desk_.SourceOf(caller.spki_thumbprint));
        // Weak: the call owns its writer, and no fence may come for days.
        const std::weak_ptr<Writer> there = writer;
        desk_.Listen([there](const RecordId& record, std::uint64_t revision) {
          v1::ConnectResponse out;
          *out.mutable_fence() = FenceOf(record, revision);
          const auto open = there.lock();
          return open != nullptr && open->Write(std::move(out));
        });
        return Sink([this, source, writer](const v1::ConnectRequest& message) {
          return Take(desk_, source, writer, message);
        });
      });
}

grpc::ServerUnaryReactor* DecisionRpc::Authorize(
    grpc::CallbackServerContext* context, const v1::AuthorizeRequest* request,
    v1::AuthorizeResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const SourceId source,
                                desk_.SourceOf(call->caller().spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(AuthoriseRequest asked,
                                FromProto("", *request, source));
        desk_.Authorise(std::move(asked),
                        [call, response](absl::StatusOr<RemoteAnswer> answer) {
                          if (!answer.ok()) {
                            call->Complete([&] { return answer.status(); });
                            return;
                          }
                          const bool sent = answer->Send([&] {
                            call->Complete([&] {
                              Fill(answer->answer(), *response);
                              return absl::OkStatus();
                            });
                          });
                          if (!sent) call->Complete([] { return Fenced(); });
                        });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DecisionRpc::AuthorizeCohort(
    grpc::CallbackServerContext* context,
    const v1::AuthorizeCohortRequest* request,
    v1::AuthorizeCohortResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const SourceId source,
                                desk_.SourceOf(call->caller().spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(CohortRequest asked,
                                FromProto(*request, source));
        desk_.AuthoriseCohort(
            std::move(asked),
            [call, response](const absl::StatusOr<CohortAnswer>& answer) {
              call->Complete([&] { return Fill(answer, *response); });
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DecisionRpc::ClosePermit(
    grpc::CallbackServerContext* context, const v1::ClosePermitRequest* request,
    v1::ClosePermitResponse* /*response*/) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const SourceId source,
                                desk_.SourceOf(call->caller().spki_thumbprint));
        LIMPID_RETURN_IF_ERROR(CloseOf(desk_, source, *request));
        call->Complete([] { return absl::OkStatus(); });
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::WatchFencesResponse>* DecisionRpc::WatchFences(
    grpc::CallbackServerContext* context,
    const v1::WatchFencesRequest* /*request*/) {
  using FenceWriter = rpc::StreamWriter<v1::WatchFencesResponse>;
  return rpc::ServerStream<v1::WatchFencesResponse>(
      edge_, context,
      [this](const rpc::Caller& caller,
             const std::shared_ptr<FenceWriter>& writer) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(desk_.SourceOf(caller.spki_thumbprint).status());
        const std::weak_ptr<FenceWriter> there = writer;
        desk_.Listen([there](const RecordId& record, std::uint64_t revision) {
          const auto open = there.lock();
          return open != nullptr && open->Write(FenceOf(record, revision));
        });
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
