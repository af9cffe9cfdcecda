// limpid person notices, watch-notices: what was done with her data under a law
// instead of her consent, and what she can do about it.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/notice_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct ListOptions {
  bool all = false;
  bool acknowledge = false;
};
struct WatchOptions {
  int seconds = 60;
};

std::string ReadText(const v1::BasisNotice& notice) {
  if (notice.unread_count() == 0) return "read";
  if (notice.unread_count() == notice.access_count()) return "unread";
  return absl::StrCat(notice.unread_count(), " unread");
}

void Show(const v1::BasisNotice& notice, Terminal& terminal) {
  terminal.Heading(absl::StrCat(Clean(notice.organisation()), ", ",
                                notice.access_count(), " times"));
  terminal.Facts({{"notice", notice.notice_id()},
                  {"state", ReadText(notice)},
                  {"under", notice.law()},
                  {"for", Joined(notice.purposes())},
                  {"attributes", Joined(notice.attributes())},
                  {"first", Moment(notice.begin_time())},
                  {"last", Moment(notice.last_time())},
                  {"record", notice.record_id()},
                  {"contact", Clean(notice.contact())}});
  terminal.Line(notice.remedy());
  if (notice.may_object()) {
    terminal.Line(absl::StrCat("limpid person object ", notice.record_id()));
  }
}

// In every form of output: it must not look as if there were no others.
void WarnOf(std::uint64_t unreadable, Terminal& terminal) {
  if (unreadable == 0) return;
  terminal.Error(absl::StrCat(
      "warning: ", unreadable,
      " of your notices cannot be read, because what the server stored is "
      "damaged; your log of accesses has what they told of. Ask the operator"));
}

absl::StatusOr<Report> Notices(const ListOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::NoticeClient client(*parts.consent_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto notices, client.List(options.all));
  WarnOf(client.unreadable_count(), session.terminal());
  if (options.acknowledge) {
    for (const v1::BasisNotice& notice : notices) {
      LIMPID_RETURN_IF_ERROR(client.Acknowledge(notice).status());
    }
  }
  return Report{ToJsonArray(notices), [notices, options](Terminal& terminal) {
                  if (notices.empty()) terminal.Line("Nothing to tell.");
                  for (const auto& notice : notices) Show(notice, terminal);
                  if (options.acknowledge && !notices.empty()) {
                    terminal.Line("Acknowledged.");
                  }
                }};
}

// Ends with the time: what came, and nothing that was acknowledged before.
absl::StatusOr<Report> WatchNotices(const WatchOptions& options,
                                    Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  std::vector<v1::BasisNotice> heard;
  LIMPID_RETURN_IF_ERROR(
      client::NoticeClient(*parts.consent_connection)
          .Watch(absl::Seconds(options.seconds),
                 [&heard, &session](const v1::WatchNoticesResponse& message) {
                   WarnOf(message.unreadable_count(), session.terminal());
                   if (message.has_notice()) heard.push_back(message.notice());
                   return true;
                 }));
  return Report{ToJsonArray(heard), [heard](Terminal& terminal) {
                  if (heard.empty()) terminal.Line("Nothing came.");
                  for (const auto& notice : heard) Show(notice, terminal);
                }};
}

}  // namespace

void AddNoticeCommands(CLI::App& person, Session& session) {
  auto [notices, which] = AddCommand<ListOptions>(
      person, session, "notices",
      "Show what was read under a law instead of your consent", Notices);
  notices->add_flag("--all", which->all, "those you acknowledged too");
  notices->add_flag("--acknowledge", which->acknowledge,
                    "say that you have read what is shown");
  auto [watch, until] = AddCommand<WatchOptions>(
      person, session, "watch-notices", "Wait for such notices", WatchNotices);
  watch->add_option("--seconds", until->seconds, "for so long")
      ->check(CLI::Range(1, 3'600));
}

}  // namespace limpid::cli
