#include "clients/cli/session.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/recovery_notice.h"
#include "clients/cpp/head_keeper.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/x509.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

std::string Environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets the environment
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The option, else the environment variable.
std::string Either(const std::string& option, const char* name) {
  return option.empty() ? Environment(name) : option;
}

// Without HOME, as under cron, what the system knows of the user: in whatever
// directory a command is called, a key would be lost or end in a repository.
std::filesystem::path HomeOfUser() {
  const std::string home = Environment("HOME");
  if (!home.empty()) return home;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else asks for a user
  const passwd* const user = ::getpwuid(::getuid());
  return user == nullptr || user->pw_dir == nullptr ? "/" : user->pw_dir;
}

// gRPC would take what is left of the number, and connect elsewhere.
absl::Status CheckAddress(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  int port = 0;
  if (address.empty() ||
      (colon != std::string_view::npos &&
       absl::SimpleAtoi(base::ToAbsl(address.substr(colon + 1)), &port) &&
       port > 0 && port <= 65'535)) {
    return absl::OkStatus();
  }
  return WithNext(WrongUsage(absl::InvalidArgumentError(
                      "the server is named as HOST:PORT, the port being 1 to "
                      "65535")),
                  "see --server and LIMPID_SERVER");
}

// gRPC would only say that it reaches no server.
absl::Status CheckPair(const std::string& certificate_file,
                       const std::string& certificate,
                       const std::string& key_file, const std::string& key) {
  absl::Status pair = crypto::CheckKeyPair(certificate, key);
  if (pair.ok()) return pair;
  return WithNext(
      StateBroken(absl::InvalidArgumentError(absl::StrCat(
          certificate_file, " and ", key_file, ": ", pair.message()))),
      "give the two files that limpid admin issue-certificate made together");
}

// `out` with why the command failed.
json::Value WithError(json::Value out, const absl::Status& status) {
  json::Value error = json::Value::Object();
  error.Set("code", absl::StatusCodeToString(status.code()));
  error.Set("message", std::string(base::ToStd(status.message())));
  error.Set("next", NextStep(status));
  out.Set("error", std::move(error));
  return out;
}

}  // namespace

void Session::Run(const std::function<absl::StatusOr<Report>()>& command) {
  const absl::StatusOr<Report> report = command();
  const absl::Status outcome = report.ok() ? report->outcome : report.status();
  exit_code_ = ExitCodeOf(outcome);
  if (options_.json) {
    json::Value out = report.ok() ? report->json : json::Value::Object();
    terminal_.Raw(
        json::Pretty(outcome.ok() ? out : WithError(std::move(out), outcome)));
    return;
  }
  if (report.ok() && report->show) report->show(terminal_);
  if (outcome.ok()) return;
  terminal_.Error(
      absl::StrCat("limpid: ", Clean(base::ToStd(outcome.message()))));
  const std::string next = NextStep(outcome);
  if (!next.empty()) terminal_.Error("next: " + next);
}

absl::StatusOr<rpc::ChannelOptions> Session::Channel() const {
  rpc::ChannelOptions channel;
  channel.address = Either(options_.server, "LIMPID_SERVER");
  LIMPID_RETURN_IF_ERROR(CheckAddress(channel.address));
  const std::string ca = Either(options_.ca_file, "LIMPID_CA");
  if (!ca.empty()) {
    LIMPID_ASSIGN_OR_RETURN(channel.ca_pem, ReadTextFile(ca));
  }
  if (channel.address.empty()) {
    const auto trust = client::Trust::Read(TrustFile());
    if (!trust.ok()) {
      return WithNext(
          WrongUsage(absl::InvalidArgumentError("no server was named")),
          "give --server HOST:PORT (and --ca FILE), or set LIMPID_SERVER and "
          "LIMPID_CA");
    }
    channel.address = trust->server;
    if (ca.empty()) channel.ca_pem = trust->ca_pem;
  }
  return channel;
}

absl::StatusOr<std::unique_ptr<client::Connection>> Session::Anonymous() const {
  LIMPID_ASSIGN_OR_RETURN(const rpc::ChannelOptions channel, Channel());
  return client::Connect(channel);
}

absl::StatusOr<std::unique_ptr<client::Connection>> Session::WithCertificate()
    const {
  LIMPID_ASSIGN_OR_RETURN(rpc::ChannelOptions channel, Channel());
  const std::string certificate =
      Either(options_.certificate_file, "LIMPID_CERTIFICATE");
  const std::string key = Either(options_.key_file, "LIMPID_KEY");
  if (certificate.empty() || key.empty()) {
    return WithNext(
        WrongUsage(absl::InvalidArgumentError(
            "this command needs a client certificate")),
        "give --certificate FILE and --key FILE, or set LIMPID_CERTIFICATE "
        "and LIMPID_KEY; limpid admin issue-certificate makes them");
  }
  LIMPID_ASSIGN_OR_RETURN(channel.certificate_pem, ReadTextFile(certificate));
  LIMPID_ASSIGN_OR_RETURN(channel.private_key_pem, ReadTextFile(key));
  LIMPID_RETURN_IF_ERROR(CheckPair(certificate, channel.certificate_pem, key,
                                   channel.private_key_pem));
  return client::Connect(channel);
}

std::filesystem::path Session::Home() const {
  const std::string home = Either(options_.home, "LIMPID_HOME");
  if (!home.empty()) return home;
  const std::string config = Environment("XDG_CONFIG_HOME");
  if (!config.empty()) return std::filesystem::path(config) / "limpid";
  return HomeOfUser() / ".config" / "limpid";
}

absl::StatusOr<PersonParts> Session::Person() const {
  constexpr std::string_view kInit =
      "make an account first: limpid person init --server HOST:PORT --ca FILE";
  auto trust = client::Trust::Read(TrustFile());
  auto key = client::PersonKey::Read(KeyFile());
  for (const absl::Status& status : {trust.status(), key.status()}) {
    if (absl::IsNotFound(status)) {
      return WithNext(absl::NotFoundError("there is no account on this device"),
                      kInit);
    }
    if (!status.ok()) return StateBroken(status);
  }
  return OpenPerson(*std::move(key), *std::move(trust), clock_, SeenHeadFile());
}

absl::StatusOr<PersonParts> Session::PersonAtVault() const {
  LIMPID_ASSIGN_OR_RETURN(PersonParts parts, Person());
  if (!parts.trust->source_id.empty()) {
    parts.device =
        std::make_unique<client::DeviceHome>(DeviceKeyFile(), SealedKeyFile());
    parts.sealed = std::make_unique<client::SealedClient>(
        *parts.vault_connection, *parts.key, *parts.device, *parts.trust,
        clock_);
    parts.sealed->OnRecovery(
        [terminal = terminal_](const vault::v1::KeySlot& slot) mutable {
          terminal.Error(RecoveryAlarm(slot.recovery()));
        });
    return parts;
  }
  return WithNext(
      absl::FailedPreconditionError("no vault is known on this device: the "
                                    "server of this account has none"),
      "if it has a server of its own, name it: limpid person init --vault "
      "HOST:PORT --vault-ca FILE");
}

absl::StatusOr<PersonParts> OpenPerson(
    client::PersonKey key, client::Trust trust, const base::Clock& clock,
    const std::filesystem::path& seen_head_file) {
  PersonParts parts;
  parts.trust = std::make_unique<client::Trust>(std::move(trust));
  parts.key = std::make_unique<client::PersonKey>(std::move(key));
  rpc::ChannelOptions channel;
  channel.address = parts.trust->server;
  channel.ca_pem = parts.trust->ca_pem;
  LIMPID_ASSIGN_OR_RETURN(parts.anonymous, client::Connect(channel));
  channel.tokens =
      client::PersonTokens(*parts.key, parts.trust->operator_name, clock);
  auto heads =
      client::HeadKeeper::Open(seen_head_file, parts.trust->evidence_key);
  if (!heads.ok()) {
    return WithNext(StateBroken(heads.status()),
                    "Move that file away; what this device saw of your log "
                    "before cannot be compared then.");
  }
  parts.heads = *std::move(heads);
  LIMPID_ASSIGN_OR_RETURN(parts.consent_connection,
                          client::Connect(channel, parts.heads));
  parts.source_tokens = std::make_unique<client::SourceTokens>(
      *parts.consent_connection, *parts.key, parts.trust->source_id, clock);
  channel.tokens = [tokens = parts.source_tokens.get()](
                       std::string_view method) { return tokens->For(method); };
  if (!parts.trust->vault_server.empty()) {
    channel.address = parts.trust->vault_server;
    channel.ca_pem = parts.trust->vault_ca_pem;
  }
  LIMPID_ASSIGN_OR_RETURN(parts.vault_connection, client::Connect(channel));
  parts.consent = std::make_unique<client::PersonClient>(
      *parts.consent_connection, *parts.key, *parts.trust, clock);
  parts.vault = std::make_unique<client::VaultClient>(*parts.vault_connection);
  return parts;
}

absl::StatusOr<std::optional<receipt::LogHead>> KeptHead(
    const Session& session, const client::Trust& trust) {
  auto kept = client::ReadHeadFile(session.LogHeadFile(), trust.evidence_key);
  if (kept.ok()) return kept;
  return WithNext(StateBroken(kept.status()),
                  "Move that file away; the next check begins anew and can "
                  "say nothing about the time before.");
}

absl::StatusOr<std::string> ThumbprintOf(const std::string& file) {
  LIMPID_ASSIGN_OR_RETURN(const std::string pem, ReadTextFile(file));
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 digest,
                          crypto::SpkiThumbprint(pem));
  return base::ToText(digest);
}

namespace {

absl::StatusOr<std::string> ReadStandardInput(std::size_t max_bytes) {
  std::string text(max_bytes + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (text.size() <= max_bytes) return text;
  return absl::ResourceExhaustedError(
      absl::StrCat("standard input is longer than ", max_bytes >> 20U,
                   " MiB: save it and give the file's name"));
}

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& file,
                                         std::size_t max_bytes) {
  if (file == "-") return ReadStandardInput(max_bytes);
  const auto bytes = base::ReadFileBytes(file, max_bytes);
  if (bytes.ok()) return base::ToText(*bytes);
  std::error_code ignored;
  return WithNext(StateBroken(bytes.status()),
                  std::filesystem::is_directory(file, ignored)
                      ? "name a file in that directory"
                      : "see that the name is right and that you may read it");
}

absl::Status WriteTextFile(const std::filesystem::path& file,
                           std::string_view text, mode_t mode) {
  return CannotWrite(
      base::WriteFileAtomically(file, base::AsBytes(text), mode));
}

absl::Status CannotWrite(absl::Status status) {
  if (status.ok()) return status;
  if (absl::IsAlreadyExists(status)) {
    return WithNext(StateBroken(std::move(status)),
                    "name a file that is not there yet");
  }
  return WithNext(StateBroken(std::move(status)),
                  "see that the directory is there, that you may write in it "
                  "and that the disk has room");
}

}  // namespace limpid::cli
