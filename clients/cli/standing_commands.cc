// limpid person standing add|list|end: what is granted without asking.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/standing_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct None {};
struct AddOptions {
  std::string name;
  std::vector<std::string> services;
  std::vector<std::string> purposes;
  std::vector<std::string> attributes;
  std::vector<std::string> recipients;
  std::string language = "en";
  int days = 90;
  std::uint32_t retention_days = 30;
  std::uint32_t validity_days = 90;
};
struct EndOptions {
  std::string id;
  bool withdraw = false;
};

// "person.name", "person.birth_date=over_n/1:{\"n\":18}".
absl::StatusOr<receipt::PermitLine> LineFrom(const std::string& text) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  receipt::PermitLine out;
  out.attribute = parts[0];
  if (parts.size() == 1) return out;
  const std::vector<std::string> derived =
      absl::StrSplit(parts[1], absl::MaxSplits(':', 1));
  if (derived.size() != 2) {
    return absl::InvalidArgumentError(
        "--attribute: write ATTRIBUTE or ATTRIBUTE=DERIVATION:PARAMETERS");
  }
  LIMPID_ASSIGN_OR_RETURN(const json::Value parameters,
                          json::ParseStrict(derived[1]));
  out.form = receipt::Form::kDerived;
  out.derivation = derived[0];
  out.parameters = json::Canonical(parameters);
  return out;
}

Report ReportOf(const std::vector<v1::StandingPermission>& all) {
  return Report{ToJsonArray(all), [all](Terminal& terminal) {
                  std::vector<Row> rows;
                  for (const v1::StandingPermission& one : all) {
                    std::vector<std::string> records;
                    for (const v1::Record& record : one.records()) {
                      records.push_back(record.record_id());
                    }
                    rows.push_back({one.standing_permission_id(),
                                    one.live() ? "in force" : "not in force",
                                    Moment(one.until_time()), Joined(records)});
                  }
                  terminal.Table(
                      {"standing permission", "state", "until", "granted"},
                      rows);
                }};
}

client::StandingClient ClientOf(const PersonParts& parts, Session& session) {
  return {*parts.consent_connection, *parts.key, *parts.trust, session.clock()};
}

absl::StatusOr<Report> Add(const AddOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const v1::Account self, parts.consent->GetAccount());
  receipt::StandingPermission terms;
  terms.person = self.person_id();
  terms.class_name = options.name;
  terms.members = options.services;
  terms.purposes = options.purposes;
  terms.recipients = options.recipients;
  for (const std::string& attribute : options.attributes) {
    LIMPID_ASSIGN_OR_RETURN(receipt::PermitLine line, LineFrom(attribute));
    terms.lines.push_back(std::move(line));
  }
  terms.language = options.language;
  terms.retention_days = options.retention_days;
  terms.validity_days = options.validity_days;
  terms.from = absl::FromUnixMillis(absl::ToUnixMillis(session.clock().Now()));
  terms.until = terms.from + absl::Hours(24) * options.days;
  LIMPID_ASSIGN_OR_RETURN(const v1::StandingPermission made,
                          ClientOf(parts, session).Create(std::move(terms)));
  return ReportOf({made});
}

absl::StatusOr<Report> List(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto all, ClientOf(parts, session).List());
  return ReportOf(all);
}

absl::StatusOr<Report> End(const EndOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(
      const v1::StandingPermission ended,
      ClientOf(parts, session).End(options.id, options.withdraw));
  return ReportOf({ended});
}

}  // namespace

void AddStandingCommands(CLI::App& person, Session& session) {
  CLI::App* const group = person.add_subcommand(
      "standing", "What is granted without asking you, and to whom");
  group->require_subcommand(1);
  auto [add, terms] = AddCommand<AddOptions>(*group, session, "add",
                                             "Sign a standing permission", Add);
  add->add_option("class", terms->name, "your name for these services")
      ->required();
  add->add_option("--service,-s", terms->services, "svc_...; repeat for more")
      ->required();
  add->add_option("--purpose", terms->purposes,
                  "DPV IRI with what lies below it; repeat for more")
      ->required();
  add->add_option("--attribute,-a", terms->attributes,
                  "ATTRIBUTE in full, or ATTRIBUTE=DERIVATION:PARAMETERS; "
                  "repeat for more")
      ->required();
  add->add_option("--recipient", terms->recipients,
                  "somebody else who may get the data");
  add->add_option("--language", terms->language,
                  "language of the notices that you accept as read");
  add->add_option("--days", terms->days, "days it stands, at most 366");
  add->add_option("--retention-days", terms->retention_days,
                  "longest time for which a service keeps the data");
  add->add_option("--validity-days", terms->validity_days,
                  "longest consent that is granted");
  AddCommand<None>(*group, session, "list",
                   "Show them, and what was granted under each", List);
  auto [end, which] =
      AddCommand<EndOptions>(*group, session, "end", "End one", End);
  end->add_option("permission", which->id)->required()->check(OfKind({"stp"}));
  end->add_flag("--withdraw", which->withdraw,
                "also withdraw what was granted under it");
}

}  // namespace limpid::cli
