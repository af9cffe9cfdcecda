// limpid person erase-access: erases what one entry of the log says.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/erasure_client.h"
#include "clients/cpp/log_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct EraseOptions {
  std::uint64_t number = 0;
  bool yes = false;
};

absl::StatusOr<v1::AccessEntry> FindEntry(const PersonParts& parts,
                                          std::uint64_t number) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto entries,
      client::LogClient(*parts.consent_connection, *parts.trust)
          .List({}, SIZE_MAX));
  for (const v1::AccessEntry& entry : entries) {
    if (entry.sequence() == number) return entry;
  }
  return WithNext(
      absl::NotFoundError(absl::StrCat("your log has no entry ", number)),
      "limpid person accesses shows the numbers.");
}

absl::StatusOr<Report> Erase(const EraseOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const v1::Account self, parts.consent->GetAccount());
  LIMPID_ASSIGN_OR_RETURN(const v1::AccessEntry entry,
                          FindEntry(parts, options.number));
  LIMPID_RETURN_IF_ERROR(
      Confirm("What this entry says will be gone for ever, for you as well. "
              "Its number, time and proof in the public log stay. Receipts "
              "that you or the service hold still say it.",
              options.yes, session.terminal(),
              [&] { ShowAccesses({entry}, session.terminal()); }));
  client::ErasureClient erasures(*parts.consent_connection, *parts.key,
                                 *parts.trust, session.clock());
  LIMPID_ASSIGN_OR_RETURN(const v1::EraseAccessResponse erased,
                          erasures.Erase(self.person_id(), entry));
  json::Value out = json::Value::Object();
  out.Set("erased_entry", static_cast<std::int64_t>(erased.sequence()));
  out.Set("told_in_entry",
          static_cast<std::int64_t>(erased.told_in_sequence()));
  out.Set("time", Moment(erased.time()));
  return Report{
      std::move(out), [erased](Terminal& terminal) {
        terminal.Line(absl::StrCat("What entry ", erased.sequence(),
                                   " said is erased, at your request on ",
                                   Moment(erased.time()), "; entry ",
                                   erased.told_in_sequence(), " tells of it."));
      }};
}

}  // namespace

void AddErasureCommands(CLI::App& person, Session& session) {
  auto [erase, which] = AddCommand<EraseOptions>(
      person, session, "erase-access",
      "Erase for ever what one entry of your log says", Erase);
  erase
      ->add_option("entry", which->number,
                   "number of the entry, as accesses shows it")
      ->required();
  erase->add_flag("--yes", which->yes, "do not ask");
}

}  // namespace limpid::cli
