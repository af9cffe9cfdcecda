// limpid service receipt: the service's own copy, verified before it is kept.

#include <string>

#include "CLI/CLI.hpp"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/copy_view.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/new_file.h"
#include "clients/cpp/service_client.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/receipt/service_copy.h"

namespace limpid::cli {
namespace {

constexpr mode_t kOwnerOnly = 0600;

struct ReceiptOptions {
  std::string record;
  std::string evidence_key;
  std::string save;
};

absl::StatusOr<Report> Receipt(const ReceiptOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          ReadEvidenceKey(options.evidence_key));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::ServiceClient service(*connection, session.clock());
  LIMPID_ASSIGN_OR_RETURN(const std::string file,
                          service.GetReceipt(options.record));
  const auto copy = receipt::ServiceCopy::Parse(file);
  // Malformed or not: what does not verify is not to be believed.
  if (!copy.ok()) return absl::DataLossError(copy.status().message());
  LIMPID_ASSIGN_OR_RETURN(
      Report report,
      CopyReport(*copy, key, "Your copy of the receipt; it verified."));
  LIMPID_RETURN_IF_ERROR(CheckIsOf(*copy, options.record));
  if (!options.save.empty()) {
    LIMPID_RETURN_IF_ERROR(WriteNewTextFile(options.save, file, kOwnerOnly));
  }
  return report;
}

}  // namespace

void AddServiceReceiptCommand(CLI::App& service, Session& session) {
  auto [command, options] = AddCommand<ReceiptOptions>(
      service, session, "receipt",
      "Fetch your copy of the receipt of a grant or withdrawal", Receipt);
  command->add_option("record", options->record)
      ->required()
      ->check(OfKind({"rec"}));
  command
      ->add_option("--evidence-key", options->evidence_key,
                   "evidence key of the operator, received another way than "
                   "the receipt")
      ->required();
  command->add_option("--save", options->save, "write the file here");
}

}  // namespace limpid::cli
