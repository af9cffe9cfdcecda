#include "server/listener_files.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "server/config.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;

absl::StatusOr<std::string> ReadPem(const Config& config,
                                    const std::string& path) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes bytes,
      base::ReadFileBytes(config.Resolve(path), kMaxPemBytes));
  return base::ToText(bytes);
}

}  // namespace

absl::Status CheckKeptFromOthers(std::string_view what,
                                 const std::filesystem::path& path) {
  std::error_code error;
  const auto bits = std::filesystem::status(path, error).permissions();
  if (error || (bits & std::filesystem::perms::others_all) ==
                   std::filesystem::perms::none) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(base::ToAbsl(what), " ", path.string(),
                   " can be read by everybody on this machine: run chmod 600 ",
                   path.string()));
}

absl::StatusOr<TlsFiles> ReadTls(const Config& config) {
  LIMPID_RETURN_IF_ERROR(CheckKeptFromOthers(
      "the private key", config.Resolve(config.tls_private_key)));
  TlsFiles tls;
  LIMPID_ASSIGN_OR_RETURN(tls.certificate,
                          ReadPem(config, config.tls_certificate));
  LIMPID_ASSIGN_OR_RETURN(tls.private_key,
                          ReadPem(config, config.tls_private_key));
  LIMPID_ASSIGN_OR_RETURN(tls.client_ca, ReadPem(config, config.tls_client_ca));
  LIMPID_ASSIGN_OR_RETURN(tls.admin_ca, ReadPem(config, config.tls_admin_ca));
  return tls;
}

absl::StatusOr<base::FileLock> LockDataDirectory(const Config& config) {
  const std::filesystem::path directory = config.Resolve(config.data_directory);
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::NotFoundError(
        absl::StrCat("there is no data directory ", directory.string(),
                     ": make one with `limpid admin init`"));
  }
  auto lock = base::FileLock::Acquire(directory / "limpidd.lock");
  if (!absl::IsUnavailable(lock.status())) return lock;
  return absl::UnavailableError(absl::StrCat(
      "another limpidd is running on the data directory ", directory.string()));
}

std::string WithPort(const std::string& address, int port) {
  return absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
}

}  // namespace limpid::server
