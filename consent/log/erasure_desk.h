// Erasing entries of a person's log, as the edge uses it. Callers are named by
// ids that the edge has authenticated. docs/formats/entry-erasure.md

#ifndef LIMPID_CONSENT_LOG_ERASURE_DESK_H_
#define LIMPID_CONSENT_LOG_ERASURE_DESK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/receipt/erasure.h"
#include "consent/consent.h"

namespace limpid::consent {

struct ErasedEntry {
  std::uint64_t sequence = 0;
  absl::Time time;
  // Number of the entry that tells of it.
  std::uint64_t told_in = 0;
};

// Thread-safe, and cheap to make for one call.
class ErasureDesk {
 public:
  // `consent` must outlive it.
  explicit ErasureDesk(Consent& consent) : consent_(consent) {}

  // Erases what the entry says, for ever; its number, time and place in the
  // chain and in the public log stay. When it returned OK, the key of the
  // content is destroyed. A second call answers as the first.
  //
  // Errors:
  //   kInvalidArgument     malformed, not signed by the account's key, or a
  //                        member does not fit; the message names it.
  //   kNotFound            the person's log has no such entry.
  //   kFailedPrecondition  it cannot be erased now, or never; the message says
  //                        why.
  //   kResourceExhausted   LogKey::kMaxNodes.
  //   kUnavailable         it is not known whether it was erased, or the key is
  //                        still there; call again.
  absl::StatusOr<ErasedEntry> Erase(const PersonId& person,
                                    const receipt::SignedErasure& erasure);

 private:
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_ERASURE_DESK_H_
