// Erasing a person's account, as the edge uses it. Callers are named by ids
// that the edge has authenticated. docs/formats/account-erasure.md

#ifndef LIMPID_CONSENT_IDENTITY_ACCOUNT_ERASURE_DESK_H_
#define LIMPID_CONSENT_IDENTITY_ACCOUNT_ERASURE_DESK_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/receipt/account_erasure.h"
#include "common/receipt/batch.h"
#include "consent/consent.h"

namespace limpid::consent {

struct BegunErasure {
  // When it began, for good.
  absl::Time time;
  // Of receipt::AccountErasedItem.
  receipt::BatchProof proof;
  // Nothing is left to do; otherwise the server goes on by itself.
  bool finished = false;
  // Records and deletion duties that nobody could read any more: whether they
  // kept her from going is not known, and they go.
  std::size_t unreadable_count = 0;
};

// Thread-safe, and cheap to make for one call.
class AccountErasureDesk {
 public:
  // Pages that one call waits for: 16,384 rows.
  static constexpr std::size_t kMostPages = 64;

  // `consent` must outlive it.
  explicit AccountErasureDesk(Consent& consent) : consent_(consent) {}

  // Erases everything that consent keeps about the person, for ever. When it
  // returned OK, her key opens nothing any more, whatever happens next.
  //
  // Errors:
  //   kInvalidArgument     malformed, not signed by the account's key, or a
  //                        member does not fit; the message names it.
  //   kNotFound            no such person, or her erasing began already.
  //   kFailedPrecondition  a record is in force, or a service still has to
  //                        delete; the message says what to do.
  //   kUnavailable         it is not known whether it began; when it did, her
  //                        key opens no account any more.
  absl::StatusOr<BegunErasure> Erase(
      const PersonId& person, const receipt::SignedAccountErasure& erasure);

 private:
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_IDENTITY_ACCOUNT_ERASURE_DESK_H_
