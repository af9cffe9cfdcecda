// limpid person decision-notices, limpid service send-decision-notice: what a
// body says about a decision, beside the register's card of its system.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/decision_notice_client.h"
#include "clients/cpp/register_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;
namespace register_v1 = limpid::algoregister::v1;

struct NoticeOptions {
  std::string notice;
  std::size_t limit = 50;
  bool acknowledge = false;
};
struct SendOptions {
  std::string record;
  std::string file;
};

// What the register says of a deployment; the version that the notice names.
struct Card {
  std::string title;
  std::string state;
  std::string organisation;
  std::int64_t newest_version = 0;
};
// By deployment and version.
using Cards = std::map<std::pair<std::string, std::uint32_t>, Card>;

// Title of the organisation that the registration names, or its id.
std::string OrganisationOf(const register_v1::RegistrationVersion& version,
                           client::RegisterClient& algorithms,
                           const tlog::Policy& policy) {
  const auto content = json::ParseStrict(version.content_json());
  const json::Value* at = content.ok() ? content->Find("fields") : nullptr;
  if (at != nullptr) at = at->Find("organisation");
  if (at == nullptr) return "-";
  const std::string id = at->GetString("value").value_or("-");
  const auto checked = algorithms.GetChecked(id, /*version=*/0, policy);
  return checked.ok() ? Clean(checked->version.title()) : Clean(id);
}

// Anonymous questions, verified; a deployment that is gone has no card.
absl::StatusOr<Cards> CardsOf(const std::vector<v1::DecisionNotice>& notices,
                              client::RegisterClient& algorithms,
                              const tlog::Policy& policy) {
  Cards out;
  for (const v1::DecisionNotice& notice : notices) {
    const std::string& id = notice.content().deployment_id();
    const std::uint32_t number = notice.content().deployment_version();
    if (out.contains({id, number})) continue;
    const auto checked = algorithms.GetChecked(id, number, policy);
    if (absl::IsNotFound(checked.status())) continue;
    LIMPID_RETURN_IF_ERROR(checked.status());
    const register_v1::RegistrationVersion& version = checked->version;
    Card& card = out[{id, number}];
    card.title = Clean(version.title());
    card.state = ShortName(register_v1::RegistrationState_Name(version.state()),
                           "REGISTRATION_STATE_");
    card.organisation = OrganisationOf(version, algorithms, policy);
    card.newest_version = checked->newest_version;
  }
  return out;
}

void ShowCard(const v1::DecisionContent& content, const Cards& cards,
              Terminal& terminal) {
  const auto found =
      cards.find({content.deployment_id(), content.deployment_version()});
  if (found == cards.end()) {
    terminal.Line("The register does not have this deployment any more.");
    return;
  }
  const Card& card = found->second;
  std::string version = absl::StrCat(content.deployment_version());
  if (card.newest_version > content.deployment_version()) {
    version += absl::StrCat(", by now there is version ", card.newest_version);
  }
  terminal.Facts({{"registered system", card.title},
                  {"registered by", card.organisation},
                  {"registration", card.state},
                  {"version", version},
                  {"more", absl::StrCat("limpid register get ",
                                        Clean(content.deployment_id()))}});
}

void Show(const v1::DecisionNotice& notice, const Cards& cards,
          Terminal& terminal) {
  const v1::DecisionContent& content = notice.content();
  terminal.Heading(absl::StrCat(Clean(notice.organisation()), ", ",
                                Moment(content.decision_time())));
  terminal.Facts(
      {{"notice", Clean(notice.notice_id())},
       {"state", notice.has_acknowledge_time() ? "read" : "unread"},
       {"outcome",
        content.outcome().empty() ? "not said" : Clean(content.outcome())},
       {"data used", Clean(Joined(content.inputs()))},
       {"ask", Clean(content.contact())},
       {"to object", Clean(content.objection())},
       {"record", Clean(notice.record_id())}});
  for (const std::string& factor : content.factors()) {
    terminal.Line(absl::StrCat("- ", Clean(factor)));
  }
  ShowCard(content, cards, terminal);
}

absl::StatusOr<Report> Notices(const NoticeOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          parts.trust->LogPolicy("/register"));
  client::DecisionNoticeClient client(*parts.consent_connection);
  std::vector<v1::DecisionNotice> notices;
  if (options.notice.empty()) {
    LIMPID_ASSIGN_OR_RETURN(notices, client.List(options.limit));
  } else {
    LIMPID_ASSIGN_OR_RETURN(notices.emplace_back(), client.Get(options.notice));
  }
  if (client.unreadable_count() > 0) {
    session.terminal().Error(absl::StrCat(
        "warning: ", client.unreadable_count(),
        " of your notices cannot be read, because what the server stored is "
        "damaged. Ask the operator"));
  }
  if (client.has_more()) {
    session.terminal().Error(absl::StrCat("there are older notices; --limit ",
                                          client::kMaxListedNotices,
                                          " shows them all"));
  }
  client::RegisterClient algorithms(*parts.anonymous);
  LIMPID_ASSIGN_OR_RETURN(const Cards cards,
                          CardsOf(notices, algorithms, policy));
  if (options.acknowledge) {
    for (v1::DecisionNotice& notice : notices) {
      LIMPID_ASSIGN_OR_RETURN(notice, client.Acknowledge(notice.notice_id()));
    }
  }
  return Report{ToJsonArray(notices), [notices, cards](Terminal& terminal) {
                  if (notices.empty()) terminal.Line("Nothing to tell.");
                  for (const auto& notice : notices) {
                    Show(notice, cards, terminal);
                  }
                }};
}

absl::StatusOr<Report> Send(const SendOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  v1::DecisionContent content;
  LIMPID_RETURN_IF_ERROR(FromJson(text, content));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(
      const std::string id,
      client::SendDecisionNotice(*connection, options.record, content));
  json::Value out = json::Value::Object();
  out.Set("notice_id", id);
  return Report{std::move(out), [id](Terminal& terminal) {
                  terminal.Line(absl::StrCat("Sent: ", Clean(id)));
                }};
}

}  // namespace

void AddDecisionNoticeCommands(CLI::App& person, Session& session) {
  auto [notices, which] = AddCommand<NoticeOptions>(
      person, session, "decision-notices",
      "Show what bodies say about decisions that a registered system took part "
      "in",
      Notices);
  notices->add_option("notice", which->notice, "only this one");
  notices
      ->add_option("--limit", which->limit,
                   "at most this many, the newest first")
      ->check(CLI::Range(std::size_t{1}, client::kMaxListedNotices));
  notices->add_flag("--acknowledge", which->acknowledge,
                    "say that you have read what is shown");
}

void AddSendDecisionNoticeCommand(CLI::App& service, Session& session) {
  auto [send, what] = AddCommand<SendOptions>(
      service, session, "send-decision-notice",
      "Tell a person of a decision that a registered system took part in",
      Send);
  send->add_option("record", what->record, "your record with her")
      ->required()
      ->check(OfKind({"rec"}));
  send->add_option("file", what->file,
                   "JSON of limpid.consent.v1.DecisionContent; - is standard "
                   "input")
      ->required();
}

}  // namespace limpid::cli
