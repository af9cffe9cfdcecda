// limpid admin unseal, seal-state, forget-shares: the shares of a root key, for
// a server that starts sealed; and what the commands that make them share.

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/root_key_shares.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/share_file.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "limpid/identity/v1/unseal_service.pb.h"

namespace limpid::cli {
namespace {

namespace v1 = ::limpid::identity::v1;

constexpr client::Method kGetState = {
    "/limpid.identity.v1.UnsealService/GetSealState", true};
// Given twice, a share counts once.
constexpr client::Method kGive = {"/limpid.identity.v1.UnsealService/GiveShare",
                                  true};
constexpr client::Method kForget = {
    "/limpid.identity.v1.UnsealService/ForgetShares", true};

struct None {};
struct ShareOptions {
  std::string file;
};

// A server that keeps its root key another way does not have the service.
absl::Status Explained(const absl::Status& status) {
  if (!absl::IsUnimplemented(status)) return status;
  return absl::FailedPreconditionError(
      "this server's root key is not split in shares, so it is never sealed");
}

void ShowGiven(const v1::GiveShareResponse& answer, Terminal& terminal) {
  if (answer.unsealed()) {
    terminal.Line(
        "Unsealed: the server has its root key and starts now. Look with: "
        "limpid admin seal-state");
    return;
  }
  terminal.Line(absl::StrCat(
      "Given: ", answer.given_count(), " of ", answer.threshold(),
      " shares. The next comes from another administrator, within 15 minutes "
      "of the first."));
}

absl::StatusOr<Report> Unseal(const ShareOptions& options, Session& session) {
  const auto words = client::ReadShareFile(options.file);
  if (!words.ok()) return WrongUsage(words.status());
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  v1::GiveShareRequest request;
  const base::ByteView bytes = words->Reveal(base::SecretAccess::Get());
  request.mutable_mnemonic()->assign(bytes.begin(), bytes.end());
  const auto answer =
      client::Invoke<v1::GiveShareResponse>(*connection, kGive, request);
  base::Wipe(*request.mutable_mnemonic());
  if (!answer.ok()) return Explained(answer.status());
  return Report{ToJson(*answer), [given = *answer](Terminal& terminal) {
                  ShowGiven(given, terminal);
                }};
}

absl::StatusOr<Report> State(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  const auto answer = client::Invoke<v1::GetSealStateResponse>(
      *connection, kGetState, v1::GetSealStateRequest());
  if (!answer.ok()) return Explained(answer.status());
  return Report{ToJson(*answer), [state = *answer](Terminal& terminal) {
                  terminal.Facts(
                      {{"state", state.sealed() ? "sealed" : "unsealed"},
                       {"set", absl::StrCat(state.share_set())},
                       {"shares needed", absl::StrCat(state.threshold(), " of ",
                                                      state.share_count())},
                       {"given", absl::StrCat(state.given_count())}});
                }};
}

absl::StatusOr<Report> Forget(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  const auto answer = client::Invoke<v1::ForgetSharesResponse>(
      *connection, kForget, v1::ForgetSharesRequest());
  if (!answer.ok()) return Explained(answer.status());
  return Report{
      ToJson(*answer), [gone = *answer](Terminal& terminal) {
        terminal.Line(absl::StrCat("Forgotten: ", gone.forgotten_count(),
                                   " shares. All begin again."));
      }};
}

}  // namespace

void AddShareOptions(CLI::App& command, std::string& counts,
                     server::WantedShares& wanted) {
  command.add_option("--root-key-shares", counts,
                     "K/N: split the root key in N shares, of which K are "
                     "needed at each start");
  command.add_option("--share-dir", wanted.directory,
                     "directory for one file per share");
  command.add_option("--share-holder", wanted.holders,
                     "who keeps a share, for its file; once for each share");
}

absl::StatusOr<server::WantedShares> SharesOf(const std::string& counts,
                                              server::WantedShares wanted) {
  const absl::Status parsed = server::ParseShareCounts(counts, wanted);
  if (!parsed.ok()) {
    return WrongUsage(absl::InvalidArgumentError(
        absl::StrCat("--root-key-shares: ", parsed.message())));
  }
  if (!wanted.directory.empty()) return wanted;
  return WrongUsage(absl::InvalidArgumentError(
      "--share-dir: name a directory for the files of the shares"));
}

void ShowShares(const std::vector<std::filesystem::path>& files,
                Terminal& shown) {
  shown.Line("The root key is in these shares and nowhere else:");
  for (const std::filesystem::path& file : files) {
    shown.Line("  " + Clean(file.string()));
  }
  shown.Line(
      "Hand each to one operator, by a way that nobody else reads, and delete "
      "it here. When too many are lost, everything is lost.");
}

json::Value FilesAsJson(const std::vector<std::filesystem::path>& files) {
  json::Value out = json::Value::Array();
  for (const std::filesystem::path& file : files) out.Append(file.string());
  return out;
}

void AddUnsealCommands(CLI::App& group, Session& session) {
  auto [unseal, share] = AddCommand<ShareOptions>(
      group, session, "unseal",
      "Give a sealed server your share of its root key", Unseal);
  unseal->add_option("share", share->file, "its file")->required();
  AddCommand<None>(group, session, "seal-state",
                   "Show whether a server waits for shares of its root key",
                   State);
  AddCommand<None>(group, session, "forget-shares",
                   "Have a sealed server forget the shares given so far",
                   Forget);
}

}  // namespace limpid::cli
