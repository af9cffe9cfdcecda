// What a person is told of processing under a basis other than consent or
// contract. Thin: one method per RPC; errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_NOTICE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_NOTICE_CLIENT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/person_notice_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` carries the person's tokens and must outlive
// it.
class NoticeClient {
 public:
  explicit NoticeClient(Connection& connection) : connection_(connection) {}

  // The newest first, all pages.
  absl::StatusOr<std::vector<consent::v1::BasisNotice>> List(bool include_read);
  // Of the last List: how many the server could not read.
  [[nodiscard]] std::uint64_t unreadable_count() const {
    return unreadable_count_;
  }
  // As far as it was shown.
  absl::StatusOr<consent::v1::BasisNotice> Acknowledge(
      const consent::v1::BasisNotice& shown);
  // Calls `each` for every message until it returns false or `patience` is
  // over, which is no error. Heartbeats are passed on too.
  absl::Status Watch(
      absl::Duration patience,
      absl::FunctionRef<bool(const consent::v1::WatchNoticesResponse&)> each);

 private:
  Connection& connection_;
  std::uint64_t unreadable_count_ = 0;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_NOTICE_CLIENT_H_
