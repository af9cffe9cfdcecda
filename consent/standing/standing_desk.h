// Standing permissions of a consent role, as its edge uses them. Callers are
// named by ids that the edge has authenticated; other people's permissions are
// kNotFound. docs/formats/standing-permission.md

#ifndef LIMPID_CONSENT_STANDING_STANDING_DESK_H_
#define LIMPID_CONSENT_STANDING_STANDING_DESK_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/receipt/standing.h"
#include "consent/consent.h"
#include "consent/standing/permission.h"
#include "consent/views.h"

namespace limpid::consent {

struct StandingView {
  HeldStanding permission;
  // Whether a request would be granted under it now.
  bool live = false;
  // What was granted under it, newest change first.
  std::vector<RecordView> records;
};

// Thread-safe, and cheap to make for one call.
class StandingDesk {
 public:
  // `consent` must outlive it.
  explicit StandingDesk(Consent& consent) : consent_(consent) {}

  // The same text returns the same permission, ended or not.
  //
  // Errors:
  //   kInvalidArgument    malformed, not signed by the account's key, or not
  //                       possible; the message names the member.
  //   kResourceExhausted  the person has 256, or they have 1 MiB; ended ones
  //                       count.
  absl::StatusOr<StandingView> Make(const PersonId& person,
                                    const receipt::SignedStanding& permission);
  // Ended ones too.
  absl::StatusOr<std::vector<StandingView>> List(const PersonId& person) const;
  // Nothing new is granted under it from the commit on. What was granted under
  // it stays, or is withdrawn record by record after that; a second call goes
  // on where the first one stopped.
  //
  // Errors:
  //   kNotFound  the person has no such permission.
  absl::StatusOr<StandingView> End(const PersonId& person, const StandingId& id,
                                   bool withdraw_records);

 private:
  absl::StatusOr<StandingView> View(const PersonId& person,
                                    const HeldStanding& held) const;

  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STANDING_STANDING_DESK_H_
