// limpid receipt: evidence in files, judged without any server and without
// anything pinned.

#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "clients/cli/commands.h"
#include "clients/cli/copy_view.h"
#include "clients/cli/person_views.h"
#include "clients/cli/policies.h"
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

bool NamesALog(const VerifyArguments& arguments) {
  return !arguments.policy_file.empty() || !arguments.vkey.empty();
}

// The policy that a receipt is judged by. One without a log proof has nothing
// to judge, so that any will do; but who names a log asks for such a proof.
absl::StatusOr<tlog::Policy> PolicyFor(const receipt::Receipt& of,
                                       const VerifyArguments& arguments) {
  if (!NamesALog(arguments)) {
    if (of.log_proof.empty()) return tlog::Policy::Parse("quorum none\n");
    return WrongUsage(absl::InvalidArgumentError(
        "this receipt has a log proof: give --vkey or --policy"));
  }
  LIMPID_ASSIGN_OR_RETURN(tlog::Policy policy,
                          arguments.policy_file.empty()
                              ? PolicyOfVkey(arguments.vkey)
                              : PolicyOfFile(arguments.policy_file));
  if (!of.log_proof.empty()) return policy;
  return WithNext(
      absl::FailedPreconditionError(
          "this receipt has no log proof: it was made before its entry was in "
          "the log, so --vkey and --policy have nothing to check"),
      "get it again a few minutes after it was made; without them it is "
      "verified by the operator's key alone");
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
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          PolicyFor(*parsed, arguments));
  auto verified = receipt::VerifyReceipt(*parsed, key, policy);
  if (!verified.ok()) return Refused(verified.status());
  return ReceiptReport({*std::move(verified), text}, kVerified);
}

absl::StatusOr<Report> Verify(const VerifyArguments& arguments) {
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          ReadEvidenceKey(arguments.evidence_key));
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(arguments.file));
  // The two kinds of file have no member in common but their proof.
  const auto copy = receipt::ServiceCopy::Parse(text);
  if (!copy.ok()) return VerifyPersons(text, arguments, key);
  if (!NamesALog(arguments)) return CopyReport(*copy, key, kVerified);
  return WrongUsage(absl::InvalidArgumentError(
      "a service's copy has no log proof: --vkey and --policy are for a "
      "person's receipt"));
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
