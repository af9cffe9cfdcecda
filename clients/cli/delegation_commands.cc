// limpid person delegate|delegations|mandates|end-delegation, limpid admin
// record-delegation|revoke-delegation: who may act for whom.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/named_value.h"
#include "clients/cpp/delegation_client.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/access_entry.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;
using receipt::DelegationKind;
using receipt::Power;

struct ListOptions {
  bool current_only = false;
};
struct TermsOptions {
  std::string person;
  DelegationKind kind = DelegationKind::kPowerOfAttorney;
  std::vector<std::string> to;
  std::vector<Power> powers;
  std::vector<std::string> services;
  std::vector<std::string> purposes;
  std::vector<std::string> attributes;
  std::uint64_t signatures = 1;
  int days = 365;
  std::string evidence_file;
  bool reserve = false;
};
struct EndOptions {
  std::string id;
  bool all = false;
};
struct RevokeOptions {
  std::string person;
  std::string id;
  std::string reason;
};

const std::map<std::string, DelegationKind>& Kinds() {
  static const std::map<std::string, DelegationKind> kinds = {
      {"parent", DelegationKind::kParent},
      {"guardian", DelegationKind::kGuardian},
      {"nominee", DelegationKind::kNominee},
      {"power-of-attorney", DelegationKind::kPowerOfAttorney}};
  return kinds;
}

const std::map<std::string, Power>& Powers() {
  static const std::map<std::string, Power> powers = {
      {"grant", Power::kGrant},
      {"read-log", Power::kReadLog},
      {"read-records", Power::kReadRecords},
      {"withdraw", Power::kWithdraw}};
  return powers;
}

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

receipt::Delegation TermsOf(const TermsOptions& options,
                            const std::string& person, absl::Time now) {
  receipt::Delegation out;
  out.person = person;
  out.kind = options.kind;
  out.representatives = Sorted(options.to);
  out.signature_count = options.signatures;
  out.powers = options.powers;
  if (out.powers.empty()) {
    out.powers = {Power::kGrant, Power::kReadLog, Power::kReadRecords,
                  Power::kWithdraw};
  }
  out.grant_reserved = options.reserve;
  out.services = Sorted(options.services);
  out.purposes = Sorted(options.purposes);
  out.attributes = Sorted(options.attributes);
  out.from = absl::FromUnixMillis(absl::ToUnixMillis(now));
  out.until = out.from + absl::Hours(24) * options.days;
  return out;
}

Report ReportOf(const std::vector<v1::Delegation>& all) {
  return Report{ToJsonArray(all), [all](Terminal& terminal) {
                  const std::vector<Row> rows =
                      RowsOf(all, [](const v1::Delegation& one) -> Row {
                        return {one.delegation_id(),
                                one.person_id(),
                                ShortName(v1::DelegationKind_Name(one.kind()),
                                          "DELEGATION_KIND_"),
                                Joined(one.representative_ids()),
                                absl::StrCat(one.signature_count()),
                                Joined(one.powers()),
                                one.live() ? "until " + Moment(one.until_time())
                                           : "gives no power"};
                      });
                  terminal.Table(
                      {"delegation", "represented", "kind", "representatives",
                       "signatures", "powers", "state"},
                      rows);
                }};
}

client::DelegationClient ClientOf(const PersonParts& parts, Session& session) {
  return {*parts.consent_connection, *parts.key, *parts.trust, session.clock()};
}

absl::StatusOr<Report> Delegate(const TermsOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const v1::Account self, parts.consent->GetAccount());
  LIMPID_ASSIGN_OR_RETURN(
      const v1::Delegation made,
      ClientOf(parts, session)
          .Make(TermsOf(options, self.person_id(), session.clock().Now())));
  return ReportOf({made});
}

absl::StatusOr<Report> Delegations(const ListOptions& options,
                                   Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto all,
                          ClientOf(parts, session).List(options.current_only));
  return ReportOf(all);
}

absl::StatusOr<Report> Mandates(const ListOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(
      const auto all,
      ClientOf(parts, session).ListMandates(options.current_only));
  return ReportOf(all);
}

absl::StatusOr<Report> End(const EndOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::DelegationClient delegations = ClientOf(parts, session);
  if (options.all) {
    LIMPID_ASSIGN_OR_RETURN(const auto all, delegations.EndAll());
    return ReportOf(all);
  }
  LIMPID_ASSIGN_OR_RETURN(const v1::Delegation ended,
                          delegations.End(options.id));
  return ReportOf({ended});
}

// The opening stays with whoever holds the document; it is printed once.
absl::StatusOr<Report> Record(const TermsOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string document,
                          ReadTextFile(options.evidence_file));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(const client::Trust seen,
                          client::AskForTrust(*connection));
  const absl::Time now = session.clock().Now();
  receipt::Delegation terms = client::Complete(
      TermsOf(options, options.person, now), seen.operator_name, now);
  const auto opening = crypto::RandomArray<32>();
  terms.evidence =
      receipt::Commit(opening, "delegation", base::AsBytes(document));
  LIMPID_ASSIGN_OR_RETURN(const v1::Delegation made,
                          client::RecordDelegation(*connection, terms));
  json::Value out = ToJson(made);
  const std::string text = base::Base64UrlEncode(opening);
  out.Set("evidence_opening", text);
  return Report{out, [made, text](Terminal& terminal) {
                  ReportOf({made}).show(terminal);
                  terminal.Line("Keep with the document: " + text);
                }};
}

absl::StatusOr<Report> Revoke(const RevokeOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(const v1::Delegation ended,
                          client::RevokeDelegation(*connection, options.person,
                                                   options.id, options.reason));
  return ReportOf({ended});
}

void AddTerms(CLI::App& command, TermsOptions& options) {
  command
      .add_option("--to,-t", options.to,
                  "person id of a representative; repeat for more")
      ->required();
  command.add_option("--kind", options.kind, "what they are")
      ->transform(NamedValue(Kinds()));
  command
      .add_option("--power,-p", options.powers,
                  "what they may do; repeat for more; by default all four")
      ->transform(NamedValue(Powers()));
  command.add_option("--signatures", options.signatures,
                     "how many of them must sign a grant");
  command.add_option("--service", options.services,
                     "only this service; repeat for more");
  command.add_option("--purpose", options.purposes,
                     "only this DPV IRI; repeat for more");
  command.add_option("--attribute,-a", options.attributes,
                     "only this attribute; repeat for more");
  command.add_option("--days", options.days, "days it is valid");
}

}  // namespace

void AddDelegationCommands(CLI::App& person, Session& session) {
  auto [delegate, terms] = AddCommand<TermsOptions>(
      person, session, "delegate", "Let somebody act for you", Delegate);
  AddTerms(*delegate, *terms);
  auto [delegations, own] = AddCommand<ListOptions>(
      person, session, "delegations", "Show who may act for you, or could",
      Delegations);
  delegations->add_flag("--current", own->current_only,
                        "without those that were ended or have expired");
  auto [mandates, held] =
      AddCommand<ListOptions>(person, session, "mandates",
                              "Show for whom you may act, or could", Mandates);
  mandates->add_flag("--current", held->current_only,
                     "without those that were ended or have expired");
  auto [end, which] =
      AddCommand<EndOptions>(person, session, "end-delegation",
                             "End one delegation, or all of yours", End);
  auto* const id =
      end->add_option("delegation", which->id)->check(OfKind({"dlg"}));
  end->add_flag("--all", which->all, "all of them")->excludes(id);
}

void AddAdminDelegationCommands(CLI::App& group, Session& session) {
  auto [record, terms] = AddCommand<TermsOptions>(
      group, session, "record-delegation",
      "Record on evidence that somebody is parent or guardian", Record);
  record->add_option("person", terms->person, "who is represented")->required();
  AddTerms(*record, *terms);
  record
      ->add_option("--evidence", terms->evidence_file,
                   "the document you have seen; it is not sent")
      ->required();
  record->add_flag("--reserve-grants", terms->reserve,
                   "the person grants nothing of it alone");
  auto [revoke, which] =
      AddCommand<RevokeOptions>(group, session, "revoke-delegation",
                                "End a delegation, with a reason", Revoke);
  revoke->add_option("person", which->person)->required();
  revoke->add_option("delegation", which->id)
      ->required()
      ->check(OfKind({"dlg"}));
  revoke->add_option("--reason", which->reason)->required();
}

}  // namespace limpid::cli
