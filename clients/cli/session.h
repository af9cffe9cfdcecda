// One run of the command line: the options that every command shares, the
// connections made from them, and the exit code that comes out.

#ifndef LIMPID_CLIENTS_CLI_SESSION_H_
#define LIMPID_CLIENTS_CLI_SESSION_H_

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/failure.h"
#include "clients/cli/report.h"
#include "clients/cli/terminal.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/device_home.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/sealed_client.h"
#include "clients/cpp/trust.h"
#include "clients/cpp/vault_client.h"
#include "common/base/clock.h"
#include "common/receipt/log_head.h"

namespace limpid::cli {

struct GlobalOptions {
  bool json = false;
  // Paths and address as given; empty means from the home or the environment.
  std::string server;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string home;
};

// Everything a person's command needs, opened from her home.
struct PersonParts {
  std::unique_ptr<client::Trust> trust;
  std::unique_ptr<client::PersonKey> key;
  std::unique_ptr<client::Connection> anonymous;
  // Ends of the person's log beside consent's answers.
  std::shared_ptr<client::HeadKeeper> heads;
  std::unique_ptr<client::Connection> consent_connection;
  std::unique_ptr<client::SourceTokens> source_tokens;
  std::unique_ptr<client::Connection> vault_connection;
  std::unique_ptr<client::PersonClient> consent;
  std::unique_ptr<client::VaultClient> vault;
  // Both of PersonAtVault only.
  std::unique_ptr<client::DeviceHome> device;
  std::unique_ptr<client::SealedClient> sealed;
};

// Thread-compatible.
class Session {
 public:
  Session(Terminal terminal, const base::Clock& clock)
      : terminal_(terminal), clock_(clock) {}

  GlobalOptions& options() { return options_; }
  Terminal& terminal() { return terminal_; }
  [[nodiscard]] const base::Clock& clock() const { return clock_; }
  [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

  // Prints what `command` reports, or how it failed.
  void Run(const std::function<absl::StatusOr<Report>()>& command);

  // Errors, all three: kInvalidArgument or kNotFound for options and files.
  absl::StatusOr<rpc::ChannelOptions> Channel() const;
  absl::StatusOr<std::unique_ptr<client::Connection>> Anonymous() const;
  // With --certificate and --key.
  absl::StatusOr<std::unique_ptr<client::Connection>> WithCertificate() const;
  // With the key and the pinned facts in --home. Makes no call.
  absl::StatusOr<PersonParts> Person() const;
  // The same, for a command that speaks to her vault.
  //
  // Errors: the same, and
  //   kFailedPrecondition  no vault is pinned.
  absl::StatusOr<PersonParts> PersonAtVault() const;

  [[nodiscard]] std::filesystem::path Home() const;
  [[nodiscard]] std::filesystem::path KeyFile() const {
    return Home() / "key.json";
  }
  [[nodiscard]] std::filesystem::path TrustFile() const {
    return Home() / "trust.json";
  }
  // The newest end of the person's log that this device checked.
  [[nodiscard]] std::filesystem::path LogHeadFile() const {
    return Home() / "log-head";
  }
  // This device's own key, and which sealed key it knows.
  [[nodiscard]] std::filesystem::path DeviceKeyFile() const {
    return Home() / "device-key.json";
  }
  [[nodiscard]] std::filesystem::path SealedKeyFile() const {
    return Home() / "sealed-key.json";
  }
  // The grants that were signed on this device.
  [[nodiscard]] std::filesystem::path GrantsDirectory() const {
    return Home() / "grants";
  }
  // How far seals that broke off had come.
  [[nodiscard]] std::filesystem::path MovingFile() const {
    return Home() / "moving.json";
  }
  // That the account was to be erased, until it is known what became of it.
  [[nodiscard]] std::filesystem::path ErasingFile() const {
    return Home() / "account-erasing.json";
  }
  // The newest one that came beside an answer.
  [[nodiscard]] std::filesystem::path SeenHeadFile() const {
    return Home() / "log-head-seen";
  }

 private:
  Terminal terminal_;
  const base::Clock& clock_;
  GlobalOptions options_;
  ExitCode exit_code_ = ExitCode::kOk;
};

// The end of the log that the last check-log kept; none before the first.
//
// Errors:
//   kDataLoss  the file holds none of this operator's, exit code 5.
absl::StatusOr<std::optional<receipt::LogHead>> KeptHead(
    const Session& session, const client::Trust& trust);

// A text file of at most 1 MiB, for certificates and JSON; "-" is standard
// input. Failures are those of a file of one's own, exit code 5.
absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& file,
                                         std::size_t max_bytes = 1U << 20U);

// Replaces a file that somebody asked for. Failures as above, with what to do.
absl::Status WriteTextFile(const std::filesystem::path& file,
                           std::string_view text, mode_t mode);
// `status` of writing such a file.
absl::Status CannotWrite(absl::Status status);

// SHA-256 of the public key (SPKI) in a PEM certificate, 32 bytes.
absl::StatusOr<std::string> ThumbprintOf(const std::string& file);

// Opens a person's parts from a key and what is known about the server.
// `seen_head_file` as HeadKeeper::Open.
absl::StatusOr<PersonParts> OpenPerson(
    client::PersonKey key, client::Trust trust, const base::Clock& clock,
    const std::filesystem::path& seen_head_file = {});

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_SESSION_H_
