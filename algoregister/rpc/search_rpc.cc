#include "algoregister/rpc/search_rpc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/rpc/convert.h"
#include "algoregister/search/feed.h"
#include "algoregister/search/filter.h"
#include "algoregister/search/query.h"
#include "algoregister/search/reports.h"
#include "common/base/day.h"
#include "common/base/peer.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

constexpr std::string_view kPlaceLabel = "limpid-search-page/1";
// Nobody turns so many pages; each costs a sort of what comes before it.
constexpr std::uint64_t kMaxOffset = 10'000;
constexpr int kDefaultHits = 20;
constexpr int kMaxHits = 100;
constexpr int kDefaultSimilar = 10;
constexpr int kMaxSimilar = 50;
constexpr int kDefaultEntries = 50;
constexpr int kMaxEntries = 100;
// Of contents read for one page of a feed, two an entry: anybody may ask.
constexpr std::size_t kMaxFeedBytes = std::size_t{4} << 20U;
constexpr int kDefaultRows = 100;
constexpr int kMaxRows = 500;

// Page tokens: a number, opaque to clients.
absl::StatusOr<std::uint64_t> ReadPlace(std::string_view token,
                                        std::uint64_t first) {
  if (token.empty()) return first;
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kPlaceLabel);
  const std::uint64_t place = reader.U64();
  if (!reader.Finish().ok()) return rpc::FieldError("page_token", "malformed");
  return place;
}
std::string PlaceToken(std::uint64_t place) {
  base::ByteWriter token(kPlaceLabel);
  return base::ToText(token.U64(place).bytes());
}

absl::StatusOr<std::optional<RegistrationId>> ReadOrganisation(
    std::string_view text) {
  if (text.empty()) return std::optional<RegistrationId>();
  LIMPID_ASSIGN_OR_RETURN(
      const RegistrationId id,
      ReadId("organisation_id", text, RegistrationKind::kOrganisation));
  return std::optional(id);
}

std::int64_t Signed(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

v1::RegistrationSummary ToSummary(const search::SearchIndex& index,
                                  search::Place place) {
  const search::Entry& entry = index.entry(place);
  v1::RegistrationSummary out = ToProto(Head{.registration = entry.registration,
                                             .number = entry.number,
                                             .state = entry.state,
                                             .title = entry.title,
                                             .organisation = entry.organisation,
                                             .draft_time = entry.draft_time});
  out.set_organisation_title(index.TitleOf(entry.organisation));
  return out;
}

void SetAnswer(const search::SearchIndex& index,
               const search::SearchAnswer& answer,
               v1::SearchRegistrationsResponse& response) {
  for (const search::Hit& hit : answer.hits) {
    v1::SearchHit& row = *response.add_hits();
    *row.mutable_registration() = ToSummary(index, hit.place);
    row.set_score(hit.score);
  }
  for (const search::FacetCount& count : answer.facets) {
    v1::FacetCount& row = *response.add_facets();
    row.set_facet(std::string(search::Facets()[count.value.facet].name));
    row.set_value(count.value.value);
    row.set_label(count.label);
    row.set_count(Signed(count.count));
  }
  for (const search::Correction& correction : answer.corrections) {
    v1::WordCorrection& row = *response.add_corrections();
    row.set_typed(correction.typed);
    for (const std::string& word : correction.used) row.add_used(word);
  }
  response.set_total_count(Signed(answer.total_count));
  response.set_some_words(!answer.all_words);
}

v1::FieldStateCounts CountsOf(const search::StateCounts& counts) {
  const auto count = [&counts](search::FieldState state) {
    return Signed(counts.at(static_cast<std::size_t>(state)));
  };
  v1::FieldStateCounts out;
  out.set_given(count(search::FieldState::kGiven));
  out.set_missing(count(search::FieldState::kMissing));
  out.set_not_applicable(count(search::FieldState::kNotApplicable));
  out.set_in_progress(count(search::FieldState::kInProgress));
  out.set_withheld(count(search::FieldState::kWithheld));
  std::uint64_t sum = 0;
  for (const std::uint64_t one : counts) sum += one;
  out.set_expected(Signed(sum));
  return out;
}

v1::FeedEntry EntryOf(const search::FeedEntry& entry) {
  v1::FeedEntry out;
  out.set_entry_id(entry.id);
  out.set_registration_id(entry.change.registration.Text());
  out.set_version(entry.change.number);
  out.set_leaf_index(Signed(entry.change.leaf_index));
  *out.mutable_draft_time() = ToProto(entry.change.draft_time);
  out.set_state(ToProto(entry.state));
  out.set_title(entry.title);
  out.set_organisation_title(entry.organisation);
  out.set_reason(entry.reason);
  for (const std::string& line : entry.lines) out.add_changes(line);
  return out;
}

base::Day DayOf(absl::Time time) {
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  return static_cast<base::Day>(day.year() * 10'000 + day.month() * 100 +
                                day.day());
}

// The part of `all` from `offset` on that a page shows, and the token behind
// it.
template <typename Items, typename Visit>
std::string Page(const Items& all, std::uint64_t offset, int size,
                 Visit visit) {
  const std::uint64_t end =
      std::min<std::uint64_t>(all.size(), offset + static_cast<unsigned>(size));
  for (std::uint64_t i = offset; i < end; ++i) visit(all[i]);
  return offset < end && end < all.size() ? PlaceToken(end) : std::string();
}

}  // namespace

SearchRpc::SearchRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Parts parts)
    : edge_(rpc::EdgeOf<v1::SearchService>(runtime, policy)), parts_(parts) {}

grpc::ServerUnaryReactor* SearchRpc::SearchRegistrations(
    grpc::CallbackServerContext* context,
    const v1::SearchRegistrationsRequest* request,
    v1::SearchRegistrationsResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Search(*request, *response);
  });
}

absl::Status SearchRpc::Search(
    const v1::SearchRegistrationsRequest& request,
    v1::SearchRegistrationsResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(search::Filter filter,
                          search::ParseFilter(request.filter()));
  if (!request.query().empty()) {
    if (!filter.query.empty()) {
      return rpc::FieldError("query", "the filter has words already");
    }
    LIMPID_RETURN_IF_ERROR(
        rpc::CheckText("query", request.query(), search::kMaxQueryBytes));
    LIMPID_RETURN_IF_ERROR(
        rpc::AtField("query", search::CheckQuery(request.query())));
    filter.query = request.query();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultHits, kMaxHits));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t offset,
                          ReadPlace(request.page_token(), 0));
  if (offset > kMaxOffset) return rpc::FieldError("page_token", "malformed");
  const auto limit = static_cast<std::size_t>(size);
  response.set_filter(search::FilterText(filter));
  return parts_.keeper.Read([&](const search::SearchIndex& index) {
    SetAnswer(index, index.Search(filter, offset, limit), response);
    const std::uint64_t end = offset + limit;
    if (end < static_cast<std::uint64_t>(response.total_count()) &&
        end <= kMaxOffset) {
      response.set_next_page_token(PlaceToken(end));
    }
  });
}

grpc::ServerUnaryReactor* SearchRpc::SimilarRegistrations(
    grpc::CallbackServerContext* context,
    const v1::SimilarRegistrationsRequest* request,
    v1::SimilarRegistrationsResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Similar(*request, *response);
  });
}

absl::Status SearchRpc::Similar(
    const v1::SimilarRegistrationsRequest& request,
    v1::SimilarRegistrationsResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultSimilar, kMaxSimilar));
  absl::Status found;
  LIMPID_RETURN_IF_ERROR(
      parts_.keeper.Read([&](const search::SearchIndex& index) {
        const auto hits = index.Similar(id, static_cast<std::size_t>(size));
        found = hits.status();
        if (!hits.ok()) return;
        for (const search::SimilarHit& hit : *hits) {
          v1::SimilarRegistration& row = *response.add_registrations();
          *row.mutable_registration() = ToSummary(index, hit.place);
          row.set_score(hit.score);
          row.set_same_system(hit.same_system);
          row.set_same_provider(hit.same_provider);
        }
      }));
  return found;
}

grpc::ServerUnaryReactor* SearchRpc::GetFeed(
    grpc::CallbackServerContext* context, const v1::GetFeedRequest* request,
    v1::GetFeedResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this, client = base::ClientOf(context->peer())](
                        const rpc::Caller&) -> absl::Status {
                      const AnswerPlace place(feeds_, client);
                      LIMPID_RETURN_IF_ERROR(place.status());
                      return parts_.keeper.Answer([&] {
                        response->Clear();
                        return ReadFeed(*request, *response);
                      });
                    });
}

absl::Status SearchRpc::ReadFeed(const v1::GetFeedRequest& request,
                                 v1::GetFeedResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const search::Filter filter,
                          search::ParseFilter(request.filter()));
  if (!v1::FeedFormat_IsValid(request.format())) {
    return rpc::FieldError("format", "unknown");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultEntries, kMaxEntries));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t before,
                          ReadPlace(request.page_token(),
                                    std::numeric_limits<std::uint64_t>::max()));
  const auto limit = static_cast<std::size_t>(size);
  std::vector<std::pair<search::Change, std::string>> changes;
  LIMPID_RETURN_IF_ERROR(
      parts_.keeper.Read([&](const search::SearchIndex& index) {
        for (const auto& change : index.Changes(filter, before, limit + 1)) {
          const search::Entry* const entry = index.Find(change.registration);
          changes.emplace_back(change, index.TitleOf(entry->organisation));
        }
      }));
  std::vector<search::FeedEntry> entries;
  std::size_t bytes = 0;
  for (const auto& [change, organisation] : changes) {
    if (entries.size() == limit || bytes >= kMaxFeedBytes) {
      response.set_next_page_token(
          PlaceToken(entries.back().change.leaf_index));
      break;
    }
    LIMPID_ASSIGN_OR_RETURN(
        search::FeedEntry entry,
        search::MakeFeedEntry(parts_.store, change, organisation));
    bytes += entry.read_bytes;
    *response.add_entries() = EntryOf(entry);
    entries.push_back(std::move(entry));
  }
  const std::string text = search::FilterText(filter);
  response.set_filter(text);
  const search::Feed feed = {
      .origin = parts_.log.origin(), .filter = text, .entries = entries};
  if (request.format() == v1::FEED_FORMAT_ATOM) {
    response.set_file(search::FormatAtom(feed));
    response.set_media_type("application/atom+xml");
  }
  if (request.format() == v1::FEED_FORMAT_JSON) {
    response.set_file(search::FormatJsonFeed(feed));
    response.set_media_type("application/feed+json");
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* SearchRpc::GetCompleteness(
    grpc::CallbackServerContext* context,
    const v1::GetCompletenessRequest* request,
    v1::GetCompletenessResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this, client = base::ClientOf(context->peer())](
                        const rpc::Caller&) -> absl::Status {
                      const AnswerPlace place(reports_, client);
                      LIMPID_RETURN_IF_ERROR(place.status());
                      return parts_.keeper.Answer([&] {
                        response->Clear();
                        return Completeness(*request, *response);
                      });
                    });
}

absl::Status SearchRpc::Completeness(
    const v1::GetCompletenessRequest& request,
    v1::GetCompletenessResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> organisation,
                          ReadOrganisation(request.organisation_id()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultRows, kMaxRows));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t offset,
                          ReadPlace(request.page_token(), 0));
  LIMPID_ASSIGN_OR_RETURN(const search::EntrySnapshot entries,
                          parts_.keeper.Snapshot());
  search::CompletenessReport report =
      search::ReportCompleteness(entries, organisation);
  if (request.silent_only()) {
    std::erase_if(report.bodies, [](const search::BodyTally& body) {
      return body.registration_count > 0;
    });
  }
  response.set_next_page_token(
      Page(report.bodies, offset, size, [&](const search::BodyTally& body) {
        v1::BodyCompleteness& row = *response.add_bodies();
        row.set_organisation_id(body.organisation.Text());
        row.set_title(body.title);
        row.set_registration_count(Signed(body.registration_count));
        *row.mutable_counts() = CountsOf(body.counts);
      }));
  response.set_body_count(Signed(report.bodies.size()));
  response.set_registration_count(Signed(report.registration_count));
  *response.mutable_counts() = CountsOf(report.counts);
  if (offset > 0) return absl::OkStatus();
  for (const search::FieldTally& field : report.fields) {
    v1::FieldCompleteness& row = *response.add_fields();
    row.set_kind(ToProto(field.kind));
    row.set_field(std::string(field.name));
    row.set_label(std::string(field.label));
    *row.mutable_counts() = CountsOf(field.counts);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* SearchRpc::ListOverdue(
    grpc::CallbackServerContext* context, const v1::ListOverdueRequest* request,
    v1::ListOverdueResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this, client = base::ClientOf(context->peer())](
                        const rpc::Caller&) -> absl::Status {
                      const AnswerPlace place(reports_, client);
                      LIMPID_RETURN_IF_ERROR(place.status());
                      return parts_.keeper.Answer([&] {
                        response->Clear();
                        return Overdue(*request, *response);
                      });
                    });
}

absl::Status SearchRpc::Overdue(const v1::ListOverdueRequest& request,
                                v1::ListOverdueResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> organisation,
                          ReadOrganisation(request.organisation_id()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultRows, kMaxRows));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t offset,
                          ReadPlace(request.page_token(), 0));
  const base::Day today = DayOf(parts_.clock.Now());
  LIMPID_ASSIGN_OR_RETURN(const search::EntrySnapshot entries,
                          parts_.keeper.Snapshot());
  const auto fields = search::ListOverdue(entries, today, organisation);
  response.set_next_page_token(
      Page(fields, offset, size, [&](const search::OverdueField& field) {
        const search::Entry& entry = entries.entry(field.place);
        v1::OverdueField& row = *response.add_fields();
        row.set_registration_id(entry.registration.Text());
        row.set_title(entry.title);
        row.set_organisation_title(entries.TitleOf(entry.organisation));
        row.set_field(std::string(field.name));
        row.set_label(std::string(field.label));
        row.set_withheld(field.state == search::FieldState::kWithheld);
        row.set_due_date(base::DayText(field.due));
      }));
  response.set_total_count(Signed(fields.size()));
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
