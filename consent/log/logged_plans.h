// Which entries of one listing the access log has. Asks the store once for a
// tick and computes nothing: where in the log an entry is costs a sort of its
// whole tick, and no listing shows it.

#ifndef LIMPID_CONSENT_LOG_LOGGED_PLANS_H_
#define LIMPID_CONSENT_LOG_LOGGED_PLANS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Used by one thread.
class LoggedPlans {
 public:
  // `store` must outlive it.
  explicit LoggedPlans(const LedgerStore& store) : store_(store) {}

  // Errors: those of the store.
  absl::StatusOr<bool> Has(std::uint64_t position);

 private:
  const LedgerStore& store_;
  // The one met last.
  std::optional<PlanRow> done_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_LOGGED_PLANS_H_
