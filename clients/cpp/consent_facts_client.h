// How many persons are behind the snapshots of datasets: published once a
// month, verified before it is handed on.

#ifndef LIMPID_CLIENTS_CPP_CONSENT_FACTS_CLIENT_H_
#define LIMPID_CLIENTS_CPP_CONSENT_FACTS_CLIENT_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "common/receipt/consent_facts.h"
#include "common/tlog/policy.h"

namespace limpid::client {

// Thread-compatible. Anyone may call.
class ConsentFactsClient {
 public:
  // Both must outlive it; `policy` is that of the register's log.
  ConsentFactsClient(Connection& connection, const tlog::Policy& policy)
      : connection_(connection), policy_(policy) {}

  // What each operator published of `month` ("2027-05"), or of its newest when
  // it is empty: signed and in the log. All datasets; the server is not told
  // which one is looked at.
  //
  // Errors: the server's, and
  //   kDataLoss  something does not verify, or is of another month.
  absl::StatusOr<std::vector<receipt::ConsentFactsEntry>> Get(
      std::string_view month);

 private:
  Connection& connection_;
  const tlog::Policy& policy_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_CONSENT_FACTS_CLIENT_H_
