// What is found in the algorithm register, as the server says: for browsing,
// not verified. RegisterClient::GetChecked verifies what is opened.

#ifndef LIMPID_CLIENTS_CPP_SEARCH_CLIENT_H_
#define LIMPID_CLIENTS_CPP_SEARCH_CLIENT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/algoregister/v1/search_service.pb.h"

namespace limpid::client {

// Thread-compatible. One method per RPC unless it says more; errors are the
// server's.
class SearchClient {
 public:
  explicit SearchClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<algoregister::v1::SearchRegistrationsResponse> Search(
      const algoregister::v1::SearchRegistrationsRequest& request);
  absl::StatusOr<algoregister::v1::SimilarRegistrationsResponse> Similar(
      std::string_view registration_id, int count);
  absl::StatusOr<algoregister::v1::GetFeedResponse> Feed(
      const algoregister::v1::GetFeedRequest& request);
  // `count` entries as one answer, from as many pages as that takes: a page of
  // large versions ends early. Fewer only when there are no more; with a
  // next_page_token when there are. No file: one is of one page.
  absl::StatusOr<algoregister::v1::GetFeedResponse> Changes(
      std::string_view filter, int count);
  // All pages as one answer.
  absl::StatusOr<algoregister::v1::GetCompletenessResponse> Completeness(
      std::string_view organisation_id, bool silent_only);
  absl::StatusOr<algoregister::v1::ListOverdueResponse> Overdue(
      std::string_view organisation_id);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SEARCH_CLIENT_H_
