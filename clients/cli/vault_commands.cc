// limpid person put, get, list, history: the person's own attributes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/sealing_advice.h"
#include "clients/cli/sharing.h"
#include "clients/cpp/custody_move.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct None {};
struct PutOptions {
  std::string attribute;
  std::string value;
  std::string file;
  std::string about_from;
  std::string about_to;
  bool no_day = false;
  bool sealed = false;
  bool assisted = false;
};
struct VersionOptions {
  std::string attribute;
  std::uint64_t version = 0;
};

// JSON as it is; anything else is taken as text, so that
// `limpid person put person.given_name Anna` does what it says. What begins as
// JSON was meant to be JSON: stored as a text it would be wrong for ever.
absl::StatusOr<std::string> AsJson(const std::string& given) {
  const absl::Status parsed = json::ParseStrict(given).status();
  if (parsed.ok()) return given;
  if (given.empty()) {
    return WithNext(
        WrongUsage(absl::InvalidArgumentError("there is no value to store")),
        "give it after the attribute, or --file FILE; limpid person erase "
        "takes one away");
  }
  if (given.find_first_of("\"{[") == 0) {
    return WithNext(
        WrongUsage(absl::InvalidArgumentError(absl::StrCat(
            "the value begins like JSON and is none: ", parsed.message()))),
        "put it between single quotes; a text of these very "
        "characters is given as a JSON string");
  }
  LIMPID_ASSIGN_OR_RETURN(const json::Value text, json::Value::FromText(given));
  return json::Canonical(text);
}

// What the flags say; the server checks it.
std::optional<v1::About> AboutOf(const PutOptions& options) {
  if (options.about_from.empty() && options.about_to.empty() &&
      !options.no_day) {
    return std::nullopt;
  }
  v1::About out;
  out.set_from_date(options.about_from);
  out.set_to_date(options.about_to);
  out.set_no_day(options.no_day);
  return out;
}

// "2024-01-01 to 2024-12-31", "no day", or "-" when nobody said.
std::string AboutText(const v1::AttributeVersion& version) {
  if (!version.has_about()) return "-";
  const v1::About& about = version.about();
  if (about.no_day()) return "no day";
  return absl::StrCat(about.from_date(), " to ", about.to_date());
}

// What sealed loses, and what it does not take back; said where it is chosen.
constexpr std::string_view kWhatSealedLoses =
    "Only your devices can open it. A service you granted it to gets a copy "
    "that this device makes, and only while it does; nothing is derived from "
    "it or counted with it, the days it is about are not kept, and nobody can "
    "rescue it: when the last device of "
    "`limpid person device list` is lost, so is the value. Versions that were "
    "not sealed stay readable to the server until you erase them, and in its "
    "backups after that.";

absl::StatusOr<Report> PutSealed(const std::string& attribute,
                                 const std::string& value,
                                 const PersonParts& parts) {
  const auto put = parts.sealed->Put(attribute, value);
  LIMPID_RETURN_IF_ERROR(AfterOpening(put.status()));
  const v1::PutSealedAttributeResponse& stored = *put;
  return Report{ToJson(stored), [stored, attribute](Terminal& terminal) {
                  terminal.Line(absl::StrCat("Sealed ", attribute, ", version ",
                                             stored.version(), "."));
                  terminal.Line(std::string(kWhatSealedLoses));
                }};
}

absl::StatusOr<Report> Seal(const VersionOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::VaultErasureClient erasures(*parts.vault_connection, *parts.key,
                                      parts.trust->source_id, session.clock());
  const client::MoveNotes notes(session.MovingFile(), parts.trust->source_id);
  const auto moved = client::CustodyMove(*parts.sealed, *parts.vault, erasures,
                                         notes, session.clock())
                         .Run(options.attribute);
  LIMPID_RETURN_IF_ERROR(AfterSeal(moved.status(), options.attribute, notes));
  json::Value out = json::Value::Object();
  out.Set("moved", static_cast<std::int64_t>(moved->count));
  out.Set("newest", static_cast<std::int64_t>(moved->newest));
  const std::uint64_t count = moved->count;
  Report report{std::move(out), [count](Terminal& terminal) {
                  if (count == 0) {
                    terminal.Line("Nothing of it is in the server's hands.");
                    return;
                  }
                  terminal.Line(absl::StrCat(
                      "Sealed ", count,
                      " version(s) and erased them where the server could open "
                      "them. Backups of the server from before hold them as "
                      "they were, readable to the operator, until it has "
                      "deleted the last of them: ask when that is."));
                  terminal.Line(std::string(kWhatSealedLoses));
                }};
  return WithCopies(std::move(report),
                    AfterSealing(options.attribute, session));
}

// Whether that is why the server may not store an open value beside it.
bool NewestIsSealed(const std::string& attribute, const PersonParts& parts) {
  const auto versions = parts.vault->History(attribute);
  if (!versions.ok()) return false;
  for (const v1::AttributeVersion& one : *versions) {
    if (one.has_erase_time()) continue;
    return one.custody() == v1::CUSTODY_SEALED;
  }
  return false;
}

absl::StatusOr<Report> Put(const PutOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string value,
                          options.file.empty() ? AsJson(options.value)
                                               : ReadTextFile(options.file));
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  if (options.sealed) {
    LIMPID_ASSIGN_OR_RETURN(Report report,
                            PutSealed(options.attribute, value, parts));
    return WithCopies(std::move(report),
                      AfterSealing(options.attribute, session));
  }
  const auto put = parts.vault->Put(options.attribute, value, AboutOf(options),
                                    options.assisted);
  if (absl::IsFailedPrecondition(put.status()) &&
      NewestIsSealed(options.attribute, parts)) {
    return WithNext(put.status(),
                    "repeat the command with --sealed, or with --assisted if "
                    "the server may open the new value");
  }
  LIMPID_ASSIGN_OR_RETURN(const v1::PutAttributeResponse stored, put);
  const std::string attribute = options.attribute;
  return Report{ToJson(stored), [stored, attribute](Terminal& terminal) {
                  terminal.Line(absl::StrCat("Stored ", attribute, ", version ",
                                             stored.version(), "."));
                }};
}

absl::StatusOr<Report> Get(const VersionOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const v1::GetAttributeResponse got,
                          parts.vault->Get(options.attribute, options.version));
  std::string text = got.value_json();
  if (got.has_sealed()) {
    const auto opened = parts.sealed->Open(options.attribute, got);
    LIMPID_RETURN_IF_ERROR(AfterOpening(opened.status()));
    text = opened->value_json;
  }
  json::Value out = ToJson(got.version());
  if (auto value = json::ParseStrict(text); value.ok()) {
    out.Set("value", *std::move(value));
  }
  return Report{std::move(out),
                [text](Terminal& terminal) { terminal.Line(Clean(text)); }};
}

void ShowVersions(const std::vector<v1::AttributeVersion>& versions,
                  Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(versions, [](const v1::AttributeVersion& version) -> Row {
        return {version.attribute(),
                absl::StrCat(version.version()),
                AboutText(version),
                Moment(version.put_time()),
                ShortName(v1::Custody_Name(version.custody()), "CUSTODY_"),
                version.has_erase_time()
                    ? absl::StrCat("erased ", Moment(version.erase_time()))
                    : "kept"};
      });
  terminal.Table(
      {"attribute", "version", "about", "stored", "custody", "state"}, rows);
}

absl::StatusOr<Report> List(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto versions, parts.vault->List());
  return Report{ToJsonArray(versions), [versions](Terminal& terminal) {
                  ShowVersions(versions, terminal);
                }};
}

absl::StatusOr<Report> History(const VersionOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto versions,
                          parts.vault->History(options.attribute));
  return Report{ToJsonArray(versions), [versions](Terminal& terminal) {
                  ShowVersions(versions, terminal);
                }};
}

absl::StatusOr<Report> Catalogue(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto definitions, parts.vault->Definitions());
  return Report{
      ToJsonArray(definitions), [definitions](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(definitions, [](const v1::AttributeDefinition& one) -> Row {
              return {one.id(), one.title(),
                      ShortName(v1::Sensitivity_Name(one.sensitivity()),
                                "SENSITIVITY_"),
                      Joined(one.derivations())};
            });
        terminal.Table({"attribute", "title", "sensitivity", "derivations"},
                       rows);
      }};
}

}  // namespace

void AddVaultCommands(CLI::App& person, Session& session) {
  auto [put, value] = AddCommand<PutOptions>(
      person, session, "put", "Store an attribute in your vault", Put);
  put->add_option("attribute", value->attribute)->required();
  put->add_option("value", value->value, "JSON, or plain text");
  put->add_option("--file", value->file, "read the JSON value from a file");
  auto* const from = put->add_option(
      "--about-from", value->about_from,
      "first day the value is about, 2024-01-01; without it no consent that is "
      "limited to days lets it be read");
  auto* const to =
      put->add_option("--about-to", value->about_to, "last day, 2024-12-31");
  from->needs(to);
  to->needs(from);
  auto* const no_day =
      put->add_flag("--no-day", value->no_day,
                    "the value is a fact of no day, such as a birth date")
          ->excludes(from, to);
  CLI::Option* const sealed = put->add_flag(
      "--sealed", value->sealed,
      "seal it on this device: neither the server nor a service can open it, "
      "and nobody can rescue it");
  // What is sealed says nothing of days.
  sealed->excludes(from, to, no_day);
  put->add_flag("--assisted", value->assisted,
                "let the server open it although the last value was sealed")
      ->excludes(sealed);
  auto [seal, sealing] = AddCommand<VersionOptions>(
      person, session, "seal",
      "Take an attribute with its history out of the server's hands", Seal);
  seal->add_option("attribute", sealing->attribute)->required();
  auto [get, wanted] = AddCommand<VersionOptions>(
      person, session, "get", "Show one of your attributes", Get);
  get->add_option("attribute", wanted->attribute)->required();
  get->add_option("--version", wanted->version, "an older version");
  AddCommand<None>(person, session, "list", "List your stored attributes",
                   List);
  auto [history, of] = AddCommand<VersionOptions>(
      person, session, "history", "List the versions of an attribute", History);
  history->add_option("attribute", of->attribute)->required();
  AddCommand<None>(person, session, "catalogue",
                   "List the attributes this vault can keep", Catalogue);
}

}  // namespace limpid::cli
