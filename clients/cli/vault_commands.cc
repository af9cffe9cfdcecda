// limpid person put, get, list, history: the person's own attributes.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
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
};
struct VersionOptions {
  std::string attribute;
  std::uint64_t version = 0;
};

// JSON as it is; anything else is taken as text, so that
// `limpid person put person.given_name Anna` does what it says.
std::string AsJson(const std::string& given) {
  if (json::ParseStrict(given).ok()) return given;
  auto text = json::Value::FromText(given);
  return text.ok() ? json::Canonical(*text) : given;
}

absl::StatusOr<Report> Put(const PutOptions& options, Session& session) {
  std::string value = AsJson(options.value);
  if (!options.file.empty()) {
    LIMPID_ASSIGN_OR_RETURN(value, ReadTextFile(options.file));
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const v1::PutAttributeResponse stored,
                          parts.vault->Put(options.attribute, value));
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
  json::Value out = ToJson(got.version());
  if (auto value = json::ParseStrict(got.value_json()); value.ok()) {
    out.Set("value", *std::move(value));
  }
  return Report{std::move(out), [got](Terminal& terminal) {
                  terminal.Line(Clean(got.value_json()));
                }};
}

void ShowVersions(const std::vector<v1::AttributeVersion>& versions,
                  Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(versions, [](const v1::AttributeVersion& version) -> Row {
        return {version.attribute(), absl::StrCat(version.version()),
                Moment(version.put_time()),
                ShortName(v1::Custody_Name(version.custody()), "CUSTODY_"),
                version.has_erase_time()
                    ? absl::StrCat("erased ", Moment(version.erase_time()))
                    : "kept"};
      });
  terminal.Table({"attribute", "version", "stored", "custody", "state"}, rows);
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
