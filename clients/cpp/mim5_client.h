// The register's answers to MIM5, checked before they are handed on.

#ifndef LIMPID_CLIENTS_CPP_MIM5_CLIENT_H_
#define LIMPID_CLIENTS_CPP_MIM5_CLIENT_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "common/json/value.h"
#include "common/mim5/tender.h"
#include "limpid/algoregister/v1/mim5_service.pb.h"

namespace limpid::client {

// Thread-compatible. One method per RPC unless it says more; errors are the
// server's.
class Mim5Client {
 public:
  explicit Mim5Client(Connection& connection) : connection_(connection) {}

  absl::StatusOr<algoregister::v1::GetAutomatedDecisionMakingResponse>
  AutomatedDecisionMaking(std::string_view subject_id);
  absl::StatusOr<algoregister::v1::ListAlgorithmsResponse> Algorithms(
      std::string_view subject_id);
  absl::StatusOr<algoregister::v1::ListCertificationsResponse> Certifications(
      std::string_view subject_id);

  // The three answers as documents, and the index over them.
  //
  // Errors: further
  //   kDataLoss  a document is not valid against its schema.
  absl::StatusOr<mim5::Documents> Documents(std::string_view subject_id);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_MIM5_CLIENT_H_
