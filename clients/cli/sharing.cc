// And `limpid person share`, which does the same for all of them.

#include "clients/cli/sharing.h"

#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/grant_book.h"
#include "clients/cpp/service_key_client.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::cli {
namespace {

struct None {};

using Work = std::function<CopiedLines(client::CopyClient&)>;

// Runs `work` on a client of this device, which has sealed something.
CopiedLines WithClient(const PersonParts& parts, Session& session,
                       const Work& work) {
  LIMPID_ASSIGN_OR_RETURN(const auto pin, parts.device->Pinned());
  if (!pin) return std::vector<client::CopiedLine>();
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          parts.trust->LogPolicy("/register"));
  client::ServiceKeyClient keys(*parts.anonymous, parts.trust->evidence_key,
                                policy);
  const client::GrantBook grants(session.GrantsDirectory());
  client::CopyClient client(
      {*parts.vault_connection, *parts.consent, *parts.vault, *parts.sealed,
       keys, *parts.key, grants, session.clock()},
      parts.trust->source_id);
  return work(client);
}

// The parts, or nothing where no vault is pinned.
absl::StatusOr<std::unique_ptr<PersonParts>> AtVaultIfAny(Session& session) {
  auto parts = session.PersonAtVault();
  if (absl::IsFailedPrecondition(parts.status())) return nullptr;
  LIMPID_RETURN_IF_ERROR(parts.status());
  return std::make_unique<PersonParts>(*std::move(parts));
}

void ShowCopies(const CopiedLines& copies, Terminal& terminal) {
  if (!copies.ok()) {
    terminal.Line(
        absl::StrCat("Copies of sealed values are not up to date: ",
                     Clean(base::ToStd(copies.status().message())),
                     ". Run `limpid person share` when that is mended."));
    return;
  }
  std::vector<Row> rows;
  for (const client::CopiedLine& line : *copies) {
    rows.push_back(
        {line.record, line.attribute,
         line.outcome.ok()
             ? "copied for the service"
             : absl::StrCat("not copied: ",
                            Clean(base::ToStd(line.outcome.message())))});
  }
  if (!rows.empty()) {
    terminal.Table({"record", "sealed attribute", "copy"}, rows);
  }
}

json::Value ToJsonOf(const CopiedLines& copies) {
  json::Value out = json::Value::Array();
  if (!copies.ok()) return out;
  for (const client::CopiedLine& line : *copies) {
    json::Value one = json::Value::Object();
    one.Set("record", line.record);
    one.Set("attribute", line.attribute);
    one.Set("copied", line.outcome.ok());
    one.Set("why", std::string(base::ToStd(line.outcome.message())));
    out.Append(std::move(one));
  }
  return out;
}

absl::StatusOr<Report> Share(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  const CopiedLines copies =
      WithClient(parts, session,
                 [](client::CopyClient& client) { return client.ShareAll(); });
  LIMPID_RETURN_IF_ERROR(copies.status());
  return Report{ToJsonOf(copies), [copies](Terminal& terminal) {
                  if (copies->empty()) {
                    terminal.Line(
                        "No grant signed on this device names anything you "
                        "sealed.");
                  }
                  ShowCopies(copies, terminal);
                }};
}

}  // namespace

CopiedLines AfterGrant(const std::string& record, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto parts, AtVaultIfAny(session));
  if (parts == nullptr) return std::vector<client::CopiedLine>();
  return WithClient(*parts, session, [&](client::CopyClient& client) {
    return client.ShareRecord(record);
  });
}

CopiedLines AfterWithdrawal(const std::string& record, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto parts, AtVaultIfAny(session));
  if (parts == nullptr) return std::vector<client::CopiedLine>();
  // Another device of hers may have made them.
  LIMPID_RETURN_IF_ERROR(
      client::DestroyCopies(*parts->vault_connection, record).status());
  LIMPID_RETURN_IF_ERROR(
      client::GrantBook(session.GrantsDirectory()).Drop(record));
  return std::vector<client::CopiedLine>();
}

CopiedLines AfterSealing(const std::string& attribute, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  return WithClient(parts, session, [&](client::CopyClient& client) {
    return client.ShareAll(attribute);
  });
}

Report WithCopies(Report report, const CopiedLines& copies) {
  if (copies.ok() && copies->empty()) return report;
  report.json.Set("copies", ToJsonOf(copies));
  if (!copies.ok()) {
    report.json.Set("copies_failed",
                    std::string(base::ToStd(copies.status().message())));
  }
  report.show = [show = std::move(report.show), copies](Terminal& terminal) {
    if (show) show(terminal);
    ShowCopies(copies, terminal);
  };
  return report;
}

void AddShareCommand(CLI::App& person, Session& session) {
  AddCommand<None>(person, session, "share",
                   "Bring the copies of what you sealed up to date, for every "
                   "service you granted it to on this device",
                   Share);
}

}  // namespace limpid::cli
