// What administrators decide about sharing, and what anybody may read of it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/catalogue_client.h"
#include "clients/cpp/governance_client.h"
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
                  std::vector<Row> rows;
                  for (const auto& one : all) rows.push_back(RowOf(one));
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

}  // namespace

void AddCatalogueCommands(CLI::App& group, Session& session) {
  auto [diff, versions] = AddCommand<DiffOptions>(
      group, session, "diff", "See what changed between two versions", Diff);
  diff->add_option("agreement", versions->agreement)->required();
  diff->add_option("--from", versions->from, "version to start from");
  diff->add_option("--to", versions->to, "version to arrive at");
  auto [sharing, whose] =
      AddCommand<OneId>(group, session, "sharing",
                        "See what sources have agreed to share", ListSharing);
  sharing->add_option("--service", whose->id, "with this service alone");
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
  standard->add_option("service", pair->service)->required();
  standard->add_option("source", pair->source)->required();
  auto [end, which] = AddCommand<OneId>(
      group, session, "end-sharing", "End a sharing agreement now", EndSharing);
  end->add_option("sharing", which->id)->required();
  auto [list, service] =
      AddCommand<OneId>(group, session, "list-sharing",
                        "List the sharing agreements", ListSharing);
  list->add_option("--service", service->id, "with this service alone");
}

}  // namespace limpid::cli
