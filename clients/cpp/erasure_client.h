// Erasing what an entry of a person's own log says, and telling such an erasure
// from a loss. docs/formats/entry-erasure.md

#ifndef LIMPID_CLIENTS_CPP_ERASURE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_ERASURE_CLIENT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/trust.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "limpid/consent/v1/access.pb.h"
#include "limpid/consent/v1/access_erasure_service.pb.h"

namespace limpid::client {

enum class EntryContent : std::uint8_t {
  kThere,
  // Erased, and `own_key` asked for it.
  kErased,
  // Gone without a request of `own_key`: an alarm.
  kLost,
};

EntryContent ContentOf(const consent::v1::AccessEntry& entry,
                       const crypto::Ed25519PublicKey& own_key);

// Thread-safe. All must outlive it.
class ErasureClient {
 public:
  ErasureClient(Connection& connection, const PersonKey& key,
                const Trust& trust, const base::Clock& clock)
      : connection_(connection), key_(key), trust_(trust), clock_(clock) {}

  // Signs the erasure of `entry`, as the log listed it to the person
  // `person_id`
  // ("per_…"), and has it done.
  //
  // Errors: those of Connection::Call, and
  //   kDataLoss  the entry came without its leaf.
  absl::StatusOr<consent::v1::EraseAccessResponse> Erase(
      std::string_view person_id, const consent::v1::AccessEntry& entry);

 private:
  Connection& connection_;
  const PersonKey& key_;
  const Trust& trust_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_ERASURE_CLIENT_H_
