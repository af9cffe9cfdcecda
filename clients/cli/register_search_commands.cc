// limpid register search, similar, feed, completeness, overdue: what is found
// in the register.

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/search_client.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct SearchOptions {
  std::vector<std::string> words;
  std::string filter;
  // 0: a screen's, or with `all` as many as there may be.
  int page_size = 0;
  bool facets = false;
  bool all = false;
};
struct SimilarOptions {
  std::string id;
  int count = 10;
};
struct FeedOptions {
  std::string filter;
  std::string format = "atom";
  std::string output;
  int count = 50;
};
struct CompletenessOptions {
  std::string organisation;
  bool silent = false;
  bool fields = false;
};
struct OverdueOptions {
  std::string organisation;
};

constexpr mode_t kReadable = 0644;
// On one page.
constexpr int kMostHits = 100;

std::string Share(const v1::FieldStateCounts& counts) {
  const std::int64_t applies = counts.expected() - counts.not_applicable();
  if (applies == 0) return "-";
  return absl::StrCat(counts.given() * 100 / applies, " %");
}

// How to see what is not among the hits.
const char* RestOf(const v1::SearchRegistrationsResponse& found) {
  if (found.hits_size() >= found.total_count()) return "";
  return found.next_page_token().empty()
             ? "; the server gives no more: narrow it with --filter"
             : "; --all shows every one";
}

void ShowSearch(const v1::SearchRegistrationsResponse& found, bool facets,
                Terminal& terminal) {
  for (const v1::WordCorrection& one : found.corrections()) {
    terminal.Line(absl::StrCat("Nothing has \"", Clean(one.typed()),
                               "\"; looked for ",
                               Clean(absl::StrJoin(one.used(), ", ")), "."));
  }
  if (found.some_words()) {
    terminal.Line("Nothing has all the words; these have some.");
  }
  terminal.Table({"id", "title", "organisation"},
                 RowsOf(found.hits(), [](const v1::SearchHit& one) -> Row {
                   return {one.registration().registration_id(),
                           one.registration().title(),
                           one.registration().organisation_title()};
                 }));
  terminal.Line(absl::StrCat(found.hits_size(), " of ", found.total_count(),
                             RestOf(found)));
  if (!facets) return;
  terminal.Table({"facet", "value", "means", "count"},
                 RowsOf(found.facets(), [](const v1::FacetCount& one) -> Row {
                   return {one.facet(), one.value(), one.label(),
                           absl::StrCat(one.count())};
                 }));
}

absl::StatusOr<Report> Search(const SearchOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::SearchClient client(*connection);
  v1::SearchRegistrationsRequest request;
  request.set_query(absl::StrJoin(options.words, " "));
  request.set_filter(options.filter);
  request.set_page_size(
      options.page_size == 0 && options.all ? kMostHits : options.page_size);
  LIMPID_ASSIGN_OR_RETURN(auto found, client.Search(request));
  // Words, facets and counts are of all pages on each.
  client::PageWalk walk(client::EmptyPage::kMayBeFollowed);
  int items = found.hits_size();
  while (options.all) {
    LIMPID_ASSIGN_OR_RETURN(
        const bool more,
        walk.More(found.next_page_token(), static_cast<std::size_t>(items)));
    if (!more) break;
    session.terminal().Progress("reading", found.hits_size(),
                                found.total_count());
    request.set_page_token(found.next_page_token());
    LIMPID_ASSIGN_OR_RETURN(const auto page, client.Search(request));
    items = page.hits_size();
    found.mutable_hits()->MergeFrom(page.hits());
    found.set_next_page_token(page.next_page_token());
  }
  return Report{ToJson(found),
                [found, facets = options.facets](Terminal& terminal) {
                  ShowSearch(found, facets, terminal);
                }};
}

std::string Why(const v1::SimilarRegistration& one) {
  if (one.same_system()) return "same system";
  return one.same_provider() ? "same provider" : "";
}

absl::StatusOr<Report> Similar(const SimilarOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::SearchClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto found,
                          client.Similar(options.id, options.count));
  return Report{ToJson(found), [found](Terminal& terminal) {
                  terminal.Table(
                      {"id", "alike", "title", "organisation", ""},
                      RowsOf(found.registrations(),
                             [](const v1::SimilarRegistration& one) -> Row {
                               return {one.registration().registration_id(),
                                       absl::StrFormat("%.2f", one.score()),
                                       one.registration().title(),
                                       one.registration().organisation_title(),
                                       Why(one)};
                             }));
                }};
}

// One page is one file: without a file the pages are followed.
absl::StatusOr<v1::GetFeedResponse> ReadFeed(const FeedOptions& options,
                                             client::SearchClient& client) {
  if (options.output.empty()) {
    return client.Changes(options.filter, options.count);
  }
  v1::GetFeedRequest request;
  request.set_filter(options.filter);
  request.set_page_size(options.count);
  request.set_format(options.format == "json" ? v1::FEED_FORMAT_JSON
                                              : v1::FEED_FORMAT_ATOM);
  LIMPID_ASSIGN_OR_RETURN(auto feed, client.Feed(request));
  LIMPID_RETURN_IF_ERROR(WriteTextFile(options.output, feed.file(), kReadable));
  return feed;
}

void ShowFeed(const v1::GetFeedResponse& feed, Terminal& terminal) {
  terminal.Table({"entry", "id", "drafted", "title", "what"},
                 RowsOf(feed.entries(), [](const v1::FeedEntry& one) -> Row {
                   return {
                       absl::StrCat(one.leaf_index()), one.registration_id(),
                       Moment(one.draft_time()), one.title(),
                       one.version() == 1 ? "registered"
                                          : absl::StrJoin(one.changes(), "; ")};
                 }));
}

absl::StatusOr<Report> Feed(const FeedOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::SearchClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::GetFeedResponse feed,
                          ReadFeed(options, client));
  json::Value out = json::Value::Object();
  out.Set("filter", feed.filter());
  out.Set("media_type", feed.media_type());
  out.Set("entries", ToJsonArray(feed.entries()));
  out.Set("next_page_token", absl::Base64Escape(feed.next_page_token()));
  if (!options.output.empty()) out.Set("file", options.output);
  return Report{std::move(out),
                [feed, name = options.output](Terminal& terminal) {
                  if (name.empty()) {
                    ShowFeed(feed, terminal);
                  } else {
                    terminal.Line(absl::StrCat("Wrote ", feed.entries_size(),
                                               " entries to ", name, "."));
                  }
                  if (feed.next_page_token().empty()) return;
                  terminal.Line(
                      "There is more: --count shows up to 100, --filter "
                      "narrows it.");
                }};
}

Row CountsRow(Row row, const v1::FieldStateCounts& counts) {
  for (const std::int64_t count :
       {counts.expected(), counts.given(), counts.missing(),
        counts.not_applicable(), counts.in_progress(), counts.withheld()}) {
    row.push_back(absl::StrCat(count));
  }
  row.push_back(Share(counts));
  return row;
}

void ShowCompleteness(const v1::GetCompletenessResponse& answer, bool fields,
                      Terminal& terminal) {
  terminal.Table(
      {"id", "organisation", "registrations", "asked", "given", "missing",
       "not applicable", "in progress", "withheld", "complete"},
      RowsOf(answer.bodies(), [](const v1::BodyCompleteness& one) {
        return CountsRow({one.organisation_id(), one.title(),
                          absl::StrCat(one.registration_count())},
                         one.counts());
      }));
  terminal.Line(absl::StrCat(
      answer.body_count(), " bodies, ", answer.registration_count(),
      " registrations; complete: ", Share(answer.counts())));
  if (!fields) return;
  terminal.Table(
      {"field", "of", "asked", "given", "missing", "not applicable",
       "in progress", "withheld", "complete"},
      RowsOf(answer.fields(), [](const v1::FieldCompleteness& one) {
        return CountsRow(
            {one.label(), ShortName(v1::RegistrationKind_Name(one.kind()),
                                    "REGISTRATION_KIND_")},
            one.counts());
      }));
}

absl::StatusOr<Report> Completeness(const CompletenessOptions& options,
                                    Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::SearchClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(
      const auto answer,
      client.Completeness(options.organisation, options.silent));
  const bool fields = options.fields || !options.organisation.empty();
  return Report{ToJson(answer), [answer, fields](Terminal& terminal) {
                  ShowCompleteness(answer, fields, terminal);
                }};
}

absl::StatusOr<Report> Overdue(const OverdueOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::SearchClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto answer,
                          client.Overdue(options.organisation));
  return Report{
      ToJson(answer), [answer](Terminal& terminal) {
        terminal.Table(
            {"due", "what", "field", "id", "title", "organisation"},
            RowsOf(answer.fields(), [](const v1::OverdueField& one) -> Row {
              return {one.due_date(), one.withheld() ? "review" : "in progress",
                      one.label(),    one.registration_id(),
                      one.title(),    one.organisation_title()};
            }));
        terminal.Line(absl::StrCat(answer.total_count(), " overdue"));
      }};
}

constexpr const char* kFilterHelp =
    "for example \"kind=deployment&status=in_use\"; docs/formats/"
    "register-filter.md";

}  // namespace

void AddRegisterSearchCommands(CLI::App& group, Session& session) {
  auto [search, words] = AddCommand<SearchOptions>(
      group, session, "search", "Find registrations by words and facets",
      Search);
  search->add_option("words", words->words, "what to look for");
  search->add_option("--filter", words->filter, kFilterHelp);
  search->add_option("--page-size", words->page_size)
      ->check(CLI::Range(1, kMostHits));
  search->add_flag("--all", words->all,
                   "every page, to about the 10,000th hit");
  search->add_flag("--facets", words->facets, "count what was found");
  auto [similar, of] = AddCommand<SimilarOptions>(
      group, session, "similar", "Find registrations that are like one",
      Similar);
  similar->add_option("id", of->id)->required()->check(RegistrationId());
  similar->add_option("--count", of->count)->check(CLI::Range(1, 50));
  auto [feed, what] = AddCommand<FeedOptions>(
      group, session, "feed", "Show changes, or write them as a feed", Feed);
  feed->add_option("--filter", what->filter, kFilterHelp);
  feed->add_option("--format", what->format)
      ->check(CLI::IsMember({"atom", "json"}));
  feed->add_option("-o,--output", what->output, "file to write");
  feed->add_option("--count", what->count)->check(CLI::Range(1, 100));
  auto [completeness, whose] = AddCommand<CompletenessOptions>(
      group, session, "completeness",
      "Count how much bodies say of what is asked", Completeness);
  completeness->add_option("--organisation", whose->organisation, "org_... id");
  completeness->add_flag("--silent", whose->silent,
                         "only bodies that registered nothing");
  completeness->add_flag("--fields", whose->fields, "per field too");
  auto [overdue, late] = AddCommand<OverdueOptions>(
      group, session, "overdue", "List what was promised and is late", Overdue);
  overdue->add_option("--organisation", late->organisation, "org_... id");
}

}  // namespace limpid::cli
