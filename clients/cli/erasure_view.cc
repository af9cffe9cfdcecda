#include "clients/cli/erasure_view.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/report.h"
#include "clients/cpp/vault_erasure_client.h"

namespace limpid::cli {

void ShowErased(const std::string& what, const std::string& certificate,
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

}  // namespace limpid::cli
