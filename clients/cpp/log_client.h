// A person's own log: listing with filters, and the check that it continues
// what this device saw before. docs/formats/log-head.md

#ifndef LIMPID_CLIENTS_CPP_LOG_CLIENT_H_
#define LIMPID_CLIENTS_CPP_LOG_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/trust.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/log_head.h"
#include "limpid/consent/v1/person_consent_service.pb.h"

namespace limpid::client {

struct LogCheck {
  // Verified with the pinned evidence key.
  receipt::LogHead head;
  // As it came; what to keep.
  base::Bytes signed_head;
  // All entries up to it, newest first; checked with it.
  std::vector<receipt::ChainLink> links;
  // Entries after the kept head, or all of them.
  std::uint64_t new_entries = 0;
  // How far the entries lead from the kept head to this one. When it is not OK,
  // kept and signed_head together are what to show.
  absl::Status continues;
  // Entries whose content the person had erased, newest first.
  std::vector<std::uint64_t> erased;
  // Entries whose content is gone without her asking: an alarm.
  std::vector<std::uint64_t> lost;
  // Entries that say what their commitments stand for (entry_check.h).
  std::uint64_t true_entries = 0;
  // Entries that say something else: an alarm.
  std::vector<std::uint64_t> altered;
  // Entries of which this device cannot tell; neither erased nor lost ones.
  std::vector<std::uint64_t> unchecked;
};

// Thread-safe. Both must outlive it.
class LogClient {
 public:
  LogClient(Connection& connection, const Trust& trust)
      : connection_(connection), trust_(trust) {}

  // Newest first, all pages up to `limit` entries, for the filters of
  // `request`. What cannot be compared with its commitment is listed too; ask
  // CheckEntry.
  //
  // Errors: those of Connection::Call, and
  //   kDataLoss  an entry says something else than its commitment stands for.
  absl::StatusOr<std::vector<consent::v1::AccessEntry>> List(
      consent::v1::ListAccessesRequest request, std::size_t limit);

  // Reads the whole log: whether it continues `kept` and `seen`, where they are
  // not null, and holds together, whose content is gone, and which entries say
  // what their commitments stand for. `own_key` is the account's, `seen` came
  // beside an answer (head_keeper.h).
  //
  // Errors: those of Connection::Call, and
  //   kDataLoss  the head's signature does not verify.
  absl::StatusOr<LogCheck> Check(const receipt::LogHead* kept,
                                 const crypto::Ed25519PublicKey& own_key,
                                 const receipt::LogHead* seen = nullptr);

 private:
  Connection& connection_;
  const Trust& trust_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_LOG_CLIENT_H_
