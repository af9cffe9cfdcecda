#include "clients/cpp/notice_client.h"

#include <cstddef>
#include <utility>

#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_NOTICES "/limpid.consent.v1.PersonNoticeService/"
constexpr Method kList = {LIMPID_NOTICES "ListNotices", true};
constexpr Method kAcknowledge = {LIMPID_NOTICES "AcknowledgeNotice", true};
constexpr std::string_view kWatch = LIMPID_NOTICES "WatchNotices";
#undef LIMPID_NOTICES
constexpr int kPageSize = 200;

}  // namespace

absl::StatusOr<std::vector<v1::BasisNotice>> NoticeClient::List(
    bool include_read) {
  v1::ListNoticesRequest request;
  request.set_include_read(include_read);
  request.set_page_size(kPageSize);
  std::vector<v1::BasisNotice> out;
  unreadable_count_ = 0;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page, Invoke<v1::ListNoticesResponse>(
                                                 connection_, kList, request));
    out.insert(out.end(), page.notices().begin(), page.notices().end());
    unreadable_count_ += page.unreadable_count();
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.notices_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::BasisNotice> NoticeClient::Acknowledge(
    const v1::BasisNotice& shown) {
  v1::AcknowledgeNoticeRequest request;
  request.set_notice_id(shown.notice_id());
  request.set_access_count(shown.access_count());
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::AcknowledgeNoticeResponse>(
                              connection_, kAcknowledge, request));
  return std::move(*response.mutable_notice());
}

absl::Status NoticeClient::Watch(
    absl::Duration patience,
    absl::FunctionRef<bool(const v1::WatchNoticesResponse&)> each) {
  v1::WatchNoticesResponse message;
  absl::Status status =
      connection_.Stream({kWatch, false, patience}, v1::WatchNoticesRequest(),
                         message, [&each, &message] { return each(message); });
  if (absl::IsDeadlineExceeded(status)) return absl::OkStatus();
  return status;
}

}  // namespace limpid::client
