#include "consent/rpc/delegation_rpc.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/delegation/delegation_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kMaxTextBytes = 65'536;
constexpr std::size_t kMaxReasonBytes = 1'024;
// Of a person's own.
constexpr int kMaxOwnPage = 256;

// Who is shown a delegation: what staff wrote is for the person alone.
enum class Reader : std::uint8_t { kRepresented, kRepresentative };

// Kinds are an append-only list with the same numbers on both sides.
v1::Delegation ShowTo(Reader reader, const HeldDelegation& held,
                      const DelegationDesk& desk) {
  const receipt::Delegation& terms = held.terms;
  v1::Delegation out;
  out.set_delegation_id(held.id.Text());
  out.set_canonical_json(held.canonical_json);
  if (held.made_by == receipt::Actor::kPerson) {
    out.set_signature(ToProto(held.signature));
  }
  out.set_person_id(terms.person);
  out.set_kind(static_cast<v1::DelegationKind>(terms.kind));
  for (const auto& name : terms.representatives) {
    out.add_representative_ids(name);
  }
  out.set_signature_count(terms.signature_count);
  for (const receipt::Power power : terms.powers) {
    out.add_powers(std::string(receipt::PowerName(power)));
  }
  for (const auto& name : terms.services) out.add_service_ids(name);
  for (const auto& name : terms.purposes) out.add_purposes(name);
  for (const auto& name : terms.attributes) out.add_attributes(name);
  *out.mutable_from_time() = ToProto(terms.from);
  *out.mutable_until_time() = ToProto(terms.until);
  out.set_grant_reserved(terms.grant_reserved);
  out.set_live(desk.GivesPower(held));
  if (held.ended != absl::UnixEpoch()) {
    *out.mutable_end_time() = ToProto(held.ended);
  }
  if (reader == Reader::kRepresented) out.set_end_reason(held.end_reason);
  return out;
}

absl::StatusOr<base::ByteArray<64>> SignatureFrom(std::string_view bytes) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("signature", bytes, 64));
  return base::ToArray<64>(base::AsBytes(bytes));
}

absl::StatusOr<receipt::SignedDelegation> FromProto(
    const v1::MakeDelegationRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText(
      "canonical_json", request.canonical_json(), kMaxTextBytes));
  receipt::SignedDelegation out;
  out.canonical_json = request.canonical_json();
  LIMPID_ASSIGN_OR_RETURN(out.signature, SignatureFrom(request.signature()));
  return out;
}

absl::StatusOr<receipt::SignedStatement> FromProto(
    const v1::GrantRepresentedRecordRequest& request) {
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText("statement", request.statement(), kMaxTextBytes));
  receipt::SignedStatement out;
  out.canonical_json = request.statement();
  LIMPID_ASSIGN_OR_RETURN(out.signature, SignatureFrom(request.signature()));
  return out;
}

// Runs `act`, (representative, person, record) -> absl::Status, for the calling
// person and what the request names.
template <typename Request, typename Act>
grpc::ServerUnaryReactor* OnRepresented(
    const rpc::Edge& edge, grpc::CallbackServerContext* context,
    const Request* request, Act act,
    const char* method = __builtin_FUNCTION()) {
  return rpc::Unary(
      edge, context,
      [request,
       act = std::move(act)](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId representative,
                                PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const PersonId person,
            rpc::ParseId<PersonId>("person_id", request->person_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const RecordId record,
            rpc::ParseId<RecordId>("record_id", request->record_id()));
        return act(representative, person, record);
      },
      method);
}

// The answers that are a record and, where there is one, its receipt.
template <typename Response>
void Fill(const ChangedRecord& changed, Response& response) {
  *response.mutable_record() = ToProto(changed.record);
  if (changed.receipt) {
    *response.mutable_receipt() = ToProto(*changed.receipt);
  }
}

}  // namespace

DelegationRpc::DelegationRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                             Consent& consent)
    : edge_(rpc::EdgeOf<v1::DelegationService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* DelegationRpc::MakeDelegation(
    grpc::CallbackServerContext* context,
    const v1::MakeDelegationRequest* request,
    v1::MakeDelegationResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto delegation, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const HeldDelegation held,
                                desk.MakeDelegation(person, delegation));
        *response->mutable_delegation() =
            ShowTo(Reader::kRepresented, held, desk);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::ListDelegations(
    grpc::CallbackServerContext* context,
    const v1::ListDelegationsRequest* request,
    v1::ListDelegationsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const int size,
            rpc::PageSize(request->page_size(), kMaxOwnPage, kMaxOwnPage));
        // How many of all were looked at: none is ever taken out.
        LIMPID_ASSIGN_OR_RETURN(std::uint64_t seen,
                                ParseNumberToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(const auto all, desk.ListDelegations(person));
        for (; seen < all.size(); ++seen) {
          const HeldDelegation& held = all[static_cast<std::size_t>(seen)];
          if (request->current_only() && desk.IsOverNow(held)) continue;
          if (response->delegations_size() == size) break;
          *response->add_delegations() =
              ShowTo(Reader::kRepresented, held, desk);
        }
        if (seen < all.size()) {
          response->set_next_page_token(NumberToken(seen));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::ListMandates(
    grpc::CallbackServerContext* context,
    const v1::ListMandatesRequest* request,
    v1::ListMandatesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t after,
                                ParseNumberToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const MandatePage page,
            desk.ListMandates(person, after, static_cast<std::size_t>(size),
                              request->current_only()));
        for (const HeldDelegation& held : page.mandates) {
          *response->add_delegations() =
              ShowTo(Reader::kRepresentative, held, desk);
        }
        response->set_next_page_token(NumberToken(page.next_after));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::EndDelegation(
    grpc::CallbackServerContext* context,
    const v1::EndDelegationRequest* request,
    v1::EndDelegationResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const DelegationId id,
                                rpc::ParseId<DelegationId>(
                                    "delegation_id", request->delegation_id()));
        LIMPID_ASSIGN_OR_RETURN(const HeldDelegation held,
                                desk.EndDelegation(person, id));
        *response->mutable_delegation() =
            ShowTo(Reader::kRepresented, held, desk);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::EndAllDelegations(
    grpc::CallbackServerContext* context,
    const v1::EndAllDelegationsRequest* /*request*/,
    v1::EndAllDelegationsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto all, desk.EndAllDelegations(person));
        for (const HeldDelegation& held : all) {
          *response->add_delegations() =
              ShowTo(Reader::kRepresented, held, desk);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::ListRepresentedRecords(
    grpc::CallbackServerContext* context,
    const v1::ListRepresentedRecordsRequest* request,
    v1::ListRepresentedRecordsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId representative,
                                PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const PersonId person,
            rpc::ParseId<PersonId>("person_id", request->person_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const auto records,
            DelegationDesk(consent_).ListRecordsFor(representative, person,
                                                    request->open_only()));
        for (const RecordView& record : records) {
          *response->add_records() = ToProto(record);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::GetRepresentedRecord(
    grpc::CallbackServerContext* context,
    const v1::GetRepresentedRecordRequest* request,
    v1::GetRepresentedRecordResponse* response) {
  return OnRepresented(
      edge_, context, request,
      [=, this](const PersonId& representative, const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const RecordView view,
                                DelegationDesk(consent_).GetRecordFor(
                                    representative, person, record));
        *response->mutable_record() = ToProto(view);
        *response->mutable_agreement() = ToProto(*view.agreement);
        if (view.revision.notice_hash != base::Digest32{}) {
          response->set_notice_hash(ToProto(view.revision.notice_hash));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::GrantRepresentedRecord(
    grpc::CallbackServerContext* context,
    const v1::GrantRepresentedRecordRequest* request,
    v1::GrantRepresentedRecordResponse* response) {
  return OnRepresented(
      edge_, context, request,
      [=, this](const PersonId& representative, const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto statement, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                DelegationDesk(consent_).GrantFor(
                                    representative, person, record, statement));
        Fill(changed, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::RefuseRepresentedRecord(
    grpc::CallbackServerContext* context,
    const v1::RefuseRepresentedRecordRequest* request,
    v1::RefuseRepresentedRecordResponse* response) {
  return OnRepresented(
      edge_, context, request,
      [=, this](const PersonId& representative, const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ChangedRecord changed,
            DelegationDesk(consent_).RefuseFor(
                representative, person, record,
                absl::FromUnixSeconds(request->not_before_time().seconds())));
        *response->mutable_record() = ToProto(changed.record);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::WithdrawRepresentedRecord(
    grpc::CallbackServerContext* context,
    const v1::WithdrawRepresentedRecordRequest* request,
    v1::WithdrawRepresentedRecordResponse* response) {
  return OnRepresented(
      edge_, context, request,
      [=, this](const PersonId& representative, const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ChangedRecord changed,
                                DelegationDesk(consent_).WithdrawFor(
                                    representative, person, record));
        Fill(changed, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationRpc::ListRepresentedAccesses(
    grpc::CallbackServerContext* context,
    const v1::ListRepresentedAccessesRequest* request,
    v1::ListRepresentedAccessesResponse* response) {
  return OnRepresented(
      edge_, context, request,
      [=, this](const PersonId& representative, const PersonId& person,
                const RecordId& record) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto entries,
                                DelegationDesk(consent_).ListAccessesFor(
                                    representative, person, record));
        for (const AccessView& access : entries) {
          *response->add_entries() = ToProto(access);
        }
        return absl::OkStatus();
      });
}

DelegationAdminRpc::DelegationAdminRpc(rpc::Runtime& runtime,
                                       rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::DelegationAdminService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* DelegationAdminRpc::RecordDelegation(
    grpc::CallbackServerContext* context,
    const v1::RecordDelegationRequest* request,
    v1::RecordDelegationResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_RETURN_IF_ERROR(rpc::CheckText(
            "canonical_json", request->canonical_json(), kMaxTextBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const HeldDelegation held,
            desk.RecordDelegation(caller.spki_thumbprint,
                                  request->canonical_json()));
        *response->mutable_delegation() =
            ShowTo(Reader::kRepresented, held, desk);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DelegationAdminRpc::RevokeDelegation(
    grpc::CallbackServerContext* context,
    const v1::RevokeDelegationRequest* request,
    v1::RevokeDelegationResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        DelegationDesk desk(consent_);
        LIMPID_ASSIGN_OR_RETURN(
            const PersonId person,
            rpc::ParseId<PersonId>("person_id", request->person_id()));
        LIMPID_ASSIGN_OR_RETURN(const DelegationId id,
                                rpc::ParseId<DelegationId>(
                                    "delegation_id", request->delegation_id()));
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckText("reason", request->reason(), kMaxReasonBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const HeldDelegation held,
            desk.RevokeDelegation(person, id, request->reason()));
        *response->mutable_delegation() =
            ShowTo(Reader::kRepresented, held, desk);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
