// What bodies tell a person of decisions that a registered system took part in.
// Thin: one method per RPC; errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_DECISION_NOTICE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_DECISION_NOTICE_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/decision_notice_service.pb.h"

namespace limpid::client {

// As many as a server keeps of one person.
inline constexpr std::size_t kMaxListedNotices = 2'000;

// Thread-compatible. `connection` carries the person's tokens and must outlive
// it.
class DecisionNoticeClient {
 public:
  explicit DecisionNoticeClient(Connection& connection)
      : connection_(connection) {}

  // The newest first, page by page, at most `limit`.
  //
  // Errors: further
  //   kDataLoss  the server goes on and on without telling anything.
  absl::StatusOr<std::vector<consent::v1::DecisionNotice>> List(
      std::size_t limit = kMaxListedNotices);
  // Of the last List: how many the server could not read on those pages, and
  // whether there are older ones.
  [[nodiscard]] std::uint64_t unreadable_count() const {
    return unreadable_count_;
  }
  [[nodiscard]] bool has_more() const { return has_more_; }
  absl::StatusOr<consent::v1::DecisionNotice> Get(std::string_view notice_id);
  absl::StatusOr<consent::v1::DecisionNotice> Acknowledge(
      std::string_view notice_id);

 private:
  Connection& connection_;
  std::uint64_t unreadable_count_ = 0;
  bool has_more_ = false;
};

// For a service: sends `content` to the person of the record; the notice's id.
// Makes a request id, so that a lost answer makes no second notice.
// `connection` carries the service's certificate.
absl::StatusOr<std::string> SendDecisionNotice(
    Connection& connection, std::string_view record_id,
    const consent::v1::DecisionContent& content);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DECISION_NOTICE_CLIENT_H_
