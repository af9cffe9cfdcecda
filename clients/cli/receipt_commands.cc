// limpid receipt: evidence in files, judged without any server and without
// anything pinned.

#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "clients/cli/commands.h"
#include "clients/cli/copy_view.h"
#include "clients/cli/person_views.h"
#include "common/base/status_macros.h"
#include "common/receipt/receipt.h"
#include "common/receipt/service_copy.h"

namespace limpid::cli {
namespace {

struct VerifyArguments {
  std::string file;
  std::string evidence_key;
  std::string vkey;
  std::string policy_file;
};

constexpr const char* kVerified =
    "The receipt verified, without asking any server.";

absl::StatusOr<tlog::Policy> ReadPolicy(const VerifyArguments& arguments) {
  if (!arguments.policy_file.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::string text,
                            ReadTextFile(arguments.policy_file));
    return tlog::Policy::Parse(text);
  }
  if (!arguments.vkey.empty()) return tlog::Policy::ForLog(arguments.vkey);
  return WrongUsage(absl::InvalidArgumentError(
      "this receipt has a log proof: give --vkey or --policy"));
}

// Malformed or not: a file that does not verify is not to be believed.
absl::Status Refused(const absl::Status& status) {
  return status.ok() || absl::IsDataLoss(status)
             ? status
             : absl::DataLossError(status.message());
}

absl::StatusOr<Report> VerifyPersons(const std::string& text,
                                     const VerifyArguments& arguments,
                                     const crypto::Ed25519PublicKey& key) {
  auto parsed = receipt::Receipt::Parse(text);
  if (!parsed.ok()) return Refused(parsed.status());
  auto policy = ReadPolicy(arguments);
  // A durable receipt has no log proof to judge, so that any policy will do.
  if (!policy.ok() && !parsed->log_proof.empty()) return policy.status();
  if (!policy.ok()) policy = tlog::Policy::Parse("quorum none\n");
  LIMPID_RETURN_IF_ERROR(policy.status());
  auto verified = receipt::VerifyReceipt(*parsed, key, *policy);
  if (!verified.ok()) return Refused(verified.status());
  return ReceiptReport({*std::move(verified), text}, kVerified);
}

absl::StatusOr<Report> Verify(const VerifyArguments& arguments) {
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          ReadEvidenceKey(arguments.evidence_key));
  const auto text = ReadTextFile(arguments.file);
  if (!text.ok()) return StateBroken(text.status());
  // The two kinds of file have no member in common but their proof.
  if (const auto copy = receipt::ServiceCopy::Parse(*text); copy.ok()) {
    return CopyReport(*copy, key, kVerified);
  }
  return VerifyPersons(*text, arguments, key);
}

}  // namespace

void AddReceiptCommands(CLI::App& app, Session& session) {
  CLI::App* const group =
      app.add_subcommand("receipt", "Judge receipt files without any server");
  group->require_subcommand(1);
  const auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* const verify = group->add_subcommand(
      "verify", "Verify a person's receipt or a service's copy");
  verify
      ->add_option("file", arguments->file,
                   "receipt file; - reads standard input")
      ->required();
  verify
      ->add_option("--evidence-key", arguments->evidence_key,
                   "evidence key of the operator, received another way than "
                   "the file")
      ->required();
  verify->add_option("--vkey", arguments->vkey,
                     "verifier key of the access log");
  verify->add_option("--policy", arguments->policy_file,
                     "tlog-policy file, to ask for witnesses");
  verify->callback([arguments, &session] {
    session.Run([&] { return Verify(*arguments); });
  });
  AddRenderCommand(*group, session);
}

}  // namespace limpid::cli
