// limpid admin erase-field: lawful erasure of one field of the register.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct EraseFieldOptions {
  std::string id;
  std::string pointer;
  std::int64_t version = 0;
  bool all_versions = false;
  std::string ground;
  bool yes = false;
};

void ShowPlaces(const v1::EraseFieldResponse& answer, Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(answer.erasures(), [](const v1::FieldErasure& one) -> Row {
        return {absl::StrCat(one.version()), one.pointer(), one.ground()};
      });
  terminal.Table({"version", "field", "ground"}, rows);
  if (answer.repeated_at().empty()) return;
  terminal.Line(
      "The same is still readable here, or, in /aliases, can be told by "
      "whoever guesses it; --all-versions takes a field out of every version:");
  const std::vector<Row> places =
      RowsOf(answer.repeated_at(), [](const v1::FieldPlace& one) -> Row {
        return {absl::StrCat(one.version()), one.pointer()};
      });
  terminal.Table({"version", "field"}, places);
}

// The answer is about one registration, and the name of an organisation can be
// told by others too. docs/adr/2026-11-30-erasing-one-field.md
void ShowElsewhere(const EraseFieldOptions& options, Terminal& terminal) {
  if (!absl::StartsWith(options.id, "org_") ||
      options.pointer != "/fields/name") {
    return;
  }
  terminal.Line(
      "Registrations that were imported under the name can tell it to whoever "
      "guesses it: erase the field that names the organisation in those that "
      "limpid register used-by lists, and in those that did so earlier.");
}

absl::StatusOr<Report> EraseField(const EraseFieldOptions& options,
                                  Session& session) {
  if ((options.version == 0) != options.all_versions) {
    return WrongUsage(
        absl::InvalidArgumentError("give either --version or --all-versions"));
  }
  v1::EraseFieldRequest request;
  request.set_registration_id(options.id);
  request.set_version(options.version);
  request.set_all_versions(options.all_versions);
  request.set_pointer(options.pointer);
  request.set_ground(options.ground);
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  request.set_validate_only(true);
  LIMPID_ASSIGN_OR_RETURN(const auto planned, admin.EraseField(request));
  LIMPID_RETURN_IF_ERROR(
      Confirm("This cannot be undone, and the ground is public for ever.",
              options.yes, session.terminal(), [&] {
                ShowPlaces(planned, session.terminal());
                ShowElsewhere(options, session.terminal());
              }));
  request.set_validate_only(false);
  LIMPID_ASSIGN_OR_RETURN(const auto erased, admin.EraseField(request));
  return Report{ToJson(erased), [erased, options](Terminal& terminal) {
                  terminal.Line("Erased:");
                  ShowPlaces(erased, terminal);
                  ShowElsewhere(options, terminal);
                }};
}

}  // namespace

void AddEraseFieldCommand(CLI::App& group, Session& session) {
  auto [erase, what] = AddCommand<EraseFieldOptions>(
      group, session, "erase-field",
      "Erase one field of a registration, on a legal ground", EraseField);
  erase->add_option("id", what->id)->required()->check(RegistrationId());
  erase
      ->add_option("pointer", what->pointer,
                   R"(/fields/NAME, "/aliases" or "/reason")")
      ->required();
  erase->add_option("--version", what->version, "from this version");
  erase->add_flag("--all-versions", what->all_versions,
                  "from every version that has it");
  erase
      ->add_option("--ground", what->ground,
                   "law and article; without what is erased")
      ->required();
  erase->add_flag("--yes", what->yes, "do not ask");
}

}  // namespace limpid::cli
