// The operator's signed word on how far a person's log has come, for each
// answer to her. docs/formats/log-head.md

#ifndef LIMPID_CONSENT_LOG_LOG_HEADS_H_
#define LIMPID_CONSENT_LOG_LOG_HEADS_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "consent/consent.h"
#include "consent/ids.h"

namespace limpid::consent {

// The head of the person's log as the store has it now, receipt::SignedHead.
//
// Errors: those of the store, and
//   kNotFound  no such person.
absl::StatusOr<base::Bytes> SignLogHead(Consent::State& state,
                                        const PersonId& person);

// The same, signed once while nothing changes. Thread-safe.
class LogHeads {
 public:
  // How long a head is used again; its time is that much behind.
  static constexpr absl::Duration kReuse = absl::Minutes(1);

  // `consent` must outlive it.
  explicit LogHeads(Consent& consent) : consent_(consent) {}

  absl::StatusOr<base::Bytes> HeadOf(const PersonId& person);

 private:
  // Some 400 bytes each.
  static constexpr std::size_t kCapacity = 8'192;
  struct Signed {
    std::uint64_t sequence = 0;
    std::uint64_t log_size = 0;
    absl::Time time;
    base::Bytes head;
  };

  Consent& consent_;
  base::Mutex mutex_;
  std::unordered_map<PersonId, Signed> signed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_LOG_HEADS_H_
