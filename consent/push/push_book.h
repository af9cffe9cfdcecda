// Every push endpoint, how far it is, and its dead letters, in memory: what
// workers look at between events and edges answer from. Changed by commits
// alone.

#ifndef LIMPID_CONSENT_PUSH_PUSH_BOOK_H_
#define LIMPID_CONSENT_PUSH_PUSH_BOOK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"
#include "consent/push/push_rows.h"

namespace limpid::consent {

// One service's, as of the last commit.
struct PushEntry {
  PushEndpoint endpoint;
  PushProgress progress;
  // At least one letter waits to be sent again.
  bool has_requeued = false;
};

// Thread-safe.
class PushBook {
 public:
  // Errors: those of the store; kDataLoss for a row that does not open.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key);

  void Put(const PushEndpoint& endpoint);
  void Put(const PushProgress& progress);
  void Put(const PushLetter& letter);

  [[nodiscard]] std::optional<PushEntry> Find(const ServiceId& service) const;
  // Services with an endpoint.
  [[nodiscard]] std::vector<ServiceId> Active() const;
  [[nodiscard]] std::optional<PushLetter> FindLetter(
      const ServiceId& service, std::uint64_t position) const;
  // In a state, by service and position.
  [[nodiscard]] std::vector<PushLetter> Letters(
      LetterState state, std::optional<ServiceId> service = std::nullopt) const;

 private:
  struct Shelf {
    PushEndpoint endpoint;
    PushProgress progress;
    std::map<std::uint64_t, PushLetter> letters;
    std::size_t requeued_count = 0;
  };

  mutable base::Mutex mutex_;
  std::map<ServiceId, Shelf> shelves_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_BOOK_H_
