#include "server/keyagent/unix_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::server {
namespace {

constexpr int kWaitingCallers = 64;
constexpr mode_t kForAll = 0666;
constexpr std::size_t kLengthBytes = 4;

absl::Status Gone() {
  return absl::UnavailableError("the other end of a socket is gone");
}

absl::Status TooSlow() {
  return absl::DeadlineExceededError("the other end of a socket is too slow");
}

absl::StatusOr<sockaddr_un> AddressOf(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.empty() || text.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the path of a socket has 1 to ", sizeof(address.sun_path) - 1,
        " bytes; ", text, " has another length"));
  }
  text.copy(static_cast<char*>(address.sun_path), text.size());
  return address;
}

const sockaddr* Plain(const sockaddr_un& address) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as POSIX has
  // it
  return reinterpret_cast<const sockaddr*>(&address);
}

UnixSocket NewSocket() {
  return UnixSocket(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Waits have their length however the wall clock is set.
absl::Duration Monotonic() { return base::SystemClock().Monotonic(); }

// Until when something may take, for poll: rounded up, so that it is not asked
// in a circle.
class Deadline {
 public:
  explicit Deadline(absl::Duration patience)
      : for_ever_(patience == absl::InfiniteDuration()),
        end_(for_ever_ ? absl::InfiniteDuration() : Monotonic() + patience) {}

  // Whether `descriptor` is ready for `events` before the end.
  [[nodiscard]] bool Wait(int descriptor, std::int16_t events) const {
    while (true) {
      pollfd item{descriptor, events, 0};
      const absl::Duration left = end_ - Monotonic();
      const int milliseconds = for_ever_
                                   ? -1
                                   : static_cast<int>(std::clamp<std::int64_t>(
                                         absl::ToInt64Milliseconds(left) + 1, 0,
                                         std::numeric_limits<int>::max()));
      const int ready = ::poll(&item, 1, milliseconds);
      if (ready > 0) return true;
      if (ready == 0 || errno != EINTR) return false;
    }
  }

 private:
  const bool for_ever_;
  const absl::Duration end_;
};

absl::Status ReadAll(int descriptor, std::span<std::uint8_t> out,
                     const Deadline& deadline) {
  while (!out.empty()) {
    if (!deadline.Wait(descriptor, POLLIN)) return TooSlow();
    const ssize_t got = ::recv(descriptor, out.data(), out.size(), 0);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      return Gone();
    }
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int descriptor, base::ByteView bytes,
                      const Deadline& deadline) {
  while (!bytes.empty()) {
    if (!deadline.Wait(descriptor, POLLOUT)) return TooSlow();
    const ssize_t sent =
        ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (sent == 0 || (errno != EINTR && errno != EAGAIN)) {
      return Gone();
    }
  }
  return absl::OkStatus();
}

// A socket file is left when its process was killed.
absl::Status RemoveStale(const std::filesystem::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return absl::OkStatus();
  if (!S_ISSOCK(found.st_mode)) {
    return absl::AlreadyExistsError(
        absl::StrCat(path.string(), " is there already, and is no socket"));
  }
  if (UnixSocket::Connect(path).ok()) {
    return absl::AlreadyExistsError(absl::StrCat(
        "somebody listens at ", path.string(), " already: stop it first"));
  }
  (void)::unlink(path.c_str());
  return absl::OkStatus();
}

}  // namespace

UnixSocket::UnixSocket(UnixSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

UnixSocket& UnixSocket::operator=(UnixSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

UnixSocket::~UnixSocket() {
  if (descriptor_ >= 0) (void)::close(descriptor_);
}

absl::StatusOr<UnixSocket> UnixSocket::Listen(
    const std::filesystem::path& path) {
  LIMPID_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path));
  LIMPID_RETURN_IF_ERROR(RemoveStale(path));
  UnixSocket socket = NewSocket();
  const bool listens =
      socket.descriptor_ >= 0 &&
      ::bind(socket.descriptor_, Plain(address), sizeof(address)) == 0 &&
      ::chmod(path.c_str(), kForAll) == 0 &&
      ::listen(socket.descriptor_, kWaitingCallers) == 0;
  if (listens) return socket;
  return absl::UnavailableError(
      absl::StrCat("cannot listen at ", path.string(), ": ",
                   std::generic_category().message(errno)));
}

absl::StatusOr<UnixSocket> UnixSocket::Connect(
    const std::filesystem::path& path) {
  LIMPID_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path));
  UnixSocket socket = NewSocket();
  if (socket.descriptor_ >= 0 &&
      ::connect(socket.descriptor_, Plain(address), sizeof(address)) == 0) {
    return socket;
  }
  return absl::UnavailableError(
      absl::StrCat("cannot reach ", path.string(), ": ",
                   std::generic_category().message(errno)));
}

absl::StatusOr<UnixSocket> UnixSocket::Accept() const {
  while (true) {
    pollfd item{descriptor_, POLLIN, 0};
    (void)::poll(&item, 1, -1);
    const int caller =
        ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (caller >= 0) return UnixSocket(caller);
    // What was shut down hangs up, and still says "try again".
    if ((item.revents & POLLHUP) != 0 || errno == EINVAL) {
      return absl::CancelledError("shut down");
    }
    // A caller that has gone again is no reason to say anything.
    if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED) {
      return absl::UnavailableError(std::generic_category().message(errno));
    }
  }
}

absl::StatusOr<uid_t> UnixSocket::PeerUid() const {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      size != sizeof(peer)) {
    return Gone();
  }
  return peer.uid;
}

absl::Status UnixSocket::Send(base::ByteView body,
                              absl::Duration patience) const {
  const Deadline deadline(patience);
  base::ByteWriter length;
  length.U32(static_cast<std::uint32_t>(body.size()));
  LIMPID_RETURN_IF_ERROR(WriteAll(descriptor_, length.bytes(), deadline));
  return WriteAll(descriptor_, body, deadline);
}

absl::StatusOr<base::Bytes> UnixSocket::Receive(std::size_t max_bytes,
                                                absl::Duration first,
                                                absl::Duration rest) const {
  if (!Deadline(first).Wait(descriptor_, POLLIN)) return TooSlow();
  const Deadline deadline(rest);
  std::array<std::uint8_t, kLengthBytes> length{};
  LIMPID_RETURN_IF_ERROR(ReadAll(descriptor_, length, deadline));
  const std::size_t size = base::ByteReader(length).U32();
  if (size > max_bytes) {
    return absl::ResourceExhaustedError("a frame is longer than it may be");
  }
  base::Bytes body(size);
  LIMPID_RETURN_IF_ERROR(ReadAll(descriptor_, body, deadline));
  return body;
}

void UnixSocket::Shutdown() const { (void)::shutdown(descriptor_, SHUT_RDWR); }

}  // namespace limpid::server
