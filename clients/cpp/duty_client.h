// Deletion duties: what a service must delete and answers, what a person sees
// of it, what an administrator counts. Thin: one method per RPC; errors are the
// server's. Which methods may be called, the connection's credentials say.

#ifndef LIMPID_CLIENTS_CPP_DUTY_CLIENT_H_
#define LIMPID_CLIENTS_CPP_DUTY_CLIENT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/deletion_duty_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` must outlive it.
class DutyClient {
 public:
  explicit DutyClient(Connection& connection) : connection_(connection) {}

  // For a service: its own, all pages.
  absl::StatusOr<std::vector<consent::v1::DeletionDuty>> ListOwn(
      bool include_answered);
  absl::StatusOr<consent::v1::DeletionDuty> Acknowledge(
      std::string_view duty_id);
  absl::StatusOr<consent::v1::DeletionDuty> Refuse(
      std::string_view duty_id, consent::v1::RefusalReason reason,
      std::string_view explanation);

  // For a person, all pages, the earliest due first; `record_id` may be empty.
  absl::StatusOr<std::vector<consent::v1::DeletionDuty>> ListOfPerson(
      std::string_view record_id);

  // For an administrator.
  absl::StatusOr<std::vector<consent::v1::OverdueService>> ListOverdue();

  // Of the last list: how many duties the server could not read.
  [[nodiscard]] std::uint64_t unreadable_count() const {
    return unreadable_count_;
  }

 private:
  // Counts what was not readable.
  template <typename Response, typename Request>
  absl::StatusOr<std::vector<consent::v1::DeletionDuty>> AllPages(
      const Method& method, Request& request);

  Connection& connection_;
  std::uint64_t unreadable_count_ = 0;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DUTY_CLIENT_H_
