// What administrators decide about sharing, and what anybody may read of it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/catalogue_client.h"
#include "clients/cpp/governance_client.h"
#include "clients/cpp/reconsent_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct TermsOptions {
  std::string file;
  std::string sharing;
};
struct PairOptions {
  std::string service;
  std::string source;
};
struct OneId {
  std::string id;
};
struct None {};
struct ProposeOptions {
  std::string service;
  std::string file;
  std::string reason;
};
struct FormOptions {
  std::string id;
  std::uint32_t version = 1;
  std::string language;
  std::string as = "text";
};
struct DiffOptions {
  std::string agreement;
  std::uint32_t from = 1;
  std::uint32_t to = 2;
};

Row RowOf(const v1::SharingAgreement& sharing) {
  const v1::SharingTerms& terms = sharing.terms();
  return {sharing.sharing_id(),
          absl::StrCat(sharing.version()),
          terms.source_id(),
          terms.recipient_service_id().empty()
              ? "all of " + terms.recipient_jurisdiction()
              : terms.recipient_service_id(),
          Joined(terms.attributes()),
          Moment(terms.until_time())};
}

Report ReportOf(const v1::SharingAgreement& sharing) {
  return Report{
      ToJson(sharing), [sharing](Terminal& terminal) {
        const v1::SharingTerms& terms = sharing.terms();
        terminal.Facts({{"sharing agreement", sharing.sharing_id()},
                        {"version", absl::StrCat(sharing.version())},
                        {"attributes", Joined(terms.attributes())},
                        {"in force until", Moment(terms.until_time())}});
      }};
}

absl::StatusOr<Report> AddSharing(const TermsOptions& options,
                                  Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  v1::CreateSharingAgreementRequest request;
  request.set_sharing_id(options.sharing);
  LIMPID_RETURN_IF_ERROR(FromJson(text, *request.mutable_terms()));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto made,
                          governance.CreateSharingAgreement(request));
  return ReportOf(made);
}

absl::StatusOr<Report> DefaultSharing(const PairOptions& options,
                                      Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto made,
                          governance.CreateDefaultSharingAgreement(
                              options.service, options.source));
  return ReportOf(made);
}

absl::StatusOr<Report> EndSharing(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto ended,
                          governance.EndSharingAgreement(options.id));
  return ReportOf(ended);
}

absl::StatusOr<Report> ListSharing(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::CatalogueClient catalogue(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto all,
                          catalogue.ListSharingAgreements(options.id));
  return Report{ToJsonArray(all), [all](Terminal& terminal) {
                  const std::vector<Row> rows =
                      RowsOf(all, [](const auto& one) { return RowOf(one); });
                  terminal.Table({"sharing", "version", "source", "recipient",
                                  "attributes", "until"},
                                 rows);
                }};
}

absl::StatusOr<Report> Diff(const DiffOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::CatalogueClient catalogue(*connection);
  LIMPID_ASSIGN_OR_RETURN(
      const auto diff,
      catalogue.DiffAgreements(options.agreement, options.from, options.to));
  return Report{
      ToJson(diff), [diff](Terminal& terminal) {
        for (const auto& change : diff.changes()) {
          terminal.Line((change.material() ? "! " : "  ") + change.sentence());
        }
        terminal.Line(diff.material() ? "Lines with ! ask for a new consent."
                                      : "Nothing here asks for a new consent.");
      }};
}

std::string ChangeStateName(v1::ServiceChangeState state) {
  return ShortName(v1::ServiceChangeState_Name(state), "SERVICE_CHANGE_STATE_");
}

Report ReportOf(const v1::ServiceChange& change) {
  return Report{
      ToJson(change), [change](Terminal& terminal) {
        terminal.Facts({{"change", change.change_id()},
                        {"state", ChangeStateName(change.state())},
                        {"in effect from", Moment(change.effective_time())}});
      }};
}

absl::StatusOr<Report> Propose(const ProposeOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  v1::ProposeServiceChangeRequest request;
  request.set_service_id(options.service);
  request.set_reason(options.reason);
  LIMPID_RETURN_IF_ERROR(FromJson(text, *request.mutable_limits()));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto change,
                          governance.ProposeServiceChange(request));
  return ReportOf(change);
}

absl::StatusOr<Report> Approve(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto change,
                          governance.ApproveServiceChange(options.id));
  return ReportOf(change);
}

absl::StatusOr<Report> Cancel(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto change,
                          governance.CancelServiceChange(options.id));
  return ReportOf(change);
}

absl::StatusOr<Report> ListChanges(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::CatalogueClient catalogue(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto changes, catalogue.ListServiceChanges());
  return Report{ToJsonArray(changes), [changes](Terminal& terminal) {
                  const std::vector<Row> rows =
                      RowsOf(changes, [](const auto& one) -> Row {
                        return {one.change_id(), one.service_id(),
                                ChangeStateName(one.state()),
                                Moment(one.effective_time()), one.reason()};
                      });
                  terminal.Table(
                      {"change", "service", "state", "effect", "reason"}, rows);
                }};
}

// `Form` is either response that carries a form.
template <typename Form>
Report ReportOf(const Form& form, const std::string& as) {
  return Report{ToJson(form), [form, as](Terminal& terminal) {
                  terminal.Line(as == "html"   ? form.html()
                                : as == "json" ? form.form_json()
                                               : form.text());
                }};
}

absl::StatusOr<Report> AgreementForm(const FormOptions& options,
                                     Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::CatalogueClient catalogue(*connection);
  LIMPID_ASSIGN_OR_RETURN(
      const auto form, catalogue.GetAgreementForm(options.id, options.version,
                                                  options.language));
  return ReportOf(form, options.as);
}

absl::StatusOr<Report> RecordForm(const FormOptions& options,
                                  Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto form,
                          client::GetRecordForm(*parts.consent_connection,
                                                options.id, options.language));
  return ReportOf(form, options.as);
}

absl::StatusOr<Report> Reconsents(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto list,
                          client::ListReconsents(*parts.consent_connection));
  return Report{
      ToJson(list), [list](Terminal& terminal) {
        for (const v1::Reconsent& one : list.reconsents()) {
          terminal.Facts(
              {{"asked again", one.record().record_id()},
               {"by", one.record().service().organisation()},
               {"follows", one.record().follows_record_id()},
               {"which releases nothing from", Moment(one.outdated_time())}});
          for (const auto& change : one.changes()) {
            terminal.Line((change.material() ? "! " : "  ") +
                          change.sentence());
          }
        }
      }};
}

absl::StatusOr<Report> Campaigns(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(const auto list, client::ListCampaigns(*connection));
  return Report{
      ToJson(list), [list](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(list.campaigns(), [](const v1::Campaign& one) -> Row {
              return {one.agreement_id(), absl::StrCat(one.version()),
                      one.material() ? "asks" : "tells",
                      absl::StrCat(one.asked_count()),
                      Moment(one.outdated_time())};
            });
        terminal.Table({"agreement", "version", "it", "at least", "grace ends"},
                       rows);
      }};
}

void AddFormOptions(CLI::App& command, FormOptions& options) {
  command.add_option("--language", options.language, "BCP 47 tag");
  command.add_option("--as", options.as, "text, html or json")
      ->check(CLI::IsMember({"text", "html", "json"}));
}

}  // namespace

void AddReconsentCommands(CLI::App& person, Session& session) {
  AddCommand<None>(person, session, "reconsents",
                   "See what you are asked again, and why", Reconsents);
  auto [form, record] = AddCommand<FormOptions>(
      person, session, "record-form",
      "Print the consent form of a record, with its withdrawal part",
      RecordForm);
  form->add_option("record", record->id)->required()->check(OfKind({"rec"}));
  AddFormOptions(*form, *record);
}

void AddCampaignCommands(CLI::App& service, Session& session) {
  AddCommand<None>(service, session, "campaigns",
                   "See how far asking again has come", Campaigns);
}

void AddCatalogueCommands(CLI::App& group, Session& session) {
  auto [diff, versions] = AddCommand<DiffOptions>(
      group, session, "diff", "See what changed between two versions", Diff);
  diff->add_option("agreement", versions->agreement)
      ->required()
      ->check(OfKind({"agr"}));
  diff->add_option("--from", versions->from, "version to start from");
  diff->add_option("--to", versions->to, "version to arrive at");
  auto [sharing, whose] =
      AddCommand<OneId>(group, session, "sharing",
                        "See what sources have agreed to share", ListSharing);
  sharing->add_option("--service", whose->id, "with this service alone");
  AddCommand<None>(group, session, "service-changes",
                   "See the changes of services, past and waiting",
                   ListChanges);
  auto [form, agreement] = AddCommand<FormOptions>(
      group, session, "agreement-form",
      "Print the empty consent form of an agreement", AgreementForm);
  form->add_option("agreement", agreement->id)
      ->required()
      ->check(OfKind({"agr"}));
  form->add_option("--version", agreement->version);
  AddFormOptions(*form, *agreement);
}

void AddGovernanceCommands(CLI::App& group, Session& session) {
  auto [add, terms] = AddCommand<TermsOptions>(
      group, session, "add-sharing",
      "Make a sharing agreement of a source, or its next version", AddSharing);
  add->add_option("file", terms->file, "JSON of consent.v1.SharingTerms")
      ->required();
  add->add_option("--sharing", terms->sharing,
                  "make the next version of this one");
  auto [standard, pair] = AddCommand<PairOptions>(
      group, session, "default-sharing",
      "Share a service's whole ceiling from a source", DefaultSharing);
  standard->add_option("service", pair->service)
      ->required()
      ->check(OfKind({"svc"}));
  standard->add_option("source", pair->source)->required();
  auto [end, which] = AddCommand<OneId>(
      group, session, "end-sharing", "End a sharing agreement now", EndSharing);
  end->add_option("sharing", which->id)->required()->check(OfKind({"shr"}));
  auto [list, service] =
      AddCommand<OneId>(group, session, "list-sharing",
                        "List the sharing agreements", ListSharing);
  list->add_option("--service", service->id, "with this service alone");
  auto [propose, what] = AddCommand<ProposeOptions>(
      group, session, "propose-change",
      "Propose what a service is bound to; narrowing takes effect at once",
      Propose);
  propose->add_option("service", what->service)
      ->required()
      ->check(OfKind({"svc"}));
  propose->add_option("file", what->file, "JSON of consent.v1.ServiceLimits")
      ->required();
  propose->add_option("--reason", what->reason)->required();
  auto [approve, approved] = AddCommand<OneId>(
      group, session, "approve-change",
      "Approve a change that another administrator proposed", Approve);
  approve->add_option("change", approved->id)
      ->required()
      ->check(OfKind({"chg"}));
  auto [cancel, cancelled] =
      AddCommand<OneId>(group, session, "cancel-change",
                        "Cancel a change that is not in effect", Cancel);
  cancel->add_option("change", cancelled->id)
      ->required()
      ->check(OfKind({"chg"}));
  AddCommand<None>(group, session, "list-changes",
                   "List the changes of services", ListChanges);
}

}  // namespace limpid::cli
