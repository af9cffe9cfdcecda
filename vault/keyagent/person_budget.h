// How many different persons there may be in a minute, and how many of them one
// service may take. Remembers who they were for that minute, in memory alone.

#ifndef LIMPID_VAULT_KEYAGENT_PERSON_BUDGET_H_
#define LIMPID_VAULT_KEYAGENT_PERSON_BUDGET_H_

#include <cstddef>
#include <list>
#include <map>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// A sliding window: somebody counts from when she was last admitted until a
// minute later, for the service that she was admitted for last. A service has
// at most three quarters of them, rounded up, while another asks: one that is
// above it gets no person again either until enough of them have run out.
// Thread-compatible.
class PersonBudget {
 public:
  static constexpr absl::Duration kWindow = absl::Minutes(1);
  // The key that a permit names a service by; one and the same where no
  // service asks.
  using Service = base::Digest32;

  // `persons` is at least 1.
  explicit PersonBudget(std::size_t persons) : persons_(persons) {}

  // Whether `holder` is one of them, or there is room for one more. Admits
  // nobody when it answers false. `now` is monotonic.
  bool Admit(const HolderId& holder, const Service& service,
             absl::Duration now);

 private:
  struct Entry {
    HolderId holder;
    Service service{};
    absl::Duration until;
  };

  void Forget(absl::Duration now);
  [[nodiscard]] bool OthersAsk(const Service& service) const;
  [[nodiscard]] std::size_t TakenBy(const Service& service) const;

  const std::size_t persons_;
  // Who was admitted, in the order of the ends.
  std::list<Entry> entries_;
  std::map<HolderId, std::list<Entry>::iterator> places_;
  // How many of them each service has.
  std::map<Service, std::size_t> taken_;
  // Who asked in the last minute, admitted or not, until when it counts.
  std::map<Service, absl::Duration> asking_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYAGENT_PERSON_BUDGET_H_
