// Accesses that were under embargo, once the person is told, and the check that
// none was added, changed or left out. docs/formats/embargo.md

#ifndef LIMPID_CLIENTS_CPP_EMBARGO_CLIENT_H_
#define LIMPID_CLIENTS_CPP_EMBARGO_CLIENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/log_client.h"
#include "clients/cpp/trust.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/embargo_check.h"
#include "common/receipt/log_head.h"
#include "limpid/consent/v1/person_embargo_service.pb.h"

namespace limpid::client {

struct EmbargoCheck {
  // The last entered first, with what became of each.
  std::vector<consent::v1::ToldAccess> told;
  // Of the visible log, on which everything below stands.
  LogCheck log;
  receipt::EmbargoFindings findings;
};

// Thread-safe. Both must outlive it.
class EmbargoClient {
 public:
  EmbargoClient(Connection& connection, const Trust& trust)
      : connection_(connection), trust_(trust) {}

  // All pages, the last entered first.
  absl::StatusOr<std::vector<consent::v1::ToldAccess>> ListTold();
  // Reads everything and judges it at `now`; `kept` and `own_key` as
  // LogClient::Check. Look at log.continues before the findings.
  //
  // Errors: those of LogClient::Check, and
  //   kDataLoss  an answer is malformed, or shows another entry than it names.
  absl::StatusOr<EmbargoCheck> Check(const receipt::LogHead* kept,
                                     const crypto::Ed25519PublicKey& own_key,
                                     absl::Time now);

 private:
  absl::StatusOr<std::vector<receipt::ShownEntry>> ListOpenings();
  // Fills in what the agreements of their records say.
  absl::Status ReadAgreements(const std::vector<consent::v1::ToldAccess>& told,
                              std::vector<receipt::ToldEntry>& entries);

  Connection& connection_;
  const Trust& trust_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_EMBARGO_CLIENT_H_
