// Unix sockets that carry frames: a length of four bytes, most significant
// first, and as many bytes. Every wait has an end. Knows nothing of what is in
// a frame. docs/formats/key-agent.md

#ifndef LIMPID_SERVER_KEYAGENT_UNIX_SOCKET_H_
#define LIMPID_SERVER_KEYAGENT_UNIX_SOCKET_H_

#include <sys/types.h>

#include <cstddef>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"

namespace limpid::server {

// An open socket. Move-only; closes it.
class UnixSocket {
 public:
  explicit UnixSocket(int descriptor) : descriptor_(descriptor) {}
  UnixSocket(UnixSocket&& other) noexcept;
  UnixSocket& operator=(UnixSocket&& other) noexcept;
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;
  ~UnixSocket();

  // Takes calls at `path`, which anybody may connect to who reaches it: who is
  // asked for PeerUid. A socket that nobody listens at any more is replaced.
  //
  // Errors:
  //   kAlreadyExists    somebody listens there, or it is something else.
  //   kInvalidArgument  the path is longer than a socket's may be (107 bytes).
  //   kUnavailable      it cannot be made.
  static absl::StatusOr<UnixSocket> Listen(const std::filesystem::path& path);

  // Errors:
  //   kUnavailable  nobody listens there, or not for this user.
  static absl::StatusOr<UnixSocket> Connect(const std::filesystem::path& path);

  // The next caller, as soon as there is one.
  //
  // Errors:
  //   kCancelled    Shutdown was called.
  //   kUnavailable  the system has nothing left for one more; try again.
  absl::StatusOr<UnixSocket> Accept() const;

  // As whom the other end was started (SO_PEERCRED).
  [[nodiscard]] absl::StatusOr<uid_t> PeerUid() const;

  // Errors:
  //   kUnavailable       the other end is gone.
  //   kDeadlineExceeded  it was not taken within `patience`.
  absl::Status Send(base::ByteView body, absl::Duration patience) const;

  // The next frame. `first` is how long its first byte may take, `rest` all
  // that follows.
  //
  // Errors:
  //   kUnavailable        the other end is gone.
  //   kDeadlineExceeded   it was too slow.
  //   kResourceExhausted  it is longer than `max_bytes`.
  absl::StatusOr<base::Bytes> Receive(std::size_t max_bytes,
                                      absl::Duration first,
                                      absl::Duration rest) const;

  // Ends what waits here, from another thread too.
  void Shutdown() const;

 private:
  int descriptor_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_UNIX_SOCKET_H_
