// limpid person erase-account: erases a person's account at consent.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cli/erased_device.h"
#include "clients/cli/erasing_note.h"
#include "clients/cpp/account_erasure_client.h"
#include "clients/cpp/answer_check.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/source_client.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

constexpr mode_t kOwnerOnly = 0600;

struct AccountOptions {
  bool give_up_duties = false;
  bool yes = false;
  std::string save;
};

// Her links to sources, which would go on naming her there.
absl::StatusOr<std::vector<std::string>> LinkedByVault(
    const PersonParts& parts) {
  std::vector<std::string> out;
  const auto listed = client::SourceClient(*parts.vault_connection).List();
  // A vault of before has none.
  if (absl::IsUnimplemented(listed.status())) return out;
  LIMPID_RETURN_IF_ERROR(listed.status());
  for (const auto& link : listed->links()) {
    out.push_back(absl::StrCat("the link to ", Clean(link.source())));
  }
  return out;
}

// Attributes of which the vault still has some version, and links.
absl::StatusOr<std::vector<std::string>> HeldByVault(const PersonParts& parts) {
  std::vector<std::string> out;
  if (parts.trust->source_id.empty()) return out;
  LIMPID_ASSIGN_OR_RETURN(out, LinkedByVault(parts));
  LIMPID_ASSIGN_OR_RETURN(const auto attributes, parts.vault->List());
  for (const auto& one : attributes) {
    bool held = !one.has_erase_time();
    if (!held) {
      LIMPID_ASSIGN_OR_RETURN(const auto versions,
                              parts.vault->History(one.attribute()));
      for (const auto& version : versions) held |= !version.has_erase_time();
    }
    if (held) out.push_back(Clean(one.attribute()));
  }
  return out;
}

absl::Status CheckVaultIsEmpty(const PersonParts& parts) {
  const auto held = HeldByVault(parts);
  if (!held.ok()) {
    return WithNext(held.status(),
                    "nothing was erased: whether the vault still holds "
                    "something of yours must be known first");
  }
  if (held->empty()) return absl::OkStatus();
  return WithNext(
      absl::FailedPreconditionError(
          absl::StrCat("the vault still holds ", absl::StrJoin(*held, ", "),
                       ", and nobody could erase it in your name afterwards")),
      "limpid person erase-everything first; what you want to keep, limpid "
      "person get shows");
}

std::string Warning(const AccountOptions& options) {
  return absl::StrCat(
      "Your account will be gone for ever, for you as well: your log, your "
      "consents and their history, delegations, permissions, notices, deletion "
      "duties. Your services are told to delete what they hold.",
      options.give_up_duties
          ? " You also give up the evidence of what services must still delete."
          : "",
      " What stays: the proofs in the public log, which say nothing without "
      "you; receipts that you or services hold; at the operator a random "
      "number in the place of your name, beside the hour of each entry, which "
      "services you had consents with and when these changed; your own files "
      "on this device; and what a law has kept from you so far, you will not "
      "be told.");
}

// What is printed is all there is when it cannot be saved.
absl::Status Save(const std::filesystem::path& path, const std::string& file) {
  const absl::Status saved =
      base::WriteNewFile(path, base::AsBytes(file), kOwnerOnly);
  if (saved.ok()) return absl::OkStatus();
  return WithNext(StateBroken(absl::UnavailableError(absl::StrCat(
                      "the account is erased, but its confirmation is not in ",
                      path.string(), ": ", saved.message()))),
                  "keep the confirmation that is shown above");
}

constexpr std::string_view kSetAside =
    "This device still has your key; what else belonged to the account is set "
    "aside in its home, under names that end in .erased. limpid person init "
    "makes a new account with the key.";

// It began, and the operator's word of it did not come: `outcome` says why, or
// nothing where that was only a lost answer.
Report BeganReport(const std::string& person, absl::Status outcome) {
  json::Value out = json::Value::Object();
  out.Set("erased_account", person).Set("confirmation", "");
  return Report{std::move(out),
                [](Terminal& terminal) {
                  terminal.Line(
                      "The server refuses your account's key since you asked: "
                      "your account is erased, and what is left of it goes by "
                      "itself. The operator's signed word of it did not reach "
                      "this device and cannot be asked for again.");
                  terminal.Line(std::string(kSetAside));
                },
                std::move(outcome)};
}

// After `status` in place of an answer.
absl::StatusOr<Report> Unanswered(const absl::Status& status,
                                  const std::string& person,
                                  const PersonParts& parts, Session& session) {
  // A key that is refused now may be so because of the erasure.
  if (client::IsRefusal(status) && !absl::IsUnauthenticated(status)) {
    LIMPID_RETURN_IF_ERROR(DropErasing(session));
    return status;
  }
  const auto began = ErasureBegan(*parts.consent, session);
  if (began.ok() && *began) {
    const bool lost =
        absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    return BeganReport(person, lost ? absl::OkStatus() : status);
  }
  if (!began.ok() && client::IsAboutOwnFile(began.status())) {
    return began.status();
  }
  return WithNext(status,
                  "it is not known whether it began; run the same command "
                  "again when the server answers: it finds out, and goes on");
}

Report ReportOf(const client::AccountErasure& erased, const std::string& file,
                const std::filesystem::path& path, absl::Status saved) {
  json::Value out = json::Value::Object();
  out.Set("erased_account", erased.person_id)
      .Set("time", base::TimeText(erased.time))
      .Set("finished", erased.finished)
      .Set("unreadable_count", erased.unreadable_count)
      .Set("confirmation", file)
      .Set("confirmation_file", saved.ok() ? path.string() : "");
  const bool shown = !saved.ok();
  return Report{
      std::move(out),
      [erased, file, path, shown](Terminal& terminal) {
        terminal.Line(
            absl::StrCat("Your account is erased, by the signed word "
                         "of the operator, since ",
                         Moment(erased.time), "."));
        if (!erased.finished) {
          terminal.Line(
              "The server still removes what is left, by itself; nothing of "
              "it is used any more.");
        }
        if (erased.unreadable_count != 0) {
          terminal.Line(absl::StrCat(
              erased.unreadable_count,
              " of your consents or of the deletions that were still to come "
              "could not be read, because what the server stored was damaged. "
              "They are erased too; ask services that may still hold "
              "something to delete it."));
        }
        if (shown) {
          terminal.Raw(file);
        } else {
          terminal.Line(absl::StrCat("Confirmation: ", path.string()));
        }
        terminal.Line(std::string(kSetAside));
      },
      std::move(saved)};
}

absl::StatusOr<Report> EraseAccount(const AccountOptions& options,
                                    Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto noted, NotedErasing(session));
  if (noted) {
    LIMPID_ASSIGN_OR_RETURN(const bool began,
                            ErasureBegan(*parts.consent, session));
    if (began) return BeganReport(*noted, absl::OkStatus());
  }
  LIMPID_RETURN_IF_ERROR(CheckVaultIsEmpty(parts));
  LIMPID_ASSIGN_OR_RETURN(const v1::Account self, parts.consent->GetAccount());
  LIMPID_RETURN_IF_ERROR(
      Confirm(Warning(options), options.yes, session.terminal()));
  LIMPID_RETURN_IF_ERROR(NoteErasing(self.person_id(), session));
  auto erased =
      client::AccountErasureClient(*parts.consent_connection, *parts.key,
                                   *parts.trust, session.clock())
          .Erase(self.person_id(), options.give_up_duties);
  if (!erased.ok()) {
    return Unanswered(erased.status(), self.person_id(), parts, session);
  }
  const std::string file = erased->File(parts.trust->evidence_key);
  const std::filesystem::path path =
      options.save.empty()
          ? session.Home() /
                absl::StrCat("account-erased-", erased->person_id, ".json")
          : std::filesystem::path(options.save);
  const absl::Status saved = Save(path, file);
  absl::Status aside = SetAside(session);
  aside.Update(DropErasing(session));
  Report report = ReportOf(*erased, file, path, saved);
  report.outcome.Update(aside);
  return report;
}

}  // namespace

void AddAccountErasureCommand(CLI::App& person, Session& session) {
  auto [erase, how] = AddCommand<AccountOptions>(
      person, session, "erase-account",
      "Erase your account at consent for ever", EraseAccount);
  erase->add_flag("--give-up-duties", how->give_up_duties,
                  "also the evidence of what services must still delete");
  erase->add_flag("--yes", how->yes, "do not ask");
  erase->add_option("--save", how->save, "write the confirmation here");
}

}  // namespace limpid::cli
