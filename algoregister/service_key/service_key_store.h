// Where the register keeps what operators of consent signed, as it is in the
// log: the keys of services, under a snapshot's id the commitments to it
// (bridge/commitments.cc), and under an operator's its consent facts
// (bridge/consent_facts.h). The port of the register's domain: what it
// promises is in tests/conformance/algoregister/service_key_conformance.h.

#ifndef LIMPID_ALGOREGISTER_SERVICE_KEY_SERVICE_KEY_STORE_H_
#define LIMPID_ALGOREGISTER_SERVICE_KEY_SERVICE_KEY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/receipt/service_key.h"

namespace limpid::algoregister {

// One entry of one service's chain.
struct StoredServiceKey {
  receipt::ServiceIdBytes service{};
  // Place in the chain, from 1.
  std::uint32_t number = 0;
  // docs/formats/service-key.md, training-commitment.md or consent-facts.md,
  // byte for byte.
  base::Bytes entry;
  // Place in the log; none until it is there.
  std::optional<std::uint64_t> leaf_index;

  friend bool operator==(const StoredServiceKey&,
                         const StoredServiceKey&) = default;
};

struct ServiceKeyPlace {
  receipt::ServiceIdBytes service{};
  std::uint32_t number = 0;
  std::uint64_t leaf_index = 0;
};

// Writes are durable on return and seen by every later read. Thread-safe.
// Entries are invisible to every read but Pending until they are marked as
// logged.
class ServiceKeyStore {
 public:
  virtual ~ServiceKeyStore() = default;

  // Adds an entry (without leaf_index). One that is there already with the same
  // bytes counts as added.
  //
  // Errors:
  //   kAborted  not number 1 of its service, nor the successor of the newest
  //             one stored.
  virtual absl::Status Add(const StoredServiceKey& key) = 0;
  // Makes entries visible at their places in the log. Repeating is harmless.
  //
  // Errors:
  //   kNotFound  no such entry; none was marked.
  virtual absl::Status MarkLogged(std::span<const ServiceKeyPlace> places) = 0;
  // Entries added and not marked, in the order they were added.
  virtual absl::StatusOr<std::vector<StoredServiceKey>> Pending() const = 0;
  // One more than the largest place marked, 0 before the first.
  virtual absl::StatusOr<std::uint64_t> LoggedSize() const = 0;

  // At most `limit` entries of the service with numbers above `after`, in
  // order.
  virtual absl::StatusOr<std::vector<StoredServiceKey>> List(
      const receipt::ServiceIdBytes& service, std::uint32_t after,
      std::size_t limit) const = 0;

 protected:
  ServiceKeyStore() = default;
  ServiceKeyStore(const ServiceKeyStore&) = default;
  ServiceKeyStore& operator=(const ServiceKeyStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_SERVICE_KEY_SERVICE_KEY_STORE_H_
