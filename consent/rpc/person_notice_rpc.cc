#include "consent/rpc/person_notice_rpc.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/validate.h"
#include "consent/notice/notice_desk.h"
#include "consent/record/basis.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

// Bases have the same numbers on both sides.
v1::BasisNotice NoticeToProto(const NoticeView& view) {
  const BasisNotice& notice = view.notice;
  v1::BasisNotice out;
  out.set_notice_id(notice.id.Text());
  out.set_record_id(notice.record.Text());
  out.set_service_id(notice.service.Text());
  if (view.service != nullptr) {
    out.set_organisation(view.service->organisation);
    out.set_contact(view.service->contact);
  }
  out.set_agreement_id(notice.agreement.Text());
  out.set_agreement_version(notice.agreement_version);
  out.set_legal_basis(static_cast<v1::LegalBasis>(notice.basis));
  out.set_law(std::string(LawOf(notice.basis)));
  for (const auto& purpose : notice.purposes) out.add_purposes(purpose);
  for (const auto& name : notice.attributes) out.add_attributes(name);
  *out.mutable_begin_time() = ToProto(notice.begin);
  *out.mutable_last_time() = ToProto(notice.last);
  out.set_access_count(notice.count);
  out.set_unread_count(notice.count - notice.seen);
  out.set_first_access_id(notice.first_access.Text());
  out.set_may_object(MayObject(notice.basis));
  out.set_remedy(std::string(RemedyOf(notice.basis)));
  return out;
}

v1::WatchNoticesResponse ItemToProto(const NoticeItem& item) {
  v1::WatchNoticesResponse out;
  *out.mutable_send_time() = ToProto(item.sent);
  if (item.notice) *out.mutable_notice() = NoticeToProto(*item.notice);
  out.set_unreadable_count(static_cast<std::uint32_t>(item.unreadable));
  return out;
}

// The others are answered all the same; somebody must look at the store.
void AlarmOf(std::size_t unreadable) {
  if (unreadable == 0) return;
  rpc::Alarm(absl::DataLossError("stored notices of a person do not open"));
}

std::string NoticeToken(const std::optional<NoticeCursor>& cursor) {
  if (!cursor) return "";
  base::ByteWriter out;
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(cursor->begin)))
      .Raw(cursor->notice.bytes());
  return base::ToText(out.bytes());
}

absl::StatusOr<std::optional<NoticeCursor>> ParseNoticeToken(
    std::string_view token) {
  if (token.empty()) return std::optional<NoticeCursor>();
  base::ByteReader reader(base::AsBytes(token));
  NoticeCursor out;
  out.begin = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.notice = BasisNoticeId(reader.Array<16>());
  if (!reader.Finish().ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return std::optional<NoticeCursor>(out);
}

}  // namespace

PersonNoticeRpc::PersonNoticeRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                                 Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonNoticeService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonNoticeRpc::ListNotices(
    grpc::CallbackServerContext* context, const v1::ListNoticesRequest* request,
    v1::ListNoticesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const auto after,
                                ParseNoticeToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const NoticePage page,
            NoticeDesk(consent_).List(person,
                                      /*unread_only=*/!request->include_read(),
                                      after, static_cast<std::size_t>(size)));
        for (const NoticeView& notice : page.notices) {
          *response->add_notices() = NoticeToProto(notice);
        }
        response->set_next_page_token(NoticeToken(page.next));
        response->set_unreadable_count(
            static_cast<std::uint32_t>(page.unreadable));
        AlarmOf(page.unreadable);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonNoticeRpc::AcknowledgeNotice(
    grpc::CallbackServerContext* context,
    const v1::AcknowledgeNoticeRequest* request,
    v1::AcknowledgeNoticeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const BasisNoticeId id,
            rpc::ParseId<BasisNoticeId>("notice_id", request->notice_id()));
        LIMPID_ASSIGN_OR_RETURN(const NoticeView notice,
                                NoticeDesk(consent_).Acknowledge(
                                    person, id, request->access_count()));
        *response->mutable_notice() = NoticeToProto(notice);
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::WatchNoticesResponse>*
PersonNoticeRpc::WatchNotices(grpc::CallbackServerContext* context,
                              const v1::WatchNoticesRequest* /*request*/) {
  using Writer = rpc::StreamWriter<v1::WatchNoticesResponse>;
  return rpc::ServerStream<v1::WatchNoticesResponse>(
      edge_, context,
      [this](const rpc::Caller& caller,
             const std::shared_ptr<Writer>& writer) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        return NoticeDesk(consent_).Watch(
            person,
            [writer](const NoticeItem& item) {
              AlarmOf(item.unreadable);
              return writer->Write(ItemToProto(item));
            },
            [writer](const absl::Status& why) { writer->Finish(why); });
      });
}

}  // namespace limpid::consent
