// limpid audit: recompute a log that somebody else serves.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/https_fetcher.h"
#include "clients/cli/policies.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/receipt/consent_facts.h"
#include "common/receipt/registration_chains.h"
#include "common/receipt/service_key.h"
#include "common/receipt/training_commitment.h"
#include "common/tlog/auditor.h"

namespace limpid::cli {
namespace {

struct AuditArguments {
  std::string target;
  std::string vkey;
  std::string policy_file;
  std::string state_file;
  std::string kind;
  std::string origin;
};

// Of entries that only the tree is checked of.
constexpr std::string_view kAnyKind = "any";

absl::StatusOr<tlog::Policy> ReadPolicy(const AuditArguments& arguments) {
  if (!arguments.vkey.empty()) return PolicyOfVkey(arguments.vkey);
  if (arguments.policy_file.empty()) {
    return WithNext(
        WrongUsage(absl::InvalidArgumentError(
            "an audit without a trust anchor has no result")),
        "give --vkey KEY or --policy FILE, received from the operator another "
        "way than from this server");
  }
  return PolicyOfFile(arguments.policy_file);
}

absl::StatusOr<std::unique_ptr<tlog::Fetcher>> MakeFetcher(
    const AuditArguments& arguments, const Session& session) {
  if (!arguments.target.starts_with("https://")) {
    if (arguments.target.find("://") != std::string::npos) {
      return WrongUsage(absl::InvalidArgumentError(
          "a log is read from an https:// address or from a directory"));
    }
    return std::make_unique<tlog::DirectoryFetcher>(arguments.target);
  }
  std::string ca_pem;
  // The CA of the environment is the one of --server; a log may be elsewhere,
  // so without any the system's CAs count.
  if (const auto channel = session.Channel(); channel.ok()) {
    ca_pem = channel->ca_pem;
  }
  LIMPID_ASSIGN_OR_RETURN(auto fetcher,
                          HttpsFetcher::Create(arguments.target, ca_pem));
  return fetcher;
}

std::optional<tlog::LeafKind> KindOf(const std::string& name) {
  if (name == "access") return tlog::LeafKind::kAccess;
  if (name == "register") return tlog::LeafKind::kRegister;
  if (name == "vault") return tlog::LeafKind::kVault;
  return std::nullopt;
}

// "log.example/access" of "https://log.example/access/".
std::string_view WithoutScheme(std::string_view address) {
  constexpr std::string_view kScheme = "https://";
  if (address.starts_with(kScheme)) address.remove_prefix(kScheme.size());
  if (address.ends_with('/')) address.remove_suffix(1);
  return address;
}

// Which log of the policy must be served: who serves may not choose it.
absl::StatusOr<std::string> OriginOf(const AuditArguments& arguments,
                                     const tlog::Policy& policy) {
  std::set<std::string> names;
  std::set<std::string> at_target;
  const std::string_view target = WithoutScheme(arguments.target);
  for (const tlog::Policy::Peer& log : policy.logs()) {
    const std::string& name = log.verifier.name();
    names.insert(name);
    if (name == target || WithoutScheme(log.url) == target) {
      at_target.insert(name);
    }
  }
  if (!arguments.origin.empty()) {
    if (names.contains(arguments.origin)) return arguments.origin;
    return WithNext(WrongUsage(absl::InvalidArgumentError(
                        "the trust anchor names no log of this origin")),
                    "give --origin as the policy's vkey begins, up to its +");
  }
  if (names.size() == 1) return *names.begin();
  if (at_target.size() == 1) return *at_target.begin();
  if (names.empty()) {
    return WithNext(
        StateBroken(absl::InvalidArgumentError("the policy names no log")),
        "give one with a log line");
  }
  return WithNext(
      WrongUsage(absl::InvalidArgumentError(
          "the policy names several logs, and this address none of them")),
      "say with --origin which log must be there");
}

// What the entries are: as named, or by the last part of the origin.
absl::StatusOr<std::optional<tlog::LeafKind>> KindFor(
    const AuditArguments& arguments, const std::string& origin) {
  if (arguments.kind == kAnyKind) return std::optional<tlog::LeafKind>();
  const auto kind =
      KindOf(arguments.kind.empty() ? origin.substr(origin.rfind('/') + 1)
                                    : arguments.kind);
  if (kind.has_value()) return kind;
  return WithNext(WrongUsage(absl::InvalidArgumentError(
                      "the log's name does not say what its entries are")),
                  "give --kind; any checks the tree and no entry");
}

json::Value ToJson(const tlog::AuditReport& report) {
  json::Value out = json::Value::Object();
  out.Set("passed", report.outcome == tlog::AuditOutcome::kPassed);
  out.Set("origin", report.origin);
  out.Set("size", report.size);
  out.Set("root", base::HexEncode(report.root));
  out.Set("entries", report.entry_count);
  out.Set("bundles", report.bundle_count);
  out.Set("tiles", report.tile_count);
  if (report.previous_size.has_value()) {
    out.Set("previous_size", *report.previous_size);
  }
  return out;
}

absl::Status Failure(const tlog::AuditReport& report) {
  const std::string where =
      report.where.empty() ? "" : absl::StrCat(" (", report.where, ")");
  switch (report.outcome) {
    case tlog::AuditOutcome::kPassed:
      break;
    case tlog::AuditOutcome::kLogLied:
      return WithNext(
          absl::DataLossError(absl::StrCat(
              "the log failed the audit: ", report.message, where)),
          "keep the checkpoint and the file named above: they are the "
          "evidence; tell the operator and other auditors");
    case tlog::AuditOutcome::kStateBroken:
      return WithNext(StateBroken(absl::FailedPreconditionError(absl::StrCat(
                          "your own state is broken: ", report.message))),
                      "this says nothing about the log; restore the state "
                      "file from a backup or start a new one");
    case tlog::AuditOutcome::kUnavailable:
      return WithNext(
          absl::UnavailableError(absl::StrCat(
              "the log could not be read: ", report.message, where)),
          "this says nothing about the log's honesty; check the address and "
          "--ca, and try again");
  }
  return absl::OkStatus();
}

void Show(const tlog::AuditReport& report, Terminal& terminal) {
  terminal.Line(absl::StrCat("passed: ", report.entry_count, " entries of ",
                             report.origin, " recomputed, ", report.tile_count,
                             " tiles and ", report.bundle_count,
                             " bundles checked, signature good"));
  terminal.Line(absl::StrCat("size ", report.size, ", root ",
                             base::HexEncode(report.root)));
  if (report.previous_size.has_value()) {
    terminal.Line(absl::StrCat("nothing before entry ", *report.previous_size,
                               " was rewritten since the last audit"));
  }
}

// That each chain of a register log goes on where it stood.
std::function<absl::Status(std::uint64_t, base::ByteView)> RegisterCheck() {
  return [versions = receipt::RegistrationChains(),
          chains = receipt::ServiceKeyChains(),
          commitments = receipt::TrainingCommitments(),
          facts = receipt::ConsentFactsMonths()](std::uint64_t /*index*/,
                                                 base::ByteView entry) mutable {
    if (receipt::IsTrainingCommitment(entry)) return commitments.Take(entry);
    if (receipt::IsConsentFacts(entry)) return facts.Take(entry);
    return receipt::IsServiceKeyEntry(entry) ? chains.Take(entry)
                                             : versions.Take(entry).status();
  };
}

absl::StatusOr<Report> RunAudit(const AuditArguments& arguments,
                                Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy, ReadPolicy(arguments));
  LIMPID_ASSIGN_OR_RETURN(const auto fetcher, MakeFetcher(arguments, session));
  tlog::AuditOptions options{policy};
  options.state_file = arguments.state_file;
  LIMPID_ASSIGN_OR_RETURN(options.origin, OriginOf(arguments, policy));
  LIMPID_ASSIGN_OR_RETURN(options.leaf_kind,
                          KindFor(arguments, options.origin));
  if (options.leaf_kind == tlog::LeafKind::kRegister) {
    options.check_entry = RegisterCheck();
  }
  Terminal& terminal = session.terminal();
  options.progress = [&terminal](const tlog::AuditProgress& progress) {
    terminal.Progress("auditing",
                      static_cast<std::int64_t>(progress.entry_count),
                      static_cast<std::int64_t>(progress.size));
  };
  const tlog::AuditReport result = tlog::Audit(*fetcher, options);
  terminal.EndProgress();
  LIMPID_RETURN_IF_ERROR(Failure(result));
  return Report{ToJson(result), [result](Terminal& out) { Show(result, out); }};
}

}  // namespace

void AddAuditCommand(CLI::App& app, Session& session) {
  const auto arguments = std::make_shared<AuditArguments>();
  CLI::App* const audit = app.add_subcommand(
      "audit", "Recompute a whole log and check that nothing was rewritten");
  audit
      ->add_option("target", arguments->target,
                   "https address of the log, or a directory with its files")
      ->required();
  audit->add_option("--vkey", arguments->vkey,
                    "verifier key of the log: the trust anchor");
  audit->add_option("--policy", arguments->policy_file,
                    "tlog-policy file with logs, witnesses and quorum");
  audit->add_option("--state", arguments->state_file,
                    "file that keeps the last checkpoint, so that a rewritten "
                    "past is noticed");
  audit
      ->add_option("--kind", arguments->kind,
                   "what the entries are; by default from the log's name. any: "
                   "no entry is checked, only the tree")
      ->check(CLI::IsMember({"register", "access", "vault", "any"}));
  audit->add_option("--origin", arguments->origin,
                    "name of the log that must be served; needed where the "
                    "policy has several and the address is none of theirs");
  audit->callback([arguments, &session] {
    session.Run([&] { return RunAudit(*arguments, session); });
  });
}

}  // namespace limpid::cli
