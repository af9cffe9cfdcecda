// The keys of a service out of the register log: believed only when the log has
// every entry, the operator signed each, and the chain follows.
// docs/formats/service-key.md

#ifndef LIMPID_CLIENTS_CPP_SERVICE_KEY_CLIENT_H_
#define LIMPID_CLIENTS_CPP_SERVICE_KEY_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/x25519.h"
#include "common/receipt/service_key.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/policy.h"

namespace limpid::client {

// Most entries of one service that are read, as many as a register takes.
inline constexpr std::size_t kMaxServiceKeyEntries = 2'000;

struct CheckedServiceKeys {
  receipt::ServiceKeys keys;
  // Places of the entries in the log, in the order of their numbers.
  std::vector<std::uint64_t> leaf_indexes;
  // The newest checkpoint that an entry was proved with.
  tlog::Checkpoint checkpoint;
};

// Thread-compatible. Anonymous calls to the register's server.
class ServiceKeyClient {
 public:
  // `connection` must outlive it. `operator_key` is the evidence key of the
  // operator whose service it is, `policy` the register log's: pin both, or
  // receive them another way than from this server.
  ServiceKeyClient(Connection& connection,
                   const crypto::Ed25519PublicKey& operator_key,
                   tlog::Policy policy)
      : connection_(connection),
        operator_key_(operator_key),
        policy_(std::move(policy)) {}

  // Reads and verifies the whole chain. That the server holds back no newer
  // entries, and so a removal, it cannot show.
  //
  // Errors: the server's, and
  //   kNotFound  the service has no key in the log.
  //   kDataLoss  something does not verify; the message says what.
  absl::StatusOr<CheckedServiceKeys> Read(std::string_view service_id);

  // The key to encrypt to the service with at `now`: the newest one in force.
  //
  // Errors: as Read, and
  //   kFailedPrecondition  no encryption key is in force.
  absl::StatusOr<crypto::X25519PublicKey> CurrentEncryptionKey(
      std::string_view service_id, absl::Time now);

 private:
  Connection& connection_;
  const crypto::Ed25519PublicKey operator_key_;
  const tlog::Policy policy_;
};

// The same of keys that were read before.
absl::StatusOr<crypto::X25519PublicKey> CurrentEncryptionKey(
    const receipt::ServiceKeys& keys, absl::Time now);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SERVICE_KEY_CLIENT_H_
