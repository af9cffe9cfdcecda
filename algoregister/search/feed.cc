#include "algoregister/search/feed.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/diff.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister::search {
namespace {

using base::ToAbsl;

std::string CutValue(std::string_view text) {
  if (text.size() <= kMaxFeedValueBytes) return std::string(text);
  std::size_t end = kMaxFeedValueBytes;
  constexpr unsigned kContinuationMask = 0xc0;
  constexpr unsigned kContinuation = 0x80;
  while (end > 0 && (static_cast<unsigned char>(text[end]) &
                     kContinuationMask) == kContinuation) {
    --end;
  }
  return std::string(text.substr(0, end)) + "\xe2\x80\xa6";
}

// "Status: in use -> no longer in use", with an arrow of one character.
std::string LineOf(const FieldChange& change) {
  if (change.before.empty()) {
    return absl::StrCat(change.label, ": ", CutValue(change.after));
  }
  return absl::StrCat(change.label, ": ", CutValue(change.before),
                      " \xe2\x86\x92 ", CutValue(change.after));
}

// The reason is the entry's own line; the rest is what changed.
std::vector<std::string> LinesOf(const std::vector<FieldChange>& changes) {
  std::vector<std::string> out;
  std::size_t more = 0;
  for (const FieldChange& change : changes) {
    if (change.pointer == "/reason") continue;
    if (out.size() < kMaxFeedChanges) {
      out.push_back(LineOf(change));
    } else {
      ++more;
    }
  }
  if (more > 0) out.push_back(absl::StrCat("and ", more, " more"));
  return out;
}

// With the kind of its id, should the content have lost it.
json::Value ContentWithKind(const Version& version) {
  json::Value content = ContentOf(version);
  content.Set("kind", receipt::RegistrationKindName(version.registration.kind));
  return content;
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

absl::Time Updated(const Feed& feed) {
  absl::Time out = absl::UnixEpoch();
  for (const FeedEntry& entry : feed.entries) {
    out = std::max(out, entry.change.draft_time);
  }
  return out;
}

std::string TitleOfFeed(const Feed& feed) {
  std::string out = absl::StrCat("Algorithm register ", ToAbsl(feed.origin));
  if (!feed.filter.empty()) {
    absl::StrAppend(&out, ": ", ToAbsl(feed.filter));
  }
  return out;
}

std::string IdOfFeed(const Feed& feed) {
  return absl::StrCat("urn:limpid:feed:",
                      feed.filter.empty() ? "all" : ToAbsl(feed.filter));
}

std::string TitleOfEntry(const FeedEntry& entry) {
  std::string out = entry.title;
  if (!entry.organisation.empty()) {
    absl::StrAppend(&out, " (", entry.organisation, ")");
  }
  return out;
}

std::string SummaryOf(const FeedEntry& entry) {
  std::string out;
  if (entry.change.number == 1) out = "Registered.";
  if (entry.state == RegistrationState::kRetired) out = "Retired.";
  if (out.empty()) {
    out = absl::StrCat("Version ", entry.change.number, ".");
  }
  if (!entry.reason.empty()) absl::StrAppend(&out, " ", entry.reason);
  for (const std::string& line : entry.lines) {
    absl::StrAppend(&out, "\n", line);
  }
  return out;
}

// XML 1.0 section 2.2 has no control characters but three, and neither U+FFFE
// nor U+FFFF.
std::string Xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const std::string_view rest = text.substr(i, 3);
    if (rest == "\xef\xbf\xbe" || rest == "\xef\xbf\xbf") {
      i += 2;
      continue;
    }
    if (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') continue;
    switch (text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out.push_back(text[i]);
    }
  }
  return out;
}

void AppendAtomEntry(const FeedEntry& entry, std::string& out) {
  const std::string time = Rfc3339(entry.change.draft_time);
  absl::StrAppend(&out, "  <entry>\n    <id>", Xml(entry.id),
                  "</id>\n    <title>", Xml(TitleOfEntry(entry)),
                  "</title>\n    <updated>", time, "</updated>\n");
  absl::StrAppend(
      &out, "    <category term=\"",
      ToAbsl(receipt::RegistrationKindName(entry.change.registration.kind)),
      "\"/>\n    <content type=\"text\">", Xml(SummaryOf(entry)),
      "</content>\n    <limpid:version>", entry.change.number,
      "</limpid:version>\n    <limpid:leaf-index>", entry.change.leaf_index,
      "</limpid:leaf-index>\n  </entry>\n");
}

json::Value JsonEntry(const FeedEntry& entry) {
  json::Value own = json::Value::Object();
  own.Set("registration", entry.change.registration.Text());
  own.Set("version", entry.change.number);
  own.Set("leaf_index", entry.change.leaf_index);
  own.Set("retired", entry.state == RegistrationState::kRetired);
  json::Value out = json::Value::Object();
  out.Set("id", entry.id);
  out.Set("title", TitleOfEntry(entry));
  out.Set("content_text", SummaryOf(entry));
  out.Set("date_modified", Rfc3339(entry.change.draft_time));
  json::Value tags = json::Value::Array();
  tags.Append(receipt::RegistrationKindName(entry.change.registration.kind));
  out.Set("tags", std::move(tags));
  out.Set("_limpid", std::move(own));
  return out;
}

}  // namespace

absl::StatusOr<FeedEntry> MakeFeedEntry(const RegistrationStore& store,
                                        const Change& change,
                                        std::string_view organisation) {
  LIMPID_ASSIGN_OR_RETURN(const Version version,
                          store.Get(change.registration, change.number));
  const json::Value content = ContentWithKind(version);
  FeedEntry out;
  out.id = absl::StrCat("urn:limpid:", change.registration.Text(), ":",
                        change.number);
  out.change = change;
  out.state = version.state;
  out.title = ListTitleOf(content);
  out.organisation = std::string(organisation);
  out.reason = ReasonOf(content);
  out.read_bytes = json::Canonical(content).size();
  if (change.number < 2) return out;
  LIMPID_ASSIGN_OR_RETURN(const Version before,
                          store.Get(change.registration, change.number - 1));
  const json::Value earlier = ContentWithKind(before);
  out.read_bytes += json::Canonical(earlier).size();
  out.lines =
      LinesOf(DescribeChanges(change.registration.kind, earlier, content));
  return out;
}

std::string FormatAtom(const Feed& feed) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
      "xmlns:limpid=\"urn:limpid:feed:1\">\n";
  absl::StrAppend(&out, "  <id>", Xml(IdOfFeed(feed)), "</id>\n  <title>",
                  Xml(TitleOfFeed(feed)), "</title>\n  <updated>",
                  Rfc3339(Updated(feed)), "</updated>\n  <author><name>",
                  Xml(feed.origin), "</name></author>\n");
  for (const FeedEntry& entry : feed.entries) AppendAtomEntry(entry, out);
  return out + "</feed>\n";
}

std::string FormatJsonFeed(const Feed& feed) {
  json::Value items = json::Value::Array();
  for (const FeedEntry& entry : feed.entries) items.Append(JsonEntry(entry));
  json::Value author = json::Value::Object();
  author.Set("name", feed.origin);
  json::Value authors = json::Value::Array();
  authors.Append(std::move(author));
  json::Value out = json::Value::Object();
  out.Set("version", "https://jsonfeed.org/version/1.1");
  out.Set("title", TitleOfFeed(feed));
  out.Set("authors", std::move(authors));
  out.Set("items", std::move(items));
  return json::Pretty(out);
}

}  // namespace limpid::algoregister::search
