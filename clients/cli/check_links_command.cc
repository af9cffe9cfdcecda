// limpid register check-links: asks the addresses that registrations give
// whether they still answer, and with --digests whether what is there is what
// the registration says.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/link_check.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/register_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;
using client::CheckedLink;
using client::Link;
using client::LinkState;

struct Options {
  std::string organisation;
  std::vector<std::string> fields;
  int timeout_s = 10;
  int total_s = 600;
  bool private_addresses = false;
  bool digests = false;
  bool all = false;
};

bool IsAskedFor(const Link& link, const std::vector<std::string>& fields) {
  if (fields.empty()) return true;
  return std::any_of(
      fields.begin(), fields.end(), [&link](const std::string& field) {
        const std::string pointer = "/fields/" + json::PointerToken(field);
        return link.pointer == pointer ||
               link.pointer.starts_with(pointer + "/");
      });
}

absl::StatusOr<std::vector<Link>> ReadLinks(const Options& options,
                                            client::RegisterClient& client,
                                            Terminal& terminal) {
  v1::ListRegistrationsRequest request;
  request.set_organisation_id(options.organisation);
  request.set_page_size(500);
  std::vector<Link> out;
  std::int64_t done = 0;
  client::PageWalk walk(client::EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page, client.List(request));
    for (const v1::RegistrationSummary& one : page.registrations()) {
      LIMPID_ASSIGN_OR_RETURN(const auto got,
                              client.Get(one.registration_id(), 0));
      terminal.Progress("reading", ++done, page.total_count());
      const auto content = json::ParseStrict(got.version().content_json());
      if (!content.ok()) continue;
      for (Link& link : client::LinksOf(one.registration_id(), *content)) {
        if (IsAskedFor(link, options.fields)) out.push_back(std::move(link));
      }
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.registrations_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

bool IsWrong(const CheckedLink& link) {
  return (link.state != LinkState::kAlive && link.state != LinkState::kMoved) ||
         link.digest == client::DigestState::kDiffers;
}

json::Value LinkJson(const CheckedLink& link) {
  json::Value out = json::Value::Object();
  out.Set("registration_id", link.link.registration_id);
  out.Set("pointer", link.link.pointer);
  out.Set("url", link.link.url);
  out.Set("state", client::LinkStateName(link.state));
  out.Set("status", link.status);
  if (!link.link.digest.empty()) {
    out.Set("digest", client::DigestStateName(link.digest));
  }
  return out;
}

std::string CountsText(const std::vector<CheckedLink>& links) {
  std::map<LinkState, int> counts;
  for (const CheckedLink& link : links) ++counts[link.state];
  std::string out = absl::StrCat(links.size(), " addresses");
  for (const auto& [state, count] : counts) {
    absl::StrAppend(&out, ", ", count, " ",
                    std::string(client::LinkStateName(state)));
  }
  return out;
}

void Show(const std::vector<CheckedLink>& links, bool all, Terminal& terminal) {
  std::vector<Row> rows;
  for (const CheckedLink& link : links) {
    if (!all && !IsWrong(link)) continue;
    std::string state(client::LinkStateName(link.state));
    if (link.status != 0) absl::StrAppend(&state, " (", link.status, ")");
    if (link.digest != client::DigestState::kNotCompared) {
      absl::StrAppend(&state, ", digest ",
                      std::string(client::DigestStateName(link.digest)));
    }
    rows.push_back(
        {state, link.link.registration_id, link.link.pointer, link.link.url});
  }
  terminal.Table({"state", "registration", "field", "address"}, rows);
  terminal.Line(CountsText(links));
}

absl::StatusOr<Report> Check(const Options& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Link> links,
                          ReadLinks(options, client, session.terminal()));
  client::LinkCheckOptions check;
  check.timeout = absl::Seconds(options.timeout_s);
  check.total = absl::Seconds(options.total_s);
  check.private_addresses = options.private_addresses;
  check.digests = options.digests;
  const std::vector<CheckedLink> checked = client::CheckLinks(
      links, check, [&session](std::size_t done, std::size_t total) {
        session.terminal().Progress("asking hosts",
                                    static_cast<std::int64_t>(done),
                                    static_cast<std::int64_t>(total));
      });
  json::Value list = json::Value::Array();
  for (const CheckedLink& link : checked) list.Append(LinkJson(link));
  json::Value out = json::Value::Object();
  out.Set("links", std::move(list));
  return Report{std::move(out),
                [checked, all = options.all](Terminal& terminal) {
                  Show(checked, all, terminal);
                }};
}

}  // namespace

void AddCheckLinksCommand(CLI::App& group, Session& session) {
  auto [check, options] = AddCommand<Options>(
      group, session, "check-links",
      "Ask the addresses in registrations whether they still answer", Check);
  check->add_option("--organisation", options->organisation, "org_... id");
  check->add_option("--field", options->fields,
                    "only this field, for example source_url; repeatable");
  check->add_option("--timeout", options->timeout_s, "seconds for each address")
      ->check(CLI::Range(1, 120));
  check->add_option("--total-timeout", options->total_s, "seconds for all")
      ->check(CLI::Range(1, 86'400));
  check->add_flag("--private-addresses", options->private_addresses,
                  "ask addresses of private networks too");
  check->add_flag("--digests", options->digests,
                  "fetch what has a digest, up to 64 MiB, and compare it");
  check->add_flag("--all", options->all, "show those that answer too");
}

}  // namespace limpid::cli
