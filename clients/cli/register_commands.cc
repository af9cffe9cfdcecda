// limpid register: browse the algorithm register and check what it says.

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/publisher_checks.h"
#include "clients/cli/register_views.h"
#include "clients/cpp/paging.h"
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
// In one register, many times over.
constexpr std::size_t kMostRegistrations = 10'000'000;

// Those of the protocol, by their short names.
std::map<std::string, v1::RegistrationKind> Kinds() {
  std::map<std::string, v1::RegistrationKind> out;
  const auto& all = *v1::RegistrationKind_descriptor();
  for (int i = 0; i < all.value_count(); ++i) {
    const auto kind = static_cast<v1::RegistrationKind>(all.value(i)->number());
    if (kind == v1::REGISTRATION_KIND_UNSPECIFIED) continue;
    out.emplace(KindName(kind), kind);
  }
  return out;
}

std::vector<std::string> KindNames() {
  std::vector<std::string> out;
  for (const auto& [name, kind] : Kinds()) out.push_back(name);
  return out;
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
  client::PageWalk walk(client::EmptyPage::kMayBeFollowed, kMostRegistrations);
  bool more = true;
  do {
    LIMPID_ASSIGN_OR_RETURN(auto page, client.List(request));
    total = page.total_count();
    for (auto& one : *page.mutable_registrations()) {
      registrations.push_back(std::move(one));
    }
    session.terminal().Progress(
        "reading", static_cast<std::int64_t>(registrations.size()), total);
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.registrations_size())));
    request.set_page_token(page.next_page_token());
  } while (options.all && more);
  json::Value out = json::Value::Object();
  out.Set("registrations", ToJsonArray(registrations));
  out.Set("total_count", total);
  return Report{std::move(out), [registrations, total](Terminal& terminal) {
                  ShowList(registrations, total, terminal);
                }};
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
  LIMPID_ASSIGN_OR_RETURN(const std::optional<tlog::Policy> policy,
                          RegisterLogPolicy(options.vkey, session));
  const bool verified = policy.has_value();
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
  const auto exported = WriteExport(options, client, bytes);
  if (!exported.ok()) return AboutProfile(exported.status());
  const std::vector<v1::DroppedField>& dropped = *exported;
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
  list->add_option("--kind", filter->kind)->check(CLI::IsMember(KindNames()));
  list->add_option("--organisation", filter->organisation, "org_... id");
  list->add_option("--title", filter->title, "beginning of the title");
  list->add_flag("--retired", filter->retired, "retired ones too");
  list->add_flag("--all", filter->all, "every page");
  list->add_option("--page-size", filter->page_size)->check(CLI::Range(1, 500));
  auto [get, one] = AddCommand<GetOptions>(
      *group, session, "get", "Show a registration and verify it", Get);
  get->add_option("id", one->id)->required()->check(RegistrationId());
  get->add_option("--version", one->version, "an older version");
  get->add_option("--at", one->at, "the one public then: a day or a moment")
      ->excludes("--version");
  get->add_option("--vkey", one->vkey, "verifier key of the register log");
  AddRegisterHistoryCommand(*group, session);
  auto [diff, between] = AddCommand<DiffOptions>(
      *group, session, "diff", "Compare two versions of one", Diff);
  diff->add_option("id", between->id)->required()->check(RegistrationId());
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
