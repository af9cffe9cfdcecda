// What a person sees of accesses that were under embargo: those that she was
// told of, and what her visible log committed to about them. Never whether
// there are others. docs/formats/embargo.md

#ifndef LIMPID_CONSENT_EMBARGO_EMBARGO_DESK_H_
#define LIMPID_CONSENT_EMBARGO_EMBARGO_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/embargo.h"
#include "consent/consent.h"
#include "consent/embargo/embargoed.h"
#include "consent/ids.h"
#include "consent/views.h"

namespace limpid::consent {

// One entry that was under embargo.
struct ToldAccess {
  // Number and predecessor are those of its chain; no outcome.
  AccessView view;
  RowId log{};
  std::uint16_t days = 0;
  absl::Time until;
  // Encoded access entry, and what its commitment opens with.
  base::Bytes entry;
  base::ByteArray<32> opening{};
};

struct ToldPage {
  // The last entered first.
  std::vector<ToldAccess> accesses;
  // What the next page is behind; none at the end.
  std::optional<AccessId> next_after;
  // Rows met for this page, and for no other, that do not open. Alarm.
  std::size_t unreadable = 0;
};

// What one entry of the visible log committed to, as far as it may be opened.
struct EmbargoOpening {
  std::uint64_t sequence = 0;
  // Encoded access entry, and what its commitment opens with; empty, with no
  // steps, when its content is gone.
  base::Bytes entry;
  base::ByteArray<32> opening{};
  std::vector<receipt::EmbargoStep> steps;
};

struct EmbargoOpeningPage {
  // Newest first.
  std::vector<EmbargoOpening> openings;
  // Where the next page starts; 0 at the end.
  std::uint64_t next_below = 0;
  // Some row under embargo that the page needs does not open: what committed to
  // it has no steps. Alarm; the person is not told, who might learn of one that
  // she is not told of yet.
  bool damaged = false;
};

// Thread-safe, and cheap to make for one call.
class EmbargoDesk {
 public:
  // `consent` must outlive it.
  explicit EmbargoDesk(const Consent& consent) : state_(consent.state()) {}

  // At most `limit`, behind `after` when it is set.
  //
  // Errors:
  //   kInvalidArgument  page_token: she was not told of `after`.
  absl::StatusOr<ToldPage> ListTold(const PersonId& person,
                                    const std::optional<AccessId>& after,
                                    std::size_t limit) const;
  // Of entries below number `below`, or of the newest for 0; at most `limit`,
  // or fewer when they are long.
  absl::StatusOr<EmbargoOpeningPage> ListOpenings(const PersonId& person,
                                                  std::uint64_t below,
                                                  std::size_t limit) const;

 private:
  Consent::State& state_;
};

// The entry with this id, none when the person was not told of it.
absl::StatusOr<std::optional<EmbargoedEntry>> FindTold(Consent::State& state,
                                                       const PersonId& person,
                                                       const AccessId& access);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_EMBARGO_EMBARGO_DESK_H_
