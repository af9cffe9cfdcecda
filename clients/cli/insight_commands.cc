// limpid register used-by, check, proposals, confirm-proposal: registrations
// taken together.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/publisher_checks.h"
#include "clients/cpp/insight_client.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/register_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct None {};
struct UsedByOptions {
  std::string id;
  std::string vendor;
  std::string law;
  std::string attribute;
  bool active = false;
};
struct CheckOptions {
  std::string id;
  std::int64_t version = 0;
  std::string source;
};
struct ConfirmOptions {
  std::string proposal;
  std::string reason;
  std::string signing_key;
  bool yes = false;
};

absl::StatusOr<v1::ListReferrersRequest> ReferrersOf(
    const UsedByOptions& options) {
  v1::ListReferrersRequest request;
  int given = 0;
  const auto take = [&given](const std::string& text, auto set) {
    if (text.empty()) return;
    ++given;
    set(text);
  };
  take(options.id,
       [&](const auto& text) { request.set_registration_id(text); });
  take(options.vendor, [&](const auto& text) { request.set_vendor(text); });
  take(options.law, [&](const auto& text) { request.set_law(text); });
  take(options.attribute,
       [&](const auto& text) { request.set_attribute(text); });
  if (given != 1) {
    return WrongUsage(absl::InvalidArgumentError(
        "give an id, or one of --vendor, --law and --attribute"));
  }
  request.set_active_only(options.active);
  return request;
}

std::string StateNote(const v1::RegistrationSummary& one) {
  return one.state() == v1::REGISTRATION_STATE_RETIRED ? "retired" : "";
}

absl::StatusOr<Report> UsedBy(const UsedByOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const v1::ListReferrersRequest request,
                          ReferrersOf(options));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::InsightClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto found, client.Referrers(request));
  return Report{
      ToJson(found), [found](Terminal& terminal) {
        if (found.has_target()) {
          const std::string note = StateNote(found.target());
          terminal.Heading(Clean(absl::StrCat(found.target().title(),
                                              note.empty() ? "" : " (", note,
                                              note.empty() ? "" : ")")));
        }
        const std::vector<Row> rows =
            RowsOf(found.referrers(), [](const v1::Referrer& one) -> Row {
              const v1::RegistrationSummary& by = one.registration();
              return {by.registration_id(), by.title(), by.organisation_title(),
                      one.pointer(), StateNote(by)};
            });
        terminal.Table({"id", "title", "organisation", "where", "state"}, rows);
      }};
}

absl::StatusOr<Report> Check(const CheckOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::InsightClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(
      const auto checked,
      client.Check(options.id, options.version, options.source));
  return Report{
      ToJson(checked), [checked](Terminal& terminal) {
        std::vector<Row> rows;
        for (const v1::RuleFinding& one : checked.findings()) {
          if (one.outcome() == v1::RULE_OUTCOME_MET) continue;
          rows.push_back({one.source(), one.field(),
                          ShortName(v1::RuleOutcome_Name(one.outcome()),
                                    "RULE_OUTCOME_")});
        }
        terminal.Table({"rules of", "field", "is"}, rows);
        for (const v1::RuleScore& one : checked.scores()) {
          terminal.Line(absl::StrCat(one.source(), ": ", one.met_weight(),
                                     " of ", one.total_weight()));
        }
      }};
}

absl::StatusOr<Report> ListProposals(const None& /*options*/,
                                     Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::InsightClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto all, client.Proposals());
  return Report{
      ToJson(all), [all](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(all.proposals(), [](const v1::Proposal& one) -> Row {
              return {one.proposal_id(),
                      ShortName(v1::ProposalReason_Name(one.reason()),
                                "PROPOSAL_REASON_"),
                      absl::StrCat(one.registration_ids_size()),
                      absl::StrCat(one.organisation_count()),
                      one.title(),
                      one.vendor()};
            });
        terminal.Table(
            {"proposal", "why", "registrations", "bodies", "title", "vendor"},
            rows);
        if (all.has_computed_time()) {
          terminal.Line(absl::StrCat(
              "As of ", Moment(all.computed_time()),
              "; what was published since is not in them, ask in a minute."));
        }
        if (all.generic_titles().empty()) return;
        terminal.Line("Left alone, since the title names no product:");
        const std::vector<Row> generic = RowsOf(
            all.generic_titles(), [](const v1::GenericTitle& one) -> Row {
              return {absl::StrCat(one.registration_count()), one.title()};
            });
        terminal.Table({"registrations", "title"}, generic);
      }};
}

absl::StatusOr<v1::Proposal> FindProposal(Session& session,
                                          const std::string& id) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::InsightClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto all, client.Proposals());
  for (const v1::Proposal& one : all.proposals()) {
    if (one.proposal_id() == id) return one;
  }
  return absl::NotFoundError(
      "no such proposal: the registrations may have changed; list them again");
}

// What confirming did, row by row.
struct Confirmed {
  std::string system_id;
  std::vector<std::string> changed;
  std::vector<Row> refused;
};

// A system of that title, without more: its provider fills it in.
absl::StatusOr<std::string> MakeSystem(client::PublisherClient& publisher,
                                       const v1::Proposal& proposal,
                                       const std::string& reason) {
  json::Value text = json::Value::Object();
  text.Set("origin", "human");
  LIMPID_ASSIGN_OR_RETURN(json::Value title,
                          json::Value::FromText(proposal.title()));
  text.Set("text", std::move(title));
  json::Value field = json::Value::Object();
  field.Set("state", "given");
  field.Set("value", json::Value::Object({{"nl", std::move(text)}}));
  json::Value content = json::Value::Object();
  content.Set("aliases", json::Value::Array());
  content.Set("fields", json::Value::Object({{"title", std::move(field)}}));
  v1::PrepareVersionRequest request;
  request.set_reason(reason);
  request.mutable_create()->set_kind(v1::REGISTRATION_KIND_SYSTEM);
  request.mutable_create()->set_content_json(json::Canonical(content));
  LIMPID_ASSIGN_OR_RETURN(const auto published, publisher.Publish(request));
  return published.registration_id();
}

// Whether a field is withheld for readers alone: what they read is not in what
// the register answers, and a version without it would be refused.
bool HasRestrictedPart(const json::Value& fields) {
  return std::any_of(fields.members().begin(), fields.members().end(),
                     [](const json::Member& field) {
                       return field.value.Find("audience") != nullptr;
                     });
}

// The next version of `id`, as it is but for its system; an empty `system`
// leaves that too. Nothing if it is of that system already.
//
// Errors: those of the register, and
//   kFailedPrecondition  it has parts that this command cannot read.
absl::StatusOr<std::optional<v1::PrepareVersionRequest>> UpdateOf(
    client::RegisterClient& reader, const std::string& id,
    const std::string& system, const std::string& reason) {
  LIMPID_ASSIGN_OR_RETURN(const auto got, reader.Get(id, 0));
  LIMPID_ASSIGN_OR_RETURN(json::Value content,
                          json::ParseStrict(got.version().content_json()));
  LIMPID_ASSIGN_OR_RETURN(json::Value fields, content.GetObject("fields"));
  if (HasRestrictedPart(fields)) {
    return absl::FailedPreconditionError(
        "it has parts for auditors, courts or regulators alone, which this "
        "command does not have; give its next version the field \"system\" by "
        "limpid register publish --id --keep-restricted");
  }
  if (!system.empty()) {
    json::Value given = json::Value::Object();
    given.Set("state", "given");
    given.Set("value", system);
    if (const json::Value* const now = fields.Find("system");
        now != nullptr && *now == given) {
      return std::optional<v1::PrepareVersionRequest>();
    }
    fields.Set("system", std::move(given));
  }
  content.Set("fields", std::move(fields));
  content.Remove("kind");
  content.Remove("reason");
  v1::PrepareVersionRequest request;
  request.set_reason(reason);
  request.mutable_update()->set_registration_id(id);
  request.mutable_update()->set_content_json(json::Canonical(content));
  return std::optional(std::move(request));
}

absl::Status SetSystem(client::RegisterClient& reader,
                       client::PublisherClient& publisher,
                       const std::string& id, const std::string& system,
                       const std::string& reason) {
  LIMPID_ASSIGN_OR_RETURN(const auto request,
                          UpdateOf(reader, id, system, reason));
  if (!request) return absl::OkStatus();
  return publisher.Publish(*request).status();
}

// Whether SetSystem would be taken. Nothing is published.
absl::Status MaySetSystem(client::RegisterClient& reader,
                          client::PublisherClient& publisher,
                          const std::string& id, const std::string& system,
                          const std::string& reason) {
  LIMPID_ASSIGN_OR_RETURN(const auto request,
                          UpdateOf(reader, id, system, reason));
  if (!request) return absl::OkStatus();
  return publisher.Prepare(*request).status();
}

absl::Status Retire(client::PublisherClient& publisher, const std::string& id,
                    const std::string& reason) {
  v1::PrepareVersionRequest request;
  request.set_reason(reason);
  request.mutable_retire()->set_registration_id(id);
  return publisher.Publish(request).status();
}

void Note(const absl::Status& status, const std::string& id, Confirmed& out) {
  if (status.ok()) {
    out.changed.push_back(id);
  } else {
    out.refused.push_back({id, std::string(status.message())});
  }
}

absl::StatusOr<Confirmed> Publish(const v1::Proposal& proposal,
                                  const ConfirmOptions& options,
                                  Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const client::PersonKey key,
                          SigningKey(options.signing_key));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::PublisherClient publisher(*connection, key.key());
  client::RegisterClient reader(*connection);
  LIMPID_RETURN_IF_ERROR(
      client::InsightClient(*connection).CheckStillSo(proposal));
  Confirmed out;
  if (proposal.reason() == v1::PROPOSAL_REASON_NEW_ID) {
    const std::string& older = proposal.registration_ids(0);
    Note(Retire(publisher, older,
                absl::StrCat(options.reason, " (continued as ",
                             proposal.registration_ids(1), ")")),
         older, out);
    return out;
  }
  // Before a system is made: one that nobody may use is not taken back.
  std::vector<std::string> mine;
  for (const std::string& id : proposal.registration_ids()) {
    const absl::Status may = MaySetSystem(reader, publisher, id,
                                          proposal.system_id(), options.reason);
    if (may.ok()) {
      mine.push_back(id);
    } else {
      Note(may, id, out);
    }
  }
  if (mine.empty()) return out;
  out.system_id = proposal.system_id();
  if (out.system_id.empty()) {
    LIMPID_ASSIGN_OR_RETURN(out.system_id,
                            MakeSystem(publisher, proposal, options.reason));
  }
  std::int64_t done = 0;
  for (const std::string& id : mine) {
    Note(SetSystem(reader, publisher, id, out.system_id, options.reason), id,
         out);
    session.terminal().Progress("publishing", ++done,
                                static_cast<std::int64_t>(mine.size()));
  }
  session.terminal().EndProgress();
  return out;
}

json::Value ToJson(const Confirmed& done) {
  json::Value out = json::Value::Object();
  out.Set("system_id", done.system_id);
  json::Value changed = json::Value::Array();
  for (const std::string& id : done.changed) changed.Append(id);
  out.Set("changed", std::move(changed));
  json::Value refused = json::Value::Array();
  for (const Row& row : done.refused) {
    json::Value one = json::Value::Object();
    one.Set("registration_id", row.front());
    one.Set("why", row.back());
    refused.Append(std::move(one));
  }
  out.Set("refused", std::move(refused));
  return out;
}

absl::StatusOr<Report> ConfirmProposal(const ConfirmOptions& options,
                                       Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const v1::Proposal proposal,
                          FindProposal(session, options.proposal));
  const bool new_id = proposal.reason() == v1::PROPOSAL_REASON_NEW_ID;
  LIMPID_RETURN_IF_ERROR(Confirm(
      new_id ? "The older registration will be retired, which nothing undoes."
             : "A version of every registration of yours will be published.",
      options.yes, session.terminal(), [&] {
        session.terminal().Heading(Clean(proposal.title()));
        for (const std::string& id : proposal.registration_ids()) {
          session.terminal().Line(id);
        }
      }));
  LIMPID_ASSIGN_OR_RETURN(const Confirmed done,
                          Publish(proposal, options, session));
  absl::Status outcome;
  if (done.changed.empty()) {
    outcome = absl::PermissionDeniedError("no registration was changed");
  }
  return Report{ToJson(done),
                [done](Terminal& terminal) {
                  terminal.Line(absl::StrCat(done.changed.size(), " changed, ",
                                             done.refused.size(), " refused"));
                  if (!done.system_id.empty()) {
                    terminal.Facts({{"system", done.system_id}});
                  }
                  if (done.refused.empty()) return;
                  terminal.Table({"registration", "why not"}, done.refused);
                },
                outcome};
}

}  // namespace

void AddInsightCommands(CLI::App& group, Session& session) {
  auto [used, target] = AddCommand<UsedByOptions>(
      group, session, "used-by",
      "Who else uses a system, dataset, vendor, law or attribute", UsedBy);
  used->add_option("id", target->id, "of a registration")
      ->check(RegistrationId());
  used->add_option("--vendor", target->vendor, "name of a vendor");
  used->add_option("--law", target->law, "title or address of a law");
  used->add_option("--attribute", target->attribute,
                   "attribute or category of personal data");
  used->add_flag("--active", target->active, "without retired ones");
  auto [check, what] = AddCommand<CheckOptions>(
      group, session, "check", "What standards and laws find missing in one",
      Check);
  check->add_option("id", what->id)->required()->check(RegistrationId());
  check->add_option("--version", what->version, "an older version");
  check->add_option("--source", what->source, "for example omb-2025");
  AddCommand<None>(group, session, "proposals",
                   "Which registrations may belong together", ListProposals);
  auto [confirm, one] = AddCommand<ConfirmOptions>(
      group, session, "confirm-proposal",
      "Publish what a proposal says, for what you publish", ConfirmProposal);
  confirm->add_option("proposal", one->proposal)->required();
  confirm->add_option("--reason", one->reason)->required();
  confirm->add_option("--signing-key", one->signing_key)->required();
  confirm->add_flag("--yes", one->yes, "do not ask");
}

}  // namespace limpid::cli
