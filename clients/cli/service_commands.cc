// limpid service: ask a person, read what is allowed, hear of changes.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/answer_keys.h"
#include "clients/cpp/copy_client.h"
#include "clients/cpp/service_client.h"
#include "clients/cpp/service_key_file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace consent = limpid::consent::v1;
namespace vault = limpid::vault::v1;

struct None {};
struct OneId {
  std::string id;
};
struct RequestOptions {
  std::string agreement;
  std::uint32_t version = 1;
};
struct ReadOptions : client::ReadRequest {
  std::string encryption_key;
  std::string answer_keys_file;
};
struct WatchOptions {
  std::string cursor;
  int seconds = 3600;
};

absl::StatusOr<Report> Agreements(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::ServiceClient service(*connection, session.clock());
  LIMPID_ASSIGN_OR_RETURN(const auto list, service.ListAgreements());
  return Report{
      ToJson(list), [list](Terminal& terminal) {
        std::vector<Row> rows;
        for (const consent::Agreement& one : list.agreements()) {
          const auto& content = one.content();
          rows.push_back(
              {one.agreement_id(), absl::StrCat(one.version()),
               content.titles_size() > 0 ? content.titles(0).text() : "",
               Joined(content.purposes())});
        }
        terminal.Table({"agreement", "version", "title", "purpose"}, rows);
      }};
}

absl::StatusOr<Report> Request(const RequestOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::ServiceClient service(*connection, session.clock());
  LIMPID_ASSIGN_OR_RETURN(
      const auto made,
      service.CreateRequest(options.agreement, options.version));
  return Report{ToJson(made), [made](Terminal& terminal) {
                  terminal.Facts({{"code", made.request_code()},
                                  {"lapses", Moment(made.expire_time())}});
                  terminal.Line(
                      "Show the code to one person; she brings it in with: "
                      "limpid person bind " +
                      made.request_code());
                }};
}

absl::StatusOr<Report> RequestStatus(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::ServiceClient service(*connection, session.clock());
  LIMPID_ASSIGN_OR_RETURN(const auto status,
                          service.GetRequestStatus(options.id));
  return Report{ToJson(status), [status](Terminal& terminal) {
                  terminal.Facts({{"state", StateName(status.state())},
                                  {"record", status.record_id()},
                                  {"granted", Joined(status.attributes())},
                                  {"until", Moment(status.until_time())}});
                }};
}

json::Value ResultJson(const vault::AttributeResult& result) {
  json::Value out = ToJson(result);
  out.Remove("value_json");
  out.Remove("parameters_json");
  if (auto value = json::ParseStrict(result.value_json()); value.ok()) {
    out.Set("value", *std::move(value));
  }
  if (auto value = json::ParseStrict(result.parameters_json()); value.ok()) {
    out.Set("parameters", *std::move(value));
  }
  return out;
}

void ShowResults(const vault::ReadAttributesResponse& response,
                 Terminal& terminal) {
  std::vector<Row> rows;
  for (const vault::AttributeResult& result : response.results()) {
    const bool allowed = result.verdict() == vault::VERDICT_ALLOWED;
    std::string form = ShortName(vault::Form_Name(result.form()), "FORM_");
    if (!result.derivation().empty()) form = result.derivation();
    rows.push_back(
        {result.attribute(), allowed ? "allowed" : "refused",
         allowed ? form
                 : ShortName(vault::Reason_Name(result.reason()), "REASON_"),
         result.value_json().empty() && !result.sealed_copy().empty()
             ? "sealed for you: read with --encryption-key FILE"
             : result.value_json()});
  }
  terminal.Table({"attribute", "verdict", "form or reason", "value"}, rows);
  for (const vault::AttributeResult& result : response.results()) {
    if (result.attestation().empty()) continue;
    terminal.Line(
        absl::StrCat("Signed, to show within a minute: ", result.attribute()));
    terminal.Line(result.attestation());
  }
  terminal.Facts({{"access", response.access_id()}});
}

// Puts what the copies hold where values stand.
absl::Status OpenCopies(const ReadOptions& options, const base::Clock& clock,
                        vault::ReadAttributesResponse& response) {
  if (options.encryption_key.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          client::ReadEncryptionKey(options.encryption_key));
  for (vault::AttributeResult& result : *response.mutable_results()) {
    if (result.sealed_copy().empty()) continue;
    LIMPID_ASSIGN_OR_RETURN(
        const client::OpenedCopy opened,
        client::OpenSealedCopy(result, options.record_id, key, clock.Now()));
    result.set_value_json(opened.value_json);
  }
  return absl::OkStatus();
}

absl::StatusOr<Report> Read(const ReadOptions& options, Session& session) {
  ReadOptions asked = options;
  client::AnswerKeys keys;
  if (!options.answer_keys_file.empty()) {
    const auto text = ReadTextFile(options.answer_keys_file);
    if (!text.ok()) return StateBroken(text.status());
    auto read = client::AnswerKeys::Parse(*text);
    if (!read.ok()) return StateBroken(read.status());
    keys = *std::move(read);
    asked.answer_keys = &keys;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::ServiceClient service(*connection, session.clock());
  LIMPID_ASSIGN_OR_RETURN(auto response, service.Read(asked));
  LIMPID_RETURN_IF_ERROR(OpenCopies(options, session.clock(), response));
  json::Value out = ToJson(response);
  json::Value results = json::Value::Array();
  for (const auto& result : response.results()) {
    results.Append(ResultJson(result));
  }
  out.Set("results", std::move(results));
  return Report{std::move(out), [response](Terminal& terminal) {
                  ShowResults(response, terminal);
                }};
}

absl::StatusOr<Report> Watch(const WatchOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  const auto cursor = base::Base64UrlDecode(options.cursor);
  if (!cursor.ok()) return cursor.status();
  client::ServiceClient service(*connection, session.clock());
  std::string last = options.cursor;
  Terminal& terminal = session.terminal();
  const bool as_json = session.options().json;
  const auto each = [&](const consent::WatchResponse& message) {
    last = base::Base64UrlEncode(base::AsBytes(message.cursor()));
    if (!message.has_event()) return true;
    // One line per event, as it happens, JSON lines with --json.
    const consent::RecordEvent& event = message.event();
    terminal.Line(as_json ? json::Canonical(ToJson(event))
                          : absl::StrCat(Moment(event.time()), "  ",
                                         event.record_id(), "  ",
                                         StateName(event.state()), "  ",
                                         Joined(event.attributes())));
    return true;
  };
  LIMPID_RETURN_IF_ERROR(service.Watch(base::AsText(*cursor),
                                       absl::Seconds(options.seconds), each));
  json::Value out = json::Value::Object();
  out.Set("cursor", last);
  return Report{std::move(out), [last](Terminal& shown) {
                  shown.Facts({{"resume with --cursor", last}});
                }};
}

}  // namespace

void AddServiceCommands(CLI::App& app, Session& session) {
  CLI::App* const group = app.add_subcommand(
      "service", "Ask persons for data and read what they granted");
  group->require_subcommand(1);
  AddCommand<None>(*group, session, "agreements", "List your agreements",
                   Agreements);
  auto [request, asked] = AddCommand<RequestOptions>(
      *group, session, "request", "Make a request code to show to one person",
      Request);
  request->add_option("agreement", asked->agreement)
      ->required()
      ->check(OfKind({"agr"}));
  request->add_option("--version", asked->version, "version of the agreement");
  auto [status, code] = AddCommand<OneId>(
      *group, session, "status", "See what became of a request", RequestStatus);
  status->add_option("code", code->id)->required();
  auto [read, what] = AddCommand<ReadOptions>(
      *group, session, "read", "Read attributes under a consent", Read);
  read->add_option("record", what->record_id)
      ->required()
      ->check(OfKind({"rec"}));
  read->add_option("--purpose", what->purpose_iri, "DPV IRI")->required();
  read->add_option("--attribute,-a", what->attributes)->required();
  read->add_option("--encryption-key", what->encryption_key,
                   "your encryption key file: opens copies of sealed values");
  read->add_option("--answer-keys", what->answer_keys_file,
                   "what `limpid answer keys` printed: verifies signed "
                   "answers");
  auto* const system = read->add_option("--system", what->system_id,
                                        "system that will be trained");
  auto* const snapshot = read->add_option(
      "--snapshot", what->snapshot_id, "dataset snapshot the values go into");
  system->needs(snapshot);
  snapshot->needs(system);
  auto [watch, from] = AddCommand<WatchOptions>(
      *group, session, "watch", "Hear of grants, withdrawals and ends", Watch);
  watch->add_option("--cursor", from->cursor, "resume after this");
  watch->add_option("--seconds", from->seconds, "stop after this time");
  AddServiceReceiptCommand(*group, session);
  AddAggregateCommand(*group, session);
  AddSendDecisionNoticeCommand(*group, session);
  AddServiceKeyCommands(*group, session);
  AddCatalogueCommands(*group, session);
  AddCampaignCommands(*group, session);
  AddServiceDutyCommands(*group, session);
  AddServicePushCommands(*group, session);
}

}  // namespace limpid::cli
