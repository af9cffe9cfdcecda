// What a listener of limpidd needs of the disk before it opens: the lock on the
// data directory and the files of TLS; and what keeps secrets that lie beside
// them from others.

#ifndef LIMPID_SERVER_LISTENER_FILES_H_
#define LIMPID_SERVER_LISTENER_FILES_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file.h"
#include "server/config.h"

namespace limpid::server {

struct TlsFiles {
  std::string certificate;
  std::string private_key;
  std::string client_ca;
  std::string admin_ca;
};

// That a file with `what`, "the private key", is none that everybody on the
// machine may read. Of the group it may be: a secret that a container is handed
// is. One that is not there passes; reading it says so.
//
// Errors:
//   kFailedPrecondition  everybody may; names the file and what to run.
absl::Status CheckKeptFromOthers(std::string_view what,
                                 const std::filesystem::path& path);

// Errors: those of base::ReadFileBytes and CheckKeptFromOthers.
absl::StatusOr<TlsFiles> ReadTls(const Config& config);

// Errors:
//   kNotFound     there is no data directory.
//   kUnavailable  another server runs on it.
absl::StatusOr<base::FileLock> LockDataDirectory(const Config& config);

// "host:<port>" of "host:0".
std::string WithPort(const std::string& address, int port);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_LISTENER_FILES_H_
