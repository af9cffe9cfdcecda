#include "clients/cli/first_contact.h"

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "clients/cli/failure.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/device_file.h"
#include "common/base/status_macros.h"
#include "common/rpc/client.h"

namespace limpid::cli {
namespace {

// What the home holds already, if anything.
absl::StatusOr<std::optional<client::Trust>> ReadPinned(
    const Session& session) {
  auto pinned = client::Trust::Read(session.TrustFile());
  if (pinned.ok()) return std::optional(*std::move(pinned));
  if (absl::IsNotFound(pinned.status())) return std::optional<client::Trust>();
  return StateBroken(pinned.status());
}

// Where the vault has a server of its own; an empty address when it has none.
absl::StatusOr<rpc::ChannelOptions> VaultChannel(
    const VaultPlace& vault, const std::string& ca_pem,
    const std::optional<client::Trust>& pinned) {
  rpc::ChannelOptions out;
  out.ca_pem = ca_pem;
  if (!vault.address.empty()) {
    out.address = vault.address;
    if (vault.ca_file.empty()) return out;
    LIMPID_ASSIGN_OR_RETURN(out.ca_pem, ReadTextFile(vault.ca_file));
    return out;
  }
  if (!vault.ca_file.empty()) {
    return WithNext(WrongUsage(absl::InvalidArgumentError(
                        "--vault-ca is given without --vault")),
                    "give --vault HOST:PORT too");
  }
  if (pinned) {
    out.address = pinned->vault_server;
    out.ca_pem = pinned->vault_ca_pem;
  }
  return out;
}

absl::Status AskVault(const rpc::ChannelOptions& channel,
                      client::Trust& trust) {
  LIMPID_ASSIGN_OR_RETURN(const auto anonymous, client::Connect(channel));
  LIMPID_RETURN_IF_ERROR(client::AddVault(*anonymous, trust));
  trust.vault_server = channel.address;
  trust.vault_ca_pem = channel.ca_pem;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<client::Trust> PinTrust(const Session& session,
                                       const VaultPlace& vault) {
  LIMPID_ASSIGN_OR_RETURN(const rpc::ChannelOptions channel, session.Channel());
  LIMPID_ASSIGN_OR_RETURN(std::optional<client::Trust> pinned,
                          ReadPinned(session));
  LIMPID_ASSIGN_OR_RETURN(const rpc::ChannelOptions at_vault,
                          VaultChannel(vault, channel.ca_pem, pinned));
  LIMPID_ASSIGN_OR_RETURN(const auto anonymous, client::Connect(channel));
  LIMPID_ASSIGN_OR_RETURN(client::Trust seen, client::AskForTrust(*anonymous));
  seen.server = channel.address;
  seen.ca_pem = channel.ca_pem;
  if (!at_vault.address.empty()) {
    LIMPID_RETURN_IF_ERROR(AskVault(at_vault, seen));
  }
  if (pinned) {
    // She names it herself: nothing was pinned that it could replace.
    const bool joins = !vault.address.empty() && pinned->source_id.empty();
    if (joins) pinned->source_id = seen.source_id;
    LIMPID_RETURN_IF_ERROR(client::CheckUnchanged(*pinned, seen));
  }
  LIMPID_RETURN_IF_ERROR(client::MakeDirectories(session.Home()));
  LIMPID_RETURN_IF_ERROR(seen.Write(session.TrustFile()));
  return seen;
}

}  // namespace limpid::cli
