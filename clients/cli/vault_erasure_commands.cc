// limpid person erase, erase-everything, erasure, holds: what is erased at the
// vault, and the certificates of it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct None {};
struct EraseOptions {
  std::string attribute;
  std::uint64_t version = 0;
  bool yes = false;
};
struct EverythingOptions {
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

// What an erasure means, and where it ends.
void Tell(const std::string& what, const std::string& certificate,
          Terminal& terminal) {
  terminal.Line(absl::StrCat("Erased ", what,
                             ". A backup that the operator puts back is erased "
                             "again before it is served."));
  const auto facts = client::ReadCertificate(certificate);
  if (!facts.ok()) return;
  terminal.Line(absl::StrCat("Backups may exist until ",
                             Moment(facts->not_before),
                             ", by the operator's word, and open with its "
                             "keys. Final not before then, "
                             "and only after those keys are destroyed."));
}

absl::StatusOr<Report> EraseVersion(const EraseOptions& options,
                                    const PersonParts& parts) {
  LIMPID_ASSIGN_OR_RETURN(
      const v1::EraseAttributeVersionResponse erased,
      parts.vault->Erase(options.attribute, options.version));
  const std::string what =
      absl::StrCat("version ", options.version, " of ", options.attribute);
  return Report{ToJson(erased), [erased, what](Terminal& terminal) {
                  Tell(what, erased.certificate(), terminal);
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
                  Tell(what, erased.certificate(), terminal);
                }};
}

// Every consent that could still release something. Can be repeated: what is
// withdrawn stays so.
absl::StatusOr<int> WithdrawAll(const PersonParts& parts) {
  LIMPID_ASSIGN_OR_RETURN(const auto records, parts.consent->ListRecords());
  int withdrawn = 0;
  for (const auto& record : records) {
    const auto state = record.state();
    if (state != consent::v1::RECORD_STATE_GRANTED &&
        state != consent::v1::RECORD_STATE_PAUSED) {
      continue;
    }
    LIMPID_RETURN_IF_ERROR(
        parts.consent->Withdraw(record.record_id()).status());
    ++withdrawn;
  }
  return withdrawn;
}

absl::StatusOr<Report> EraseEverything(const EverythingOptions& options,
                                       Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_RETURN_IF_ERROR(Confirm(
      "Every consent that is in force will be withdrawn, and everything you "
      "stored in the vault will be gone for ever, for you as well. Your "
      "account, your log and the receipts stay.",
      options.yes, session.terminal()));
  LIMPID_ASSIGN_OR_RETURN(const int withdrawn, WithdrawAll(parts));
  LIMPID_ASSIGN_OR_RETURN(const v1::ErasureResult erased,
                          ErasuresOf(parts, session).EraseEverything());
  json::Value out = ToJson(erased);
  out.Set("withdrawn_consents", static_cast<std::int64_t>(withdrawn));
  return Report{
      std::move(out), [erased, withdrawn](Terminal& terminal) {
        terminal.Line(absl::StrCat("Withdrew ", withdrawn, " consent(s)."));
        Tell(absl::StrCat("all ", erased.value_count(),
                          " value(s) in the vault"),
             erased.certificate(), terminal);
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
  LIMPID_ASSIGN_OR_RETURN(
      const client::CheckedErasure checked,
      ErasuresOf(parts, session)
          .Certificate(options.attribute, options.version, policy));
  return Report{
      ToJson(checked.answer), [checked](Terminal& terminal) {
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
  auto [everything, sure] = AddCommand<EverythingOptions>(
      person, session, "erase-everything",
      "Withdraw every consent and erase everything in the vault",
      EraseEverything);
  everything->add_flag("--yes", sure->yes, "do not ask");
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
