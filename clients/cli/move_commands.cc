// limpid person move-out|move-in.

#include <string>

#include "CLI/CLI.hpp"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/copy_view.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/new_file.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/move_client.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

constexpr mode_t kOwnerOnly = 0600;
// As large as an agreement with its notices can be, escaped.
constexpr std::size_t kMaxExportBytes = std::size_t{16} << 20U;

struct OutOptions {
  std::string record;
  std::string name;
  std::string key;
  std::string save;
};
struct InOptions {
  std::string file;
  std::string agreement;
  std::uint32_t version = 1;
};

absl::StatusOr<Report> MoveOut(const OutOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto key, ReadEvidenceKey(options.key));
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::MoveClient moves(*parts.consent_connection, *parts.key, *parts.trust,
                           session.clock());
  // Ending it cannot be undone.
  LIMPID_RETURN_IF_ERROR(CheckIsNew(options.save));
  LIMPID_ASSIGN_OR_RETURN(const std::string file,
                          moves.MoveOut(options.record, {options.name, key}));
  const absl::Status written = WriteNewTextFile(options.save, file, kOwnerOnly);
  if (!written.ok()) {
    return WithNext(written,
                    "The consent has ended here. Run the command again with "
                    "another --save: it gives the same export.");
  }
  json::Value out = json::Value::Object();
  out.Set("export", options.save).Set("record", options.record);
  return Report{std::move(out), [options](Terminal& terminal) {
                  terminal.Line("Ended here: nothing is handed out under " +
                                options.record + " any more.");
                  terminal.Line("Bring " + options.save + " to " +
                                options.name + ": limpid person move-in");
                }};
}

absl::StatusOr<Report> Activate(const InOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string file,
                          ReadTextFile(options.file, kMaxExportBytes));
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::MoveClient moves(*parts.consent_connection, *parts.key, *parts.trust,
                           session.clock());
  LIMPID_ASSIGN_OR_RETURN(
      const v1::Record record,
      moves.Activate(options.agreement, options.version, file));
  return Report{ToJson(record), [record](Terminal& terminal) {
                  terminal.Line("Active here.");
                  ShowRecords({record}, terminal);
                }};
}

}  // namespace

void AddMoveCommands(CLI::App& person, Session& session) {
  auto [out, leaving] = AddCommand<OutOptions>(
      person, session, "move-out",
      "End a consent here and take it to another operator", MoveOut);
  out->add_option("record", leaving->record)
      ->required()
      ->check(OfKind({"rec"}));
  out->add_option("--to", leaving->name, "name of the new operator")
      ->required();
  out->add_option("--evidence-key", leaving->key,
                  "evidence key of the new operator, received from it")
      ->required();
  out->add_option("--save", leaving->save, "write the export here")->required();
  auto [in, coming] = AddCommand<InOptions>(
      person, session, "move-in",
      "Activate here what another operator ended for you", Activate);
  in->add_option("file", coming->file, "the export; - reads standard input")
      ->required();
  in->add_option("--agreement", coming->agreement,
                 "agreement here that asks for the same")
      ->required();
  in->add_option("--version", coming->version, "version of the agreement");
}

}  // namespace limpid::cli
