// What a listener of limpidd needs of the disk before it opens: the lock on the
// data directory and the files of TLS.

#ifndef LIMPID_SERVER_LISTENER_FILES_H_
#define LIMPID_SERVER_LISTENER_FILES_H_

#include <string>

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

// Errors: those of base::ReadFileBytes.
absl::StatusOr<TlsFiles> ReadTls(const Config& config);

// Errors:
//   kNotFound     there is no data directory.
//   kUnavailable  another server runs on it.
absl::StatusOr<base::FileLock> LockDataDirectory(const Config& config);

// "host:<port>" of "host:0".
std::string WithPort(const std::string& address, int port);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_LISTENER_FILES_H_
