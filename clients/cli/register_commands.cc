// limpid register: browse the algorithm register and check what it says.

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/policies.h"
#include "clients/cpp/register_client.h"
#include "common/base/bytes.h"
#include "common/base/file_writer.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct None {};
struct ListOptions {
  std::string kind;
  std::string organisation;
  std::string title;
  bool retired = false;
  bool all = false;
  int page_size = 50;
};
struct GetOptions {
  std::string id;
  std::int64_t version = 0;
  std::string at;
  std::string vkey;
};
struct HistoryOptions {
  std::string id;
  std::string jsonl;
};
struct DiffOptions {
  std::string id;
  std::int64_t from = 1;
  std::int64_t to = 2;
};
struct ExportOptions {
  std::string profile = "nl-list";
  std::string output;
};

constexpr mode_t kReadable = 0644;

const std::map<std::string, v1::RegistrationKind>& Kinds() {
  static const auto& kinds = *new std::map<std::string, v1::RegistrationKind>{
      {"organisation", v1::REGISTRATION_KIND_ORGANISATION},
      {"system", v1::REGISTRATION_KIND_SYSTEM},
      {"deployment", v1::REGISTRATION_KIND_DEPLOYMENT},
      {"model", v1::REGISTRATION_KIND_MODEL},
      {"dataset", v1::REGISTRATION_KIND_DATASET},
      {"evaluation", v1::REGISTRATION_KIND_EVALUATION},
      {"assessment", v1::REGISTRATION_KIND_ASSESSMENT},
      {"certification", v1::REGISTRATION_KIND_CERTIFICATION},
      {"incident", v1::REGISTRATION_KIND_INCIDENT}};
  return kinds;
}

std::string KindName(v1::RegistrationKind kind) {
  return ShortName(v1::RegistrationKind_Name(kind), "REGISTRATION_KIND_");
}

void ShowList(const std::vector<v1::RegistrationSummary>& registrations,
              std::int64_t total, Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(registrations, [](const v1::RegistrationSummary& one) -> Row {
        return {one.registration_id(), KindName(one.kind()),
                absl::StrCat(one.version()), one.title(),
                one.organisation_title()};
      });
  terminal.Table({"id", "kind", "version", "title", "organisation"}, rows);
  terminal.Line(absl::StrCat(rows.size(), " of ", total,
                             static_cast<std::int64_t>(rows.size()) < total
                                 ? "; --all shows every one"
                                 : ""));
}

absl::StatusOr<Report> List(const ListOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  v1::ListRegistrationsRequest request;
  if (!options.kind.empty()) request.set_kind(Kinds().at(options.kind));
  request.set_organisation_id(options.organisation);
  request.set_title_prefix(options.title);
  request.set_include_retired(options.retired);
  request.set_page_size(options.all ? 500 : options.page_size);
  std::vector<v1::RegistrationSummary> registrations;
  std::int64_t total = 0;
  do {
    LIMPID_ASSIGN_OR_RETURN(auto page, client.List(request));
    total = page.total_count();
    for (auto& one : *page.mutable_registrations()) {
      registrations.push_back(std::move(one));
    }
    session.terminal().Progress(
        "reading", static_cast<std::int64_t>(registrations.size()), total);
    request.set_page_token(page.next_page_token());
  } while (options.all && !request.page_token().empty());
  json::Value out = json::Value::Object();
  out.Set("registrations", ToJsonArray(registrations));
  out.Set("total_count", total);
  return Report{std::move(out), [registrations, total](Terminal& terminal) {
                  ShowList(registrations, total, terminal);
                }};
}

json::Value VersionJson(const v1::RegistrationVersion& version) {
  json::Value out = json::Value::Object();
  out.Set("registration_id", version.registration_id());
  out.Set("version", version.version());
  out.Set("kind", KindName(version.kind()));
  out.Set("title", version.title());
  out.Set("leaf_index", version.leaf_index());
  out.Set("erased_field_count", version.erased_field_count());
  if (auto content = json::ParseStrict(version.content_json()); content.ok()) {
    out.Set("content", *std::move(content));
  }
  return out;
}

std::string ProofText(const v1::RegistrationVersion& version, bool verified) {
  if (!verified) return "not checked; give --vkey to check";
  std::string out = "verified: signed and in the log";
  const std::int32_t erased = version.erased_field_count();
  const std::int32_t restricted = version.restricted_field_count();
  if (erased == 0 && restricted == 0) return out + ", complete";
  if (erased != 0) {
    absl::StrAppend(&out, "; ", erased, erased == 1 ? " field" : " fields",
                    " erased since, not shown");
  }
  if (restricted != 0) {
    absl::StrAppend(&out, "; ", restricted,
                    restricted == 1 ? " part" : " parts",
                    " for some readers alone, not shown");
  }
  return out;
}

void ShowVersion(const v1::RegistrationVersion& version, std::int64_t newest,
                 bool verified, Terminal& terminal) {
  terminal.Heading(version.title().empty() ? "(erased)"
                                           : Clean(version.title()));
  terminal.Facts({{"id", version.registration_id()},
                  {"kind", KindName(version.kind())},
                  {"version", absl::StrCat(version.version(), " of ", newest)},
                  {"drafted", Moment(version.draft_time())},
                  {"log entry", absl::StrCat(version.leaf_index())},
                  {"proof", ProofText(version, verified)}});
  const auto content = json::ParseStrict(version.content_json());
  const json::Value* const fields =
      content.ok() ? content->Find("fields") : nullptr;
  if (fields == nullptr) return;
  const std::vector<Row> rows =
      RowsOf(fields->members(), [](const json::Member& field) -> Row {
        return {field.key, field.value.is_string()
                               ? field.value.string()
                               : json::Canonical(field.value)};
      });
  terminal.Table({"field", "value"}, rows);
}

// The number of the version that was public at a day's end or a moment.
absl::StatusOr<std::int64_t> VersionAt(const std::string& text,
                                       const std::string& id,
                                       client::RegisterClient& client) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", text, &time, &error)) {
    time += absl::Hours(24) - absl::Milliseconds(1);
  } else if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return WrongUsage(absl::InvalidArgumentError(
        "--at takes a day, 2026-11-30, or a moment, 2026-11-30T12:00:00Z"));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto got, client.GetAt(id, time));
  return got.version().version();
}

// Verified whenever there is something to verify it with: --vkey, or the key
// pinned with an account.
absl::StatusOr<Report> Get(const GetOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  absl::StatusOr<tlog::Policy> policy =
      options.vkey.empty() ? absl::NotFoundError("no trust anchor")
                           : PolicyOfVkey(options.vkey);
  if (!options.vkey.empty() && !policy.ok()) return policy.status();
  if (const auto trust = client::Trust::Read(session.TrustFile());
      options.vkey.empty() && trust.ok()) {
    policy = trust->LogPolicy("/register");
  }
  const bool verified = policy.ok();
  v1::RegistrationVersion version;
  std::int64_t newest = 0;
  std::int64_t number = options.version;
  if (!options.at.empty()) {
    LIMPID_ASSIGN_OR_RETURN(number, VersionAt(options.at, options.id, client));
  }
  if (verified) {
    LIMPID_ASSIGN_OR_RETURN(auto checked,
                            client.GetChecked(options.id, number, *policy));
    version = std::move(checked.version);
    newest = checked.newest_version;
  } else {
    LIMPID_ASSIGN_OR_RETURN(auto got, client.Get(options.id, number));
    version = std::move(*got.mutable_version());
    newest = got.newest_version();
  }
  json::Value out = VersionJson(version);
  out.Set("newest_version", newest);
  out.Set("verified", verified);
  return Report{std::move(out), [=](Terminal& terminal) {
                  ShowVersion(version, newest, verified, terminal);
                }};
}

// One version with everything that verifies it, as one line.
json::Value HistoryLine(const v1::RegistrationVersion& version,
                        const v1::VersionSummary& summary) {
  json::Value out = VersionJson(version);
  out.Set("leaf", base::Base64Encode(base::AsBytes(version.leaf())));
  json::Value disclosures = json::Value::Array();
  for (const v1::FieldDisclosure& field : version.disclosures()) {
    json::Value one = json::Value::Object();
    one.Set("pointer", field.pointer());
    one.Set("salt", base::Base64Encode(base::AsBytes(field.salt())));
    if (auto value = json::ParseStrict(field.value_json()); value.ok()) {
      one.Set("value", *std::move(value));
    }
    disclosures.Append(std::move(one));
  }
  out.Set("disclosures", std::move(disclosures));
  out.Set("summary", ToJson(summary));
  return out;
}

absl::StatusOr<Report> WriteHistory(
    const HistoryOptions& options, client::RegisterClient& client,
    const std::vector<v1::VersionSummary>& versions, Session& session) {
  std::string file;
  std::int64_t done = 0;
  for (const v1::VersionSummary& summary : versions) {
    LIMPID_ASSIGN_OR_RETURN(const auto got,
                            client.Get(options.id, summary.version()));
    file += json::Canonical(HistoryLine(got.version(), summary)) + "\n";
    session.terminal().Progress("reading", ++done,
                                static_cast<std::int64_t>(versions.size()));
  }
  session.terminal().EndProgress();
  LIMPID_RETURN_IF_ERROR(WriteTextFile(options.jsonl, file, kReadable));
  json::Value out = json::Value::Object();
  out.Set("file", options.jsonl);
  out.Set("versions", versions.size());
  return Report{std::move(out), [count = versions.size(),
                                 name = options.jsonl](Terminal& terminal) {
                  terminal.Line(absl::StrCat("Wrote ", count, " versions to ",
                                             name, "."));
                }};
}

void ShowHistory(const std::vector<v1::VersionSummary>& versions,
                 Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(versions, [](const v1::VersionSummary& one) -> Row {
        return {absl::StrCat(one.version()), Moment(one.draft_time()),
                one.author_name(), absl::StrCat(one.leaf_index()),
                one.reason()};
      });
  terminal.Table({"version", "drafted", "by", "entry", "reason"}, rows);
  std::vector<Row> erased;
  for (const v1::VersionSummary& one : versions) {
    for (const v1::FieldErasure& erasure : one.erasures()) {
      erased.push_back(
          {absl::StrCat(one.version()), erasure.pointer(),
           Moment(erasure.erase_time()),
           ShortName(v1::ErasureRole_Name(erasure.role()), "ERASURE_ROLE_"),
           erasure.ground()});
    }
  }
  if (erased.empty()) return;
  terminal.Line("Erased since:");
  terminal.Table({"version", "field", "when", "by", "ground"}, erased);
}

absl::StatusOr<Report> History(const HistoryOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto versions, client.History(options.id));
  if (!options.jsonl.empty()) {
    return WriteHistory(options, client, versions, session);
  }
  return Report{ToJsonArray(versions), [versions](Terminal& terminal) {
                  ShowHistory(versions, terminal);
                }};
}

absl::StatusOr<Report> Diff(const DiffOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto diff,
                          client.Diff(options.id, options.from, options.to));
  json::Value out = json::Value::Object();
  if (auto patch = json::ParseStrict(diff.patch_json()); patch.ok()) {
    out.Set("patch", *std::move(patch));
  }
  out.Set("changes", ToJsonArray(diff.changes()));
  return Report{std::move(out), [diff](Terminal& terminal) {
                  const std::vector<Row> rows = RowsOf(
                      diff.changes(), [](const v1::FieldChange& one) -> Row {
                        return {one.label(), one.before(), one.after()};
                      });
                  terminal.Table({"field", "before", "after"}, rows);
                }};
}

absl::StatusOr<Report> Log(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto log, client.LogInfo());
  return Report{
      ToJson(log), [log](Terminal& terminal) {
        terminal.Facts({{"origin", log.origin()},
                        {"size", absl::StrCat(log.checkpoint().tree_size())},
                        {"address", log.url()},
                        {"vkey", log.vkey()}});
        terminal.Line(
            "The vkey is a trust anchor only when you also received "
            "it another way.");
      }};
}

// The exported file as it arrives, into a file or to standard output.
absl::StatusOr<std::vector<v1::DroppedField>> WriteExport(
    const ExportOptions& options, client::RegisterClient& client,
    std::uint64_t& bytes) {
  if (options.output == "-") {
    return client.Export(options.profile, [&](std::string_view piece) {
      bytes += piece.size();
      return std::cout.write(piece.data(),
                             static_cast<std::streamsize>(piece.size()))
                 ? absl::OkStatus()
                 : StateBroken(absl::UnavailableError(
                       "standard output could not be written"));
    });
  }
  auto file = base::FileWriter::Open(options.output, kReadable);
  if (!file.ok()) return CannotWrite(file.status());
  LIMPID_ASSIGN_OR_RETURN(
      auto dropped, client.Export(options.profile, [&](std::string_view piece) {
        bytes += piece.size();
        return CannotWrite(file->Append(base::AsBytes(piece)));
      }));
  LIMPID_RETURN_IF_ERROR(CannotWrite(file->Commit()));
  return dropped;
}

absl::StatusOr<Report> Export(const ExportOptions& options, Session& session) {
  const bool to_standard_output = options.output == "-";
  if (options.output.empty()) {
    return WithNext(
        WrongUsage(absl::InvalidArgumentError("there is no file to write to")),
        "name one; - is standard output");
  }
  if (to_standard_output && session.options().json) {
    return WrongUsage(absl::InvalidArgumentError(
        "standard output is either the file's or the report's"));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::RegisterClient client(*connection);
  std::uint64_t bytes = 0;
  LIMPID_ASSIGN_OR_RETURN(const auto dropped,
                          WriteExport(options, client, bytes));
  json::Value out = json::Value::Object();
  out.Set("file", options.output);
  out.Set("bytes", bytes);
  out.Set("dropped", ToJsonArray(dropped));
  return Report{
      std::move(out), [=, name = options.output](Terminal& terminal) {
        if (to_standard_output) {
          terminal.Error(
              absl::StrCat(dropped.size(), " things the profile cannot carry"));
          return;
        }
        terminal.Line(absl::StrCat("Wrote ", bytes, " bytes to ", name, "."));
        if (dropped.empty()) return;
        terminal.Line(
            absl::StrCat(dropped.size(), " things the profile cannot carry:"));
        const std::vector<Row> rows =
            RowsOf(dropped, [](const v1::DroppedField& one) -> Row {
              return {one.registration_id(), one.pointer(), one.reason()};
            });
        terminal.Table({"registration", "field", "why"}, rows);
      }};
}

}  // namespace

void AddRegisterCommands(CLI::App& app, Session& session) {
  CLI::App* const group =
      app.add_subcommand("register", "The public register of algorithms");
  group->require_subcommand(1);
  auto [list, filter] = AddCommand<ListOptions>(
      *group, session, "list", "List registrations by title", List);
  list->add_option("--kind", filter->kind)
      ->check(CLI::IsMember(
          {"organisation", "system", "deployment", "model", "dataset"}));
  list->add_option("--organisation", filter->organisation, "org_... id");
  list->add_option("--title", filter->title, "beginning of the title");
  list->add_flag("--retired", filter->retired, "retired ones too");
  list->add_flag("--all", filter->all, "every page");
  list->add_option("--page-size", filter->page_size)->check(CLI::Range(1, 500));
  auto [get, one] = AddCommand<GetOptions>(
      *group, session, "get", "Show a registration and verify it", Get);
  get->add_option("id", one->id)->required();
  get->add_option("--version", one->version, "an older version");
  get->add_option("--at", one->at, "the one public then: a day or a moment")
      ->excludes("--version");
  get->add_option("--vkey", one->vkey, "verifier key of the register log");
  auto [history, of] = AddCommand<HistoryOptions>(
      *group, session, "history", "Show every version of one", History);
  history->add_option("id", of->id)->required();
  history->add_option("--jsonl", of->jsonl,
                      "write every version, whole, to this file");
  auto [diff, between] = AddCommand<DiffOptions>(
      *group, session, "diff", "Compare two versions of one", Diff);
  diff->add_option("id", between->id)->required();
  diff->add_option("from", between->from)->required();
  diff->add_option("to", between->to)->required();
  AddCommand<None>(*group, session, "log", "Name the register log", Log);
  auto [write, to] =
      AddCommand<ExportOptions>(*group, session, "export",
                                "Write registrations in another shape", Export);
  write->add_option("-o,--output,output", to->output,
                    "file to write; - is standard output");
  write
      ->add_option("--profile", to->profile,
                   "shape, see: limpid register profiles")
      ->capture_default_str();
  AddRegisterSearchCommands(*group, session);
  AddConsentFactsCommand(*group, session);
  AddCheckLinksCommand(*group, session);
  AddPublisherCommands(*group, session);
  AddInsightCommands(*group, session);
  AddRestrictedCommand(*group, session);
  AddEvidenceCommands(*group, session);
  AddAiaCommand(*group, session);
  AddFeedbackCommands(*group, session);
}

}  // namespace limpid::cli
