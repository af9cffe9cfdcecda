// limpid receipt render: a person's own receipt in the words of a standard.

#include <map>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/new_file.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/wire_time.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/receipt/render/render.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct RenderOptions {
  std::string record;
  std::string format;
  std::string jurisdiction;
  std::string save;
};

constexpr mode_t kOwnerOnly = 0600;

const std::map<std::string, receipt::DpvProfile>& Profiles() {
  static const std::map<std::string, receipt::DpvProfile> kProfiles = {
      {"record", receipt::DpvProfile::kRecord},
      {"record-eu-gdpr", receipt::DpvProfile::kRecordEuGdpr},
      {"receipt", receipt::DpvProfile::kReceipt},
      {"receipt-eu-gdpr", receipt::DpvProfile::kReceiptEuGdpr},
  };
  return kProfiles;
}

// The language of the notice whose hash the receipt holds.
std::string LanguageOf(const json::Value& agreement,
                       const base::Digest32& notice_hash) {
  const std::string wanted = base::Base64UrlEncode(notice_hash);
  const auto notices = agreement.GetArray("notices");
  if (!notices.ok()) return {};
  for (const json::Value& notice : notices->elements()) {
    if (notice.GetString("hash").value_or("") == wanted) {
      return notice.GetString("language").value_or("");
    }
  }
  return {};
}

// The record's id names the person: it is hers with this one service. Notices
// and withdrawal have no web address here, so that they get names.
absl::StatusOr<receipt::RenderFacts> FactsOf(
    const client::CheckedReceipt& checked, const v1::GetRecordResponse& got,
    const RenderOptions& options, absl::Time now) {
  const v1::Record& record = got.record();
  receipt::RenderFacts out;
  out.receipt = checked.verified;
  out.receipt_file = checked.file_json;
  out.agreement_json = got.agreement().canonical_json();
  out.state = v1::RecordState_Name(record.state())
                  .substr(std::string_view("RECORD_STATE_").size());
  out.state_time = client::TimeOf(record.state_time());
  out.as_of = now;
  out.from = client::TimeOf(record.from_time());
  out.until = client::TimeOf(record.until_time());
  out.principal = record.record_id();
  out.controller.name = record.service().organisation();
  out.controller.contact = record.service().contact();
  out.controller.jurisdiction = options.jurisdiction;
  const base::Digest32& notice = out.receipt.body.notice_hash;
  out.notice_url = "urn:limpid:notice:" + base::Base64UrlEncode(notice);
  out.withdrawal_url = "urn:limpid:withdraw:" + record.record_id();
  LIMPID_ASSIGN_OR_RETURN(const json::Value agreement,
                          json::ParseStrict(out.agreement_json));
  out.language = LanguageOf(agreement, notice);
  return out;
}

absl::StatusOr<std::string> RenderAs(const std::string& format,
                                     const receipt::RenderSource& source) {
  if (format == "kantara") return receipt::RenderKantara(source);
  if (format == "govstack") return receipt::RenderGovStack(source);
  return receipt::RenderDpv(source, Profiles().at(format));
}

absl::StatusOr<Report> Render(const RenderOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto checked,
                          parts.consent->GetReceipt(options.record));
  LIMPID_ASSIGN_OR_RETURN(const auto got,
                          parts.consent->GetRecord(options.record));
  LIMPID_ASSIGN_OR_RETURN(
      receipt::RenderFacts facts,
      FactsOf(checked, got, options, session.clock().Now()));
  LIMPID_ASSIGN_OR_RETURN(const auto source,
                          receipt::MakeRenderSource(std::move(facts)));
  LIMPID_ASSIGN_OR_RETURN(const std::string text,
                          RenderAs(options.format, source));
  if (!options.save.empty()) {
    LIMPID_RETURN_IF_ERROR(WriteNewTextFile(options.save, text, kOwnerOnly));
  }
  LIMPID_ASSIGN_OR_RETURN(json::Value value, json::ParseStrict(text));
  const std::string pretty = json::Pretty(value);
  return Report{std::move(value),
                [pretty](Terminal& terminal) { terminal.Line(pretty); }};
}

}  // namespace

void AddRenderCommand(CLI::App& group, Session& session) {
  auto [command, options] = AddCommand<RenderOptions>(
      group, session, "render",
      "Get your receipt of a consent in the words of a standard", Render);
  command->add_option("record", options->record, "consent (rec_...)")
      ->required()
      ->check(OfKind({"rec"}));
  command
      ->add_option("--as", options->format,
                   "27560 in DPV JSON-LD (record, receipt, with -eu-gdpr), "
                   "kantara or govstack")
      ->required()
      ->check(CLI::IsMember({"record", "record-eu-gdpr", "receipt",
                             "receipt-eu-gdpr", "kantara", "govstack"}));
  command
      ->add_option("--jurisdiction", options->jurisdiction,
                   "country of the service, ISO 3166-1; the server does not "
                   "tell persons")
      ->required();
  command->add_option("--save", options->save, "write the exact bytes here");
}

}  // namespace limpid::cli
