// limpid person guardians make, list, recover, cancel, allow: people who
// together give a person back what she sealed when her devices are lost.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/recovery_notice.h"
#include "clients/cpp/guardians.h"
#include "clients/cpp/share_file.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct None {};
struct MakeOptions {
  unsigned threshold = 0;
  unsigned count = 0;
  std::string directory;
};
struct RecoverOptions {
  std::vector<std::string> files;
};

std::string IdOf(const v1::KeySlot& slot) {
  return base::FormatIdText("slt", base::AsBytes(slot.slot_id()));
}

// What is as true after as before; said where somebody counts on guardians.
constexpr std::string_view kWhatGuardiansAre =
    "Enough of them together, and somebody with your account's key, open what "
    "you sealed, after a delay in which any of your devices can cancel. They "
    "do "
    "not give back your account's key: keep a copy of key.json elsewhere, or "
    "they cannot help.";
constexpr std::string_view kKeyStays =
    "Your sealed key itself is not changed: whoever opened it before may have "
    "kept it.";

void ShowMade(const client::GuardianClient::Made& made, Terminal& terminal) {
  for (const auto& file : made.files) terminal.Line(Clean(file.string()));
  terminal.Line(
      "Give each to one guardian, and delete it here: who reads enough of "
      "these "
      "files has the shares.");
  if (made.removed > 0) {
    terminal.Line(absl::StrCat(
        "The shares made before open nothing in the vault any more. ",
        std::string(kKeyStays)));
  }
  for (const v1::KeySlot& slot : made.staying) {
    terminal.Line(absl::StrCat(
        "Shares made before may still open what you sealed, beside the new "
        "ones: the vault did not say that it removed their slot ",
        IdOf(slot), "."));
  }
  terminal.Line(std::string(kWhatGuardiansAre));
}

json::Value MadeAsJson(const client::GuardianClient::Made& made) {
  json::Value files = json::Value::Array();
  for (const auto& file : made.files) files.Append(file.string());
  json::Value staying = json::Value::Array();
  for (const v1::KeySlot& slot : made.staying) staying.Append(IdOf(slot));
  json::Value out = json::Value::Object();
  out.Set("slot", IdOf(made.slot));
  out.Set("files", std::move(files));
  out.Set("removed", static_cast<std::int64_t>(made.removed));
  out.Set("staying", std::move(staying));
  return out;
}

// The new shares stand; what else there is to do.
absl::Status OutcomeOf(const client::GuardianClient::Made& made) {
  if (made.staying.empty()) return absl::OkStatus();
  return WithNext(
      absl::Status(made.why.code(),
                   absl::StrCat("the new shares are made, but an earlier slot "
                                "may not be removed: ",
                                made.why.message())),
      "keep the new files; limpid person device list shows whether the slot is "
      "still there, and limpid person device remove SLOT removes it");
}

absl::StatusOr<Report> Make(const MakeOptions& options, Session& session) {
  if (options.count > 16 || options.threshold > options.count) {
    return WrongUsage(absl::InvalidArgumentError(
        "guardians are at most 16, of whom no more are needed than there are"));
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::GuardianClient guardians(*parts.vault_connection, *parts.sealed);
  const auto made = guardians.Make(static_cast<std::uint8_t>(options.threshold),
                                   static_cast<std::uint8_t>(options.count),
                                   options.directory);
  if (absl::IsInvalidArgument(made.status())) return WrongUsage(made.status());
  LIMPID_RETURN_IF_ERROR(made.status());
  return Report{
      MadeAsJson(*made),
      [made = *made](Terminal& terminal) { ShowMade(made, terminal); },
      OutcomeOf(*made)};
}

json::Value SlotsAsJson(const std::vector<v1::KeySlot>& slots) {
  json::Value out = json::Value::Array();
  for (const v1::KeySlot& slot : slots) {
    json::Value one = ToJson(slot.recovery());
    one.Set("slot", IdOf(slot));
    one.Set("created", Moment(slot.create_time()));
    out.Append(std::move(one));
  }
  return out;
}

absl::StatusOr<Report> List(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::GuardianClient guardians(*parts.vault_connection, *parts.sealed);
  LIMPID_ASSIGN_OR_RETURN(const auto slots, guardians.List());
  return Report{
      SlotsAsJson(slots), [slots](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(slots, [](const v1::KeySlot& slot) -> Row {
              return {IdOf(slot), Moment(slot.create_time()),
                      RecoveryText(slot.recovery()),
                      absl::StrCat(slot.recovery().cancel_count())};
            });
        terminal.Table({"slot", "created", "recovery", "cancelled"}, rows);
      }};
}

void ShowProgress(const client::GuardianClient::Progress& progress,
                  Terminal& terminal) {
  if (progress.recovered) {
    terminal.Line(
        "Recovered: this device opens what you sealed. The shares were out of "
        "their hands, so make new ones: limpid person guardians make. Then "
        "remove the devices that you lost: limpid person device list.");
    terminal.Line(std::string(kKeyStays));
    return;
  }
  terminal.Line(absl::StrCat(
      "The shares are right. Run this again from ",
      Moment(progress.recovery.open_time()), " to ",
      Moment(progress.recovery.close_time()),
      " UTC. Until then any device with your account's key sees it and can "
      "cancel."));
}

absl::StatusOr<Report> Recover(const RecoverOptions& options,
                               Session& session) {
  std::vector<base::SecretBytes> shares;
  for (const std::string& file : options.files) {
    auto words = client::ReadShareFile(file);
    if (!words.ok()) return WrongUsage(words.status());
    shares.push_back(*std::move(words));
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::GuardianClient guardians(*parts.vault_connection, *parts.sealed);
  LIMPID_ASSIGN_OR_RETURN(const auto progress, guardians.Recover(shares));
  json::Value out = ToJson(progress.recovery);
  out.Set("recovered", progress.recovered);
  return Report{std::move(out), [progress](Terminal& terminal) {
                  ShowProgress(progress, terminal);
                }};
}

absl::StatusOr<Report> Cancel(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::GuardianClient guardians(*parts.vault_connection, *parts.sealed);
  LIMPID_ASSIGN_OR_RETURN(const auto cancelled, guardians.Cancel());
  return Report{ToJsonArray(cancelled), [cancelled](Terminal& terminal) {
                  if (cancelled.empty()) {
                    terminal.Line("No recovery waits.");
                    return;
                  }
                  terminal.Line(absl::StrCat("Cancelled ", cancelled.size(),
                                             " recovery."));
                  for (const v1::Recovery& one : cancelled) {
                    if (!one.barred()) continue;
                    terminal.Line(
                        "It was the second: no other can be started until a "
                        "device that opens what you sealed allows it, with "
                        "limpid person guardians allow.");
                  }
                  terminal.Line(
                      "If it was not you, somebody else has your account's "
                      "key.");
                }};
}

absl::StatusOr<Report> Allow(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::GuardianClient guardians(*parts.vault_connection, *parts.sealed);
  LIMPID_ASSIGN_OR_RETURN(const auto allowed, guardians.Allow());
  return Report{ToJsonArray(allowed), [allowed](Terminal& terminal) {
                  terminal.Line(allowed.empty()
                                    ? "No recovery is barred."
                                    : "Recoveries can be started again.");
                }};
}

}  // namespace

void AddGuardianCommands(CLI::App& person, Session& session) {
  CLI::App* const group = person.add_subcommand(
      "guardians", "People who together give you back what you sealed");
  group->require_subcommand(1);
  auto [make, options] = AddCommand<MakeOptions>(
      *group, session, "make",
      "Split a recovery key among guardians; earlier shares end", Make);
  make->add_option("--threshold", options->threshold, "how many are needed")
      ->required();
  make->add_option("--count", options->count, "how many there are")->required();
  make->add_option("--out", options->directory,
                   "directory for one file per guardian")
      ->required();
  AddCommand<None>(*group, session, "list",
                   "List recovery slots and what is under way", List);
  auto [recover, shares] = AddCommand<RecoverOptions>(
      *group, session, "recover",
      "On a new device: open what you sealed with guardians' shares", Recover);
  recover->add_option("shares", shares->files, "their files")->required();
  AddCommand<None>(*group, session, "cancel",
                   "Cancel a recovery that you did not start", Cancel);
  AddCommand<None>(*group, session, "allow",
                   "Allow recoveries again after two cancels", Allow);
}

}  // namespace limpid::cli
