// limpid person erase, erasure, holds: what is erased at the vault, and the
// certificates of it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cli/erased_device.h"
#include "clients/cli/erasure_view.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct None {};
struct EraseOptions {
  std::string attribute;
  std::uint64_t version = 0;
  bool yes = false;
};
struct WhichOptions {
  std::string attribute;
  std::uint64_t version = 0;
};

client::VaultErasureClient ErasuresOf(const PersonParts& parts,
                                      Session& session) {
  return client::VaultErasureClient(*parts.vault_connection, *parts.key,
                                    parts.trust->source_id, session.clock());
}

absl::StatusOr<Report> EraseVersion(const EraseOptions& options,
                                    const PersonParts& parts) {
  LIMPID_ASSIGN_OR_RETURN(
      const v1::EraseAttributeVersionResponse erased,
      parts.vault->Erase(options.attribute, options.version));
  const std::string what =
      absl::StrCat("version ", options.version, " of ", options.attribute);
  return Report{ToJson(erased), [erased, what](Terminal& terminal) {
                  ShowErased(what, erased.certificate(), terminal);
                }};
}

absl::StatusOr<Report> Erase(const EraseOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  if (options.version != 0) return EraseVersion(options, parts);
  LIMPID_RETURN_IF_ERROR(
      Confirm(absl::StrCat("Every version of ", options.attribute,
                           " will be gone for ever, for you as well."),
              options.yes, session.terminal()));
  LIMPID_ASSIGN_OR_RETURN(
      const v1::ErasureResult erased,
      ErasuresOf(parts, session).EraseAttribute(options.attribute));
  const std::string what =
      absl::StrCat(erased.value_count(), " version(s) of ", options.attribute);
  return Report{ToJson(erased), [erased, what](Terminal& terminal) {
                  ShowErased(what, erased.certificate(), terminal);
                }};
}

std::string Words(v1::ErasureState state) {
  if (state == v1::ERASURE_STATE_FINAL) {
    return "final, by the word of the server";
  }
  return state == v1::ERASURE_STATE_KEY_STANDS
             ? "erased live; a key that backups need was not destroyed"
             : "erased live; backups may still exist";
}

absl::StatusOr<Report> Certificate(const WhichOptions& options,
                                   Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto policy, parts.trust->LogPolicy("/vault"));
  LIMPID_ASSIGN_OR_RETURN(const auto holder, HolderOf(parts));
  LIMPID_ASSIGN_OR_RETURN(
      const client::CheckedErasure checked,
      ErasuresOf(parts, session)
          .Certificate(options.attribute, options.version, policy, holder));
  LIMPID_ASSIGN_OR_RETURN(const Forgot forgot,
                          ForgetErased(checked, parts, session));
  return Report{
      ToJson(checked.answer), [checked, forgot](Terminal& terminal) {
        const client::ErasureFacts& facts = checked.facts;
        terminal.Facts(
            {{"erased", facts.everything ? "everything" : facts.attribute},
             {"values", absl::StrCat(facts.values)},
             {"at", Moment(facts.time)},
             {"final not before",
              absl::StrCat(Moment(facts.not_before), " (", facts.days,
                           " days), and only without keys up to epoch ",
                           facts.epoch)},
             {"state", Words(checked.answer.state())},
             {"log", checked.answer.logged()
                         ? "the vault's log has it; proof verified"
                         : "not in the vault's log yet; ask again"}});
        if (forgot == Forgot::kAll) terminal.Line(kForgotten);
        if (forgot == Forgot::kNothingKnown) terminal.Line(kNothingForgotten);
      }};
}

absl::StatusOr<Report> Holds(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const v1::ListHoldsResponse answer,
                          ErasuresOf(parts, session).Holds());
  return Report{
      ToJson(answer), [answer](Terminal& terminal) {
        terminal.Line(
            absl::StrCat("The vault calls you ", answer.holder_id(), "."));
        const std::vector<Row> rows =
            RowsOf(answer.holds(), [](const v1::Hold& hold) -> Row {
              return {
                  hold.id(),
                  ShortName(v1::HoldGround_Name(hold.ground()), "HOLD_GROUND_"),
                  Clean(hold.reason()), Moment(hold.place_time()),
                  hold.has_lift_time()
                      ? absl::StrCat("lifted ", Moment(hold.lift_time()))
                      : "stands: nothing is erased"};
            });
        terminal.Table({"hold", "ground", "reason", "since", "state"}, rows);
      }};
}

}  // namespace

void AddVaultErasureCommands(CLI::App& person, Session& session) {
  auto [erase, what] = AddCommand<EraseOptions>(
      person, session, "erase",
      "Erase one version of an attribute, or all of them", Erase);
  erase->add_option("attribute", what->attribute)->required();
  erase->add_option("version", what->version, "without it: every version");
  erase->add_flag("--yes", what->yes, "do not ask");
  AddEraseEverythingCommand(person, session);
  auto [certificate, which] = AddCommand<WhichOptions>(
      person, session, "erasure", "Show the certificate of an erasure, checked",
      Certificate);
  certificate->add_option("attribute", which->attribute,
                          "without it: of everything");
  certificate->add_option("version", which->version);
  AddCommand<None>(person, session, "holds",
                   "Show why nothing of yours may be erased", Holds);
}

}  // namespace limpid::cli
