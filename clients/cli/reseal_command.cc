// limpid admin reseal-values: stored values sealed anew with the suite that the
// vault is configured for.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

// Of the vault; docs/formats/attribute-record.md.
constexpr std::int64_t kShards = 4096;

struct ResealOptions {
  std::uint32_t suite = 0;
};

std::string SuiteText(std::uint32_t suite) {
  switch (suite) {
    case 1:
      return "1 (XChaCha20-Poly1305)";
    case 2:
      return "2 (AES-256-GCM)";
    default:
      return absl::StrCat(suite);
  }
}

void Add(const v1::ResealValuesResponse& more, v1::ResealValuesResponse& sum) {
  sum.set_suite(more.suite());
  sum.set_next_shard(more.next_shard());
  sum.set_resealed_count(sum.resealed_count() + more.resealed_count());
  sum.set_current_count(sum.current_count() + more.current_count());
  sum.set_agent_count(sum.agent_count() + more.agent_count());
  sum.set_device_count(sum.device_count() + more.device_count());
  sum.set_damaged_count(sum.damaged_count() + more.damaged_count());
  sum.set_changed_count(sum.changed_count() + more.changed_count());
}

// Calls until nothing is left, into `sum`.
absl::Status ResealAll(client::AdminClient& admin, std::uint32_t suite,
                       Terminal& terminal, v1::ResealValuesResponse& sum) {
  do {
    LIMPID_ASSIGN_OR_RETURN(const v1::ResealValuesResponse answer,
                            admin.ResealValues(suite, sum.next_shard()));
    if (answer.next_shard() != 0 && answer.next_shard() <= sum.next_shard()) {
      return absl::InternalError("the vault goes round in circles");
    }
    Add(answer, sum);
    terminal.Progress("sealing anew",
                      sum.next_shard() == 0 ? kShards : sum.next_shard(),
                      kShards);
  } while (sum.next_shard() != 0);
  return absl::OkStatus();
}

// What has to be known about a count, if it is not zero.
void Explain(const v1::ResealValuesResponse& sum, Terminal& terminal) {
  if (sum.agent_count() > 0) {
    terminal.Line(
        "Of those with the key agent the vault has no key: they keep the suite "
        "that they were stored in until they are stored again.");
  }
  if (sum.device_count() > 0) {
    terminal.Line(
        "What is sealed only its persons' devices open: it keeps the suite "
        "that they chose.");
  }
  if (sum.changed_count() > 0) {
    terminal.Line("Erased or moved meanwhile: run it again to be sure.");
  }
}

absl::Status OutcomeOf(const v1::ResealValuesResponse& sum) {
  if (sum.damaged_count() == 0) return absl::OkStatus();
  return WithNext(
      absl::DataLossError(absl::StrCat(
          sum.damaged_count(),
          " stored values do not open, or are not what the vault's log says; "
          "they were left as they are")),
      "the server's log names their rows; a newer backup of the vault may have "
      "them whole (docs/suite.md)");
}

absl::StatusOr<Report> Reseal(const ResealOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  v1::ResealValuesResponse sum;
  const absl::Status done =
      ResealAll(admin, options.suite, session.terminal(), sum);
  session.terminal().EndProgress();
  if (!done.ok()) {
    // Without one so far, the failure is about reaching the vault at all.
    if (sum.suite() == 0) return done;
    return WithNext(done,
                    absl::StrCat("run it again: it goes on. Sealed anew so "
                                 "far: ",
                                 sum.resealed_count()));
  }
  return Report{
      ToJson(sum),
      [sum](Terminal& terminal) {
        terminal.Facts({{"suite", SuiteText(sum.suite())},
                        {"sealed anew", absl::StrCat(sum.resealed_count())},
                        {"were in it", absl::StrCat(sum.current_count())},
                        {"with the key agent", absl::StrCat(sum.agent_count())},
                        {"with devices", absl::StrCat(sum.device_count())},
                        {"do not open", absl::StrCat(sum.damaged_count())},
                        {"gone meanwhile", absl::StrCat(sum.changed_count())}});
        Explain(sum, terminal);
      },
      OutcomeOf(sum)};
}

}  // namespace

void AddResealCommand(CLI::App& admin, Session& session) {
  auto [reseal, options] = AddCommand<ResealOptions>(
      admin, session, "reseal-values",
      "Seal stored values anew with the suite that the vault is set to",
      Reseal);
  reseal
      ->add_option("--suite", options->suite,
                   "the suite that vault.suite names: 1 or 2")
      ->required();
}

}  // namespace limpid::cli
