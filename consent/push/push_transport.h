// How a signed event reaches an endpoint: the port that the server wires to its
// HTTPS client. It follows no redirect, and connects to the very address that
// it has checked.

#ifndef LIMPID_CONSENT_PUSH_PUSH_TRANSPORT_H_
#define LIMPID_CONSENT_PUSH_PUSH_TRANSPORT_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/push/push_url.h"

namespace limpid::consent {

// From connecting to the end of the answer.
inline constexpr absl::Duration kPushDeadline = absl::Seconds(10);
// Most of an answer that is read: an error of RFC 8935 has 100 bytes.
inline constexpr std::size_t kMaxPushAnswerBytes = 4'096;

struct PushAnswer {
  int status = 0;
  // Empty when it was longer than kMaxPushAnswerBytes.
  std::string body;
};

// One endpoint, for some events in a row. Thread-compatible, but for Cancel.
class PushChannel {
 public:
  virtual ~PushChannel() = default;
  PushChannel(const PushChannel&) = delete;
  PushChannel& operator=(const PushChannel&) = delete;

  // Sends one token and waits for the answer, kPushDeadline at most, but for
  // what the system's resolver takes.
  //
  // Errors:
  //   kUnavailable         no connection, or it broke.
  //   kCancelled           Cancel was called.
  //   kDeadlineExceeded    no answer in time.
  //   kFailedPrecondition  TLS or the certificate is not acceptable.
  //   kPermissionDenied    the name has an address that is not public.
  virtual absl::StatusOr<PushAnswer> Post(std::string_view token) = 0;
  // Ends a Post that runs, and every later one. Thread-safe.
  virtual void Cancel() = 0;

 protected:
  PushChannel() = default;
};

// Thread-safe.
class PushTransport {
 public:
  virtual ~PushTransport() = default;
  PushTransport(const PushTransport&) = delete;
  PushTransport& operator=(const PushTransport&) = delete;

  // What can be said of a host without asking anybody.
  //
  // Errors:
  //   kInvalidArgument  it is an address, and not a public one; the message has
  //                     no field.
  [[nodiscard]] virtual absl::Status CheckHost(const PushUrl& url) const = 0;
  // Does not connect yet.
  virtual absl::StatusOr<std::unique_ptr<PushChannel>> Open(
      const PushUrl& url) = 0;

 protected:
  PushTransport() = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_TRANSPORT_H_
