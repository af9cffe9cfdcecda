#include "tests/testing/world/require.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"

namespace limpid::testing {

void Require(const absl::Status& status, std::string_view what) {
  if (status.ok()) return;
  std::cerr << "world: " << what << ": " << status << '\n';
  std::abort();
}

std::string FreeAddress() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  // The socket interface wants its own kind of pointer.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, size) != 0 ||
      getsockname(listener, generic, &size) != 0) {
    Require(absl::InternalError("no port"), "socket");
  }
  close(listener);
  return absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
}

std::string ReadText(const std::filesystem::path& path) {
  constexpr std::size_t kMaxBytes = 1UL << 20U;
  return base::ToText(
      Require(base::ReadFileBytes(path, kMaxBytes), path.string()));
}

}  // namespace limpid::testing
