// limpid admin erase-evidence: lawful erasure of a bundle of evidence.

#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/confirm.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct EraseEvidenceOptions {
  std::string digest;
  std::string ground;
  bool yes = false;
};

void ShowErasure(const v1::EraseEvidenceBundleResponse& answer,
                 Terminal& terminal) {
  terminal.Facts({{"bundle", answer.erasure().digest()},
                  {"bytes", absl::StrCat(answer.size_bytes())},
                  {"time", Moment(answer.erasure().erase_time())},
                  {"ground", Clean(answer.erasure().ground())}});
}

absl::StatusOr<Report> EraseEvidence(const EraseEvidenceOptions& options,
                                     Session& session) {
  v1::EraseEvidenceBundleRequest request;
  request.set_digest(options.digest);
  request.set_ground(options.ground);
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  request.set_validate_only(true);
  LIMPID_ASSIGN_OR_RETURN(const auto planned,
                          admin.EraseEvidenceBundle(request));
  LIMPID_RETURN_IF_ERROR(Confirm(
      "This cannot be undone, and the ground is public for ever.", options.yes,
      session.terminal(), [&] { ShowErasure(planned, session.terminal()); }));
  request.set_validate_only(false);
  LIMPID_ASSIGN_OR_RETURN(const auto erased,
                          admin.EraseEvidenceBundle(request));
  return Report{ToJson(erased), [erased](Terminal& terminal) {
                  terminal.Line("Erased:");
                  ShowErasure(erased, terminal);
                }};
}

}  // namespace

void AddEraseEvidenceCommand(CLI::App& group, Session& session) {
  auto [erase, what] = AddCommand<EraseEvidenceOptions>(
      group, session, "erase-evidence",
      "Erase a bundle of evidence, on a legal ground", EraseEvidence);
  erase->add_option("digest", what->digest, "sha256:...")->required();
  erase
      ->add_option("--ground", what->ground,
                   "law and article; without what is erased")
      ->required();
  erase->add_flag("--yes", what->yes, "do not ask");
}

}  // namespace limpid::cli
