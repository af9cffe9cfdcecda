// limpid person erase-everything: withdraws what can be withdrawn, erases
// everything at the vault, and has this device forget what opened it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cli/erased_device.h"
#include "clients/cli/erasure_view.h"
#include "clients/cli/withdraw_all.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

// How long the command waits for the vault's log to take the erasure in: a few
// of its ticks. After that `limpid person erasure` goes on.
constexpr absl::Duration kLogWait = absl::Seconds(5);
constexpr absl::Duration kLogLook = absl::Milliseconds(200);

struct EverythingOptions {
  bool yes = false;
};

struct InForce {
  std::vector<v1::Record> consents;
  std::vector<Staying> staying;
};
struct Certified {
  // Of the certificate, once the log proved it.
  absl::Status outcome;
  bool logged = false;
  Forgot forgot = Forgot::kNotYet;
};
struct Outcome {
  vault::v1::ErasureResult erased;
  Withdrawn withdrawn;
  Certified certified;
};

bool Releases(const v1::Record& record) {
  return record.state() == v1::RECORD_STATE_GRANTED ||
         record.state() == v1::RECORD_STATE_PAUSED;
}

// What could still release something, by what it rests on. Where the agreement
// cannot be read, withdrawing is tried.
absl::StatusOr<InForce> FindInForce(const PersonParts& parts) {
  LIMPID_ASSIGN_OR_RETURN(const auto records, parts.consent->ListRecords());
  InForce out;
  for (const v1::Record& record : records) {
    if (!Releases(record)) continue;
    const auto shown = parts.consent->GetRecord(record.record_id());
    const v1::LegalBasis basis =
        shown.ok() ? shown->agreement().content().legal_basis()
                   : v1::LEGAL_BASIS_CONSENT;
    if (basis == v1::LEGAL_BASIS_CONSENT) {
      out.consents.push_back(record);
      continue;
    }
    out.staying.push_back(
        {record.record_id(), record.service().organisation(),
         absl::StrCat("rests on ",
                      ShortName(v1::LegalBasis_Name(basis), "LEGAL_BASIS_"))});
  }
  return out;
}

absl::StatusOr<client::CheckedErasure> AskCertificate(
    const PersonParts& parts, client::VaultErasureClient& erasures) {
  LIMPID_ASSIGN_OR_RETURN(const auto policy, parts.trust->LogPolicy("/vault"));
  LIMPID_ASSIGN_OR_RETURN(const auto holder, HolderOf(parts));
  const absl::Time end = absl::Now() + kLogWait;
  for (;;) {
    auto checked = erasures.Certificate("", 0, policy, holder);
    if (!checked.ok() || checked->answer.logged() || absl::Now() >= end) {
      return checked;
    }
    absl::SleepFor(kLogLook);
  }
}

// The files of this device go only when the log proves the erasure.
Certified CertifyAndForget(const PersonParts& parts,
                           client::VaultErasureClient& erasures,
                           const Session& session) {
  Certified out;
  const auto checked = AskCertificate(parts, erasures);
  out.outcome = checked.status();
  if (!checked.ok()) return out;
  out.logged = checked->answer.logged();
  const auto forgot = ForgetErased(*checked, parts, session);
  out.outcome = forgot.status();
  if (forgot.ok()) out.forgot = *forgot;
  return out;
}

std::vector<Row> RowsOfStaying(const std::vector<Staying>& staying) {
  return RowsOf(staying, [](const Staying& one) -> Row {
    return {one.record, Clean(one.organisation), Clean(one.why)};
  });
}

void ShowStaying(const std::vector<Staying>& staying, Terminal& terminal) {
  if (staying.empty()) return;
  terminal.Line(
      "These do not rest on your consent: you cannot withdraw them, and they "
      "stay. In this vault they find nothing of yours any more.");
  terminal.Table({"record", "service", "why"}, RowsOfStaying(staying));
}

void ShowCertified(const Certified& certified, Terminal& terminal) {
  if (!certified.logged) {
    terminal.Line(
        "The certificate is not proven by the vault's log yet, and this device "
        "keeps its keys and grants until it is: run `limpid person erasure`.");
    return;
  }
  terminal.Line("The vault's log has the certificate; proof verified.");
  if (certified.forgot == Forgot::kAll) terminal.Line(kForgotten);
  if (certified.forgot == Forgot::kNothingKnown) {
    terminal.Line(kNothingForgotten);
  }
}

std::string Warning(const InForce& found) {
  return absl::StrCat(
      found.consents.size(), " consent(s) in force will be withdrawn, and ",
      found.staying.size(),
      " permission(s) stay that rest on a law, because you cannot withdraw "
      "those. Everything that you stored in this vault will be gone for ever, "
      "for you as well, what you sealed and the ways of your devices to it "
      "included, and nothing can be stored in it for you again. What services "
      "got before stays with them. Your account, your log and the receipts "
      "stay. Once the vault's log proves it, this device removes its device "
      "key, the sealed key it knows and the grants signed on it.");
}

json::Value ToJsonOf(const Outcome& outcome) {
  json::Value staying = json::Value::Array();
  for (const Staying& one : outcome.withdrawn.staying) {
    json::Value row = json::Value::Object();
    row.Set("record", one.record);
    row.Set("organisation", one.organisation);
    row.Set("why", one.why);
    staying.Append(std::move(row));
  }
  json::Value out = ToJson(outcome.erased);
  out.Set("withdrawn_consents",
          static_cast<std::int64_t>(outcome.withdrawn.count));
  out.Set("staying_records", std::move(staying));
  out.Set("logged", outcome.certified.logged);
  out.Set("device_forgot", outcome.certified.forgot == Forgot::kAll);
  return out;
}

absl::Status Refused(const absl::Status& hold) {
  if (!absl::IsFailedPrecondition(hold)) return hold;
  return WithNext(
      absl::FailedPreconditionError(absl::StrCat(
          hold.message(), ". Nothing was withdrawn and nothing erased")),
      "limpid person holds shows all of them; you can complain to the "
      "supervisory authority (GDPR Article 77)");
}

absl::StatusOr<Report> EraseEverything(const EverythingOptions& options,
                                       Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::VaultErasureClient erasures(*parts.vault_connection, *parts.key,
                                      parts.trust->source_id, session.clock());
  // Before anything that cannot be taken back.
  LIMPID_RETURN_IF_ERROR(Refused(erasures.CheckNoHold()));
  LIMPID_ASSIGN_OR_RETURN(const InForce found, FindInForce(parts));
  LIMPID_RETURN_IF_ERROR(
      Confirm(Warning(found), options.yes, session.terminal(), [&] {
        if (found.staying.empty()) return;
        session.terminal().Table({"record", "service", "why"},
                                 RowsOfStaying(found.staying));
      }));
  Outcome outcome;
  outcome.withdrawn.staying = found.staying;
  LIMPID_RETURN_IF_ERROR(
      WithdrawAll(found.consents, *parts.consent, outcome.withdrawn));
  auto erased = erasures.EraseEverything();
  if (!erased.ok()) {
    return WithNext(erased.status(),
                    absl::StrCat(outcome.withdrawn.count,
                                 " consent(s) were withdrawn before. Whether "
                                 "anything was erased is not known; run the "
                                 "command again, it goes on."));
  }
  outcome.erased = *std::move(erased);
  outcome.certified = CertifyAndForget(parts, erasures, session);
  json::Value out = ToJsonOf(outcome);
  absl::Status end = outcome.certified.outcome;
  return Report{std::move(out),
                [outcome](Terminal& terminal) {
                  terminal.Line(absl::StrCat(
                      "Withdrew ", outcome.withdrawn.count, " consent(s)."));
                  ShowStaying(outcome.withdrawn.staying, terminal);
                  ShowErased(absl::StrCat("all ", outcome.erased.value_count(),
                                          " value(s) in the vault"),
                             outcome.erased.certificate(), terminal);
                  ShowCertified(outcome.certified, terminal);
                },
                std::move(end)};
}

}  // namespace

void AddEraseEverythingCommand(CLI::App& person, Session& session) {
  auto [everything, sure] = AddCommand<EverythingOptions>(
      person, session, "erase-everything",
      "Withdraw every consent and erase everything in the vault",
      EraseEverything);
  everything->add_flag("--yes", sure->yes, "do not ask");
}

}  // namespace limpid::cli
