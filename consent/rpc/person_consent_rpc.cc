#include "consent/rpc/person_consent_rpc.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/on_record.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

// Some 500 bytes each.
constexpr std::size_t kRevisionsPerAnswer = 500;

// One page of records, whatever the two list calls are named.
template <typename Request, typename Response>
absl::Status ListPage(const Consent& consent, const rpc::Caller& caller,
                      bool open_only, const Request& request,
                      Response& response) {
  LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPageSize, kMaxPageSize));
  LIMPID_ASSIGN_OR_RETURN(const auto after,
                          ParseRecordToken(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(const RecordPage page,
                          consent.ListRecords(person, open_only, after,
                                              static_cast<std::size_t>(size)));
  for (const RecordView& record : page.records)
    *response.add_records() = ToProto(record);
  response.set_next_page_token(RecordToken(page.next));
  return absl::OkStatus();
}

}  // namespace

PersonConsentRpc::PersonConsentRpc(rpc::Runtime& runtime,
                                   rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonConsentService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonConsentRpc::BindRequest(
    grpc::CallbackServerContext* context, const v1::BindRequestRequest* request,
    v1::BindRequestResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const RecordView record,
            consent_.BindRequest(person, request->request_code()));
        *response->mutable_record() = ToProto(record);
        *response->mutable_agreement() = ToProto(*record.agreement);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonConsentRpc::ListRequests(
    grpc::CallbackServerContext* context,
    const v1::ListRequestsRequest* request,
    v1::ListRequestsResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this](const rpc::Caller& caller) -> absl::Status {
                      return ListPage(consent_, caller, /*open_only=*/true,
                                      *request, *response);
                    });
}

grpc::ServerUnaryReactor* PersonConsentRpc::ListRecords(
    grpc::CallbackServerContext* context, const v1::ListRecordsRequest* request,
    v1::ListRecordsResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this](const rpc::Caller& caller) -> absl::Status {
                      return ListPage(consent_, caller, /*open_only=*/false,
                                      *request, *response);
                    });
}

grpc::ServerUnaryReactor* PersonConsentRpc::GetRecord(
    grpc::CallbackServerContext* context, const v1::GetRecordRequest* request,
    v1::GetRecordResponse* response) {
  return OnRecord(
      edge_, context, request,
      [=, this](const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const RecordView view,
                                consent_.GetRecord(person, record));
        LIMPID_ASSIGN_OR_RETURN(
            const RevisionPage history,
            consent_.ListRevisions(person, record, request->before_revision(),
                                   kRevisionsPerAnswer));
        *response->mutable_record() = ToProto(view);
        *response->mutable_agreement() = ToProto(*view.agreement);
        for (const Revision& revision : history.revisions)
          *response->add_revisions() = ToProto(revision);
        response->set_next_before_revision(history.next_before);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonConsentRpc::GrantRecord(
    grpc::CallbackServerContext* context, const v1::GrantRecordRequest* request,
    v1::GrantRecordResponse* response) {
  return OnRecord(
      edge_, context, request,
      [=, this](const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto statement, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                consent_.Grant(person, record, statement));
        *response->mutable_record() = ToProto(changed.record);
        *response->mutable_receipt() = ToProto(*changed.receipt);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonConsentRpc::RefuseRecord(
    grpc::CallbackServerContext* context,
    const v1::RefuseRecordRequest* request,
    v1::RefuseRecordResponse* response) {
  return OnRecord(
      edge_, context, request,
      [=, this](const PersonId& person,
                const RecordId& record) -> absl::Status {
        const absl::Time not_before =
            absl::FromUnixSeconds(request->not_before_time().seconds());
        LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                consent_.Refuse(person, record, not_before));
        *response->mutable_record() = ToProto(changed.record);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonConsentRpc::PauseRecord(
    grpc::CallbackServerContext* context, const v1::PauseRecordRequest* request,
    v1::PauseRecordResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                            consent_.Pause(person, record));
                    *response->mutable_record() = ToProto(changed.record);
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* PersonConsentRpc::ResumeRecord(
    grpc::CallbackServerContext* context,
    const v1::ResumeRecordRequest* request,
    v1::ResumeRecordResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                            consent_.Resume(person, record));
                    *response->mutable_record() = ToProto(changed.record);
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* PersonConsentRpc::WithdrawRecord(
    grpc::CallbackServerContext* context,
    const v1::WithdrawRecordRequest* request,
    v1::WithdrawRecordResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                            consent_.Withdraw(person, record));
                    *response->mutable_record() = ToProto(changed.record);
                    if (changed.receipt) {
                      *response->mutable_receipt() = ToProto(*changed.receipt);
                    }
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* PersonConsentRpc::ListAccesses(
    grpc::CallbackServerContext* context,
    const v1::ListAccessesRequest* request,
    v1::ListAccessesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const AccessFilter filter, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t below,
                                ParseNumberToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const AccessPage page,
            consent_.ListAccesses(person, filter, below,
                                  static_cast<std::size_t>(size)));
        for (const AccessView& access : page.entries) {
          v1::AccessEntry& entry = *response->add_entries();
          entry = ToProto(access);
          if (!request->with_content()) continue;
          entry.set_opening(ToProto(access.opening));
          entry.set_content(ToProto(access.content));
        }
        response->set_next_page_token(NumberToken(page.next_below));
        response->set_signed_head(ToProto(page.signed_head));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonConsentRpc::GetReceipt(
    grpc::CallbackServerContext* context, const v1::GetReceiptRequest* request,
    v1::GetReceiptResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        absl::StatusOr<ReceiptView> receipt =
            rpc::FieldError("subject", "is required");
        if (request->has_access_id()) {
          LIMPID_ASSIGN_OR_RETURN(
              const AccessId access,
              rpc::ParseId<AccessId>("access_id", request->access_id()));
          receipt = consent_.GetAccessReceipt(person, access);
        } else if (request->has_record_id()) {
          LIMPID_ASSIGN_OR_RETURN(
              const RecordId record,
              rpc::ParseId<RecordId>("record_id", request->record_id()));
          receipt = consent_.GetRecordReceipt(person, record);
        }
        LIMPID_RETURN_IF_ERROR(receipt.status());
        *response->mutable_receipt() = ToProto(*receipt);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonConsentRpc::ExplainDecision(
    grpc::CallbackServerContext* context,
    const v1::ExplainDecisionRequest* request,
    v1::ExplainDecisionResponse* response) {
  return OnRecord(
      edge_, context, request,
      [=, this](const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ReadRequest read, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const auto lines,
                                consent_.Explain(person, record, read));
        for (const auto& line : lines)
          *response->add_decisions() = ToProto(line);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
