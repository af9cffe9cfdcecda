// How many different persons there may be in a minute. Remembers who they were
// for that minute, in memory alone.

#ifndef LIMPID_VAULT_KEYAGENT_PERSON_BUDGET_H_
#define LIMPID_VAULT_KEYAGENT_PERSON_BUDGET_H_

#include <cstddef>
#include <map>

#include "absl/time/time.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// A sliding window: somebody counts from when she was last admitted until a
// minute later. Thread-compatible.
class PersonBudget {
 public:
  static constexpr absl::Duration kWindow = absl::Minutes(1);

  // `persons` is at least 1.
  explicit PersonBudget(std::size_t persons) : persons_(persons) {}

  // Whether `holder` is one of them, or there is room for one more. Changes
  // nothing when it answers false. `now` is monotonic.
  bool Admit(const HolderId& holder, absl::Duration now);

 private:
  const std::size_t persons_;
  // Who was admitted, until when she counts.
  std::map<HolderId, absl::Duration> until_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYAGENT_PERSON_BUDGET_H_
