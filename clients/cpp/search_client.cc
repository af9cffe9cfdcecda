#include "clients/cpp/search_client.h"

#include <cstddef>
#include <string>

#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_SEARCH "/limpid.algoregister.v1.SearchService/"
constexpr Method kSearch = {LIMPID_SEARCH "SearchRegistrations", true};
constexpr Method kSimilar = {LIMPID_SEARCH "SimilarRegistrations", true};
constexpr Method kFeed = {LIMPID_SEARCH "GetFeed", true};
constexpr Method kCompleteness = {LIMPID_SEARCH "GetCompleteness", true};
constexpr Method kOverdue = {LIMPID_SEARCH "ListOverdue", true};
#undef LIMPID_SEARCH

constexpr int kPageSize = 500;

}  // namespace

absl::StatusOr<v1::SearchRegistrationsResponse> SearchClient::Search(
    const v1::SearchRegistrationsRequest& request) {
  return Invoke<v1::SearchRegistrationsResponse>(connection_, kSearch, request);
}

absl::StatusOr<v1::SimilarRegistrationsResponse> SearchClient::Similar(
    std::string_view registration_id, int count) {
  v1::SimilarRegistrationsRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_page_size(count);
  return Invoke<v1::SimilarRegistrationsResponse>(connection_, kSimilar,
                                                  request);
}

absl::StatusOr<v1::GetFeedResponse> SearchClient::Feed(
    const v1::GetFeedRequest& request) {
  return Invoke<v1::GetFeedResponse>(connection_, kFeed, request);
}

absl::StatusOr<v1::GetFeedResponse> SearchClient::Changes(
    std::string_view filter, int count) {
  v1::GetFeedRequest request;
  request.set_filter(std::string(filter));
  v1::GetFeedResponse out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more && out.entries_size() < count;) {
    request.set_page_size(count - out.entries_size());
    LIMPID_ASSIGN_OR_RETURN(const auto page, Feed(request));
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.entries_size())));
    out.mutable_entries()->MergeFrom(page.entries());
    out.set_filter(page.filter());
    out.set_next_page_token(page.next_page_token());
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::GetCompletenessResponse> SearchClient::Completeness(
    std::string_view organisation_id, bool silent_only) {
  v1::GetCompletenessRequest request;
  request.set_organisation_id(std::string(organisation_id));
  request.set_silent_only(silent_only);
  request.set_page_size(kPageSize);
  v1::GetCompletenessResponse out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<v1::GetCompletenessResponse>(
                                connection_, kCompleteness, request));
    v1::GetCompletenessResponse before = out;
    out = page;
    before.mutable_bodies()->MergeFrom(page.bodies());
    out.mutable_bodies()->Swap(before.mutable_bodies());
    if (page.fields().empty()) *out.mutable_fields() = before.fields();
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.bodies_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::ListOverdueResponse> SearchClient::Overdue(
    std::string_view organisation_id) {
  v1::ListOverdueRequest request;
  request.set_organisation_id(std::string(organisation_id));
  request.set_page_size(kPageSize);
  v1::ListOverdueResponse out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListOverdueResponse>(connection_, kOverdue, request));
    out.mutable_fields()->MergeFrom(page.fields());
    out.set_total_count(page.total_count());
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.fields_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

}  // namespace limpid::client
