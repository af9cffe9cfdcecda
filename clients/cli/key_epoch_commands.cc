// limpid admin key-epochs, start-key-epoch, destroy-key-epoch: the vault's
// key-encryption keys.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct None {};
struct DestroyOptions {
  std::uint32_t epoch = 0;
  bool drop_copies = false;
  bool yes = false;
};

std::string KeyOf(const v1::KeyEpoch& epoch) {
  if (epoch.current()) return "in force";
  return epoch.key_stands() ? "stands" : "destroyed";
}

absl::StatusOr<Report> List(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::ListKeyEpochsResponse answer,
                          admin.ListKeyEpochs());
  return Report{
      ToJson(answer), [answer](Terminal& terminal) {
        terminal.Table(
            {"epoch", "key", "slots", "copy keys", "since", "ended"},
            RowsOf(answer.epochs(), [](const v1::KeyEpoch& epoch) -> Row {
              return {
                  absl::StrCat(epoch.epoch()),
                  KeyOf(epoch),
                  absl::StrCat(epoch.slot_count()),
                  absl::StrCat(epoch.copy_key_count()),
                  epoch.has_start_time() ? Moment(epoch.start_time()) : "",
                  epoch.has_destroy_time() ? Moment(epoch.destroy_time()) : ""};
            }));
      }};
}

absl::StatusOr<Report> Start(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::ListKeyEpochsResponse listed,
                          admin.ListKeyEpochs());
  std::uint32_t current = 0;
  for (const v1::KeyEpoch& epoch : listed.epochs()) {
    if (epoch.current()) current = epoch.epoch();
  }
  LIMPID_ASSIGN_OR_RETURN(const v1::StartKeyEpochResponse answer,
                          admin.StartKeyEpoch(current));
  return Report{
      ToJson(answer), [answer](Terminal& terminal) {
        terminal.Line(absl::StrCat(
            "Epoch ", answer.epoch(),
            " is in force. What is under earlier keys is wrapped anew in the "
            "background: limpid admin key-epochs shows how far it is."));
      }};
}

absl::StatusOr<Report> Destroy(const DestroyOptions& options,
                               Session& session) {
  LIMPID_RETURN_IF_ERROR(Confirm(
      absl::StrCat("The key of epoch ", options.epoch,
                   " goes for ever, and with it every copy of person keys that "
                   "is still under it in a backup."),
      options.yes, session.terminal()));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  v1::DestroyKeyEpochRequest request;
  request.set_epoch(options.epoch);
  request.set_drop_copies(options.drop_copies);
  LIMPID_ASSIGN_OR_RETURN(const v1::DestroyKeyEpochResponse answer,
                          admin.DestroyKeyEpoch(request));
  return Report{
      ToJson(answer), [answer, options](Terminal& terminal) {
        terminal.Line(
            answer.destroyed()
                ? absl::StrCat("The key of epoch ", options.epoch,
                               " is destroyed. Copies of the key ring from "
                               "before still have it: destroy those too.")
                : absl::StrCat("Proposed. Another administrator has to run the "
                               "same command within a day, with a certificate "
                               "of their own."));
      }};
}

}  // namespace

void AddKeyEpochCommands(CLI::App& admin, Session& session) {
  AddCommand<None>(admin, session, "key-epochs",
                   "Show the epochs of the vault's key-encryption keys", List);
  AddCommand<None>(admin, session, "start-key-epoch",
                   "Start the next epoch of the vault's key-encryption keys",
                   Start);
  auto [destroy, which] = AddCommand<DestroyOptions>(
      admin, session, "destroy-key-epoch",
      "Destroy the key of an earlier epoch, with a second administrator",
      Destroy);
  destroy->add_option("epoch", which->epoch)->required();
  destroy->add_flag("--drop-copies", which->drop_copies,
                    "also if keys of grant copies are under it");
  destroy->add_flag("--yes", which->yes, "do not ask");
}

}  // namespace limpid::cli
